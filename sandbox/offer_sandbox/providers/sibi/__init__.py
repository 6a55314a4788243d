"""Sibi's API for replacement offers, their products and orders; `card` is the way in."""
