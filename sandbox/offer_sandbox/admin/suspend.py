"""Carries out delays, waits and streams, or hands them to a server that can."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, request

from offer_sandbox.contract import Delivery
from offer_sandbox.contract.delivery import (
    CLOSING_KEY,
    CROWDED_KEY,
    DELIVERY_KEY,
    PARKING_KEY,
    RESUME_KEY,
    STREAMS_KEY,
)
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.world.clock import pause

_LOOK_SECONDS = 0.05


def planned(view: Callable[[Any], tuple[Response, Delivery]]) -> Response:
    """Returns the response of a view that also returns a Delivery. The view receives the `resume` value of its
    previous Delivery, at first None. The sandbox's server carries out the Delivery itself. Under another WSGI
    server it is carried out here, where each waiting call occupies a thread. Raises ProblemDetailsError (501) if
    that server handles one call at a time."""
    environ = request.environ
    response, delivery = view(environ.pop(RESUME_KEY, None))
    if environ.get(PARKING_KEY):
        environ[DELIVERY_KEY] = delivery
        return response
    while delivery.resume is not None:
        if delivery.wake_on and not (environ.get("wsgi.multithread") or environ.get("wsgi.multiprocess")):
            raise ProblemDetailsError(501, "cannot-wait", "Cannot wait", _ALONE)
        pause(min(delivery.delay_ms / 1000, _LOOK_SECONDS) if delivery.wake_on else delivery.delay_ms / 1000)
        response, delivery = view(delivery.resume)
    if delivery.delay_ms:  # sleeping for zero seconds would still yield to other processes
        pause(delivery.delay_ms / 1000)
    if delivery.stream is not None:
        response.response = _read(delivery.stream)
    return response


def demand_room(max_streams: int | None = None) -> None:
    """Raises ProblemDetailsError with 503 if too many calls already wait, and with 429 if the client already has
    `max_streams` streams open."""
    environ = request.environ
    if environ.get(CROWDED_KEY):
        detail = "too many calls are waiting (try again later, or raise serve --max-parked)"
        raise ProblemDetailsError(503, "too-busy", "Too many waiting calls", detail)
    if max_streams is not None and environ.get(STREAMS_KEY, 0) >= max_streams:
        detail = f"a client can have at most {max_streams} open streams (the limit is serve --max-streams)"
        raise ProblemDetailsError(429, "too-many-streams", "Too many streams", detail)


def closing() -> bool:
    """Returns whether the server is about to stop, so that no call should wait."""
    return bool(request.environ.get(CLOSING_KEY))


def _read(feed: Callable[[], bytes | None]) -> Iterator[bytes]:
    while (news := feed()) is not None:
        yield news or b":\n\n"
        if not news:
            pause(_LOOK_SECONDS * 10)


_ALONE = (
    "this WSGI server handles one request at a time, so the awaited event could never happen"
    " (use offer-sandbox serve, or a server with threads)"
)
