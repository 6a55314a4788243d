"""Opendoor's partner GraphQL API for offer requests; `card` is the way in."""
