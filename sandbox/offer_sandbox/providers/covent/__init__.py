"""Covent's proposed API for offers, listings and individuals; `card` is the way in."""
