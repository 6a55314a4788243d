"""The read-only checks of `doctor`, one file for each subject."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """The result of one check: `found` is the finding, `remedy` the fix unless the status is "ok"."""

    name: str
    status: Literal["ok", "warning", "wrong"]
    found: str
    remedy: str | None = None


def ok(name: str, found: str) -> Check:
    """Returns a check that needs no action."""
    return Check(name, "ok", found)


def warning(name: str, found: str, remedy: str) -> Check:
    """Returns a check for a problem with which a server starts, but works worse than it could."""
    return Check(name, "warning", found, remedy)


def wrong(name: str, found: str, remedy: str) -> Check:
    """Returns a check for a problem that prevents a server from starting or from working."""
    return Check(name, "wrong", found, remedy)


def halved(sentence: str, otherwise: str) -> tuple[str, str]:
    """Splits an error message for the operator into the finding and the fix, which follows the last semicolon.

    Returns `otherwise` as the fix if the message has no semicolon.
    """
    found, mark, remedy = sentence.rpartition("; ")
    return (found, remedy) if mark else (sentence, otherwise)
