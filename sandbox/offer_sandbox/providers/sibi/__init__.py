"""Sibi's API for replacement offers, their products and orders; `provider` is the way in."""
