"""How an asynchronous step of a provider moves on, and when that is next; moves nothing itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from offer_sandbox.world.clock import to_ms

LONGEST_SECONDS = 315_360_000
MOST_POLLS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Progression:
    """How an asynchronous step moves on: `immediate`, `time` (`seconds` on the clock) or `manual` (`polls`)."""

    progression: Literal["immediate", "time", "manual"]
    seconds: int = 0
    polls: int = 0

    def planned(self, now: datetime) -> tuple[int | None, int | None]:
        """When a step that begins now moves on: at what time (ms) or after how many reads, the other None. What
        is due at once (`immediate`) happens before the next look at the record."""
        if self.progression == "manual":
            return None, self.polls
        seconds = self.seconds if self.progression == "time" else 0
        return to_ms(now + timedelta(seconds=seconds)), None
