"""The kiosk's dialect: a Bearer token and one word for each error."""

from collections.abc import Sequence

from offer_sandbox.providers.kiosk.schemas import Refusal

from offer_sandbox.contract import Dialect, Outcome, Request, RequestIssue, Response, bearer, customary_headers


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """The refusal."""
    return Response(
        status=outcome.status, body={"error": outcome.name}, headers=customary_headers(outcome, "Bearer")
    )


DIALECT = Dialect(
    credential=bearer,
    render=render,
    error=Refusal(),
    security={"bearer": {"type": "http", "scheme": "bearer"}},
)
