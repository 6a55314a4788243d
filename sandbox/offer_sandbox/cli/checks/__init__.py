"""What `doctor` looks at, one file for each subject; changes nothing and prints nothing."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was found, and the way out of what is not ok."""

    name: str
    status: Literal["ok", "warning", "wrong"]
    found: str
    remedy: str | None = None


def ok(name: str, found: str) -> Check:
    """Nothing is to be done."""
    return Check(name, "ok", found)


def warning(name: str, found: str, remedy: str) -> Check:
    """A server would start, and serve worse than it could."""
    return Check(name, "warning", found, remedy)


def wrong(name: str, found: str, remedy: str) -> Check:
    """A server would not start, or not serve."""
    return Check(name, "wrong", found, remedy)


def halved(sentence: str, otherwise: str) -> tuple[str, str]:
    """A sentence for the operator as what was found and the way out: what stands after its last semicolon, another
    where it has none."""
    found, mark, remedy = sentence.rpartition("; ")
    return (found, remedy) if mark else (sentence, otherwise)
