"""What the listener is to do with an answer besides sending it; does none of it."""

from dataclasses import dataclass

LONGEST_DELAY_MS = 600_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`delay_ms` is wall time to wait before the answer is sent, 0 to 600,000."""

    delay_ms: int = 0
