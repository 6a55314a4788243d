"""The quality that a client's Accept header gives to a media type."""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from offer_sandbox.imports import IMPORTING

if TYPE_CHECKING:
    from werkzeug.datastructures import MIMEAccept

_PARAMETER = re.compile(r';\s*(?!q=)[\w-]+=("[^"]*"|[^;,]*)', re.IGNORECASE)


def wanted(header: str | None, media_type: str) -> float:
    """Returns the quality of a media type, from 0 (not accepted) to 1. Without a header every type has quality 1.
    Parameters such as a charset are ignored."""
    if header is None or not header.strip():
        return 1.0
    return float(_parsed(header)[media_type])


def named(header: str | None, media_type: str) -> bool:
    """Returns whether the header contains the type itself and not only a wildcard that matches it."""
    return header is not None and any(value.lower() == media_type for value in _parsed(header).values())


def _parsed(header: str) -> "MIMEAccept":
    return _parser()(_PARAMETER.sub("", header))


@cache
def _parser() -> "Callable[[str], MIMEAccept]":
    with IMPORTING:  # the start does not wait for it, and later calls do not wait for other imports
        from werkzeug.datastructures import MIMEAccept
        from werkzeug.http import parse_accept_header

    return lambda header: parse_accept_header(header, MIMEAccept)
