"""Where a server stores its state: a folder, or a PostgreSQL database."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

_SCHEMES = ("postgresql://", "postgres://")
_PASSWORDS = (re.compile(r"(?<=://)([^/@?#:]*):[^/?#]*@"), re.compile(r"(?<=[?&])(password|sslpassword)=[^&#]*"))


@dataclass(frozen=True)
class DatabaseUrl:
    """The URL of a PostgreSQL database, in libpq's form, which may name several hosts. As text it has no
    password."""

    url: str

    def __str__(self) -> str:
        user, parameter = _PASSWORDS
        return parameter.sub(r"\1=***", user.sub(r"\1:***@", self.url))

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"


Location: TypeAlias = Path | DatabaseUrl


def location(text: str) -> Location:
    """Returns the location that a text names. Raises ValueError for an empty text, and for a URL with another
    scheme."""
    if not text:
        raise ValueError("must name a folder or a database")
    if text.startswith(_SCHEMES):
        return DatabaseUrl(text)
    if "://" in text:
        raise ValueError(f"must be a folder or a postgresql:// URL, because no state can be stored at {text!r}")
    return Path(text)
