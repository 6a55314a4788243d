"""Parses JSON strictly and with exact numbers, prints JSON, and applies merge patches."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

MAX_DEPTH = 64
_PLAIN_DIGITS, _ALWAYS_PLAIN = 30, 12
_MAX_INTEGER = 400
_MAX_GROWTH = 3
_BUFFER = 64 * 1024  # bytes. Larger results return the room that they do not need


_growth = threading.local()


class DocumentError(ValueError):
    """The text is not JSON that the sandbox accepts. The message gives the reason in one sentence."""


def parse(text: bytes | str, *, deepest: int = MAX_DEPTH, exact: bool = False, digits: int | None = None) -> Any:
    """Parses a JSON text and returns its value.

    Whole numbers become `int` (also `1.0` and `1e3`), and other numbers become an equal `Decimal`. If the text has
    so many numbers like `1e300` that it would be three times as long without their exponents, the rest of them
    become a `Decimal` too. With `exact`, `1.0` stays a `Decimal` that is printed as `1.0` again. Raises
    DocumentError for invalid JSON and UTF-8, lone surrogates, NaN and infinities, duplicate keys in an object,
    nesting over `deepest`, and numbers of 1e400 and more. `digits` is set for a part of a larger text: the
    additional digits that this text has left.
    """
    with errors_of(deepest):
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        allow_digits(growth_of(text) if digits is None else digits)
        value = parser(exact=exact).decode(text)
        check(value, text, deepest)
    return value


def parser(*, exact: bool) -> json.JSONDecoder:
    """Returns the decoder of `parse`, which accepts any surrogates and any nesting. Its errors become those of
    `parse` in `errors_of`."""
    return _EXACT_PARSER if exact else _PARSER


def growth_of(text: bytes | str) -> int:
    """Returns how many digits the numbers of a text may have in addition to their characters."""
    return (_MAX_GROWTH - 1) * len(text)


def allow_digits(number: int) -> None:
    """Sets the number of additional digits that the next text to parse may have, in this thread."""
    _growth.left = number


def digits_left() -> int:
    """Returns how many of the additional digits are left."""
    left: int = _growth.left
    return left


def check(value: Any, text: str, deepest: int, around: int = 0) -> None:
    """Raises UnicodeError or DocumentError for a value whose text has lone surrogates, or is nested more than
    `deepest` levels deep, of which `around` are around the value."""
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")  # finds lone surrogates
    if _is_deeper(text, deepest - around):
        raise DocumentError(_too_deep(deepest))


@contextmanager
def errors_of(deepest: int) -> Iterator[None]:
    """Raises DocumentError instead of any other error that a text causes while the block parses it."""
    try:
        yield
    except DocumentError:
        raise
    except UnicodeError:
        raise DocumentError("the body is not valid UTF-8 text") from None
    except RecursionError:
        raise DocumentError(_too_deep(deepest)) from None
    except ValueError as error:
        raise DocumentError(f"the body is not valid JSON: {error}") from None


def load(stored: bytes) -> Any:
    """Parses a document that this package wrote, which therefore needs no checks."""
    return _LOADER.decode(stored.decode("utf-8"))


def dump(value: Any) -> bytes:
    """Returns compact JSON in UTF-8. Numbers of any size keep all their digits."""
    try:
        return _fitted(orjson.dumps(value, default=_exact))
    except orjson.JSONEncodeError:  # an integer beyond 64 bits, which orjson alone cannot print
        return _fitted(orjson.dumps(_with_long_integers(value), default=_exact))


def array_of(printed: list[bytes]) -> orjson.Fragment:
    """Returns a JSON array whose items `dump` has printed before, as a value for `dump`."""
    return orjson.Fragment(b"[%s]" % b",".join(printed))


def _fitted(printed: bytes) -> bytes:
    """Returns a copy that takes only its own room. The bytes of orjson keep the room of their buffer, several
    kilobytes, for as long as they are kept."""
    return bytes(memoryview(printed)) if len(printed) < _BUFFER else printed


def print_decimal(number: Decimal) -> str:
    """Returns an equal JSON number, in plain digits if that is short, otherwise with an exponent."""
    plain, size = format(number, "f"), abs(number.adjusted())
    if size <= _ALWAYS_PLAIN:
        return plain
    short = str(number).replace("E+", "E")
    return short if size > _PLAIN_DIGITS or _swells(len(plain), short) else plain


def _swells(digits: int, text: str) -> bool:
    """Returns whether a number with this many digits takes more than three times the room of its text. A comma
    follows each of them."""
    return digits + 1 > _MAX_GROWTH * (len(text) + 1)


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(print_decimal(value))
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _with_long_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_long_integers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_long_integers(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 63:
        return orjson.Fragment(str(value))
    return value


def _number(text: str) -> int | Decimal:
    number = _decimal(text)
    if number != number.to_integral_value():
        return number
    if _swells(number.adjusted() + 1, text):
        _growth.left -= number.adjusted()
        if _growth.left < 0:
            return number
    return int(number)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise DocumentError(f"the number {text[:40]} is too large") from None
    if number.adjusted() < _MAX_INTEGER:
        return number
    raise DocumentError(f"the number {text[:40]} is too large")


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER:
        raise DocumentError(f"the number {text[:40]}... is too large")
    return int(text)


def _constant(text: str) -> Any:
    raise DocumentError(f"the body is not valid JSON: {text} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for twice, _ in pairs:
            if twice in seen:
                break
            seen.add(twice)
        raise DocumentError(f"the key {twice[:60]!r} occurs twice in one object")
    return result


def _is_deeper(text: str, deepest: int) -> bool:
    """Returns whether valid JSON is nested more than `deepest` levels deep. Removes the innermost brackets again
    and again, which is much faster than a walk through the values."""
    if text.count("[") + text.count("{") <= deepest:
        return False
    brackets = _STRING.sub("", text).encode().translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(deepest):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _too_deep(deepest: int) -> str:
    return f"the JSON is nested more than {deepest} levels deep"


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_PARSER = json.JSONDecoder(
    parse_int=_integer, parse_float=_number, parse_constant=_constant, object_pairs_hook=_object
)
_EXACT_PARSER = json.JSONDecoder(
    parse_int=_integer, parse_float=_decimal, parse_constant=_constant, object_pairs_hook=_object
)
_LOADER = json.JSONDecoder(parse_float=Decimal)


def merge_patch(target: Any, patch: Any) -> Any:
    """Returns the target with the patch merged in, object by object. A null removes a member, and any other value
    that is not an object replaces the old one. Changes neither argument."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
