"""Lists of journal entries, limited by `limit`, `since`, `before` and their bytes, with their total number."""

from collections.abc import Callable, Iterable, Mapping
from itertools import dropwhile
from typing import Any

from offer_sandbox.admin.fields import QueryInteger, QuerySchema
from offer_sandbox.admin.http import wrong
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.admin.slices import Steps
from offer_sandbox.schemas.fields import String, described, within
from offer_sandbox.world.clock import ClockError, parse_instant, print_instant
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import array_of, dump

MAX_LIST_BYTES = 8 * 1024 * 1024


class ListQuerySchema(QuerySchema):
    """The bounds of a journal list."""

    limit = QueryInteger(
        load_default=1_000,
        validate=within(0, 100_000),
        metadata=described("Maximum number of exchanges in the list. `meta.total` counts all.", example=20),
    )
    before = String(
        metadata=described(
            "Only exchanges before the one with this id. Use it to read a long list in several calls.",
            example="3f2a9c0d41b7e856",
        )
    )
    since = String(
        metadata=described(
            "Only exchanges after the one with this id, or from this time on. The time is real time, as an ISO"
            " 8601 timestamp with a time zone.",
            example="2026-04-17T19:45:00Z",
        )
    )


def listed(newest_first: Iterable[Entry | None], query: Mapping[str, Any], total: int | None = None) -> Steps:
    """Returns the response object with the entries that `since`, `before` and `limit` leave, in steps. None is an
    entry that does not count. If the entries do not fit into one response, it has the newest of them. `total` is
    the number of all entries, if it is known."""
    wanted, before = since_asked(query), _known_id(query.get("before"))
    printed: list[bytes] = []
    number, size, begun, ended, more = 0, 0, before is None, False, False
    for entry in newest_first:
        yield
        if entry is None:
            continue
        number += 1
        ended = ended or len(printed) >= query["limit"] or not wanted(entry)
        if begun and not ended:
            text = dump(entry)
            size += len(text)
            ended = more = bool(printed) and size > MAX_LIST_BYTES
            printed += [] if more else [text]
        begun = begun or entry["id"] == before
        if ended and total is not None:
            break
    dropped = services().journal.dropped(workspace_name())
    meta = {"total": number if total is None else total, "dropped": dropped, **({"more": True} if more else {})}
    return {"requests": array_of(printed), "meta": meta}


def _known_id(before: str | None) -> str | None:
    """Returns the id. Raises ProblemDetailsError (422) if the journal has no such exchange."""
    if before is not None and not services().journal.number(before):
        raise wrong("before", f"the journal has no exchange {before[:60]!r}")
    return before


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
