"""The steps of the failure test: each failure with its rules, the operations that can have it, and the expectation
of a client."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract import Operation, Provider
from offer_sandbox.publish.failure_facts import Facts

SCENARIO = "failure-test"
_SLOW_MS = 5_000
_PAUSE_SECONDS = 0.1
_CLOCK_ERROR = 0.005  # seconds; the journal's times have milliseconds
_LATE_SECONDS = 2
_MAX_RENEWALS = 2
Rule = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tested:
    """The operation that is tested."""

    provider: Provider
    operation: Operation

    @property
    def id(self) -> str:
        """The operation with its provider's name."""
        return f"{self.provider.name}.{self.operation.name}"

    @property
    def writes(self) -> bool:
        """Whether the operation can change something."""
        return not self.operation.only_reads


Expected = Callable[[Facts, Facts], bool]
"""Whether a run met an expectation, from its facts and those of the normal run."""


def _always_possible(_: Tested) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One failure.

    - `name`, `title`: its id, and a short description.
    - `expectation`: what is expected of a client, in one or two sentences.
    - `rules`: returns the rules for an operation.
    - `held`: whether a client did what is expected.
    - `obstacle`: returns why an operation cannot have the failure, or an empty string.
    - `changes`: whether the failure is a change of the response, which may have nothing to change.
    - `webhook`: whether the failure concerns webhooks.
    """

    name: str
    title: str
    expectation: str
    rules: Callable[[Tested], list[Rule]]
    held: Expected
    obstacle: Callable[[Tested], str] = _always_possible
    changes: bool = False
    webhook: bool = False

    def scenario(self, tested: Tested) -> dict[str, Any]:
        """Returns the scenario with which each workspace of the step begins."""
        return {"scenario": SCENARIO, "title": self.title, "rules": self.rules(tested)}


def _rule(**effect: Any) -> Callable[[Tested], list[Rule]]:
    return lambda tested: [{"operation": tested.id, **effect}]


def _once(**effect: Any) -> Callable[[Tested], list[Rule]]:
    return _rule(**effect, times=1)


def _webhook(**fault: Any) -> Callable[[Tested], list[Rule]]:
    return lambda tested: [{"operation": f"{tested.provider.name}.*", "webhook": fault, "times": 1}]


def _ends_as_usual(facts: Facts, normal: Facts) -> bool:
    return facts.exit_code == normal.exit_code


def _is_patient(facts: Facts, normal: Facts) -> bool:
    return facts.exit_code == normal.exit_code and facts.calls <= normal.calls


def _noticed(facts: Facts, _: Facts) -> bool:
    return facts.noticed


def _commits_once(facts: Facts, normal: Facts) -> bool:
    return facts.committed_again <= normal.committed_again


def _waits_as_asked(facts: Facts, _: Facts) -> bool:
    return facts.recovered and _paused(facts, facts.retry_after or 0.0)


def _recovers_with_pauses(facts: Facts, _: Facts) -> bool:
    return facts.recovered and _paused(facts, _PAUSE_SECONDS)


def _paused(facts: Facts, seconds: float) -> bool:
    """Whether each pause was as long as this."""
    return min(facts.pauses, default=0.0) >= seconds - _CLOCK_ERROR


def _distrusts(facts: Facts, normal: Facts) -> bool:
    asked_again = facts.calls + facts.other_calls > normal.calls + normal.other_calls
    return _commits_once(facts, normal) and (facts.exit_code != 0 or asked_again)


def _renews(facts: Facts, normal: Facts) -> bool:
    return facts.noticed and facts.calls <= normal.calls + _MAX_RENEWALS


def _only_writes(tested: Tested) -> str:
    return "" if tested.writes else "the call only reads, so it commits nothing"


def _only_json(tested: Tested) -> str:
    return "the response is a page" if tested.operation.page else ""


def _only_with_webhooks(tested: Tested) -> str:
    if not tested.provider.topics:
        return f"{tested.provider.title} sends no webhooks"
    return "" if tested.writes else "the call only reads, so it causes no webhook"


STEPS = (
    Step(
        name="slow",
        title=f"The response takes {_SLOW_MS // 1000} seconds",
        expectation="The client waits for the response. It does not send the call again.",
        rules=_once(delay={"type": "fixed", "milliseconds": _SLOW_MS}),
        held=_is_patient,
    ),
    Step(
        name="lost-before-commit",
        title="The connection breaks before the call is processed",
        expectation="The client sends the call again, or reports an error.",
        rules=_once(fault="CONNECTION_RESET_BY_PEER", phase="before"),
        held=_noticed,
    ),
    Step(
        name="lost-after-commit",
        title="The call is processed, and its response is lost",
        expectation="The client does not have the same call processed twice.",
        rules=_once(fault="CONNECTION_RESET_BY_PEER"),
        held=_commits_once,
        obstacle=_only_writes,
    ),
    Step(
        name="rate-limit",
        title="The rate limit is reached (429 with Retry-After)",
        expectation="The client waits as long as Retry-After requires, and then sends the call again.",
        rules=_once(outcome="rate_limited"),
        held=_waits_as_asked,
    ),
    Step(
        name="server-errors",
        title="The service is unavailable twice (503)",
        expectation=f"The client sends the call until it succeeds, after pauses of at least {_PAUSE_SECONDS} s.",
        rules=_rule(outcome="unavailable", times=2),
        held=_recovers_with_pauses,
    ),
    Step(
        name="truncated-json",
        title="The response breaks off in the middle of its JSON",
        expectation="The client reports an error or asks again. It does not have the call processed twice.",
        rules=_once(fault="TRUNCATED_BODY"),
        held=_distrusts,
        obstacle=_only_json,
    ),
    Step(
        name="gateway-html",
        title="A proxy returns its HTML page (502), and the call is not processed",
        expectation="The client sends the call again, or reports an error.",
        rules=_once(fault="GATEWAY_HTML", phase="before"),
        held=_noticed,
    ),
    Step(
        name="unknown-enum-value",
        title="The response has an unknown value of an enumeration",
        expectation="The client ends as in the normal run.",
        rules=_rule(mutate=["unknown_enum_value"]),
        held=_ends_as_usual,
        obstacle=_only_json,
        changes=True,
    ),
    Step(
        name="extra-field",
        title="The response has an unknown field",
        expectation="The client ends as in the normal run.",
        rules=_rule(mutate=["extra_field"]),
        held=_ends_as_usual,
        obstacle=_only_json,
        changes=True,
    ),
    Step(
        name="null-optional",
        title="Optional fields of the response are null",
        expectation="The client ends as in the normal run.",
        rules=_rule(mutate=["null_optional"]),
        held=_ends_as_usual,
        obstacle=_only_json,
        changes=True,
    ),
    Step(
        name="expired-token",
        title="The credential has expired (401)",
        expectation="The client renews its credential and sends the call again, or reports an error. It does not"
        f" send it more than {_MAX_RENEWALS} times more.",
        rules=_once(outcome="unauthorized"),
        held=_renews,
    ),
    Step(
        name="duplicate-webhook",
        title="The first webhook arrives twice",
        expectation="The client ends as in the normal run.",
        rules=_webhook(type="DUPLICATE"),
        held=_ends_as_usual,
        obstacle=_only_with_webhooks,
        webhook=True,
    ),
    Step(
        name="late-webhook",
        title=f"The first webhook arrives {_LATE_SECONDS} seconds late",
        expectation="The client ends as in the normal run.",
        rules=_webhook(type="LATE", seconds=_LATE_SECONDS),
        held=_ends_as_usual,
        obstacle=_only_with_webhooks,
        webhook=True,
    ),
)
