"""Splits the bytes of a connection into complete, bounded request heads and pieces of bodies."""

import re
from collections.abc import Callable

from offer_sandbox.contract.http import MAX_HEAD_BYTES

_SECTION_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\n")
_EMPTY_LINES = re.compile(rb"[\r\n]*")
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}(?: |\Z)|\Z")  # RFC 9110 9.1: a token, then a space
_NEXT = re.compile(rb"[\r\n]*(?:" + _METHOD.pattern + rb")")
_HELLO = b"\x16\x03"  # the first bytes of a TLS handshake
_TLS = "this is a TLS handshake (start the server with --tls, or use an http:// URL)"
_NO_METHOD = "the request does not begin with a method"
# a line of blanks alone is kept, because an empty line would end the head
_TRAILING_BLANKS = re.compile(rb"(?<=[^ \t\r\n])[ \t]+(?=\r\n)")
_UPGRADE = re.compile(
    rb"^upgrade:([\t\x20-\x7e\x80-\xff]*)\r\n", re.IGNORECASE | re.MULTILINE
)  # a line with other bytes is left to the parser
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*[;\r\n]")


class MalformedRequest(Exception):
    """A request that cannot be read. The message is one clause with the reason."""

    status = 400


class HeadTooLarge(MalformedRequest):
    """The request line, headers and trailers of a request exceed 64 KiB in total."""

    status = 431

    def __init__(self) -> None:
        super().__init__("the request line and headers are larger than 64 KiB")


class RequestFramer:
    """Splits the requests of one connection into pieces for a parser.

    Each head that it returns is complete and at most 64 KiB long. Its header values have no trailing blanks, and
    its `Upgrade` headers are removed. httptools treats everything after an upgrade as another protocol, but a
    server that declines an upgrade reads the body and responds over HTTP/1.1 (RFC 9110 7.8). `upgrades` contains
    the removed values.
    """

    def __init__(self) -> None:
        self.upgrades: list[bytes] = []
        self._read: Callable[[], bytes] = self._head
        self._data = b""
        self._at = 0  # number of bytes of the data already returned
        self._section = bytearray()  # the part of a head, size line or trailers that has arrived so far
        self._head_bytes = 0
        self._trailer_limit = 0
        self._left = 0  # bytes left of the body, or of the chunk and its line end

    @property
    def in_body(self) -> bool:
        """Whether the request continues after the last returned piece."""
        return self._read != self._head

    @property
    def in_head(self) -> bool:
        """Whether only part of a head has arrived."""
        return bool(self._section) and not self.in_body

    @property
    def waiting(self) -> bool:
        """Whether there are bytes that have not been returned yet."""
        return self._at < len(self._data)

    @property
    def strays(self) -> bool:
        """Whether the bytes after a request are not another request, for example an unannounced body."""
        return self.waiting and not self.in_body and not _NEXT.match(self._data, self._at)

    def expect_body(self, length: int | None) -> None:
        """Sets the length of the body after the last returned head. None means a chunked body."""
        self._left = length or 0
        self._read = self._chunk_size if length is None else self._body

    def feed(self, data: bytes) -> None:
        """Adds the next bytes of the connection."""
        self._data = self._data[self._at :] + data if self.waiting else data
        self._at = 0

    def next_piece(self) -> bytes:
        """Returns the next piece for the parser, which belongs to one request only.

        Returns empty bytes until more bytes arrive. Raises HeadTooLarge and MalformedRequest.
        """
        piece = self._read() if self.waiting else b""
        if not self.waiting:
            self._data, self._at = b"", 0  # an idle connection must not keep a packet in memory
        return piece

    def _head(self) -> bytes:
        if not self._section:
            found = _EMPTY_LINES.match(self._data, self._at)  # RFC 9112 2.2: they may precede a request line
            self._at = found.end() if found else self._at
        head = self._up_to(_SECTION_END, MAX_HEAD_BYTES, HeadTooLarge())
        if not head and not _METHOD.match(self._section):
            raise MalformedRequest(_TLS if self._section.startswith(_HELLO) else _NO_METHOD)
        self._head_bytes = len(head)
        return self._clean(head)

    def _clean(self, head: bytes) -> bytes:
        line, end, fields = head.partition(b"\n")
        self.upgrades = [value.strip(b" \t") for value in _UPGRADE.findall(fields)]
        if self.upgrades:
            fields = _UPGRADE.sub(b"", fields)
        if b" \r\n" in fields or b"\t\r\n" in fields:
            fields = _TRAILING_BLANKS.sub(b"", fields)
        return line + end + fields

    def _body(self) -> bytes:
        return self._part_of_body(self._head)

    def _chunk(self) -> bytes:
        return self._part_of_body(self._chunk_size)

    def _part_of_body(self, after: Callable[[], bytes]) -> bytes:
        piece = self._data[self._at : self._at + self._left]
        self._at += len(piece)
        self._left -= len(piece)
        if not self._left:
            self._read = after
        return piece

    def _chunk_size(self) -> bytes:
        """Returns the size line of a chunk. The last one, of size 0, is returned together with the trailers."""
        line = self._up_to(_LINE_END, MAX_HEAD_BYTES, MalformedRequest("the size line of a chunk is too long"))
        if not line:
            return b""
        size = _CHUNK_SIZE.match(line)
        if size is None:
            raise MalformedRequest("a chunk of the body has no size")
        self._left = int(size.group(1), 16)
        if self._left:
            self._left += len(b"\r\n")
            self._read = self._chunk
            return line
        self._section += line
        self._trailer_limit = MAX_HEAD_BYTES - self._head_bytes + len(line) + len(b"\r\n")
        self._read = self._trailers
        return self._trailers()

    def _trailers(self) -> bytes:
        trailers = self._up_to(_SECTION_END, self._trailer_limit, HeadTooLarge())
        if trailers:
            self._read = self._head
        return trailers

    def _up_to(self, end: re.Pattern[bytes], limit: int, error: MalformedRequest) -> bytes:
        """Returns the bytes up to the end that the pattern finds, or empty bytes if it has not arrived.

        Raises `error` if that is more than `limit` bytes.
        """
        before = len(self._section)
        if not before:
            return self._up_to_in_data(end, limit, error)
        self._section += self._data[self._at : self._at + limit + 1]
        found = end.search(self._section, max(0, before - 3))  # part of a four-byte end may have arrived before
        length = found.end() if found else len(self._section)
        if length > limit:
            raise error
        self._at += length - before
        if found is None:
            return b""
        whole = bytes(self._section[:length])
        self._section.clear()
        return whole

    def _up_to_in_data(self, end: re.Pattern[bytes], limit: int, error: MalformedRequest) -> bytes:
        """Does the same if no part has arrived before, without copying the bytes that follow."""
        found = end.search(self._data, self._at, self._at + limit + 1)
        stop = found.end() if found else len(self._data)
        if stop - self._at > limit:
            raise error
        piece = self._data[self._at : stop]
        self._at = stop
        if found is None:
            self._section += piece
            return b""
        return piece
