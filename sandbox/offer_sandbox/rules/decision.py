"""What is asked of one call, and by whom: an outcome, a delay, a fault, changes of the answer, records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from offer_sandbox.contract import Fault, Outcome

Trigger = Literal["header", "rule", "magic", "natural"]
Verdict = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An outcome that is asked for: by which `trigger` (`header`, `rule`, or `magic` for the word of a
    credential), and `by` what, in words."""

    outcome: Outcome
    trigger: Trigger
    by: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Delays are in milliseconds; `delay_after` None says nothing of a delay. `mutate` are changes of the answer,
    `state` the records that rules bring with their ids; `verdicts` tell what became of each rule that concerned
    the call. `applied` is the preference that a header's outcome follows (for `Preference-Applied`)."""

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
        """Whether the call itself is to wait."""
        return bool(self.delay_before) and not self.breaks_before

    @property
    def breaks_before(self) -> bool:
        """Whether the connection fails before the call is made."""
        return self.fault is not None and self.fault_before

    @property
    def waits(self) -> bool:
        """Whether anything of it keeps the call waiting."""
        return bool(self.delay_ms) or (self.fault is not None and self.fault.traits.waits)

    @property
    def delay_ms(self) -> int:
        """Both delays."""
        return self.delay_before + (self.delay_after or 0)

    @property
    def fired(self) -> list[Verdict]:
        """The verdicts on the rules that fired."""
        return [verdict for verdict in self.verdicts if verdict["verdict"] == "fired"]

    def over(self, rules: "Decision") -> "Decision":
        """What rules ask for, but for the delay and the fault that this one, a header's, names."""
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
        """The decision where some of what rules gave (`outcome`, `state`, `mutate`) could not be given after all.
        A rule that has nothing left to give has not fired, but was in vain for the reason `why`."""
        verdicts = []
        for verdict in self.verdicts:
            left = [name for name in verdict.get("gave", ()) if name not in lost]
            if verdict["verdict"] == "fired" and left != verdict["gave"]:
                verdict = {**verdict, "gave": left, "verdict": "fired" if left else why}
            verdicts.append(verdict)
        return replace(self, verdicts=tuple(verdicts), state=() if "state" in lost else self.state)


NOTHING_ASKED = Decision()
