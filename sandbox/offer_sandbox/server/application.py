"""Answers requests: calls to providers with the pipeline, the sandbox's own with the WSGI application."""

import io
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote_to_bytes

from offer_sandbox.contract import Delivery, Request, Response
from offer_sandbox.contract.content_coding import decoded_body
from offer_sandbox.contract.delivery import (
    ADMISSION_KEY,
    BUSY_KEY,
    CLOSING_KEY,
    CROWDED_KEY,
    DELIVERY_KEY,
    PARKING_KEY,
    RESUME_KEY,
    STREAMS_KEY,
)
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES, RawRequest, base_url
from offer_sandbox.exchange.browser import opens_page
from offer_sandbox.server.incoming import STRAY, Headers, Incoming
from offer_sandbox.server.unreadable import Unreadable, response_of
from offer_sandbox.server.waiting import Parking
from offer_sandbox.world.limits import Limits

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Any]
_LIGHT = (b"/health", b"/health/live")
_NO_PLAN = Delivery()
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_STRAY = (f"{STRAY} after the headers (a body needs Content-Length or chunked transfer coding)",)


class Pipeline(Protocol):
    """Answers the calls on providers' paths. `page_owners` has the paths at which a browser gets a page."""

    page_owners: Mapping[str, Any]

    def stands_for(self, host: str) -> bool:
        """Returns whether a provider documents this host as its own."""

    def refuse(self, request: Request, problem: ProblemDetailsError) -> Response:
        """Returns the refusal of a request that cannot be read."""

    def handle(self, request: Request, resumed: Any = None) -> tuple[Response, Delivery]:
        """Returns the response and how to deliver it."""


class Answer(NamedTuple):
    """A response before it is sent. Header names are in lower case."""

    status: int
    headers: Headers
    payload: bytes
    delivery: Delivery


def answer_of(response: Response, delivery: Delivery = _NO_PLAN) -> Answer:
    """Converts a response for sending. Its headers are in the order in which a WSGI server would send them."""
    headers: Headers = []
    if response.body is not None:
        headers.append((b"content-type", response.media_type.encode()))
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.payload)))
    headers.append(_NO_SNIFFING)
    headers += [(_lower(name), value.encode("latin-1")) for name, value in response.headers]
    return Answer(response.status, headers, response.payload, delivery)


class Application:
    """Passes each request to the pipeline or to the WSGI application.

    `is_own` returns whether a path belongs to the sandbox itself. Links begin with `public_url` if that is set.
    The records of a workspace can have `max_state_body` bytes in one request.

    A call takes well under a millisecond, less than a hand-over to a thread, unless the store is behind a network.
    """

    def __init__(
        self,
        wsgi: WsgiApp,
        pipeline: Pipeline,
        is_own: Callable[[str], bool],
        parking: Parking,
        public_url: str | None = None,
        max_state_body: int = Limits().state_body,
    ) -> None:
        self._wsgi = wsgi
        self._pipeline = pipeline
        self._is_own = is_own
        self._parking = parking
        self._public_url = public_url
        self.max_state_body = max_state_body

    def stands_for(self, host: str) -> bool:
        """Returns whether the sandbox mocks a host, such as `api.ebay.com`."""
        return self._pipeline.stands_for(host)

    def admits(self, incoming: Incoming) -> bool:
        """Returns whether the caller may make a control call, by its head alone."""
        statuses: list[int] = []
        environ = {**_environ(incoming), "CONTENT_LENGTH": "0", ADMISSION_KEY: True}
        for _ in self._wsgi(environ, lambda status, *_: statuses.append(int(status[:3]))):
            pass  # nobody needs the body of this response
        return statuses[-1] < 400

    def is_light(self, incoming: Incoming) -> bool:
        """Returns whether the response needs nothing from the store."""
        return incoming.path in _LIGHT and incoming.method in ("GET", "HEAD")

    def answer(self, incoming: Incoming, resume: Any = None) -> Answer:
        """Returns the response to a request. `resume` is the value from the delivery of its previous response."""
        path = decoded(incoming.path)
        if self._is_own(path) or (path in self._pipeline.page_owners and _opens_page(incoming)):
            return self._call_wsgi(incoming, resume)
        response, delivery = self._pipeline.handle(self._request(incoming, path), resume)
        return answer_of(response, delivery)

    def refuse(self, unreadable: Unreadable) -> Answer:
        """Returns the refusal of a request that cannot be read."""
        problem, incoming = unreadable.problem, unreadable.request
        if incoming is None or self._is_own(path := decoded(incoming.path)):
            response = response_of(problem)
        else:
            response = self._pipeline.refuse(self._request(incoming, path), problem)
        return answer_of(response)

    def _request(self, incoming: Incoming, path: str) -> Request:
        too_large = incoming.length > MAX_BODY_BYTES
        headers = _headers(incoming)
        body, unread = b"" if too_large else incoming.body, None
        if "content-encoding" in headers and not too_large:
            body, too_large, unread = decoded_body(body, headers["content-encoding"], MAX_BODY_BYTES)
        return Request(
            method=incoming.method,
            path=path,
            query=_query(incoming.query) if incoming.query else (),
            headers=headers,
            body=body,
            base_url=self._public_url or base_url(incoming.scheme, headers.get("host", ""), incoming.server),
            too_large=too_large,
            unread=unread,
            notes=_STRAY if incoming.stray else (),
            raw=RawRequest(incoming.target, incoming.headers),
            breakable=True,
            crowded=self._parking.full,
        )

    def _call_wsgi(self, incoming: Incoming, resume: Any) -> Answer:
        environ = _environ(incoming)
        environ[CROWDED_KEY] = self._parking.full
        environ[STREAMS_KEY] = self._parking.streams[incoming.client[0]]
        environ[CLOSING_KEY] = self._parking.closed
        environ[BUSY_KEY] = incoming.busy
        if resume is not None:
            environ[RESUME_KEY] = resume
        answered: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            answered[:] = [int(status[:3]), headers]

        result = self._wsgi(environ, start)
        try:
            payload = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        status, headers = answered
        encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        return Answer(status, encoded, payload, environ.pop(DELIVERY_KEY, _NO_PLAN))


