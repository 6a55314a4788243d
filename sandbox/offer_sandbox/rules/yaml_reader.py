"""Reads YAML or JSON text, such as a scenario file, into plain values and the position of each value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from offer_sandbox.imports import IMPORTING
from offer_sandbox.world import json_codec

MAX_BYTES = 32 * 1024  # bytes
MAX_VALUES = 4_000  # values, since a text of only brackets would otherwise keep the parser busy for seconds
MAX_NUMBER = 400  # characters

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a text: the line and the character in it, both counted from 1."""

    line: int
    column: int


class TextError(ValueError):
    """Text that cannot be read. The message gives the reason in one sentence, and `position` is where it is."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Read:
    """The content of a text. `value` has the types of `world.json_codec.parse`. `positions` maps the path of every
    value to its position, with `()` for the whole. `keys` has the positions of the keys in objects. `texts` has
    the numbers and booleans as they were written."""

    value: Any
    positions: Mapping[Path, Position]
    keys: Mapping[Path, Position]
    texts: Mapping[Path, str]

    def position(self, path: Sequence[str | int]) -> Position:
        """Returns the start of the value at `path`. For a member without a value, that is the start of its key. If
        the path does not exist, returns the start of the nearest enclosing value."""
        place = tuple(path)
        while place not in self.positions:
            place = place[:-1]
        return self.positions[place]

    def key_position(self, path: Sequence[str | int]) -> Position:
        """Returns the start of a member's key, to point at a name. For an item, returns its `position`."""
        return self.keys.get(tuple(path)) or self.position(path)


def read(text: bytes) -> Read:
    """Reads the single document of a YAML 1.2 or JSON text. Plain scalars follow only the core schema.

    Raises TextError for invalid text, for anything that JSON cannot express (anchors, aliases, tags, merge keys,
    directives, several documents, keys that are not text, infinities and NaN), and for a key that occurs twice in
    an object. Also raises it for text over `MAX_BYTES` bytes, over `MAX_VALUES` values, numbers over `MAX_NUMBER`
    characters and nesting over 64.
    """
    if len(text) > MAX_BYTES:
        raise TextError(f"the text is longer than {MAX_BYTES // 1024} KiB", _BEGINNING)
    json_codec.allow_digits(json_codec.growth_of(text))
    building = _Building()
    for event in _events(_decoded(text)):
        building.take(event)
    return building.finished()


def _decoded(text: bytes) -> str:
    """Decodes the text. Raises TextError for invalid UTF-8, for invisible or ambiguous characters, and for
    directives."""
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _position(error.object[: error.start].decode("utf-8"), None)
        raise TextError("the text is not valid UTF-8", place) from None
    if odd := _UNPRINTABLE.search(decoded):
        character = f"U+{ord(odd.group()):04X}"
        problem = f"the character {character} may only be written as an escape in double quotes"
        raise TextError(problem, _position(decoded, odd.start()))
    if triggers := _DIRECTIVE.match(decoded):
        raise TextError("directives (%) are not supported", _position(decoded, triggers.end() - 1))
    return decoded


def _events(text: str) -> Iterator[Any]:
    """Yields the parser's events one by one, never expanded, so that text is rejected before it costs time."""
    with IMPORTING:  # costs start-up time
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError

    end = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            end = event.end_mark.index
            yield event
    except MarkedYAMLError as error:
        raise _invalid(error) from None
    except (ValueError, OverflowError):  # the parser treats \UFFFFFFFF as a character
        wrong = _NO_CHARACTER.search(text, end)
        reason = ": an escape is not a valid character" if wrong else ""
        place = _position(text, wrong.start() if wrong else end)
        raise TextError(f"the text is not valid YAML{reason}", place) from None


def _invalid(error: Any) -> TextError:
    """Returns the parser's error in one sentence, at the position that the parser reports."""
    begin = error.context_mark
    reason = f" {error.context} that begins on line {begin.line + 1}" if begin and error.context else ""
    return TextError(f"the text is not valid YAML: {error.problem}{reason}", _at(error.problem_mark or begin))


@dataclass(slots=True)
class _Open:
    """An array or object that has not ended yet. `key` is the key of the member whose value is next."""

    value: list[Any] | dict[str, Any]
    path: Path
    key: str | None = None


