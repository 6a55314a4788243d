"""The journal's entries as lists: bounded by `limit` and `since`, with how many there are and were dropped."""

from collections.abc import Callable, Mapping, Sequence
from itertools import dropwhile, islice, takewhile
from typing import Any

from offer_sandbox.admin.fields import QueryInteger, QuerySchema, described
from offer_sandbox.admin.http import wrong
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.schemas.fields import String, within
from offer_sandbox.world.clock import ClockError, parse_instant, print_instant
from offer_sandbox.world.journal import Entry


class ListQuerySchema(QuerySchema):
    """How much of the journal is listed."""

    limit = QueryInteger(
        load_default=1_000,
        validate=within(0, 100_000),
        metadata=described("How many exchanges are listed at most."),
    )
    since = String(
        metadata=described("Exchanges after the one with this id, or from this instant of real time on, alone.")
    )


def listed(newest_first: Sequence[Entry], query: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with the entries that `limit` and `since` leave; `total` is how many there are of the kind."""
    since = since_asked(query)
    return page(list(islice(takewhile(since, newest_first), query["limit"])), len(newest_first))


def page(newest_first: Sequence[Entry], total: int) -> dict[str, Any]:
    """The answer with these entries, out of `total`."""
    dropped = services().journal.dropped(workspace_name())
    return {"requests": newest_first, "meta": {"total": total, "dropped": dropped}}


def number_before(query: Mapping[str, Any]) -> int:
    """The journal's number after which `since` begins, 0 without it."""
    if "since" not in query:
        return 0
    newest_first = services().journal.newest(workspace_name())
    earlier = next(dropwhile(since_asked(query), newest_first), None)
    return services().journal.number(earlier["id"]) if earlier else 0


def since_asked(query: Mapping[str, Any]) -> Callable[[Entry], bool]:
    """Whether an entry, of those from the newest on, is still one from the instant of real time in `since` on, or
    after the one with that id."""
    since = query.get("since")
    if since is None:
        return lambda _: True
    if services().journal.number(since):
        return lambda entry: entry["id"] != since
    try:
        earliest = print_instant(parse_instant(since))
    except ClockError as error:
        raise wrong("since", f"{error}, and no request's id") from None
    return lambda entry: str(entry["at"]) >= earliest
