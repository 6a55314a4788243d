"""Reads the response in a pasted text: a body, an entry of an HTTP archive, a dump, or a line of a log."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from offer_sandbox.publish.identification import ForeignResponse

MAX_BYTES = 1024 * 1024
_MAX_DOCUMENTS = 20
_OUTCOME = re.compile(r"(?i)(?:x-sandbox-outcome|\"?outcome\"?)[\"']?\s*[:=]\s*[\"']?([a-z]+\.\w+\.\w+)")
_STATUS = (
    re.compile(r"HTTP/\d(?:\.\d)?\"?\s+([1-5]\d\d)\b"),
    re.compile(r"(?i)\b\"?(?:http_?)?status(?:_?code)?\"?['\"]?\s*[=: ]\s*['\"]?([1-5]\d\d)\b"),
    re.compile(r"\b([1-5]\d\d) (?:Client|Server) Error\b"),
)
_ALONE = re.compile(r"(?<![\w.$-])([1-5]\d\d)(?![\w.-])")
_REQUEST = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE)\s+(\S+)")
_URL = re.compile(r"https?://[^\s\"'<>]+")


def candidates(text: str) -> Iterator[ForeignResponse]:
    """Yields what the response may be, the most complete reading first."""
    text = text.strip()
    named = _OUTCOME.search(text)
    if named:
        yield ForeignResponse(outcome=named[1])
    document = _parsed(text)
    if document is not None:
        yield from _of_document(document)
        return
    address = _address(text)
    for body in [*_documents(text), *([_html(text)] if _html(text) else [])] or [None]:
        around = text if body is None or isinstance(body, str) else _outside(text)
        yield from _with_status(replace(address, body=body), around)


def _of_document(document: Any) -> Iterator[ForeignResponse]:
    """Yields the readings of a JSON document: as an archive, as a record with a response in it, and as a body."""
    for entry in _archived(document):
        yield entry
        yield replace(entry, method="", path="", host="")
    if isinstance(document, dict):
        status = next(
            (document[name] for name in ("status", "statusCode", "status_code") if name in document), None
        )
        text = json.dumps({name: value for name, value in document.items() if isinstance(value, str | int)})
        known = status if isinstance(status, int) else None
        for inner in [*_nested(document), None]:
            yield replace(_address(text), body=inner, status=known)
            yield ForeignResponse(body=inner, status=known)
    yield ForeignResponse(body=document)


def _archived(document: Any) -> Iterator[ForeignResponse]:
    """Yields the responses of an HTTP archive or one of its entries, the last one first."""
    if not isinstance(document, dict):
        return
    log = document.get("log")
    entries = log.get("entries") if isinstance(log, dict) else [document]
    for entry in reversed(entries if isinstance(entries, list) else []):
        request, response = (_object(entry, part) for part in ("request", "response"))
        if isinstance(response.get("status"), int):
            address = _from_url(
                str(request.get("url") or request.get("path") or ""), str(request.get("method", ""))
            )
            yield replace(address, body=_content(response), status=response["status"])


def _object(value: Any, name: str) -> Mapping[str, Any]:
    """Returns the member of this name, or an empty object if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _content(response: Mapping[str, Any]) -> Any:
    """Returns the body of an archived response, or of an exchange that the control API returns."""
    if "content" not in response:
        return response.get("body")
    content = _object(response, "content")
    text = str(content.get("text", ""))
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text).decode(errors="replace")
        except ValueError:
            return text
    parsed = _parsed(text)
    return parsed if parsed is not None or text == "null" else text or None


def _nested(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yields the JSON documents inside a record of a log: objects, and texts that are JSON."""
    for value in document.values():
        if isinstance(value, dict | list):
            yield value
        elif isinstance(value, str):
            yield from _documents(value)


def _documents(text: str) -> list[Any]:
    """Returns the JSON objects and lists in a text, the longest first."""
    decoder, place = json.JSONDecoder(), 0
    found: list[tuple[int, Any]] = []
    while len(found) < _MAX_DOCUMENTS and (start := re.compile(r"[{\[]").search(text, place)):
        try:
            document, place = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            place = start.end()
            continue
        found.append((place - start.start(), document))
    return [document for _, document in sorted(found, key=lambda pair: -pair[0]) if document]


def _html(text: str) -> str:
    """Returns the HTML page in a text, or an empty string."""
    start = re.search(r"(?i)<!doctype html|<html", text)
    return text[start.start() :] if start else ""


def _outside(text: str) -> str:
    """Returns a text without its first JSON document, whose numbers are no statuses."""
    start = re.search(r"[{\[]", text)
    return text[: start.start()] if start else text


def _with_status(response: ForeignResponse, text: str) -> Iterator[ForeignResponse]:
    """Yields the response with the status that the text names, and without one if that may be another number."""
    for pattern in _STATUS:
        if found := pattern.search(text):
            yield replace(response, status=int(found[1]))
            return
    for alone in _ALONE.findall(text)[:3]:
        yield replace(response, status=int(alone))
    yield response


def _address(text: str) -> ForeignResponse:
    """Returns the address of the request that a text names."""
    request, url = _REQUEST.search(text), _URL.search(text)
    method = request[1] if request else ""
    if request and not request[2].startswith("http"):
        return _from_url(request[2], method)
    return _from_url(url[0], method) if url else ForeignResponse(method=method)


def _from_url(url: str, method: str) -> ForeignResponse:
    try:
        parts = urlsplit(url)
        return ForeignResponse(method=method, path=unquote(parts.path), host=parts.hostname or "")
    except ValueError:
        return ForeignResponse(method=method)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
