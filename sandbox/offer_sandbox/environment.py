"""Reads the variables `OFFER_SANDBOX_*`; knows none of them."""

import os


def variable(name: str, default: str | None = None) -> str | None:
    """`OFFER_SANDBOX_<name>` of the environment, the default where it is not set or empty."""
    return os.environ.get(f"OFFER_SANDBOX_{name}") or default
