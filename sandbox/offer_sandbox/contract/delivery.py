"""What the listener does with a response besides sending it: a delay, a fault, a wait, a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_DELAY_MS = 600_000
GATEWAY = "GATEWAY_HTML"
DRIBBLE = "DRIBBLE"
DRIBBLE_MS = 1_000
# Members of a request's WSGI environment, by which the server and the views talk:
DELIVERY_KEY = "offer_sandbox.plan"  # set by a view: the Plan
PARKING_KEY = "offer_sandbox.parking"  # set by a server that carries plans out
RESUME_KEY = "offer_sandbox.again"  # what a plan said, when the app is called again
CROWDED_KEY = "offer_sandbox.crowded"  # whether so many calls wait that no other one may
STREAMS_KEY = "offer_sandbox.streams"  # how many streams the client has open
CLOSING_KEY = "offer_sandbox.closing"  # whether the server is about to end, then


@dataclass(frozen=True, kw_only=True)
class FaultTraits:
    """What a type of fault is like: whether it keeps a client waiting (`waits`), whether a whole answer comes in
    the end (`answers`), whether it needs more than an ordinary answer, the connection itself (`needs_socket`), and
    whether it sends random bytes (`noisy`)."""

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
    """A connection that misbehaves. `type` is one of FAULTS; `milliseconds` is how long an answer dribbles;
    `noise` are the random bytes that a noisy fault sends."""

    type: str
    milliseconds: int = DRIBBLE_MS
    noise: bytes = b""

    @property
    def dribbles(self) -> bool:
        """Whether it is the answer in small pieces over a time."""
        return self.type == DRIBBLE

    @property
    def traits(self) -> FaultTraits:
        """What its type is like."""
        return FAULTS[self.type]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """`delay_ms` is wall time to wait before the answer is sent, 0 to 600,000. `fault` is what then becomes of
    the connection.

    With `resume` there is no answer yet: after the delay, or as soon as anything was answered or changed in the
    workspace `wake_on`, the app is called again and finds `resume` in its environment. `stream` gives what is new
    of an endless answer each time it is called: no bytes where nothing is, None where it ends after all. It is
    heeded too, and with a delay looked at that often, since other processes ring no bell.
    """

    delay_ms: int = 0
    fault: Fault | None = None
    resume: Any = None
    wake_on: str = ""
    stream: Callable[[], bytes | None] | None = None

    @property
    def at_once(self) -> bool:
        """Whether the answer is sent as it is, now."""
        plain = self.fault is None or not self.fault.traits.needs_socket
        return plain and not self.delay_ms and self.resume is None and self.stream is None
