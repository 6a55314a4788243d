"""Exports an exchange as an HTTP archive (HAR 1.2), which browsers and HTTP clients can open."""

import base64
from http.client import responses
from typing import Any
from urllib.parse import unquote_plus

from offer_sandbox import __version__
from offer_sandbox.contract.errors import MEDIA_TYPE
from offer_sandbox.contract.http import HTML, JSON
from offer_sandbox.publish.export.request import Call, Message, message
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump

_UNKNOWN = -1  # the specification's value for a size that was not measured


def har(entry: Entry, call: Call) -> dict[str, Any]:
    """Returns the archive with its one entry. The request is the one that makes the call again, with the sandbox's
    own credential. The response is the recorded one. Times are in milliseconds."""
    recorded = {
        "startedDateTime": entry["at"],
        "time": entry.get("milliseconds", 0),
        "request": _request(message(entry, call), call.url),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": entry.get("milliseconds", 0), "receive": 0},
        "comment": entry.get("reason") or entry.get("outcome") or "",
    }
    creator = {"name": "Offer Sandbox", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [recorded]}}


def _request(sent: Message, url: str) -> dict[str, Any]:
    request = {
        "method": sent.method,
        "url": f"{url}{sent.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in sent.headers],
        "queryString": _query(sent.target),
        "headersSize": _UNKNOWN,
        "bodySize": len(sent.body),
    }
    return {**request, "postData": _posted(sent)} if sent.body else request


def _query(target: str) -> list[dict[str, str]]:
    query = target.partition("?")[2]
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [{"name": unquote_plus(name), "value": unquote_plus(value)} for name, _, value in pairs]


def _posted(sent: Message) -> dict[str, Any]:
    """Returns the body. A body that is not text is in base64. HAR cannot mark this in a request, so the sandbox
    adds its own member `_encoding`."""
    media_type = next((value for name, value in sent.headers if name == "content-type"), "")
    posted: dict[str, Any] = {"mimeType": media_type, "params": []}
    try:
        return {**posted, "text": sent.body.decode("utf-8")}
    except UnicodeDecodeError:
        return {**posted, "text": base64.b64encode(sent.body).decode(), "_encoding": "base64"}


def _response(entry: Entry) -> dict[str, Any]:
    response = entry["response"]
    content = _content(entry)
    return {
        "status": response["status"],
        "statusText": responses.get(response["status"], ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in response["headers"].items()],
        "content": content,
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": 0 if entry["request"]["method"] == "HEAD" else content["size"],
    }


def _content(entry: Entry) -> dict[str, Any]:
    """Returns the response body. JSON is printed as the server sent it."""
    body = entry["response"]["body"]
    media_type = entry["response"].get("media_type")
    if body is None:
        return {"size": 0, "mimeType": media_type or ""}
    if isinstance(body, str):  # HTML, or the placeholder for a redacted body
        usual = HTML if body.startswith("<") else "text/plain"
        return {"size": len(body.encode()), "mimeType": media_type or usual, "text": body}
    payload = dump(body)
    usual = JSON if entry["outcome"] else MEDIA_TYPE
    return {"size": len(payload), "mimeType": media_type or usual, "text": payload.decode()}
