"""Reads what a control call brings and makes its JSON response."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from marshmallow import Schema, validate
from werkzeug.exceptions import RequestEntityTooLarge

from offer_sandbox.admin.services import services
from offer_sandbox.contract.content_coding import decoded_body
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES, base_url
from offer_sandbox.rules.validation import MAX_ISSUES, Path, ValidationIssue
from offer_sandbox.schemas.fields import Nested, field_at, members
from offer_sandbox.schemas.validator import SchemaError, validator_for
from offer_sandbox.world.json_codec import MAX_DEPTH, DocumentError, dump, parse

_MAX_NAME = 80  # of a member that is not known, as a refusal shows it


def json_response(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dump(value), status=status, content_type="application/json")


def no_content() -> Response:
    """204: it is done, and there is nothing to be said of it."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def body_bytes(maximum: int = MAX_BODY_BYTES) -> bytes:
    """The body, inflated if it is gzip; 413 for more than `maximum` bytes of it, 415 for another coding."""
    request.max_content_length = maximum
    try:
        sent = request.get_data()
    except RequestEntityTooLarge:
        raise _too_large(maximum) from None
    data, too_large, unread = decoded_body(sent, request.headers.get("Content-Encoding", ""), maximum)
    if too_large:
        raise _too_large(maximum)
    if unread is None:
        return data
    if unread.outcome == "unsupported_media_type":
        raise ProblemDetailsError(415, "unsupported-media-type", "Unsupported media type", unread.reason)
    raise _malformed(unread.reason)


def _too_large(maximum: int) -> ProblemDetailsError:
    detail = f"the body is larger than {maximum // MAX_BODY_BYTES} MiB"
    return ProblemDetailsError(413, "too-large", "Body too large", detail)


def _malformed(reason: str) -> ProblemDetailsError:
    return ProblemDetailsError(400, "malformed-json", "Malformed JSON", reason)


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
        raise _malformed(str(error)) from None
    if not isinstance(value, dict):
        raise unprocessable("the body must be a JSON object")
    return value


def loaded(schema: Schema, value: dict[str, Any], part: str, *also: str) -> dict[str, Any]:
    """The value as the schema has it, with its defaults; 422 for one that it does not take. `part` is what a
    member of it is called, `also` are names that are known beside the schema's own."""
    strange: list[Path] = []
    known = _known_members(schema, value, (), strange)
    errors = validator_for(schema).exact_issues(known)
    if strange or errors:
        wrong = [_issue(schema, each) for each in errors if each.key != "required"]
        unknown = [_unknown(schema, path, part, also) for path in strange]
        missing = [_issue(schema, each) for each in errors if each.key == "required"]
        # a misspelt name says more than that the right one is missing
        raise refused([*wrong, *unknown, *missing][:MAX_ISSUES])
    taken: dict[str, Any] = schema.load(known)
    return taken


def _known_members(schema: Schema, value: Any, path: Path, strange: list[Path]) -> Any:
    """The value with the members alone that the schema knows, at every depth; the places of the others, the first
    hundred of them, are added to `strange`. marshmallow would name them in no order, and a million as well."""
    if not isinstance(value, dict):
        return value
    fields_by_name = members(schema)
    known = {}
    for name, item in value.items():
        field = fields_by_name.get(name)
        if field is not None:
            nested = isinstance(field, Nested)
            known[name] = _known_members(field.schema, item, (*path, name), strange) if nested else item
        elif len(strange) < MAX_ISSUES:
            strange.append((*path, name))
    return known


def _unknown(schema: Schema, path: Path, part: str, also: Sequence[str]) -> ValidationIssue:
    """The flaw that a name is not known where it stands."""
    where = [*map(str, path[:-1])]
    owner = field_at(schema, where) if where else schema
    shown = (*path[:-1], str(path[-1])[:_MAX_NAME])
    return ValidationIssue(shown, f"unknown {part}", (*members(owner), *also))


def _issue(schema: Schema, error: SchemaError) -> ValidationIssue:
    """A flaw with the words that would have been understood in its place."""
    found = field_at(schema, [*map(str, error.path)])
    choices = [each for each in found.validators if isinstance(each, validate.OneOf)] if found else []
    return ValidationIssue(error.path, error.text, tuple(choices[0].choices) if choices else ())


def own_url() -> str:
    """How clients reach this server, such as `http://localhost:4242`."""
    if public := services().public_url:
        return public
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
        raise refused(
            [ValidationIssue((name[:_MAX_NAME],), "unknown member", names) for name in unknown[:MAX_ISSUES]]
        )


def wrong(member: str, detail: str, *known: str) -> ProblemDetailsError:
    """422 for one member, or query argument, that means nothing here."""
    return refused([ValidationIssue((member,), detail, known)])
