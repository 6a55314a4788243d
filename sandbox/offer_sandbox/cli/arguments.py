"""Parsers for flag values that several verbs share."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from offer_sandbox import cli
from offer_sandbox.world.rng import DEFAULT_SEED

if TYPE_CHECKING:  # the providers are imported only for the verbs that name one
    from offer_sandbox.contract import Provider

_EXAMPLE = "http://127.0.0.1:4242"


def seed_number(text: str | None) -> int:
    """Returns a seed, the default one for None. Raises Misuse unless it is a whole number of at most 15 digits."""
    if text is None:
        return DEFAULT_SEED
    if not text.isdecimal() or len(text) > 15:
        raise cli.Misuse(f"--seed must be a whole number of at most 15 digits, not {text!r}")
    return int(text)


def http_url(text: str) -> str:
    """Returns the URL of a sandbox. Raises Misuse unless it is an HTTP or HTTPS URL with a host."""
    try:
        parts = urlsplit(text)
        usable = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        usable = False
    if not usable:
        raise cli.Misuse(f"{text!r} is not an HTTP URL (expected for example {_EXAMPLE})")
    return text


def percentage(text: str) -> float:
    """Returns a percentage. Raises Misuse unless it is a number from 0 to 100."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise cli.Misuse(f"{text!r} is not a percentage from 0 to 100")
    return number


def workspace_name(text: str) -> str:
    """Returns the name of a workspace. Raises Misuse if it has other characters than names may have."""
    from offer_sandbox.world.keys import valid_name

    if not valid_name(text):
        raise cli.Misuse(f"{text!r} is not a valid workspace name (allowed: a-z, 0-9, _ and -)")
    return text


def named_provider(name: str) -> "Provider":
    """Returns the provider of that name. Raises Misuse if there is none."""
    from offer_sandbox.providers import providers

    known = providers()
    if name not in known:
        raise cli.Misuse(f"unknown provider {name!r} (known providers: {', '.join(sorted(known))})")
    return known[name]
