"""Covent's proposed API for offers, listings and individuals. The entry point is the `provider` module."""
