"""The limits of a server, and the exceptions for a full server and an unknown workspace."""

from dataclasses import dataclass

MAX_RECORD_BYTES = 2 * 1024 * 1024  # of a record's JSON. A request body can have half of it


class LimitReached(Exception):
    """There is no room for another workspace or record. The message is one sentence with a remedy."""


class Crowded(Exception):
    """So many calls are waiting that another one cannot wait. The message is one sentence."""


class UnknownWorkspace(Exception):
    """No workspace has this name, and a call does not create it. The message is one sentence."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no workspace {name} (create it with POST /__admin/workspaces)")


def demand_room(records: int, maximum: int) -> None:
    """Raises LimitReached if a workspace has more records than it may have."""
    if records > maximum:
        raise LimitReached(
            f"a workspace can have at most {maximum} records (make room with POST /__admin/reset or DELETE of a"
            " collection below /__admin/state, or allow more with serve --max-records)"
        )


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a server.

    `workspaces` limits the number of workspaces, and `records` the records of each. A workspace without a call for
    `idle_seconds` is deleted (None: never). `parked` limits the waiting calls in a process, `streams` the open
    streams per client address, and `connections` the connections (None: as many as file descriptors allow).
    `state_body` limits the bytes of the records in one request or response.
    """

    workspaces: int = 5_000
    records: int = 1_000_000
    idle_seconds: float | None = None
    parked: int = 10_000
    streams: int = 100
    connections: int | None = None
    state_body: int = 32 * 1024 * 1024
