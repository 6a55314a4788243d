"""Long polls: calls that respond once a condition holds, or with 408 when the time is over."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from offer_sandbox.admin.fields import QueryNumber
from offer_sandbox.admin.services import workspace_name
from offer_sandbox.admin.suspend import closing, demand_room, planned
from offer_sandbox.contract import Delivery
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.schemas.fields import described, within
from offer_sandbox.world.clock import stopwatch

_MAX_SECONDS = 600
_DEFAULT_SECONDS = 10
_NOT_YET = Response(status=202)


@dataclass(frozen=True)
class Wait:
    """The state of a waiting call. `began` is its start by the stopwatch. Only journal entries with a number above
    `first` count. The entries up to number `reached` are counted, and `counted` of them match. `due_ms` is the
    time until the clock can change the result, or None."""

    began: float
    first: int = 0
    reached: int = 0
    counted: int = 0
    due_ms: int | None = None


def timeout_field() -> QueryNumber:
    """Returns the field for the longest time that a call waits."""
    return QueryNumber(
        load_default=_DEFAULT_SECONDS,
        validate=within(0, _MAX_SECONDS),
        metadata=described("Maximum time to wait, in seconds of real time.", example=5),
    )


def waiting(
    look: Callable[[Wait], tuple[Response | None, Wait]],
    what: str,
    timeout: float,
    first: Callable[[], int] = lambda: 0,
) -> Response:
    """Returns the response of `look` as soon as there is one. Raises ProblemDetailsError (408) after `timeout`
    seconds, or when the server closes. `look` also returns the state for its next call. `what` begins the
    error message. `first` returns the journal number after which entries count. `look` is called again after each
    change in the workspace, and at the time that it returns."""

    def view(again: Wait | None) -> tuple[Response, Delivery]:
        found, wait = look(again or Wait(stopwatch(), first()))
        if found is not None:
            return found, Delivery()
        if again is None:
            demand_room()
        left = wait.began + timeout - stopwatch()
        if left <= 0 or closing():
            ended = "before the server stopped" if left > 0 else f"within {timeout:g} seconds"
            detail = f"{what} {ended}"
            raise ProblemDetailsError(408, "timeout", "Timeout", detail)
        milliseconds = int(left * 1000) + 1
        if wait.due_ms is not None:
            milliseconds = min(milliseconds, wait.due_ms + 1)
        return _NOT_YET, Delivery(delay_ms=milliseconds, resume=wait, wake_on=workspace_name())

    return planned(view)
