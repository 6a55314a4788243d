"""A request and an answer without any framework's types."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from offer_sandbox.contract.errors import RequestIssue
from offer_sandbox.world.json_codec import DocumentError, dump, parse

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
HTML = "text/html; charset=utf-8"
MAX_BODY_BYTES = 1024 * 1024
MAX_STATE_BODY_BYTES = 256 * 1024 * 1024  # where records are put in


def host_name(header: str) -> str:
    """A Host header without its port and without the brackets of an IPv6 address, lower case."""
    host = header.strip().lower()
    return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]


_USABLE_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(:[1-9][0-9]{0,4})?")


@lru_cache(maxsize=1024)
def base_url(scheme: str, host: str, server: tuple[str, int]) -> str:
    """How a client reached this server, such as `http://localhost:4242`: by the Host header that it sent, by the
    address that it is connected to where that header cannot stand in a link."""
    if not _USABLE_HOST.fullmatch(host):
        name = f"[{server[0]}]" if ":" in server[0] else server[0]
        host = f"{name}:{server[1]}"
    return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"


def is_loopback(name: str) -> bool:
    """Whether a host name is `localhost` or an address of the loopback."""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class RawRequest(NamedTuple):
    """A request as it came: the target of its request line, and its headers in order, their names as written."""

    target: bytes
    headers: Sequence[tuple[bytes, bytes]]


@dataclass(kw_only=True)
class Request:
    """An HTTP request as the exchange sees it.

    `path` is decoded and starts with `/`; `query` keeps order and repetition; header names are lower case;
    `base_url` is how the client reached this server (`http://host:port`, no slash at the end); `too_large`
    tells that the body was longer than the sandbox reads, so that `body` is not all of it; `unread` why it cannot
    be read (it is as it came then), `notes` what is to be told of how it came, `raw` that itself (None behind a
    server that does not tell); `breakable` that the server behind gives its connections to be broken, `crowded`
    that no other call may wait there.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    too_large: bool = False
    unread: RequestIssue | None = None
    notes: tuple[str, ...] = ()
    raw: RawRequest | None = None
    breakable: bool = False
    crowded: bool = False

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def host(self) -> str:
        """The Host header without its port (and brackets), lower case."""
        return host_name(self.headers.get("host", ""))

    @property
    def json(self) -> Any:
        """The body as a JSON value, None for one of blanks alone; it is parsed when it is first asked for. Raises
        DocumentError for a body that is no JSON."""
        value, wrong = self._parsed
        if wrong is not None:
            raise DocumentError(str(wrong))
        return value

    @cached_property
    def _parsed(self) -> tuple[Any, DocumentError | None]:
        try:
            return (parse(self.body), None) if self.body.strip() else (None, None)
        except DocumentError as error:
            return None, error

    def argument(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(kw_only=True)
class Response:
    """An HTTP answer in a provider's dialect; `body` is a JSON value (of a page its HTML), or None for no body
    at all."""

    status: int
    body: Any = None
    media_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    @cached_property
    def payload(self) -> bytes:
        """The body as it is sent."""
        if self.media_type == HTML:
            return str(self.body).encode()
        return b"" if self.body is None else dump(self.body)