def _opens_page(incoming: Incoming) -> bool:
    return opens_page(incoming.method, incoming.query, _headers(incoming).get("accept"))


@lru_cache(maxsize=1024)
def decoded(path: bytes) -> str:
    """Returns a path with its escapes decoded and one leading slash. Bytes that are not UTF-8 are replaced."""
    return "/" + unquote_to_bytes(path).decode("utf-8", "replace").lstrip("/")


def _query(query: bytes) -> tuple[tuple[str, str], ...]:
    """Returns the query parameters in order. Bytes that are not UTF-8 stay encoded."""
    return tuple(parse_qsl(query.decode(), keep_blank_values=True, errors="werkzeug.url_quote"))


def _headers(incoming: Incoming) -> dict[str, str]:
    """Returns the headers by their names in lower case, as in WSGI.

    `content-length` is the length of the body, also for a chunked body. A name with an underscore is
    dropped, because WSGI could not distinguish it from one with a hyphen.
    """
    headers = {"content-length": str(incoming.length)}
    for raw_name, raw_value in incoming.headers:
        name = _name(raw_name)
        if name:
            value = raw_value.decode("latin-1")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


@lru_cache(maxsize=1024)
def _name(name: bytes) -> str:
    """Returns a header's name in lower case, or an empty string if the header is not passed on."""
    text = name.lower().decode("latin-1")
    return "" if text in ("content-length", "transfer-encoding") or "_" in text else text


@lru_cache(maxsize=256)
def _lower(name: str) -> bytes:
    return name.lower().encode("latin-1")


def _environ(incoming: Incoming) -> dict[str, Any]:
    """Returns the WSGI environment of a request (PEP 3333). `CONTENT_LENGTH` is the length of the body."""
    environ = {
        "REQUEST_METHOD": incoming.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(incoming.path).decode("latin-1"),
        "QUERY_STRING": incoming.query.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{incoming.version}",
        "SERVER_NAME": incoming.server[0],
        "SERVER_PORT": str(incoming.server[1]),
        "REMOTE_ADDR": incoming.client[0],
        "CONTENT_LENGTH": str(incoming.length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": incoming.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.input": io.BytesIO(incoming.body),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        PARKING_KEY: True,
    }
    for name, value in _headers(incoming).items():
        if name != "content-length":
            key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
            environ[key] = value
    return environ
