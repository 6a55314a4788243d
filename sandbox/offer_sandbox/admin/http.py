"""Reads and validates the input of control calls, and builds their JSON responses and errors."""

from collections.abc import Generator, Sequence
from typing import Any

from flask import Response, request
from marshmallow import Schema, validate
from werkzeug.exceptions import RequestEntityTooLarge

from offer_sandbox.admin.services import services
from offer_sandbox.contract.content_coding import decoded_body
from offer_sandbox.contract.delivery import BUSY_KEY
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES, base_url
from offer_sandbox.rules.validation import MAX_ISSUES, Path, ValidationIssue
from offer_sandbox.schemas.fields import Nested, field_at, members
from offer_sandbox.schemas.validator import SchemaError, validator_for
from offer_sandbox.world.json_codec import DocumentError, dump, parse
from offer_sandbox.world.json_stream import JsonStream, TooLarge
from offer_sandbox.world.limits import MAX_RECORD_BYTES

_BUSY = "the server reads too many large bodies at the same time (try again later)"
_MAX_NAME = 80  # characters of an unknown member's name that an error shows


def json_response(value: Any, status: int = 200) -> Response:
    """Returns a JSON response."""
    return Response(dump(value), status=status, content_type="application/json")


def no_content() -> Response:
    """Returns a 204 response, which has no body."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def body_bytes(maximum: int = MAX_BODY_BYTES) -> bytes:
    """Returns the request body, decompressed if it is gzip. Raises ProblemDetailsError with 413 if it is larger
    than `maximum` bytes, with 415 for another content coding, with 400 for invalid gzip, and with 503 if the
    server reads too many large bodies."""
    if request.environ.get(BUSY_KEY):
        raise ProblemDetailsError(503, "too-busy", "Too many large calls", _BUSY)
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


def json_object(allow_empty: bool = False) -> dict[str, Any]:
    """Returns the body as a JSON object. Raises ProblemDetailsError with 400 if it is not JSON, with 413 if it is
    larger than 1 MiB, and with 422 for any other JSON value."""
    text = body_bytes()
    if allow_empty and not text.strip():
        return {}
    try:
        value = parse(text)
    except DocumentError as error:
        raise _malformed(str(error)) from None
    if not isinstance(value, dict):
        raise unprocessable("the body must be a JSON object")
    return value


def large_object(stream: JsonStream) -> Generator[None, None, dict[str, Any]]:
    """Parses a JSON object in steps, and returns it. Raises ProblemDetailsError with 400 if it is not JSON, and
    with 422 for any other JSON value or a part that is too large."""
    try:
        value = yield from stream.steps()
    except DocumentError as error:
        raise _malformed(str(error)) from None
    except TooLarge as error:
        raise unprocessable(f"{error} : is larger than {MAX_RECORD_BYTES // MAX_BODY_BYTES} MiB") from None
    if not isinstance(value, dict):
        raise unprocessable("the body must be a JSON object")
    return value


def loaded(schema: Schema, value: dict[str, Any], part: str, *also: str) -> dict[str, Any]:
    """Returns the value as the schema loads it, with its defaults. Raises ProblemDetailsError (422) for a value
    that the schema rejects. Error messages call a member `part`. `also` are known names in addition to the
    schema's own."""
    strange: list[Path] = []
    known = _known_members(schema, value, (), strange)
    errors = validator_for(schema).exact_issues(known)
    if strange or errors:
        wrong = [_issue(schema, each) for each in errors if each.key != "required"]
        unknown = [_unknown(schema, path, part, also) for path in strange]
        missing = [_issue(schema, each) for each in errors if each.key == "required"]
        # an unknown name may be a misspelling of a missing one, and is then the more useful error
        raise refused([*wrong, *unknown, *missing][:MAX_ISSUES])
    taken: dict[str, Any] = schema.load(known)
    return taken


def _known_members(schema: Schema, value: Any, path: Path, strange: list[Path]) -> Any:
    """Returns the value with only the members that the schema knows, at every depth. Adds the paths of the others
    to `strange`, up to a hundred. marshmallow would list all of them, even a million, in no order."""
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
    """Returns the issue for a name that is not known at this path."""
    where = [*map(str, path[:-1])]
    owner = field_at(schema, where) if where else schema
    shown = (*path[:-1], str(path[-1])[:_MAX_NAME])
    return ValidationIssue(shown, f"unknown {part}", (*members(owner), *also))


def _issue(schema: Schema, error: SchemaError) -> ValidationIssue:
    """Returns the issue for a schema error, with the values that are allowed there."""
    found = field_at(schema, [*map(str, error.path)])
    choices = [each for each in found.validators if isinstance(each, validate.OneOf)] if found else []
    return ValidationIssue(error.path, error.text, tuple(choices[0].choices) if choices else ())


def own_url() -> str:
    """Returns the URL at which clients reach this server, such as `http://localhost:4242`."""
    if public := services().public_url:
        return public
    environ = request.environ
    server = (environ["SERVER_NAME"], int(environ["SERVER_PORT"]))
    return base_url(request.scheme, request.headers.get("Host", ""), server)


def unprocessable(detail: str, **extra: Any) -> ProblemDetailsError:
    """Returns the 422 error for a body that is valid JSON but not valid input."""
    return ProblemDetailsError(422, "unprocessable", "Invalid request", detail, **extra)


def refused(issues: Sequence[ValidationIssue]) -> ProblemDetailsError:
    """Returns the 422 error that lists every issue with its path. `known` has the allowed values for the first
    one."""
    first = issues[0]
    extra: dict[str, Any] = {"known": list(first.known)} if first.known else {}
    problems = [{"field": ".".join(map(str, issue.path)), "detail": issue.text} for issue in issues]
    return unprocessable(str(first), problems=problems, **extra)


def reject_unknown_members(value: dict[str, Any], *names: str) -> None:
    """Raises ProblemDetailsError (422) if the value has other members than these."""
    if unknown := [name for name in value if name not in names]:
        raise refused(
            [ValidationIssue((name[:_MAX_NAME],), "unknown field", names) for name in unknown[:MAX_ISSUES]]
        )


def wrong(member: str, detail: str, *known: str) -> ProblemDetailsError:
    """Returns the 422 error for one invalid member or query parameter."""
    return refused([ValidationIssue((member,), detail, known)])
