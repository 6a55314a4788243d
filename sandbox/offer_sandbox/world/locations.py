"""Where a server stores its state: a folder, or a PostgreSQL database."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

_SCHEMES = ("postgresql://", "postgres://")
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


@dataclass(frozen=True)
class DatabaseUrl:
    """The URL of a PostgreSQL database, in libpq's form, which may name several hosts. As text it has no
    password."""

    url: str

    def __str__(self) -> str:
        scheme, _, rest = self.url.partition("://")
        # like libpq, which reads any character before the @ as part of the user or the password
        credentials, at, place = rest.rpartition("@")
        user, colon, _ = credentials.partition(":")
        place, question, parameters = place.partition("?")
        shown = "&".join(map(_without_password, parameters.split("&")))
        return f"{scheme}://{user}{':***' if colon else ''}{at}{place}{question}{shown}"

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"


Location: TypeAlias = Path | DatabaseUrl


def location(text: str) -> Location:
    """Returns the location that a text names. Raises ValueError for an empty text, and for a URL with another
    scheme, of which the message contains no more."""
    if not text:
        raise ValueError("must name a folder or a database")
    if text.startswith(_SCHEMES):
        return DatabaseUrl(text)
    if found := _URL.match(text):
        raise ValueError(f"must be a folder or a postgresql:// URL, not one that begins with {found[1]}://")
    return Path(text)


def _without_password(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    return f"{name}{equals}{'***' if 'password' in unquote(name).lower() else value}"
