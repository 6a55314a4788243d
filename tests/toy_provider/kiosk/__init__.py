"""A kiosk that takes offers: a small provider with all that one may need, dropped into the package by a test."""
