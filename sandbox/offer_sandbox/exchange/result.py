"""The result of a call (outcome, trigger, response and reasons), and the rendering of every refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from offer_sandbox.contract import UNMATCHED, Call, Outcome, Provider, Reply, Request, RequestIssue, Response
from offer_sandbox.exchange.routing import Route
from offer_sandbox.rules.decision import Asked, Trigger


@dataclass(kw_only=True)
class Result:
    """The result of a call. `trigger` is the source that decided the outcome. `notes` list input that was silently
    ignored, such as unknown request fields. `notices` are warnings about input that was probably meant
    differently."""

    outcome: Outcome
    trigger: Trigger
    response: Response
    problems: Sequence[RequestIssue] = ()
    notes: Sequence[str] = ()
    notices: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """One sentence with the reason, empty unless the call was refused."""
        if not self.problems or self.outcome.kind == "success":
            return ""
        first = self.problems[0]
        return f"{first.field}: {first.reason}" if first.field else first.reason


class BrokenAnswer(Exception):
    """A handler's response violates its own contract. This is a bug in the sandbox, never a mistake of the
    client."""


def trigger_of(reply: Reply, asked: Asked | None) -> Trigger:
    """Returns the source that decided the outcome: the requested trigger, or the reply's own source if the handler
    declined the request. Raises BrokenAnswer if the handler returned another outcome without declining."""
    if asked is None or reply.declined:
        return reply.source
    if reply.outcome != asked.outcome.name:
        raise BrokenAnswer(
            f"{asked.outcome.name} was forced, but the handler returned {reply.outcome} without declining"
        )
    return asked.trigger


def outcome_of(provider: Provider, operation: str, name: str) -> Outcome:
    """Returns an operation's outcome. If the operation does not declare it, the outcome of unmatched calls is
    returned."""
    return provider.outcomes.get((operation, name)) or provider.outcomes[UNMATCHED, name]


def refuse(route: Route, problems: Sequence[RequestIssue]) -> Result:
    """Returns the result of a call that has problems."""
    arranged = list(route.provider.parts.dialect.arrange(problems))
    outcome = outcome_of(route.provider, route.operation.name, arranged[0].outcome)
    return _refused(route.provider, outcome, arranged[0].source, arranged, route.request)


def forced_result(call: Call, provider: Provider, asked: Asked) -> Result:
    """Returns the result of a forced outcome for which the body is not validated."""
    outcome = asked.outcome
    if outcome.problem is None:
        response = Response(status=outcome.status, body=outcome.document)
        return Result(outcome=outcome, trigger=asked.trigger, response=response)
    problems = [forced_problem(call, provider, outcome.problem, asked.by)]
    return _refused(provider, outcome, asked.trigger, problems, call.request)


def forced_problem(call: Call, provider: Provider, problem: RequestIssue, by: str) -> RequestIssue:
    """Returns the sample problem of an outcome, adapted to the call."""
    fitting = provider.parts.dialect.forced(call, problem)
    return replace(fitting, reason=f"{problem.outcome} is forced by {by}")


def rendered(provider: Provider, outcome: Outcome, problems: Sequence[RequestIssue], request: Request) -> Response:
    """Returns the response for an outcome's problems, rendered by the provider's dialect."""
    if outcome.status == 204:
        return Response(status=204)
    return provider.parts.dialect.render(outcome, problems, request)


def _refused(
    provider: Provider, outcome: Outcome, trigger: Trigger, problems: Sequence[RequestIssue], request: Request
) -> Result:
    response = rendered(provider, outcome, problems, request)
    return Result(outcome=outcome, trigger=trigger, response=response, problems=problems)
