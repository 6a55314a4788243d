"""Reads the variables `OFFER_SANDBOX_*`; knows none of them."""

import os


def variable(name: str, default: str | None = None) -> str | None:
    """`OFFER_SANDBOX_<name>` of the environment, the default where it is not set or empty."""
    return os.environ.get(f"OFFER_SANDBOX_{name}") or default


def switched_on(name: str) -> bool:
    """Whether `OFFER_SANDBOX_<name>` says yes: anything but nothing, 0, false, no and off."""
    return (variable(name) or "0").lower() not in ("0", "false", "no", "off")
