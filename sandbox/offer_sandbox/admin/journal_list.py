"""The journal's entries as lists: bounded by `limit` and `since`, with how many there are and were dropped."""

from collections.abc import Callable, Sequence
from itertools import dropwhile, islice, takewhile
from typing import Any

from flask import request

from offer_sandbox.admin.http import unprocessable
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.world.clock import ClockError, parse_instant, print_instant
from offer_sandbox.world.journal import Entry

_USUAL = 1_000


def listed(newest_first: Sequence[Entry]) -> dict[str, Any]:
    """The answer with the entries that `limit` and `since` leave; `total` is how many there are of the kind."""
    limit, since = limit_asked(), since_asked()
    return page(list(islice(takewhile(since, newest_first), limit)), len(newest_first))


def page(newest_first: Sequence[Entry], total: int) -> dict[str, Any]:
    """The answer with these entries, out of `total`."""
    dropped = services().journal.dropped(workspace_name())
    return {"requests": newest_first, "meta": {"total": total, "dropped": dropped}}


def limit_asked() -> int:
    """How many entries are asked for at most; a thousand where nothing is said."""
    return whole("limit", _USUAL, 100_000)


def number_before() -> int:
    """The journal's number after which `since` begins, 0 without it."""
    if "since" not in request.args:
        return 0
    newest_first = services().journal.newest(workspace_name())
    earlier = next(dropwhile(since_asked(), newest_first), None)
    return services().journal.number(earlier["id"]) if earlier else 0


def whole(name: str, default: int, maximum: int) -> int:
    """A whole number of the address, from 0 to `maximum`."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= maximum):
        raise unprocessable(f"{name} is a whole number from 0 to {maximum}")
    return int(text)


def seconds(name: str, default: float, maximum: float) -> float:
    """A number of seconds of the address, from 0 to `maximum`."""
    try:
        found = float(request.args.get(name, default))
    except ValueError:
        found = -1.0
    if not 0 <= found <= maximum:
        raise unprocessable(f"{name} is a number of seconds from 0 to {maximum:g}")
    return found


def since_asked() -> Callable[[Entry], bool]:
    """Whether an entry, of those from the newest on, is still one from the instant of real time in `since` on, or
    after the one with that id."""
    since = request.args.get("since")
    if since is None:
        return lambda _: True
    if services().journal.number(since):
        return lambda entry: entry["id"] != since
    try:
        earliest = print_instant(parse_instant(since))
    except ClockError as error:
        raise unprocessable(f"since: {error}, and no request's id") from None
    return lambda entry: str(entry["at"]) >= earliest
