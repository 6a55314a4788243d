"""Reads the values of flags that several verbs have; declares no flag."""

from offer_sandbox import cli
from offer_sandbox.world.rng import DEFAULT_SEED


def port_number(text: str) -> int:
    """A port from 0 to 65535. Raises Misuse for anything else."""
    if not text.isdecimal() or int(text) > 65_535:
        raise cli.Misuse(f"--port is a number from 0 to 65535, not {text!r}")
    return int(text)


def seed_number(text: str | None) -> int:
    """A seed, the default one for None. Raises Misuse for what is no whole number of at most 15 digits."""
    if text is None:
        return DEFAULT_SEED
    if not text.isdecimal() or len(text) > 15:
        raise cli.Misuse(f"--seed is a whole number of at most 15 digits, not {text!r}")
    return int(text)
