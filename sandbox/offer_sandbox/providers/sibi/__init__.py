"""Sibi's API for replacement offers, their products and orders. The entry point is the `provider` module."""
