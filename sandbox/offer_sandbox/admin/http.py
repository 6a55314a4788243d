"""Reads what a control call brings and makes its JSON response."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from marshmallow import Schema, validate
from werkzeug.exceptions import RequestEntityTooLarge

from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES, base_url
from offer_sandbox.rules.validation import MAX_ISSUES, ValidationIssue
from offer_sandbox.schemas.fields import field_at, members_at
from offer_sandbox.schemas.validator import SchemaError, validator_for
from offer_sandbox.world.json_codec import MAX_DEPTH, DocumentError, dump, parse


def json_response(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dump(value), status=status, content_type="application/json")


def no_content() -> Response:
    """204: it is done, and there is nothing to be said of it."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def body_bytes(maximum: int = MAX_BODY_BYTES) -> bytes:
    """The body as it came; 413 for more than `maximum` bytes of it."""
    request.max_content_length = maximum
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        detail = f"the body is larger than {maximum // MAX_BODY_BYTES} MiB"
        raise ProblemDetailsError(413, "too-large", "Body too large", detail) from None


def json_object(
    allow_empty: bool = False, maximum: int = MAX_BODY_BYTES, deepest: int = MAX_DEPTH, exact: bool = False
) -> dict[str, Any]:
    """The body as a JSON object; 400 for no JSON, 413 for more than `maximum` bytes of it, 422 for another value.
    `deepest` and `exact` are those of `parse`."""
    text = body_bytes(maximum)
    if allow_empty and not text.strip():
        return {}
    try:
        value = parse(text, deepest=deepest, exact=exact)
    except DocumentError as error:
        raise ProblemDetailsError(400, "malformed-json", "Malformed JSON", str(error)) from None
    if not isinstance(value, dict):
        raise unprocessable("the body must be a JSON object")
    return value


_LAST = ("unknown", "required")  # a misspelt name says more than that the right one is missing


def loaded(schema: Schema, value: dict[str, Any], part: str, *also: str) -> dict[str, Any]:
    """The value as the schema has it, with its defaults; 422 for one that it does not take. `part` is what a
    member of it is called, `also` are names that are known beside the schema's own."""
    if errors := validator_for(schema).exact_issues(value):
        errors.sort(key=lambda error: _LAST.index(error.key) if error.key in _LAST else -1)
        raise refused([_issue(schema, each, part, also) for each in errors[:MAX_ISSUES]])
    taken: dict[str, Any] = schema.load(value)
    return taken


def _issue(schema: Schema, error: SchemaError, part: str, also: Sequence[str]) -> ValidationIssue:
    """A flaw with the words that would have been understood in its place."""
    path = [*map(str, error.path)]
    if error.key == "unknown":
        return ValidationIssue(error.path, f"unknown {part}", (*members_at(schema, path[:-1]), *also))
    found = field_at(schema, path)
    choices = [each for each in found.validators if isinstance(each, validate.OneOf)] if found else []
    return ValidationIssue(error.path, error.text, tuple(choices[0].choices) if choices else ())


def own_url() -> str:
    """How the client reached this server, such as `http://localhost:4242`."""
    environ = request.environ
    server = (environ["SERVER_NAME"], int(environ["SERVER_PORT"]))
    return base_url(request.scheme, request.headers.get("Host", ""), server)


def unprocessable(detail: str, **extra: Any) -> ProblemDetailsError:
    """422 for a body that is JSON but means nothing here."""
    return ProblemDetailsError(422, "unprocessable", "Not understood", detail, **extra)


def refused(issues: Sequence[ValidationIssue]) -> ProblemDetailsError:
    """422 that tells every flaw with its place, and the words that are known where the first one stands."""
    first = issues[0]
    extra: dict[str, Any] = {"known": list(first.known)} if first.known else {}
    problems = [{"field": ".".join(map(str, issue.path)), "detail": issue.text} for issue in issues]
    return unprocessable(str(first), problems=problems, **extra)


def reject_unknown_members(value: dict[str, Any], *names: str) -> None:
    """Refuses members other than these."""
    if unknown := [name for name in value if name not in names]:
        raise refused([ValidationIssue((name,), "unknown member", names) for name in unknown[:MAX_ISSUES]])
