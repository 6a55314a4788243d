"""The bytes of a response's head."""

import re
from functools import cache
from http import HTTPStatus

from offer_sandbox.server.incoming import Headers

_UNSAFE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 5.5. A tab is allowed in a value.


class BrokenHeader(Exception):
    """A header that would end the head early or hide another header."""


def head(status: int, headers: Headers) -> bytes:
    """Returns the status line, the headers and the empty line after them.

    Raises BrokenHeader if a header contains a control character other than a tab.
    """
    if _UNSAFE.search(b"".join([part for pair in headers for part in pair])):
        raise BrokenHeader
    lines = [b"%s: %s\r\n" % pair for pair in headers]
    return b"%s%s\r\n" % (_status_line(status), b"".join(lines))


def is_bodiless(method: str, status: int) -> bool:
    """Returns whether a response has no body, regardless of its headers."""
    return method == "HEAD" or status in (204, 304)


@cache
def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()
