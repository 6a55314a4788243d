"""`POST /__admin/send`: sends a call to a provider that a browser cannot send itself."""

from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote

from flask import Response as FlaskResponse
from flask import request as flask_request

from offer_sandbox.admin.call import Body, Concern, ControlCall
from offer_sandbox.admin.fields import BodySchema, ShownSchema
from offer_sandbox.admin.http import json_response, own_url, wrong
from offer_sandbox.admin.provider_call import answered
from offer_sandbox.admin.services import concerns
from offer_sandbox.contract import Request, Response
from offer_sandbox.contract.content_coding import decoded_body
from offer_sandbox.contract.delivery import CROWDED_KEY, PARKING_KEY
from offer_sandbox.contract.http import MAX_BODY_BYTES, MAX_HEAD_BYTES
from offer_sandbox.schemas.fields import Integer, List, Nested, String, described, one_of, pattern

_MOST_HEADERS = 100
_METHODS = {
    "GET": "Reads.",
    "POST": "Creates or executes.",
    "PUT": "Replaces.",
    "PATCH": "Changes.",
    "DELETE": "Deletes.",
    "HEAD": "Like GET, without a body in the response.",
    "OPTIONS": "Asks for the allowed methods.",
}
_EXAMPLE = {
    "method": "GET",
    "target": "/estateprime/api/offers?page=1",
    "headers": [
        {"name": "Authorization", "value": "Basic c2J4X2RlbW86c2VjcmV0"},
        {"name": "Content-Type", "value": "application/json"},
    ],
    "body": '{"status": "accepted"}',
}


class HeaderSchema(BodySchema):
    """A header of a request or a response."""

    name = String(
        required=True,
        validate=pattern("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}", "the name of a header"),
        metadata=described("The name.", example="Content-Type"),
    )
    value = String(
        required=True,
        validate=pattern("[\\t -~\\u00a0-\\u00ff]*", "text in Latin-1 without control characters"),
        metadata=described("The value.", example="application/json"),
    )


class SendSchema(BodySchema):
    """The request to send."""

    method = String(
        required=True,
        validate=one_of(*_METHODS),
        metadata=described("The HTTP method.", values=_METHODS, example="GET"),
    )
    target = String(
        required=True,
        validate=pattern("/[!-~]*", "a path with an optional query, percent-encoded"),
        metadata=described("The path and the query of the provider's call.", example=_EXAMPLE["target"]),
    )
    headers = List(
        Nested(HeaderSchema),
        maximum=_MOST_HEADERS,
        load_default=list,
        metadata=described("The headers. Empty by default."),
    )
    body = String(
        load_default="",
        metadata=described("The body as text. Empty by default.", example=_EXAMPLE["body"]),
    )


class SentSchema(ShownSchema):
    """The provider's response."""

    status = Integer(required=True, metadata=described("The HTTP status.", example=200))
    headers = List(Nested(HeaderSchema), required=True, metadata=described("The headers, in order."))
    body = String(
        required=True,
        metadata=described(
            "The body as text. Empty without a body.", example='{"status": 200, "total_results": 1, "data": []}'
        ),
    )


@ControlCall(
    method="POST",
    path="/__admin/send",
    body=Body(shape=SendSchema(), example=_EXAMPLE),
    answers={200: SentSchema()},
    concern=Concern.SERVER,
)
def send_request(body: dict[str, Any]) -> FlaskResponse:
    """Sends a call to a provider and returns its response.

    Use it where a client cannot send the call itself, such as a GET with a body from a page of the sandbox. Pages
    of other origins cannot use it. The journal records the call like any other. A delay or a fault applies to the
    response of this call. A path that no provider owns has the status 404 in `status`.
    """
    return answered(request_to_send(body), partial(_shown, body["method"]))


def request_to_send(body: dict[str, Any]) -> Request:
    """Returns the request as the server would have received it from the client. Raises ProblemDetailsError (422)
    if it is too long."""
    path, _, query = body["target"].partition("?")
    headers: dict[str, str] = {}
    for each in body["headers"]:
        name = each["name"].lower()
        headers[name] = f"{headers[name]},{each['value']}" if name in headers else each["value"]
    if sum(map(len, (body["target"], *headers, *headers.values()))) > MAX_HEAD_BYTES:
        raise wrong("headers", f"target and headers must have at most {MAX_HEAD_BYTES} characters together")
    sent = body["body"].encode()
    content, too_large, unread = decoded_body(sent, headers.get("content-encoding", ""), MAX_BODY_BYTES)
    return Request(
        method=body["method"],
        path="/" + unquote(path).lstrip("/"),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers={
            "host": flask_request.headers.get("Host", ""),
            **headers,
            "content-length": str(len(sent)),
        },
        body=content,
        base_url=own_url(),
        too_large=too_large,
        unread=unread,
        breakable=bool(flask_request.environ.get(PARKING_KEY)),
        crowded=bool(flask_request.environ.get(CROWDED_KEY)),
        internal=True,
    )


def _shown(method: str, response: Response) -> FlaskResponse:
    """Returns the response as JSON, and lets this call concern the workspace of the provider's call."""
    if workspace := next((value for name, value in response.headers if name == "X-Sandbox-Workspace"), ""):
        concerns(workspace)
    typed = [] if response.body is None else [("Content-Type", response.media_type)]
    return json_response(
        {
            "status": response.status,
            "headers": [{"name": name, "value": value} for name, value in [*typed, *response.headers]],
            "body": "" if method == "HEAD" else response.payload.decode(errors="replace"),
        }
    )
