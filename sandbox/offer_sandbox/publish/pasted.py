"""Reads the response in a pasted text: a body, an entry of an HTTP archive, a dump, or a line of a log."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from offer_sandbox.imports import IMPORTING
from offer_sandbox.publish.identification import ForeignResponse

MAX_BYTES = 1024 * 1024
_MAX_READINGS = 100
_MAX_RECORDS = 20
_MAX_LEVELS = 4
_FAILURE = 400
_MAX_TRIED = 50  # brackets at which a document may begin
_MAX_REPAIRED = 20_000  # characters, because a repair takes seconds for a long text
_OUTCOME = re.compile(r"(?i)(?:x-sandbox-outcome|\"?outcome\"?)[\"']?\s*[:=]\s*[\"']?([a-z]+\.\w+\.\w+)")
_STATUS = (
    re.compile(r"HTTP/\d(?:\.\d)?\"?\s+([1-5]\d\d)\b"),
    re.compile(r"(?i)\b\"?(?:http_?)?status(?:_?code)?\"?['\"]?\s*[=: ]\s*['\"]?([1-5]\d\d)\b"),
    re.compile(r"\b([1-5]\d\d) (?:Client|Server) Error\b"),
)
_ALONE = re.compile(r"(?<![\w.$-])([1-5]\d\d)(?![\w.-])")
_REQUEST = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE)\s+(\S+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{40,}={0,2}")
_BRACKET = re.compile(r"[{\[]")
_URL = re.compile(r"https?://[^\s\"'<>]+")


def candidates(text: str) -> Iterator[ForeignResponse]:
    """Yields what the response may be, at most a hundred readings."""
    return islice(_readings(text.strip().removeprefix("\ufeff")), _MAX_READINGS)


def _readings(text: str) -> Iterator[ForeignResponse]:
    if named := _OUTCOME.search(text):
        yield ForeignResponse(outcome=named[1])
    document = _parsed(text)
    if document is None:
        document = _parsed(_from_base64(text))
    if document is not None:
        yield from _of_document(document)
        return
    address, html, documents = _address(text), _html(text), _documents(text)
    around = text if not documents else _outside(text)
    for body in [*documents, *([html] if html else [])] or [None]:
        yield from _with_status(replace(address, body=body), around)
    for each in documents:
        yield from _of_document(each)


def _of_document(document: Any) -> Iterator[ForeignResponse]:
    """Yields the readings of a JSON document: as a body, as an archive, and as a record with a response in it."""
    if isinstance(document, str):  # JSON inside a JSON text
        document = _parsed(document)
    yield ForeignResponse(body=document)
    if isinstance(document, list):
        for each in document[:_MAX_RECORDS]:
            yield from _of_document(each)
    if not isinstance(document, dict):
        return
    for entry in _archived(document):
        yield entry
        yield replace(entry, method="", path="", host="")
    status = _status_in(document)
    yield replace(_address_in(document), status=status)
    text = json.dumps({name: value for name, value in document.items() if isinstance(value, str | int)})
    for inner in [*_nested(document, _MAX_LEVELS), None]:
        yield replace(_address(text), body=inner, status=status)
        yield ForeignResponse(body=inner, status=status)


def _status_in(document: Mapping[str, Any], levels: int = _MAX_LEVELS) -> int | None:
    """Returns the HTTP status that a record names, the outermost one."""
    for name, value in document.items():
        if name.lower().replace("_", "") in ("status", "statuscode", "httpstatus") and type(value) is int:
            return value
    inner = (value for value in document.values() if isinstance(value, dict) and levels)
    return next((found for each in inner if (found := _status_in(each, levels - 1)) is not None), None)


def _archived(document: Mapping[str, Any]) -> Iterator[ForeignResponse]:
    """Yields the responses of an HTTP archive or one of its entries, the last one first. With failures among them,
    yields only those."""
    log = document.get("log")
    entries = log.get("entries") if isinstance(log, dict) else [document]
    found = (
        [each for each in entries if "status" in _object(each, "response")] if isinstance(entries, list) else []
    )
    failed = [each for each in found if _status_of(each) >= _FAILURE]
    yield from map(_response_of, (failed or found)[::-1][:_MAX_RECORDS])


def archived_responses(document: Any) -> list[ForeignResponse] | None:
    """Returns the responses of all entries of an HTTP archive, or None if the document is no archive."""
    entries = _object(document, "log").get("entries")
    if not isinstance(entries, list):
        return None
    return [_response_of(each) for each in entries if "status" in _object(each, "response")]


def _response_of(entry: Any) -> ForeignResponse:
    request, response = (_object(entry, part) for part in ("request", "response"))
    address = _from_url(str(request.get("url") or request.get("path") or ""), str(request.get("method", "")))
    return replace(address, body=_content(response), status=_status_of(entry))


def _status_of(entry: Any) -> int:
    status = _object(entry, "response").get("status")
    return status if isinstance(status, int) else 0


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
        text = _from_base64(text) or text
    parsed = _parsed(text)
    return parsed if parsed is not None or text == "null" else text or None


def _nested(document: Mapping[str, Any], levels: int) -> Iterator[Any]:
    """Yields the JSON documents inside a record of a log: objects, and texts that are JSON."""
    for value in document.values():
        if isinstance(value, dict | list):
            yield value
        if isinstance(value, dict) and levels:
            yield from _nested(value, levels - 1)
        if isinstance(value, str):
            yield from _documents(value) or _documents(_from_base64(value))


def _from_base64(text: str) -> str:
    """Returns the text that base64 encodes, or an empty string."""
    if not _BASE64.fullmatch(text):
        return ""
    try:
        return base64.b64decode(text).decode()
    except ValueError:
        return ""


def _documents(text: str) -> list[Any]:
    """Returns the JSON objects and lists in a text, the longest first, or else what can be repaired."""
    decoder, place = json.JSONDecoder(), 0
    found: list[tuple[int, Any]] = []
    for _ in range(_MAX_TRIED):
        start = _BRACKET.search(text, place)
        if start is None:
            break
        try:
            document, place = decoder.raw_decode(text, start.start())
            found.append((place - start.start(), document))
        except (ValueError, RecursionError):
            place = start.end()
    whole = [document for _, document in sorted(found, key=lambda pair: -pair[0]) if document]
    return whole or _repaired(text)


def _repaired(text: str) -> list[Any]:
    """Returns the JSON document that a text has the beginning of, or has in the notation of Python."""
    start = text.find("{")
    if start < 0:
        return []
    with IMPORTING:
        import json_repair

    try:
        document = json_repair.loads(text[start : start + _MAX_REPAIRED])
    except (ValueError, RecursionError):
        return []
    return [document] if document else []


def _html(text: str) -> str:
    """Returns the HTML page in a text, or an empty string."""
    start = re.search(r"(?i)<!doctype html|<html", text)
    return text[start.start() :] if start else ""


def _outside(text: str) -> str:
    """Returns a text without its first JSON document, whose numbers are no statuses."""
    start = _BRACKET.search(text)
    return text[: start.start()] if start else text


def _with_status(response: ForeignResponse, text: str) -> Iterator[ForeignResponse]:
    """Yields the response with the last status in the text, and without one if it may be another number."""
    for pattern in _STATUS:
        if found := pattern.findall(text):
            yield replace(response, status=int(found[-1]))
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


def _address_in(record: Mapping[str, Any]) -> ForeignResponse:
    """Returns the address of the request that a record names in members of its own."""
    members = {name.lower(): value for name, value in record.items() if isinstance(value, str)}
    url = next((members[name] for name in ("url", "path", "uri", "target") if name in members), "")
    method = next((members[name] for name in ("method", "http_method", "verb") if name in members), "")
    return _from_url(url, method.upper())


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
