"""The ways in which a text or bytes can be read: without escapes, base64, gzip and UTF-16."""

import base64
import html
import re
import zlib
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

_MAX_LAYERS = 3
_MAX_INFLATED = 1024 * 1024
_MAX_DECODED = 64 * 1024  # characters of base64 to decode without a mark
_LONG = 512  # characters of base64 that may begin at any of its characters
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_COMPRESSED = (b"\x1f\x8b", b"\x78")
_ANY_FORMAT = 47  # zlib's number for both formats
_LONGEST_MARK = 4  # bytes in front of UTF-16 and UTF-32


class Readings:
    """Reads texts in every way, up to three layers deep.

    Base64 is decoded if it has the encoding of one of the `marks`, or of gzip. Up to 64 KiB of each text are also
    decoded without, so that a large text does not take long.
    """

    def __init__(self, marks: Sequence[str] = ()) -> None:
        wide = [mark.encode("utf-16-le")[:-1] for mark in marks]
        narrow = [mark.encode() for mark in marks]
        self._marks = ["H4sI", *(each for mark in (*narrow, *wide) for each in in_base64(mark))]

    def of(self, text: str, layers: int = _MAX_LAYERS) -> Iterator[str]:
        """Yields a text as it is, then in every other way in which it can be read."""
        yield text
        if not layers:
            return
        for plain in _unescaped(text):
            if plain != text:
                yield from self.of(plain, layers - 1)
        decoded = 0
        for found in _BASE64.findall(text):
            decoded += len(found)
            if decoded <= _MAX_DECODED or any(mark in found for mark in self._marks):
                for data in _decoded(found):
                    yield from self.of_bytes(data, layers - 1)

    def of_bytes(self, data: bytes, layers: int = _MAX_LAYERS) -> Iterator[str]:
        """Yields bytes as UTF-8 in every way in which this text can be read, or as Latin-1. Also yields what the
        bytes hold in UTF-16 or in compressed form."""
        try:
            yield from self.of(data.decode("utf-8"), layers)
        except UnicodeDecodeError:
            yield from self.of(data.decode("latin-1"), layers if layers == _MAX_LAYERS else 0)
            if b"\0" in data:  # the mark in front of UTF-16 is no UTF-8
                yield _ascii(data[:_LONGEST_MARK].strip(b"\xff\xfe\0") + data[_LONGEST_MARK:])
        if layers and data.startswith(_COMPRESSED):
            try:
                plain = zlib.decompressobj(wbits=_ANY_FORMAT).decompress(data, _MAX_INFLATED)
            except zlib.error:
                return
            yield from self.of_bytes(plain, layers - 1)


def in_base64(data: bytes) -> Iterator[str]:
    """Yields the characters that base64 has for these bytes, for each place at which they can begin."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        yield encoded[-(-8 * before // 6) : 8 * (before + len(data)) // 6]


def _ascii(data: bytes) -> str:
    """Returns the ASCII characters of UTF-16 or UTF-32."""
    return data.replace(b"\0", b"").decode("latin-1")


def _unescaped(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text)
    if "\\" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    if "&" in text:
        yield html.unescape(text)
    if "\0" in text:  # ASCII in UTF-16 or UTF-32
        yield text.replace("\0", "")


def _decoded(text: str) -> Iterator[bytes]:
    """Yields the bytes that a text may encode in base64, also without padding and with the alphabet for URLs.
    Short base64 may follow other characters without a gap."""
    plain = text.replace("-", "+").replace("_", "/")
    for start in range(4 if len(plain) <= _LONG else 1):
        part = plain[start:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        yield base64.b64decode(part + "=" * (-len(part) % 4))
