"""Clients that play scenarios against a running sandbox over HTTP."""
