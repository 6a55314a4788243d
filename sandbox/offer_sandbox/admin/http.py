"""Reads the JSON body of a control call and makes its JSON response."""

from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.world.json_codec import MAX_DEPTH, DocumentError, dump, parse


def json_response(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dump(value), status=status, content_type="application/json")


def no_content() -> Response:
    """204: it is done, and there is nothing to be said of it."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


MAX_DEPTH_STATE = MAX_DEPTH + 8  # what a provider's call may nest, inside a list of records
MAX_DEPTH_SNAPSHOT = MAX_DEPTH_STATE + 8


def json_object(
    allow_empty: bool = False, maximum: int = MAX_BODY_BYTES, deepest: int = MAX_DEPTH, exact: bool = False
) -> dict[str, Any]:
    """The body as a JSON object; 400 for no JSON, 413 for more than `maximum` bytes of it, 422 for another value.
    `deepest` and `exact` are those of `parse`."""
    request.max_content_length = maximum
    try:
        text = request.get_data()
        if allow_empty and not text.strip():
            return {}
        value = parse(text, deepest=deepest, exact=exact)
    except RequestEntityTooLarge:
        detail = f"the body is larger than {maximum // MAX_BODY_BYTES} MiB"
        raise ProblemDetailsError(413, "too-large", "Body too large", detail) from None
    except DocumentError as error:
        raise ProblemDetailsError(400, "malformed-json", "Malformed JSON", str(error)) from None
    if not isinstance(value, dict):
        raise unprocessable("the body must be a JSON object")
    return value


def body_bytes(maximum: int) -> bytes:
    """The body as it came; 413 for more than `maximum` bytes of it."""
    request.max_content_length = maximum
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise ProblemDetailsError(
            413, "too-large", "Body too large", f"the body is larger than {maximum} bytes"
        ) from None


def unprocessable(detail: str, **extra: Any) -> ProblemDetailsError:
    """422 for a body that is JSON but means nothing here."""
    return ProblemDetailsError(422, "unprocessable", "Not understood", detail, **extra)


def reject_unknown_members(value: dict[str, Any], *names: str) -> None:
    """Refuses members other than these."""
    for name in value:
        if name not in names:
            raise unprocessable(f"unknown member {name!r}", known=list(names))
