"""Long polls: answers that come once what is waited for is there, or 408 when the time is over."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from offer_sandbox.admin.fields import QueryNumber, described
from offer_sandbox.admin.services import workspace_name
from offer_sandbox.admin.suspend import closing, demand_room, planned
from offer_sandbox.contract import Delivery
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.schemas.fields import within
from offer_sandbox.world.clock import stopwatch

_MAX_SECONDS = 600
_DEFAULT_SECONDS = 10
LOOK_MS = 250  # time and other processes ring no bell
_NOT_YET = Response(status=202)


@dataclass(frozen=True)
class Wait:
    """Since when somebody waits, by the stopwatch; after which number of the journal entries count, up to which
    they were, and how many."""

    began: float
    first: int = 0
    reached: int = 0
    counted: int = 0


def timeout_field() -> QueryNumber:
    """The field for how long a call waits at most."""
    return QueryNumber(
        load_default=_DEFAULT_SECONDS,
        validate=within(0, _MAX_SECONDS),
        metadata=described("Seconds of real time after which the wait is over."),
    )


def waiting(
    look: Callable[[Wait], tuple[Response | None, Wait]],
    what: str,
    timeout: float,
    first: Callable[[], int] = lambda: 0,
    *,
    rings: bool = False,
) -> Response:
    """The answer of `look` as soon as it has one, 408 when `timeout` (in seconds) is over. A look tells what the
    next one is to know; `what` says in words what is waited for, `first` is the journal's number to begin after.
    `rings` says that nothing but the bell can make a look worth while."""

    def view(again: Wait | None) -> tuple[Response, Delivery]:
        found, wait = look(again or Wait(stopwatch(), first()))
        if found is not None:
            return found, Delivery()
        if again is None:
            demand_room()
        left = wait.began + timeout - stopwatch()
        if left <= 0 or closing():
            ended = "before the server ended" if left > 0 else f"within {timeout:g} seconds"
            detail = f"{what} did not come {ended}"
            raise ProblemDetailsError(408, "timeout", "Timeout", detail)
        milliseconds = int(left * 1000) + 1
        if not rings:
            milliseconds = min(milliseconds, LOOK_MS)
        return _NOT_YET, Delivery(delay_ms=milliseconds, resume=wait, wake_on=workspace_name())

    return planned(view)
