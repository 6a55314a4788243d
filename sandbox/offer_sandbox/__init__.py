"""Offer Sandbox: the version and nothing else; `offer_sandbox.app.create_app` makes the server."""

__version__ = "0.1.0"
