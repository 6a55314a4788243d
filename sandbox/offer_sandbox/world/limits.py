"""How much one server holds, and what is raised where there is no more room; counts nothing itself."""

from dataclasses import dataclass


class LimitReached(Exception):
    """There is no room for another workspace or record; the message is one sentence with the way out."""


class Crowded(Exception):
    """So many calls wait that no other one can; the message is one sentence."""


class UnknownWorkspace(Exception):
    """There is no workspace of that name, and calling it does not make it; the message is one sentence."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no workspace {name}; POST /__admin/workspaces makes one")


def demand_room(records: int, maximum: int) -> None:
    """Raises LimitReached where a workspace has more records than it may have."""
    if records > maximum:
        raise LimitReached(
            f"a workspace has at most {maximum} records; POST /__admin/reset, or DELETE of a collection below"
            " /__admin/state, makes room, and serve --max-records allows more"
        )


@dataclass(frozen=True, kw_only=True)
class Limits:
    """At most that many `workspaces`, and `records` of each. One that nobody has called for `idle_seconds` is
    dropped (None: never). At most `parked` calls wait in a process, one client's address has `streams` open, and
    there are `connections` (None: as many as file descriptors allow)."""

    workspaces: int = 5_000
    records: int = 1_000_000
    idle_seconds: float | None = None
    parked: int = 10_000
    streams: int = 100
    connections: int | None = None
