"""Requests and responses that do not depend on a web framework."""

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
MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024


def host_name(header: str) -> str:
    """Returns the host of a Host header in lower case, without its port and without the brackets of an IPv6
    address. Brackets that do not enclose the whole host are kept, because such a host is no address."""
    host = header.strip().lower()
    if not host.startswith("["):
        return host.partition(":")[0]
    enclosed = _ENCLOSED.fullmatch(host)
    return enclosed[1] if enclosed else host


_ENCLOSED = re.compile(r"\[([^\]]*)\](:[0-9]*)?")
_USABLE_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[A-Fa-f0-9:.]+\])(:[1-9][0-9]{0,4})?")


@lru_cache(maxsize=1024)
def base_url(scheme: str, host: str, server: tuple[str, int]) -> str:
    """Returns the URL under which a client reached this server, such as `http://localhost:4242`. It is based on
    the Host header that the client sent, or on the address that the client is connected to if that header cannot
    be part of a link."""
    if not _USABLE_HOST.fullmatch(host):
        name = f"[{server[0]}]" if ":" in server[0] else server[0]
        host = f"{name}:{server[1]}"
    return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"


def is_loopback(name: str) -> bool:
    """Returns whether a host name is `localhost` or a loopback address."""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class RawRequest(NamedTuple):
    """A request as it was received: the target of its request line, and its headers in order with their names as
    the client wrote them."""

    target: bytes
    headers: Sequence[tuple[bytes, bytes]]


@dataclass(kw_only=True)
class Request:
    """An HTTP request, as the exchange processes it.

    - `method`: the HTTP method.
    - `path`: the decoded path, which starts with `/`.
    - `query`: the names and values of the query parameters, in order and with repetitions. Empty by default.
    - `headers`: the header values by name in lower case. Empty by default.
    - `body`: the body's bytes. Empty by default.
    - `base_url`: the URL under which the client reached this server, `http://host:port` without a slash at the
      end. Empty by default.
    - `too_large`: whether the body was larger than the sandbox reads, so that `body` is not all of it. The default
      is False.
    - `unread`: the problem if the body cannot be decoded, otherwise None (the default). `body` then holds the
      bytes as received.
    - `notes`: remarks for the journal on how the request was received. Empty by default.
    - `raw`: the request as it was received. None (the default) if the server does not provide it.
    - `breakable`: whether the server allows the sandbox to break the connection. The default is False.
    - `crowded`: whether the limit of waiting calls is reached, so that this call must not wait. The default is
      False.
    - `internal`: whether a page of the sandbox sends it, and no client. The default is False.
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
    internal: bool = False

    @property
    def media_type(self) -> str:
        """The content type without parameters in lower case. Empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def host(self) -> str:
        """The Host header in lower case, without its port and the brackets of an IPv6 address."""
        return host_name(self.headers.get("host", ""))

    @property
    def json(self) -> Any:
        """The body as a JSON value. None if the body is empty or blank. It is parsed on first access. Raises
        DocumentError if the body is not JSON."""
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
        """Returns the first value of a query parameter, or None if the query does not have it."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(kw_only=True)
class Response:
    """An HTTP response in a provider's dialect.

    - `status`: the HTTP status.
    - `body`: a JSON value, the HTML of a page, or None (the default) for no body at all.
    - `media_type`: the content type. The default is `application/json`.
    - `headers`: the names and values of the other headers. Empty by default.
    """

    status: int
    body: Any = None
    media_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    @cached_property
    def payload(self) -> bytes:
        """The bytes of the body as the server sends them."""
        if self.media_type == HTML:
            return str(self.body).encode()
        return b"" if self.body is None else dump(self.body)
