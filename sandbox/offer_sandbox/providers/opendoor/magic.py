"""Parses magic values that a person can type into a form: in the street or in the seller's e-mail address."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from offer_sandbox.providers.opendoor.denials import DENIALS

FOREVER = -1
_MAX_LENGTH = 315_360_000
_ALIKE = 0.75  # how much a misspelt code resembles the code
_SPELLED = {code.replace("_", "").lower(): code for code in DENIALS}


@dataclass(frozen=True)
class Wish:
    """The effect that a magic value requests.

    `code` is a denial code. `seconds` is the length of the evaluation (-1: endless). `expired` means an offer that
    has already expired when it is made. `withdrawn` means that the offer is withdrawn. Fields that are not
    requested are None or False.
    """

    code: str | None = None
    seconds: int | None = None
    expired: bool = False
    withdrawn: bool = False


def in_street(street: str) -> Wish | None:
    """Returns the wish in a street, or None.

    Examples: `1 Deny valuation-too-low St`, `2 Evaluate 25s Ave`, `3 Evaluate forever St`, `4 Expire now St`,
    `5 Withdraw offer St`.
    """
    return _read(_after_number(street))


def in_email(address: str) -> Wish | None:
    """Returns the wish in an e-mail address, or None.

    Examples: `ada+deny-valuation-too-low@example.com`, `ada+evaluate-25s@example.com`, `ada+expire-now@...`,
    `ada+withdraw-offer@...`.
    """
    return _read(_tag(address))


def near_miss(text: str) -> tuple[str, ...]:
    """Returns a notice about a street or an e-mail address that looks like a magic value but is none."""
    words = _after_number(text) or _tag(text)
    joined = _joined(words)
    if _read(words) is not None:
        return ()
    if joined.startswith("deny"):
        nearest = get_close_matches(joined.removeprefix("deny"), _SPELLED, 1, _ALIKE)
        meant = f"deny-{_SPELLED[nearest[0]].lower().replace('_', '-')}" if nearest else ""
    else:
        begins = ("evaluate", "evaluate-25s"), ("expire", "expire-now"), ("withdraw", "withdraw-offer")
        meant = next((example for word, example in begins if re.match(rf"{word}[\s_-]", words.lower())), "")
    return (f"{words[:40]!r} is not a magic value (did you mean {meant}?)",) if meant else ()


def _after_number(street: str) -> str:
    """Returns the part of a street after the house number, or an empty string without one."""
    words = re.fullmatch(r"\s*[0-9]+\s+(.*)", street, re.DOTALL)
    return words.group(1) if words else ""


def _tag(address: str) -> str:
    """Returns the part of an e-mail address between `+` and `@`, or an empty string without one."""
    tag = re.fullmatch(r"[^@+]*\+([^@]*)@[^@]*", address)
    return tag.group(1) if tag else ""


def _joined(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text.strip().lower())


def _read(text: str) -> Wish | None:
    text = text.strip().lower()
    if seconds := re.match(r"evaluate[\s_-]*([0-9]{1,9})s(?![a-z0-9])", text):
        return Wish(seconds=min(int(seconds.group(1)), _MAX_LENGTH))
    joined = _joined(text)
    if joined.startswith("evaluateforever"):
        return Wish(seconds=FOREVER)
    if joined.startswith("expirenow"):
        return Wish(expired=True)
    if joined.startswith("withdrawoffer"):
        return Wish(withdrawn=True)
    if joined.startswith("deny"):
        codes = [code for spelled, code in _SPELLED.items() if joined.startswith(f"deny{spelled}")]
        return Wish(code=max(codes, key=len)) if codes else None
    return None
