"""Carries out long control calls in slices, so that other calls need not wait for them."""

from collections.abc import Callable, Generator
from typing import Any

from flask import Response

from offer_sandbox.admin.http import json_response
from offer_sandbox.admin.suspend import planned
from offer_sandbox.contract import Delivery
from offer_sandbox.world.clock import stopwatch

_FIRST_SECONDS, _SLICE_SECONDS = 0.005, 0.02  # many calls can begin at the same time
_UNFINISHED = Response(status=202)


Steps = Generator[None, None, Any]


def in_slices(begin: Callable[[], Steps]) -> Response:
    """Returns the response with the JSON value of some work, once it is done. The work yields after each step, and
    after some steps the server answers other calls."""

    def view(begun: Steps | None) -> tuple[Response, Delivery]:
        work, length = (begin(), _FIRST_SECONDS) if begun is None else (begun, _SLICE_SECONDS)
        end = stopwatch() + length
        try:
            while stopwatch() < end:
                next(work)
        except StopIteration as finished:
            return json_response(finished.value), Delivery()
        return _UNFINISHED, Delivery(resume=work)

    return planned(view)


def finished(work: Steps) -> Any:
    """Returns the result of some work, which is carried out at once."""
    try:
        while True:
            next(work)
    except StopIteration as end:
        return end.value
