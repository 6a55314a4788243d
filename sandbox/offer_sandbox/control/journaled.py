"""The journal's entries as lists: bounded by `limit` and `since`, with how many there are and were dropped."""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

from flask import request

from offer_sandbox.control.body import misunderstood
from offer_sandbox.control.site import site, workspace_name
from offer_sandbox.world.clock import ClockError, parse_instant, print_instant
from offer_sandbox.world.journal import Entry

_USUAL = 1_000


def listed(newest_first: Sequence[Entry]) -> dict[str, Any]:
    """The answer with the entries that `limit` and `since` leave; `total` is how many there are of the kind."""
    limit, since = limit_asked(), request.args.get("since")
    kept = newest_first if since is None else list(_since(newest_first, since))
    return page(kept, limit, len(newest_first))


def page(newest_first: Sequence[Entry], limit: int, total: int) -> dict[str, Any]:
    """The answer with the newest of these entries, out of `total`."""
    dropped = site().journal.dropped(workspace_name())
    return {"requests": list(newest_first[:limit]), "meta": {"total": total, "dropped": dropped}}


def limit_asked() -> int:
    """How many entries are asked for at most; a thousand where nothing is said."""
    return whole("limit", _USUAL, 100_000)


def number_before() -> int:
    """The journal's number after which `since` begins, 0 without it."""
    since = request.args.get("since")
    if since is None:
        return 0
    kept = site().journal.newest(workspace_name())
    entries = list(_since(kept, since))
    earlier = kept[len(entries) :]
    return site().journal.number(earlier[0]["id"]) if earlier else 0


def whole(name: str, default: int, most: int) -> int:
    """A whole number of the address, from 0 to `most`."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= most):
        raise misunderstood(f"{name} is a whole number from 0 to {most}")
    return int(text)


def seconds(name: str, default: float, most: float) -> float:
    """A number of seconds of the address, from 0 to `most`."""
    try:
        found = float(request.args.get(name, default))
    except ValueError:
        found = -1.0
    if not 0 <= found <= most:
        raise misunderstood(f"{name} is a number of seconds from 0 to {most:g}")
    return found


def _since(newest_first: Iterable[Entry], since: str) -> Iterable[Entry]:
    """Entries from that instant of real time on, or after the one with that id."""
    if site().journal.get(since) is not None:
        return takewhile(lambda entry: entry["id"] != since, newest_first)
    try:
        earliest = print_instant(parse_instant(since))
    except ClockError as error:
        raise misunderstood(f"since: {error}, and no request's id") from None
    return takewhile(lambda entry: str(entry["at"]) >= earliest, newest_first)
