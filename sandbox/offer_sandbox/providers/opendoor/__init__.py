"""Opendoor's partner GraphQL API for offer requests; `provider` is the way in."""
