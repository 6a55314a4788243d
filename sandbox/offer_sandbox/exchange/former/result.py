"""What the exchange decided about a call: outcome, trigger, answer and what speaks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from offer_sandbox.contract import Call, Outcome, Provider, Reply, Request, RequestIssue, Response
from offer_sandbox.exchange.former.request_triggers import UNMATCHED

Trigger = Literal["header", "rule", "magic", "natural"]


@dataclass(frozen=True, kw_only=True)
class Forced:
    """An outcome that is asked for: who asks (`header` or `rule`), and `by` what, in words."""

    outcome: Outcome
    trigger: Trigger
    by: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """`notes` tell what was passed over in silence, such as unknown request fields."""

    outcome: Outcome
    trigger: Trigger
    response: Response
    problems: Sequence[RequestIssue] = ()
    notes: Sequence[str] = ()

    @property
    def reason(self) -> str:
        """One sentence that says why, empty unless the call was refused."""
        if not self.problems or self.outcome.kind == "success":
            return ""
        first = self.problems[0]
        return f"{first.field}: {first.reason}" if first.field else first.reason


class BrokenAnswer(Exception):
    """A handler made an answer that breaks its own contract: the sandbox's mistake, never the client's."""


def trigger_of(reply: Reply, forced: Forced | None) -> Trigger:
    """Who decided: who forced the outcome, unless the handler declined to give it. Raises BrokenAnswer where it
    gave another one without saying so."""
    if forced is None or reply.declined:
        return reply.source
    if reply.outcome != forced.outcome.name:
        raise BrokenAnswer(
            f"{forced.outcome.name} was forced, {reply.outcome} was given, and nothing was declined"
        )
    return forced.trigger


def refuse(provider: Provider, operation: str, problems: Sequence[RequestIssue], request: Request) -> Result:
    """The ruling for problems found in a call; what no operation declares is told as an unmatched call's."""
    arranged = list(provider.parts.dialect.arrange(problems))
    name = arranged[0].outcome
    outcome = provider.outcomes.get((operation, name)) or provider.outcomes[UNMATCHED, name]
    response = (
        Response(status=204)
        if outcome.status == 204
        else provider.parts.dialect.render(outcome, arranged, request)
    )
    return Result(outcome=outcome, trigger=arranged[0].source, response=response, problems=arranged)


def forced_result(call: Call, provider: Provider, forced: Forced) -> Result:
    """The ruling for a forced outcome for which the body is not judged."""
    outcome = forced.outcome
    if outcome.problem is None:
        response = Response(status=outcome.status, body=outcome.document)
        return Result(outcome=outcome, trigger=forced.trigger, response=response)
    problems = [forced_problem(call, provider, outcome.problem, forced.by)]
    response = provider.parts.dialect.render(outcome, problems, call.request)
    return Result(outcome=outcome, trigger=forced.trigger, response=response, problems=problems)


def forced_problem(call: Call, provider: Provider, problem: RequestIssue, by: str) -> RequestIssue:
    """The sample problem of an outcome, made to fit the call."""
    fitting = provider.parts.dialect.forced(call, problem)
    return replace(fitting, reason=f"{problem.outcome} is forced by {by}")
