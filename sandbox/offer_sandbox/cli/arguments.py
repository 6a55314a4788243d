"""Parsers for flag values that several verbs share."""

from offer_sandbox import cli
from offer_sandbox.world.rng import DEFAULT_SEED


def port_number(text: str) -> int:
    """Returns a port from 0 to 65535. Raises Misuse for any other text."""
    if not text.isdecimal() or int(text) > 65_535:
        raise cli.Misuse(f"--port must be a number from 0 to 65535, not {text!r}")
    return int(text)


def seed_number(text: str | None) -> int:
    """Returns a seed, the default one for None. Raises Misuse unless it is a whole number of at most 15 digits."""
    if text is None:
        return DEFAULT_SEED
    if not text.isdecimal() or len(text) > 15:
        raise cli.Misuse(f"--seed must be a whole number of at most 15 digits, not {text!r}")
    return int(text)
