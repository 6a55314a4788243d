"""Opendoor's partner GraphQL API for offer requests. The entry point is the `provider` module."""
