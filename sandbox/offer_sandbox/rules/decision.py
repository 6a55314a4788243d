"""The decision on one call: an outcome and its trigger, delays, a fault, response changes and records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from offer_sandbox.contract import Fault, Outcome

Trigger = Literal["header", "rule", "magic", "natural"]
Verdict = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A forced outcome. `trigger` is its source: `header`, `rule`, or `magic` for the magic word in a credential.
    `by` describes the source in words."""

    outcome: Outcome
    trigger: Trigger
    by: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision on one call. Delays are in milliseconds, and `delay_after` is None if no delay was requested.
    `mutate` lists changes to the response. `state` pairs the ids of rules with the records that they add.
    `verdicts` report the result of each rule that concerns the call. `applied` is the preference that a header's
    outcome follows (for `Preference-Applied`)."""

    asked: Asked | None = None
    delay_before: int = 0
    delay_after: int | None = None
    fault: Fault | None = None
    fault_before: bool = False
    mutate: tuple[str, ...] = ()
    state: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    applied: str = ""

    @property
    def postpones(self) -> bool:
        """Whether the call itself has to wait."""
        return bool(self.delay_before) and not self.breaks_before

    @property
    def breaks_before(self) -> bool:
        """Whether the connection fails before the call is executed."""
        return self.fault is not None and self.fault_before

    @property
    def waits(self) -> bool:
        """Whether a delay or a fault makes the client wait."""
        return bool(self.delay_ms) or (self.fault is not None and self.fault.traits.waits)

    @property
    def delay_ms(self) -> int:
        """The sum of both delays."""
        return self.delay_before + (self.delay_after or 0)

    @property
    def fired(self) -> list[Verdict]:
        """The verdicts on the rules that fired."""
        return [verdict for verdict in self.verdicts if verdict["verdict"] == "fired"]

    def over(self, rules: "Decision") -> "Decision":
        """Returns the rules' decision, in which the delay and the fault of this one (a header's) take
        precedence."""
        delay = rules if self.delay_after is None else self
        fault = rules if self.fault is None else self
        return replace(
            rules,
            delay_before=delay.delay_before,
            delay_after=delay.delay_after,
            fault=fault.fault,
            fault_before=fault.fault_before,
        )

    def without(self, lost: Sequence[str], why: str) -> "Decision":
        """Returns the decision after some effects of rules (`outcome`, `state`, `mutate`) turned out to be
        impossible. The verdict on a rule with no effect left changes from `fired` to the reason `why`."""
        verdicts = []
        for verdict in self.verdicts:
            left = [name for name in verdict.get("gave", ()) if name not in lost]
            if verdict["verdict"] == "fired" and left != verdict["gave"]:
                verdict = {**verdict, "gave": left, "verdict": "fired" if left else why}
            verdicts.append(verdict)
        return replace(self, verdicts=tuple(verdicts), state=() if "state" in lost else self.state)


NOTHING_ASKED = Decision()
