"""A kiosk that takes offers: the smallest provider there is, dropped into the package by a test."""
