"""Reads the `OFFER_SANDBOX_*` environment variables."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager

PREFIX = "OFFER_SANDBOX_"


def variable(name: str, default: str | None = None) -> str | None:
    """Returns the variable `OFFER_SANDBOX_<name>`, or the default if it is unset or empty."""
    return os.environ.get(f"{PREFIX}{name}") or default


def switched_on(name: str) -> bool:
    """Returns whether `OFFER_SANDBOX_<name>` is set to anything except an empty value, 0, false, no or off."""
    return (variable(name) or "0").lower() not in ("0", "false", "no", "off")


def given() -> list[str]:
    """Returns the names of the variables that are set, even to an empty value. Sorted, and without the prefix."""
    return sorted(name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX))


@contextmanager
def hidden(names: Collection[str]) -> Iterator[None]:
    """Unsets these variables while the block runs, and restores them after it."""
    stored = {f"{PREFIX}{name}": os.environ.pop(f"{PREFIX}{name}") for name in names}
    try:
        yield
    finally:
        os.environ.update(stored)
