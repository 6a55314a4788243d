"""Covent's proposed API for offers, listings and individuals; `provider` is the way in."""
