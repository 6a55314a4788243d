"""Parses magic values that a person can type into a form: in the street or in the seller's e-mail address."""

import re
from dataclasses import dataclass

from offer_sandbox.providers.opendoor.denials import DENIALS

FOREVER = -1
_MAX_LENGTH = 315_360_000
_SPELLED = {code.replace("_", "").lower(): code for code in DENIALS}


@dataclass(frozen=True)
class Wish:
    """The effect that a magic value requests.

    `code` is a denial code. `seconds` is the length of the evaluation (-1: endless). `expired` means an offer that
    has already expired when it is made. Fields that are not requested are None or False.
    """

    code: str | None = None
    seconds: int | None = None
    expired: bool = False


def in_street(street: str) -> Wish | None:
    """Returns the wish in a street, or None.

    Examples: `1 Deny valuation-too-low St`, `2 Evaluate 25s Ave`, `3 Evaluate forever St`, `4 Expire now St`.
    """
    words = re.fullmatch(r"\s*[0-9]+\s+(.*)", street, re.DOTALL)
    return _read(words.group(1)) if words else None


def in_email(address: str) -> Wish | None:
    """Returns the wish in an e-mail address, or None.

    Examples: `ada+deny-valuation-too-low@example.com`, `ada+evaluate-25s@example.com`, `ada+expire-now@...`.
    """
    tag = re.fullmatch(r"[^@+]*\+([^@]*)@[^@]*", address)
    return _read(tag.group(1)) if tag else None


def _read(text: str) -> Wish | None:
    text = text.strip().lower()
    if seconds := re.match(r"evaluate[\s_-]*([0-9]{1,9})s(?![a-z0-9])", text):
        return Wish(seconds=min(int(seconds.group(1)), _MAX_LENGTH))
    joined = re.sub(r"[\s_-]+", "", text)
    if joined.startswith("evaluateforever"):
        return Wish(seconds=FOREVER)
    if joined.startswith("expirenow"):
        return Wish(expired=True)
    if joined.startswith("deny"):
        codes = [code for spelled, code in _SPELLED.items() if joined.startswith(f"deny{spelled}")]
        return Wish(code=max(codes, key=len)) if codes else None
    return None
