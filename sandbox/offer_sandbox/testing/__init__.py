"""Clients of a running sandbox: they play scenarios over HTTP."""
