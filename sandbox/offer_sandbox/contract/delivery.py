"""The special ways in which a server delivers a response: a delay, a fault, a wait or a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_DELAY_MS = 600_000
GATEWAY = "GATEWAY_HTML"
DRIBBLE = "DRIBBLE"
DRIBBLE_MS = 1_000
# Keys in a request's WSGI environment through which the server and the views communicate:
DELIVERY_KEY = "offer_sandbox.plan"  # set by a view: its Delivery
PARKING_KEY = "offer_sandbox.parking"  # set by a server that carries out a Delivery
RESUME_KEY = "offer_sandbox.again"  # the `resume` of a Delivery, when the app is called again
CROWDED_KEY = "offer_sandbox.crowded"  # whether the limit of waiting calls is reached
STREAMS_KEY = "offer_sandbox.streams"  # the number of streams that the client has open
ADMISSION_KEY = "offer_sandbox.admission"  # set to ask only whether the caller may make the call
BUSY_KEY = "offer_sandbox.busy"  # whether the server reads too many large bodies for this one
CLOSING_KEY = "offer_sandbox.closing"  # whether the server is shutting down at that time


@dataclass(frozen=True, kw_only=True)
class FaultTraits:
    """The properties of a type of fault.

    - `waits`: whether the fault makes a client wait. The default is False.
    - `answers`: whether the client receives a complete response in the end. The default is False.
    - `needs_socket`: whether the fault needs access to the connection itself. The default is True.
    - `noisy`: whether the fault sends random bytes. The default is False.
    """

    waits: bool = False
    answers: bool = False
    needs_socket: bool = True
    noisy: bool = False


FAULTS = {
    "CONNECTION_RESET_BY_PEER": FaultTraits(),
    "EMPTY_RESPONSE": FaultTraits(),
    "TRUNCATED_BODY": FaultTraits(),
    "MALFORMED_RESPONSE_CHUNK": FaultTraits(noisy=True),
    "RANDOM_DATA_THEN_CLOSE": FaultTraits(noisy=True),
    "HANG": FaultTraits(waits=True),
    GATEWAY: FaultTraits(answers=True, needs_socket=False),
    DRIBBLE: FaultTraits(waits=True, answers=True),
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A connection or response that misbehaves.

    - `type`: a key of FAULTS.
    - `milliseconds`: the time over which a `DRIBBLE` fault sends the response. The default is 1,000.
    - `noise`: the random bytes that a noisy fault sends. Empty by default.
    """

    type: str
    milliseconds: int = DRIBBLE_MS
    noise: bytes = b""

    @property
    def dribbles(self) -> bool:
        """Whether the fault sends the response in small pieces over a period of time."""
        return self.type == DRIBBLE

    @property
    def traits(self) -> FaultTraits:
        """The properties of its type."""
        return FAULTS[self.type]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The instructions for delivering a response. By default the server sends it immediately.

    - `delay_ms`: real time to wait before the response is sent, 0 (the default) to 600,000 milliseconds.
    - `fault`: the fault that the connection has after the delay. None by default.
    - `resume`: set if there is no response yet. After the delay, the app is called again with this value in its
      environment. None by default.
    - `wake_on`: the name of a workspace. A call with `resume` is repeated as soon as a call is answered or
      anything changes in this workspace, even before the delay is over. Empty by default.
    - `stream`: returns the new bytes of an endless response each time it is called. It returns no bytes if nothing
      is new, and None when the response ends. None by default.

    A stream also watches the workspace `wake_on`. With a delay, the server checks the stream at that interval too,
    because other processes do not notify this one.
    """

    delay_ms: int = 0
    fault: Fault | None = None
    resume: Any = None
    wake_on: str = ""
    stream: Callable[[], bytes | None] | None = None

    @property
    def at_once(self) -> bool:
        """Whether the response is sent immediately and unchanged."""
        plain = self.fault is None or not self.fault.traits.needs_socket
        return plain and not self.delay_ms and self.resume is None and self.stream is None
