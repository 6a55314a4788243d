"""The kiosk's dialect: a Bearer token and one word for each error."""

from collections.abc import Sequence

from offer_sandbox.contract import Answer, Dialect, Outcome, Problem, Request, bearer


def render(outcome: Outcome, problems: Sequence[Problem], _: Request) -> Answer:
    """The refusal."""
    if outcome.name == "options":
        return Answer(status=outcome.status)
    headers = (("Retry-After", "1"),) if outcome.name == "rate_limited" else ()
    return Answer(status=outcome.status, body={"error": outcome.name}, headers=headers)


DIALECT = Dialect(credential=bearer, render=render)