class _Building:
    """Builds values from events. Keeps open arrays and objects in a list, so that deep text needs no recursion."""

    def __init__(self) -> None:
        with IMPORTING:
            from ruamel.yaml import events

        self._root: Any = None
        self._open: list[_Open] = []
        self._documents = 0
        self._positions: dict[Path, Position] = {}
        self._keys: dict[Path, Position] = {}
        self._texts: dict[Path, str] = {}
        self._takers = {
            events.DocumentStartEvent: self._document,
            events.AliasEvent: self._alias,
            events.ScalarEvent: self._scalar,
            events.SequenceStartEvent: self._array,
            events.MappingStartEvent: self._object,
            events.SequenceEndEvent: self._close,
            events.MappingEndEvent: self._close,
        }

    def take(self, event: Any) -> None:
        """Adds one event. Raises TextError."""
        if taker := self._takers.get(type(event)):
            taker(event)

    def finished(self) -> Read:
        """Returns the result after the last event. Raises TextError if there was no value."""
        if () not in self._positions:
            raise TextError(_EMPTY, _BEGINNING)
        return Read(self._root, self._positions, self._keys, self._texts)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise TextError("the text has more than one document", _at(event.start_mark))

    def _alias(self, event: Any) -> None:
        raise TextError("aliases (*) are not supported (repeat the value instead)", _at(event.start_mark))

    def _scalar(self, event: Any) -> None:
        position = _place(event)
        if self._key_is_next():
            self._name(event, position)
        else:
            place = self._place_of_nothing(position) if _is_nothing(event) else position
            value = _scalar(event, position)
            path = self._put(value, place)
            if value is not None and not isinstance(value, str):
                self._texts[path] = event.value

    def _place_of_nothing(self, position: Position) -> Position:
        """Returns the position of a missing value, which is that of its key. The parser would report the position
        of the next member."""
        if not self._open:
            raise TextError(_EMPTY, position)
        within = self._open[-1]
        return position if within.key is None else self._keys[(*within.path, within.key)]

    def _array(self, event: Any) -> None:
        self._begin([], event)

    def _object(self, event: Any) -> None:
        self._begin({}, event)

    def _begin(self, value: list[Any] | dict[str, Any], event: Any) -> None:
        position = _place(event)
        if self._key_is_next():
            raise TextError(_NO_TEXT, position)
        if len(self._open) == json_codec.MAX_DEPTH:
            raise TextError(f"the text is nested more than {json_codec.MAX_DEPTH} levels deep", position)
        self._open.append(_Open(value, self._put(value, position)))

    def _close(self, event: Any) -> None:
        self._open.pop()

    def _key_is_next(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _name(self, event: Any, position: Position) -> None:
        """Stores the key of the next member. Raises TextError if the key is invalid."""
        if event.implicit[0] and event.value == "<<":
            raise TextError("merge keys (<<) are not supported (repeat the fields instead)", position)
        key = _scalar(event, position)
        if not isinstance(key, str):
            raise TextError(_NO_TEXT, position)
        if key in self._open[-1].value:
            raise TextError(f"the key {key[:60]!r} occurs twice in one object", position)
        self._open[-1].key = key
        self._keys[(*self._open[-1].path, key)] = position

    def _put(self, value: Any, position: Position) -> Path:
        """Adds a value and returns its path. Raises TextError if there are too many values."""
        if len(self._positions) == MAX_VALUES:
            raise TextError(f"the text has more than {MAX_VALUES} values", position)
        path = self._add(value)
        self._positions[path] = position
        return path

    def _add(self, value: Any) -> Path:
        if not self._open:
            self._root = value
            return ()
        within = self._open[-1]
        if isinstance(within.value, list):
            within.value.append(value)
            return (*within.path, len(within.value) - 1)
        assert within.key is not None
        key, within.key = within.key, None
        within.value[key] = value
        return (*within.path, key)


def _place(event: Any) -> Position:
    """Returns the start of a value. Raises TextError if the value has an anchor or a tag."""
    position = _at(event.start_mark)
    if event.anchor is not None:
        raise TextError("anchors (&) are not supported (repeat the value instead)", position)
    if event.tag is not None:
        raise TextError("tags (!) are not supported", position)
    return position


def _is_nothing(event: Any) -> bool:
    return bool(event.implicit[0] and not event.value)


def _scalar(event: Any, position: Position) -> Any:
    """Returns the value of a scalar. Quoted and block scalars are text. Plain ones follow the core schema."""
    text: str = event.value
    if not event.implicit[0]:
        return _text(text, position)
    if text in _WORDS:
        return _WORDS[text]
    if text in _NOT_FINITE:
        raise TextError("a number must be finite", position)
    if number := _NUMBER.fullmatch(text):
        return _number(number, position)
    return text


def _text(text: str, position: Position) -> str:
    """Joins surrogate pairs, which YAML leaves separate. JSON writes a character beyond U+FFFF as such a pair.
    Raises TextError for half of a pair."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise TextError("the quoted text has half of a surrogate pair", position) from None


def _number(written: re.Match[str], position: Position) -> int | Decimal:
    """Rewrites a number as JSON for `json_codec.parse`. Raises TextError if the number is too large."""
    text = written.group()
    if len(text) > MAX_NUMBER:
        raise TextError(f"the number {text[:40]}... is too large", position)
    if written["octal"] or written["hexadecimal"]:
        return int(text, 0)
    sign = "-" if written["sign"] == "-" else ""
    digits = written["fraction"] or written["part"]
    fraction = f".{digits}" if digits else ""
    whole = (written["whole"] or "").lstrip("0") or "0"
    try:
        number: int | Decimal = json_codec.parse(
            f"{sign}{whole}{fraction}{written['exponent'] or ''}", digits=json_codec.digits_left()
        )
    except json_codec.DocumentError as error:
        raise TextError(str(error), position) from None
    return number


def _at(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _position(text: str, index: int | None) -> Position:
    """Returns the position of the character at `index`, or of the end if None. Lines end as in the parser."""
    lines = _LINE_BREAK.split(text[:index])
    return Position(len(lines), len(lines[-1]) + 1)


_BEGINNING = Position(1, 1)
_EMPTY = "the text has no value"
_NO_TEXT = "a key must be text (put it in quotes)"
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# Control characters, characters that are line breaks only in YAML 1.1, byte order marks, and U+FFFF.
_UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIRECTIVE = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))*+%")
_NO_CHARACTER = re.compile(r"\\U(?!000|0010)[0-9A-Fa-f]{8}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_NOT_FINITE = {f"{sign}.{word}" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")}
_NOT_FINITE |= {".nan", ".NaN", ".NAN"}
_NUMBER = re.compile(
    r"0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9A-Fa-f]+)"
    r"|(?P<sign>[-+]?)(?:(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]*))?|\.(?P<part>[0-9]+))"
    r"(?P<exponent>[eE][-+]?[0-9]+)?"
)
