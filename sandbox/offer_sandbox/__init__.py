"""The version of Offer Sandbox. Create the server with `offer_sandbox.app.create_app`."""

__version__ = "0.1.0"
