"""How much a client wants a media type, by its Accept header; chooses no answer."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.datastructures import MIMEAccept

_PARAMETER = re.compile(r';\s*(?!q=)[\w-]+=("[^"]*"|[^;,]*)', re.IGNORECASE)


def wanted(header: str | None, media_type: str) -> float:
    """The quality from 0 (not at all) to 1; without a header everything is wanted. Parameters such as a
    charset do not matter."""
    if header is None or not header.strip():
        return 1.0
    return float(_parsed(header)[media_type])


def named(header: str | None, media_type: str) -> bool:
    """Whether the header names the type itself, not merely by a wildcard."""
    return header is not None and any(value.lower() == media_type for value in _parsed(header).values())


def _parsed(header: str) -> "MIMEAccept":
    from werkzeug.datastructures import MIMEAccept  # a start does not wait for Werkzeug
    from werkzeug.http import parse_accept_header

    return parse_accept_header(_PARAMETER.sub("", header), MIMEAccept)
