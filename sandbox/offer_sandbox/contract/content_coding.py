"""Decodes gzip request bodies, the only `Content-Encoding` that is supported (RFC 9110 8.4)."""

import zlib
from typing import NamedTuple

from offer_sandbox.contract.errors import RequestIssue

_GZIP = ("gzip", "x-gzip")  # RFC 9110 8.4.1.3: two names for the same coding
_GZIP_WINDOW = 31


class DecodedBody(NamedTuple):
    """A request body after decoding.

    - `data`: the decoded bytes. Empty if the body is `too_large`, and the bytes as sent if it is `unread`.
    - `too_large`: whether the decoded body exceeds the limit. The default is False.
    - `unread`: the problem if the body cannot be decoded, otherwise None (the default).
    """

    data: bytes
    too_large: bool = False
    unread: RequestIssue | None = None


def decoded_body(sent: bytes, coding: str, maximum: int) -> DecodedBody:
    """Returns the body that a client has compressed with the coding in its `Content-Encoding` header. A compressed
    body may inflate to at most `maximum` bytes."""
    names = [name for each in coding.lower().split(",") if (name := each.strip()) not in ("", "identity")]
    if not names or not sent:
        return DecodedBody(sent)
    if len(names) > 1 or names[0] not in _GZIP:
        reason = f"the content coding must be gzip or absent, not {', '.join(names)[:60]}"
        field = "header.content-encoding"
        return DecodedBody(sent, unread=RequestIssue(outcome="unsupported_media_type", field=field, reason=reason))
    return _inflated(sent, maximum)


def _inflated(sent: bytes, maximum: int) -> DecodedBody:
    inflater = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        data = inflater.decompress(sent, maximum + 1)
    except zlib.error as error:
        return _broken(sent, str(error))
    if len(data) > maximum:
        return DecodedBody(b"", too_large=True)
    if not inflater.eof:
        return _broken(sent, "it ends too early")
    if inflater.unused_data:
        return _broken(sent, "data follows its end")
    return DecodedBody(data)


def _broken(sent: bytes, why: str) -> DecodedBody:
    reason = f"the body is not valid gzip: {why}"
    return DecodedBody(sent, unread=RequestIssue(outcome="invalid_json", field="body", reason=reason))
