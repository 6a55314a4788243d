"""Parses large JSON documents piece by piece, so that no step takes long and only the results take memory."""

import codecs
import json
import re
from collections.abc import Callable, Generator, Mapping
from typing import Any, Union

from offer_sandbox.world.json_codec import (
    MAX_DEPTH,
    DocumentError,
    allow_digits,
    check,
    digits_left,
    errors_of,
    growth_of,
    parser,
)

Path = tuple[str | int, ...]
TakeItem = Callable[[int, Any], Any]
Layout = Mapping[str, Union[TakeItem, "Layout"]]
_CHUNK = 64 * 1024
_SPACE = re.compile(r"[ \t\n\r]*")
_NEAR_END = 64  # characters at the end of a chunk whose token may continue in the next one
Steps = Generator[None, None, Any]


class TooLarge(Exception):
    """A value in the document is larger than allowed. `path` leads to it."""

    def __init__(self, path: Path) -> None:
        super().__init__("".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in path)[1:])
        self.path = path


class JsonStream:
    """A JSON document to parse in steps.

    `layout` has the names of the document's members that are parsed piece by piece: objects with a layout of their
    own, and arrays with a function. The function takes the index and the value of each item, and its result takes
    the item's place. Every other value can have about `maximum` bytes. `deepest` and `exact` are the arguments of
    `parse`, and the same texts are rejected.
    """

    def __init__(
        self, data: bytes, layout: Layout, maximum: int, *, deepest: int = MAX_DEPTH, exact: bool = False
    ) -> None:
        self._data = data
        self._layout = layout
        self._maximum = maximum
        self._deepest = deepest
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._scan = parser(exact=exact).scan_once  # type: ignore[attr-defined]  # typeshed omits it
        self._read = 0  # bytes
        self._text = ""
        self._at = 0  # in the text
        self._before = 0  # characters before the text
        self._digits = growth_of(data)
        self._lines, self._column = 1, 0  # of the beginning of the text

    def steps(self) -> Steps:
        """Parses the document, and yields after each piece. Returns the value. Raises DocumentError and
        TooLarge."""
        with errors_of(self._deepest):
            value = yield from self._member((), self._layout)
            self._skip_space()
            if self._at < len(self._text):
                raise self._wrong("Extra data", self._at)
            return value

    def _member(self, path: Path, layout: Any) -> Steps:
        """Parses the value at a path."""
        first = self._peek()
        if callable(layout) and first == "[":
            return (yield from self._array(path, layout))
        if isinstance(layout, Mapping) and first == "{":
            return (yield from self._object(path, layout))
        yield
        return self._value(path)

    def _object(self, path: Path, layout: Layout) -> Steps:
        self._at += 1
        found: dict[str, Any] = {}
        twice: str | None = None
        if self._took("}"):
            return found
        while True:
            if self._peek() != '"':
                raise self._wrong("Expecting property name enclosed in double quotes", self._at)
            name = self._value(path)
            if name in found and twice is None:
                twice = name
            if not self._took(":"):
                raise self._wrong("Expecting ':' delimiter", self._at)
            found[name] = yield from self._member((*path, name), layout.get(name))
            if self._took("}"):
                if twice is not None:
                    raise DocumentError(f"the key {twice[:60]!r} occurs twice in one object")
                return found
            if not self._took(","):
                raise self._wrong("Expecting ',' delimiter", self._at)

    def _array(self, path: Path, take: TakeItem) -> Steps:
        self._at += 1
        found: list[Any] = []
        if self._took("]"):
            return found
        while True:
            self._peek()
            found.append(take(len(found), self._value((*path, len(found)))))
            yield
            if self._took("]"):
                return found
            if not self._took(","):
                raise self._wrong("Expecting ',' delimiter", self._at)

    def _value(self, path: Path) -> Any:
        """Returns the value that begins here. Its text is read chunk by chunk until it is complete."""
        while True:
            allow_digits(self._digits)
            try:
                value, end = self._scan(self._text, self._at)
            except StopIteration as error:
                problem = self._wrong("Expecting value", error.value)
            except json.JSONDecodeError as error:
                problem = self._wrong(error.msg, error.pos)
            else:
                if end < len(self._text) or self._ended:
                    check(value, self._text[self._at : end], self._deepest, around=len(path))
                    self._at, self._digits = end, digits_left()
                    return value
                problem = self._wrong("", end)
            if self._ended or self._is_certain(problem):
                raise problem
            if len(self._text) - self._at > self._maximum:
                raise TooLarge(path)
            self._read_on(3 * (len(self._text) - self._at))

    def _is_certain(self, problem: json.JSONDecodeError) -> bool:
        """Returns whether more of the document cannot mend a problem."""
        place = problem.pos - self._before
        return place < len(self._text) - _NEAR_END and not problem.msg.startswith("Unterminated string")

    def _wrong(self, message: str, place: int) -> json.JSONDecodeError:
        """Returns the error at a place of the text, with its line and column in the whole document."""
        error = json.JSONDecodeError(message, self._text, place)
        lines = self._text.count("\n", 0, place)
        error.pos = self._before + place
        error.lineno = self._lines + lines
        error.colno = error.colno if lines else self._column + place + 1
        error.args = (f"{message}: line {error.lineno} column {error.colno} (char {error.pos})",)
        return error

    @property
    def _ended(self) -> bool:
        """Whether the text has the rest of the document."""
        return self._read >= len(self._data)

    def _read_on(self, size: int = _CHUNK) -> None:
        """Drops the text that was parsed, and adds the next chunk of about `size` bytes."""
        past = self._text[: self._at]
        lines = past.count("\n")
        self._column = len(past) - past.rindex("\n") - 1 if lines else self._column + len(past)
        self._lines += lines
        self._before += len(past)
        chunk = self._data[self._read : self._read + max(size, _CHUNK)]
        self._read += len(chunk)
        self._text = self._text[self._at :] + self._decoder.decode(chunk, final=self._ended)
        self._at = 0

    def _skip_space(self) -> None:
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text) or self._ended:
                return
            self._read_on()

    def _peek(self) -> str:
        """Returns the next character that is not a space, or an empty string at the end."""
        self._skip_space()
        return self._text[self._at : self._at + 1]

    def _took(self, sign: str) -> bool:
        """Returns whether this sign comes next, and passes it."""
        if self._peek() != sign:
            return False
        self._at += 1
        return True
