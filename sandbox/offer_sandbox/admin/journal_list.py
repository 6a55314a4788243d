"""Lists of journal entries, bounded by `limit` and `since`, with the total and the dropped count."""

from collections.abc import Callable, Mapping, Sequence
from itertools import dropwhile, islice, takewhile
from typing import Any

from offer_sandbox.admin.fields import QueryInteger, QuerySchema
from offer_sandbox.admin.http import wrong
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.schemas.fields import String, described, within
from offer_sandbox.world.clock import ClockError, parse_instant, print_instant
from offer_sandbox.world.journal import Entry


class ListQuerySchema(QuerySchema):
    """The bounds of a journal list."""

    limit = QueryInteger(
        load_default=1_000,
        validate=within(0, 100_000),
        metadata=described("Maximum number of exchanges in the list. `meta.total` counts all.", example=20),
    )
    since = String(
        metadata=described(
            "Only exchanges after the one with this id, or from this time on. The time is real time, as an ISO"
            " 8601 timestamp with a time zone.",
            example="2026-04-17T19:45:00Z",
        )
    )


def listed(newest_first: Sequence[Entry], query: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the response object with the entries that `limit` and `since` leave. `total` is the number of
    entries before that."""
    since = since_asked(query)
    return page(list(islice(takewhile(since, newest_first), query["limit"])), len(newest_first))


def page(newest_first: Sequence[Entry], total: int) -> dict[str, Any]:
    """Returns the response object with these entries, out of `total`."""
    dropped = services().journal.dropped(workspace_name())
    return {"requests": newest_first, "meta": {"total": total, "dropped": dropped}}


def number_before(query: Mapping[str, Any]) -> int:
    """Returns the journal number after which `since` begins, or 0 without `since`."""
    if "since" not in query:
        return 0
    newest_first = services().journal.newest(workspace_name())
    earlier = next(dropwhile(since_asked(query), newest_first), None)
    return services().journal.number(earlier["id"]) if earlier else 0


def since_asked(query: Mapping[str, Any]) -> Callable[[Entry], bool]:
    """Returns a test for entries, which must be checked from the newest on. It holds for entries after the one
    whose id is `since`, or for entries from the real time `since` on. Raises ProblemDetailsError (422) if `since`
    is neither."""
    since = query.get("since")
    if since is None:
        return lambda _: True
    if services().journal.number(since):
        return lambda entry: entry["id"] != since
    try:
        earliest = print_instant(parse_instant(since))
    except ClockError as error:
        raise wrong("since", f"{error}, and not the id of an exchange") from None
    return lambda entry: str(entry["at"]) >= earliest
