"""The calls of a workspace: the searched list, and one call with its explanation."""

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from offer_sandbox.admin.http import json_response
from offer_sandbox.admin.journal_filter import JournalFilter
from offer_sandbox.admin.resources.requests import call_to_repeat, found, get_request, unrepeatable
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console import page
from offer_sandbox.console.credentials import UNKNOWN_KEY, key_of_workspace, own_authorization
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.export.request import message
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump

_SIZE = 50
_NO_KEY = "log in with the key of the workspace to send it"
_FIELDS = ("operation", "outcome", "status", "trigger", "method", "path", "rule")


def show_list() -> Response:
    """Returns the list, newest first. The query parameter `q` has words and fields such as `status:409`."""
    searched = request.args.get("q", "").strip()
    refused = ""
    try:
        fields, words = parsed(searched)
        shown, numbers = _found(fields, words)
    except ProblemDetailsError as error:
        refused, shown, numbers = error.detail, [], page.pages_of(0, _SIZE)
    return page.show(
        "calls.html", "calls", calls=shown, numbers=numbers, searched=searched, fields=_FIELDS, refused=refused
    )


def show_one(id: str) -> BaseResponse:
    """Returns the page of a call, in the workspace of the call. Raises ProblemDetailsError (404) for an unknown
    one."""
    entry = get_request.view(id)
    if entry["workspace"] not in ("", workspace_name()):  # the `Link` of a response names no workspace
        return redirect(page.link("call", id=id, workspace=entry["workspace"]))
    return page.show(
        "call.html",
        "calls",
        title=f"{entry['request']['method']} {entry['request']['path'][:60]}",
        call=entry,
        unrepeatable=_unrepeatable(entry),
        records=records(entry),
    )


def request_of(id: str) -> Response:
    """Returns the body of `POST /__admin/send` that makes a call again. A header asks for a forced outcome, unless
    the query parameter `unforced` is set. Raises ProblemDetailsError (404, 409)."""
    entry = found(id)
    if key_of_workspace() == UNKNOWN_KEY:
        raise ProblemDetailsError(409, "not-repeatable", "Request not repeatable", _NO_KEY)
    sent = message(entry, call_to_repeat(entry))
    key = f"sbx_{entry['workspace']}"
    headers = [
        {"name": name, "value": own_authorization(value, key) if name == "authorization" else value}
        for name, value in sent.headers
        if not (request.args.get("unforced") and name in ("x-sandbox-outcome", "prefer"))
    ]
    body = sent.body.decode(errors="replace")
    return json_response({"method": sent.method, "target": sent.target, "headers": headers, "body": body})


def _unrepeatable(entry: Entry) -> str:
    """Returns why the page cannot make a call again, or an empty string if it can."""
    return _NO_KEY if key_of_workspace() == UNKNOWN_KEY else unrepeatable(entry)


def records(entry: Entry) -> list[Mapping[str, str]]:
    """Returns the provider, collection and id of each record that the call changed."""
    names = ("provider", "collection", "id")
    return [{name: str(change[name]) for name in names} for change in entry["changes"]]


def parsed(searched: str) -> tuple[dict[str, Any], list[str]]:
    """Returns the fields and the words of a search. A field that is not known is a word."""
    fields: dict[str, Any] = {}
    words = []
    for each in searched.split():
        name, colon, value = each.partition(":")
        if colon and value and name in _FIELDS:
            fields[name] = int(value) if name == "status" and value.isascii() and value.isdigit() else value
        else:
            words.append(each.lower())
    return fields, words


def _found(fields: Mapping[str, Any], words: list[str]) -> tuple[list[Entry], Mapping[str, int]]:
    """Returns the entries of the present page, and the numbers for its links. An outcome without a dot is the last
    part of an id."""
    ending = f".{fields['outcome']}" if "." not in fields.get("outcome", ".") else ""
    wanted = JournalFilter.of(
        {name: value for name, value in fields.items() if not (ending and name == "outcome")}
    )
    journal, name = services().journal, workspace_name()
    if wanted.everything and not words and not ending:
        numbers = page.pages_of(journal.count(name), _SIZE)
        newest = journal.newest(name, limit=numbers["page"] * _SIZE)
        return [*newest][(numbers["page"] - 1) * _SIZE :], numbers
    entries = wanted.select(journal.newest(name, wanted.operation or "*"))
    matching = [
        each
        for each in entries
        if str(each["outcome"] or "").endswith(ending) and (not words or _contains(each, words))
    ]
    return page.on_page(matching, len(matching), _SIZE)


def _contains(entry: Entry, words: list[str]) -> bool:
    text = dump(entry).decode().lower()
    return all(word in text for word in words)
