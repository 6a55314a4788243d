"""Between uvicorn and the WSGI app: reads a request, calls the app on the loop, and carries out its plan."""

import gc
import io
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from offer_sandbox.contract import Delivery
from offer_sandbox.contract.delivery import (
    CLOSING_KEY,
    CROWDED_KEY,
    DELIVERY_KEY,
    PARKING_KEY,
    RESUME_KEY,
    STREAMS_KEY,
)
from offer_sandbox.contract.http import MAX_BODY_BYTES, MAX_STATE_BODY_BYTES
from offer_sandbox.server.delivery import ResponseSender, Send
from offer_sandbox.server.faults import Headers
from offer_sandbox.server.waiting import GONE_KEY, Message, Parking, Subscription

Receive = Callable[[], Awaitable[Message]]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Any]

_MAX_DRAINED = 64 * 1024 * 1024
_MUCH = 4 * 1024 * 1024
_NO_PLAN = Delivery()
_Answered = tuple[int, Headers, bytes, Delivery]


class Disconnected(Exception):
    """The client went away before its request was complete: nothing was asked, nothing is done."""


class Bridge:
    """An ASGI application around a WSGI one. Whoever waits is a parked task, never a blocked thread.

    The app itself runs on the loop: a call takes well under a millisecond, less than a hand-over to a thread.
    """

    def __init__(self, app: WsgiApp, parking: Parking) -> None:
        self._app = app
        self._parking = parking
        self._read = 0  # bytes of bodies since the last look for garbage

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        maximum = _most(scope["method"], scope["path"])
        try:
            body, length = await _read(receive, maximum, _announced(scope))
        except Disconnected:
            return
        environ = _environ(scope, length)
        answered = await self._answer(environ, body, scope)
        if answered is None:
            return
        status, headers, payload, delivery = answered
        if length > maximum + _MAX_DRAINED:
            headers.append((b"connection", b"close"))
        await ResponseSender(scope, send, self._parking).deliver(status, headers, payload, delivery)
        self._tidy_up(length)

    def close(self) -> None:
        """Ends every wait at once: what is parked is answered, so that a shutdown keeps nobody waiting."""
        self._parking.close()

    def _tidy_up(self, length: int) -> None:
        """A refused body lives on in the cycles of its refusal until they are looked for, which Python does by the
        number of objects, whatever their size."""
        self._read += length
        if self._read > _MUCH:
            self._read = 0
            gc.collect(1)

    async def _answer(self, environ: dict[str, Any], body: bytes, scope: Message) -> _Answered | None:
        """The app's answer, once it has one and its delay is over; None where the client did not wait for it. What
        was postponed is done even though its client has left: it was sent."""
        while True:
            answered = self._call(environ, body)
            delivery = answered[3]
            if delivery.wake_on and delivery.resume is not None:
                with self._parking.subscribe(delivery.wake_on) as subscription:
                    return await self._answer_heeding(subscription, environ, body, scope)
            if delivery.delay_ms:
                await self._parking.wait(delivery.delay_ms / 1000, scope)
            if delivery.resume is None:
                return None if scope[GONE_KEY].is_set() else answered
            environ[RESUME_KEY] = delivery.resume

    async def _answer_heeding(
        self, subscription: Subscription, environ: dict[str, Any], body: bytes, scope: Message
    ) -> _Answered | None:
        """Has the app look again whenever the bell rings, and from time to time, until it has an answer."""
        again = None
        while True:
            subscription.notified.clear()
            environ[CLOSING_KEY] = self._parking.closed
            if again is not None:
                environ[RESUME_KEY] = again
            answered = self._call(environ, body)
            delivery = answered[3]
            if delivery.resume is None:
                return answered
            again = delivery.resume
            if not await self._parking.wait(delivery.delay_ms / 1000, scope, heeding=subscription):
                return None

    def _call(self, environ: dict[str, Any], body: bytes) -> _Answered:
        environ["wsgi.input"] = io.BytesIO(body)
        environ[CROWDED_KEY] = self._parking.full
        environ[STREAMS_KEY] = self._parking.streams[environ["REMOTE_ADDR"]]
        answered: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            answered[:] = [int(status[:3]), headers]

        result = self._app(environ, start)
        try:
            payload = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        status, headers = answered
        encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        return status, encoded, payload, environ.pop(DELIVERY_KEY, _NO_PLAN)


def _most(method: str, path: str) -> int:
    """How many bytes of a body the app may read: a whole world where records are put in, else 1 MiB."""
    whole = method != "GET" and (path.startswith("/__admin/state/") or path == "/__admin/snapshot")
    return MAX_STATE_BODY_BYTES if whole else MAX_BODY_BYTES


def _announced(scope: Message) -> int:
    """How long the body is to be by its header, 0 where that does not say."""
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(told) if told.isdigit() else 0


async def _read(receive: Receive, maximum: int, announced: int = 0) -> tuple[bytes, int]:
    """The body as far as the app may read it (`maximum` bytes and a little), and how long it was in all.

    More than the app reads is taken from the wire and thrown away (up to 64 MiB), because a client that
    still writes does not read the refusal.
    """
    if announced > maximum + _MAX_DRAINED:  # not waited for
        return b"", announced
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        if length <= maximum:
            chunks.append(chunk)
        length += len(chunk)
        if not message.get("more_body") or length > maximum + _MAX_DRAINED:
            return b"".join(chunks), length


def _environ(scope: Message, length: int) -> dict[str, Any]:
    """The request in WSGI's terms (PEP 3333); `CONTENT_LENGTH` is what really came."""
    server = scope.get("server") or ("127.0.0.1", 0)
    client = scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        PARKING_KEY: True,
    }
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    """Adds a header; one with an underscore is dropped, since WSGI could not tell it from a hyphen."""
    if name in ("content-length", "transfer-encoding") or "_" in name:
        return
    key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
    environ[key] = f"{environ[key]},{value}" if key in environ else value
