"""Parses magic values that a person can type into a form: in the street or in the seller's e-mail address."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from offer_sandbox.providers.opendoor.denials import DENIALS, ON_UPDATE

FOREVER = -1
_MAX_LENGTH = 315_360_000
_PRODUCTS = ("direct", "cnml")
_ALIKE = 0.75  # how much a misspelt code resembles the code
_SPELLED = {code.replace("_", "").lower(): code for code in DENIALS}


@dataclass(frozen=True)
class Wish:
    """The effect that a magic value requests.

    `code` is a denial code. `seconds` is the length of the evaluation (-1: endless). `expired` means an offer that
    has already expired when it is made. `withdrawn` means that the offer is withdrawn. `direct` and `cnml` are the
    codes for which only this product is denied, at the end of the evaluation. Fields that are not requested are
    None or False.
    """

    code: str | None = None
    seconds: int | None = None
    expired: bool = False
    withdrawn: bool = False
    direct: str | None = None
    cnml: str | None = None


def in_street(street: str) -> Wish | None:
    """Returns the wish in a street, or None.

    Examples: `1 Deny valuation-too-low St`, `2 Evaluate 25s Ave`, `3 Evaluate forever St`, `4 Expire now St`,
    `5 Withdraw offer St`, `6 Deny direct flood-zone St`, `7 Deny cnml flood-zone St`.
    """
    return _read(_after_number(street))


def in_email(address: str) -> Wish | None:
    """Returns the wish in an e-mail address, or None.

    Examples: `ada+deny-valuation-too-low@example.com`, `ada+evaluate-25s@example.com`, `ada+expire-now@...`,
    `ada+withdraw-offer@...`.
    """
    return _read(_tag(address))


def too_late(address: str) -> tuple[str, ...]:
    """Returns a notice about an e-mail address with a code for which Opendoor denies only the creation."""
    wish = in_email(address)
    if wish is None or wish.code is None or wish.code in ON_UPDATE:
        return ()
    words = wish.code.lower().replace("_", "-")
    return (f"{wish.code} denies a home only when its request is created (in the street: 1 Deny {words} St)",)


def near_miss(text: str) -> tuple[str, ...]:
    """Returns a notice about a street or an e-mail address that looks like a magic value but is none."""
    words = _after_number(text) or _tag(text)
    joined = _joined(words)
    if _read(words) is not None:
        return ()
    if joined.startswith("deny"):
        product = next((each for each in _PRODUCTS if joined.startswith(f"deny{each}")), "")
        nearest = get_close_matches(joined.removeprefix(f"deny{product}"), _SPELLED, 1, _ALIKE)
        code = _SPELLED[nearest[0]].lower().replace("_", "-") if nearest else ""
        meant = "-".join(filter(None, ("deny", product, code))) if code else ""
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
    return _denial(joined.removeprefix("deny")) if joined.startswith("deny") else None


def _denial(words: str) -> Wish | None:
    """Returns the wish after the word `deny`: a code for all products, or codes for one or each of them."""
    codes: dict[str, str] = {}
    for product in (*_PRODUCTS, *_PRODUCTS):  # in either order
        code, words = _code_after(product, words)
        codes |= {product: code} if code else {}
    if codes:
        return Wish(direct=codes.get("direct"), cnml=codes.get("cnml"))
    code, _ = _code_after("", words)
    return Wish(code=code) if code else None


def _code_after(product: str, words: str) -> tuple[str | None, str]:
    """Returns the longest code that follows a product's name at the beginning, and the words after it."""
    codes = [spelled for spelled in _SPELLED if words.startswith(f"{product}{spelled}")]
    if not codes:
        return None, words
    found = max(codes, key=len)
    return _SPELLED[found], words.removeprefix(f"{product}{found}")
