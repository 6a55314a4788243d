"""Reads the variables `OFFER_SANDBOX_*`; knows none of them."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager

PREFIX = "OFFER_SANDBOX_"


def variable(name: str, default: str | None = None) -> str | None:
    """`OFFER_SANDBOX_<name>` of the environment, the default where it is not set or empty."""
    return os.environ.get(f"{PREFIX}{name}") or default


def switched_on(name: str) -> bool:
    """Whether `OFFER_SANDBOX_<name>` says yes: anything but nothing, 0, false, no and off."""
    return (variable(name) or "0").lower() not in ("0", "false", "no", "off")


def given() -> list[str]:
    """The names of those that are set, also to nothing, in alphabetical order, without the prefix."""
    return sorted(name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX))


@contextmanager
def hidden(names: Collection[str]) -> Iterator[None]:
    """Has the block find these variables not set."""
    stored = {f"{PREFIX}{name}": os.environ.pop(f"{PREFIX}{name}") for name in names}
    try:
        yield
    finally:
        os.environ.update(stored)
