"""How an asynchronous step of a provider moves on; moves nothing itself."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Progression:
    """How an asynchronous step moves on: `immediate`, `time` (`seconds` on the clock) or `manual` (`polls`)."""

    progression: Literal["immediate", "time", "manual"]
    seconds: int = 0
    polls: int = 0
