"""What became of a call: outcome, who decided, response and what speaks for it; every refusal is rendered here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from offer_sandbox.contract import UNMATCHED, Call, Outcome, Provider, Reply, Request, RequestIssue, Response
from offer_sandbox.exchange.routing import Route
from offer_sandbox.rules.decision import Asked, Trigger


@dataclass(kw_only=True)
class Result:
    """`trigger` is who decided; `notes` tell what was passed over in silence, such as unknown request fields."""

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


def trigger_of(reply: Reply, asked: Asked | None) -> Trigger:
    """Who decided: who asked for the outcome, unless the handler declined to give it. Raises BrokenAnswer where it
    gave another one without saying so."""
    if asked is None or reply.declined:
        return reply.source
    if reply.outcome != asked.outcome.name:
        raise BrokenAnswer(f"{asked.outcome.name} was forced, {reply.outcome} was given, and nothing was declined")
    return asked.trigger


def outcome_of(provider: Provider, operation: str, name: str) -> Outcome:
    """An operation's outcome; what it does not declare is told as an unmatched call's."""
    return provider.outcomes.get((operation, name)) or provider.outcomes[UNMATCHED, name]


def refuse(route: Route, problems: Sequence[RequestIssue]) -> Result:
    """The result of a call in which problems were found."""
    arranged = list(route.provider.parts.dialect.arrange(problems))
    outcome = outcome_of(route.provider, route.operation.name, arranged[0].outcome)
    return _refused(route.provider, outcome, arranged[0].source, arranged, route.request)


def forced_result(call: Call, provider: Provider, asked: Asked) -> Result:
    """The result of an outcome that was asked for and for which the body is not validated."""
    outcome = asked.outcome
    if outcome.problem is None:
        response = Response(status=outcome.status, body=outcome.document)
        return Result(outcome=outcome, trigger=asked.trigger, response=response)
    problems = [forced_problem(call, provider, outcome.problem, asked.by)]
    return _refused(provider, outcome, asked.trigger, problems, call.request)


def forced_problem(call: Call, provider: Provider, problem: RequestIssue, by: str) -> RequestIssue:
    """The sample problem of an outcome, made to fit the call."""
    fitting = provider.parts.dialect.forced(call, problem)
    return replace(fitting, reason=f"{problem.outcome} is forced by {by}")


def rendered(provider: Provider, outcome: Outcome, problems: Sequence[RequestIssue], request: Request) -> Response:
    """An outcome's refusal as the provider's dialect words it."""
    if outcome.status == 204:
        return Response(status=204)
    return provider.parts.dialect.render(outcome, problems, request)


def _refused(
    provider: Provider, outcome: Outcome, trigger: Trigger, problems: Sequence[RequestIssue], request: Request
) -> Result:
    response = rendered(provider, outcome, problems, request)
    return Result(outcome=outcome, trigger=trigger, response=response, problems=problems)
