"""Values of filter columns as text that PostgreSQL can store, index and compare as SQLite compares the values."""

import hashlib
import re

from offer_sandbox.world.collection import Column

_MAX_INDEXED = 1_000  # bytes: an entry of an index holds at most 2,704
_KEPT = 200  # characters
_UNSTORABLE = re.compile("[\x00-\x02]")
_ESCAPE = re.compile("\x02([\x03-\x05])")
_SHORTENED = re.compile("\x02[0-9a-f]{64}\\Z")
_HALF = 2**63


def encoded(value: Column) -> str | None:
    """Returns a column's value as text. Different values have different texts, and integers come before texts, in
    their order. A text is itself, except for the control characters U+0000, which PostgreSQL cannot store, to
    U+0002."""
    if isinstance(value, int):
        return f"\x01{value + _HALF:020d}"
    return None if value is None else _UNSTORABLE.sub(lambda found: f"\x02{chr(ord(found[0]) + 3)}", value)


def indexed(value: Column) -> str | None:
    """Like `encoded`, for a column with an index. A long text is shortened, and ends in its hash."""
    text = encoded(value)
    if text is None or len(text) <= _KEPT or len(text.encode()) <= _MAX_INDEXED:
        return text
    return f"{text[:_KEPT]}\x02{hashlib.sha256(text.encode()).hexdigest()}"


def is_shortened(text: str | None) -> bool:
    """Returns whether `indexed` has shortened this text."""
    return text is not None and _SHORTENED.search(text) is not None


def decoded(text: str | None) -> Column:
    """Returns the value that has this text, unless that was shortened."""
    if text is None:
        return None
    if text.startswith("\x01"):
        return int(text[1:]) - _HALF
    return _ESCAPE.sub(lambda found: chr(ord(found[1]) - 3), text)
