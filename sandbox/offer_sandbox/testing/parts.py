"""The parts of a workspace that tests use: its clock, rules, calls, records, settings and webhooks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from offer_sandbox.testing.control import Control, segment

Json = dict[str, Any]
Jsons = list[Json]


class SandboxClock:
    """The workspace's clock. It stands still until a test moves it."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """The time that the clock shows, in UTC."""
        return datetime.fromisoformat(self._control.call("GET", "/clock")["now"])

    def advance(self, by: str) -> Jsons:
        """Moves the clock forward by an ISO 8601 duration such as `P3D` or `PT25S`. Returns the changes of records
        that became due, in order: `provider`, `kind` (the collection), `id`, `from`, `to`, `at`."""
        events: Jsons = self._control.call("POST", "/clock/advance", {"by": by})["events"]
        return events

    def freeze(self, now: str) -> None:
        """Stops the clock at a time such as `2026-04-17T19:45:00Z`."""
        self._control.call("PUT", "/clock", {"mode": "frozen", "now": now})

    def run(self) -> None:
        """Lets the clock run on in real time from what it shows."""
        shown = self._control.call("GET", "/clock")["now"]
        self._control.call("PUT", "/clock", {"mode": "real", "now": shown})


class SandboxRules:
    """The rules of the workspace, which give calls an outcome, a fault or a delay."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __iter__(self) -> Iterator[Json]:
        return iter(self._control.call("GET", "/rules")["rules"])

    def add(self, operation: str, **rule: Any) -> Json:
        """Adds a rule for an operation such as `sibi.getOffer`, with the members that the rules reference lists:
        `outcome="offer_not_found"`, `times=1`, `fault="CONNECTION_RESET_BY_PEER"`. Returns it with its `id`."""
        added: Json = self._control.call("POST", "/rules", {"operation": operation, **rule})
        return added

    def remove(self, id: str) -> None:
        """Removes a rule by its id."""
        self._control.call("DELETE", f"/rules/{segment(id)}")

    def clear(self) -> None:
        """Removes all rules."""
        self._control.call("DELETE", "/rules")


class SandboxRequests:
    """The calls that the workspace has received, oldest first. Each is an entry of the journal: `operation`,
    `outcome`, `reason`, `request`, `response` and more."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __iter__(self) -> Iterator[Json]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self.list())

    def list(self, operation: str | None = None, outcome: str | None = None, limit: int = 1000) -> Jsons:
        """Returns the latest calls, at most `limit` of them. `operation` and `outcome` select some: a full id, or
        the short name of an outcome of the operation."""
        full = full_outcome(operation, outcome)
        found = self._control.call("GET", "/requests", operation=operation, outcome=full, limit=limit)
        return list(reversed(found["requests"]))

    def count(self, operation: str | None = None, outcome: str | None = None) -> int:
        """Returns the number of calls."""
        asked = {"operation": operation, "outcome": full_outcome(operation, outcome)}
        body = {name: value for name, value in asked.items() if value is not None}
        return int(self._control.call("POST", "/requests/count", body)["count"])

    def unmatched(self) -> Jsons:
        """Returns the calls that match no documented operation."""
        return list(reversed(self._control.call("GET", "/requests/unmatched")["requests"]))

    def clear(self) -> None:
        """Forgets the calls."""
        self._control.call("DELETE", "/requests")


class SandboxState:
    """The records of the workspace, by provider and collection, such as `sibi` and `offers`."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def list(self, provider: str, collection: str) -> Jsons:
        """Returns all records of a collection."""
        found = self._control.call("GET", _path(provider, collection))
        records: Jsons = found[collection]
        return records

    def get(self, provider: str, collection: str, id: str | int) -> Json:
        """Returns one record."""
        found: Json = self._control.call("GET", _path(provider, collection, id))
        return found

    def put(self, provider: str, collection: str, id: str | int, record: Json) -> Json:
        """Stores a whole record, and returns it."""
        stored: Json = self._control.call("PUT", _path(provider, collection, id), record)
        return stored

    def patch(self, provider: str, collection: str, id: str | int, **changes: Any) -> Json:
        """Merges changes into a record (JSON merge patch, in which None removes a member), and returns it."""
        stored: Json = self._control.call("PATCH", _path(provider, collection, id), changes)
        return stored

    def delete(self, provider: str, collection: str, id: str | int) -> None:
        """Deletes a record."""
        self._control.call("DELETE", _path(provider, collection, id))


class SandboxSettings:
    """The settings of the workspace."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def get(self) -> Json:
        """Returns all settings: `progressions`, `contracts`, `switches`, `webhooks`, `limits`."""
        found: Json = self._control.call("GET", "/settings")
        return found

    def set(self, **changes: Json) -> Json:
        """Merges changes, as in `settings.set(switches={"sibi.absent": "omit"})`. Returns all settings."""
        found: Json = self._control.call("PUT", "/settings", changes)
        return found


class SandboxWebhooks:
    """The webhooks that the workspace has sent or kept, oldest first, with their exact body and headers."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __iter__(self) -> Iterator[Json]:
        return iter(self._control.call("GET", "/webhooks")["webhooks"])

    def fire(self, provider: str, id: str) -> Json:
        """Sends a webhook for the record with this id."""
        fired: Json = self._control.call("POST", "/webhooks/fire", {"provider": provider, "id": id})
        return fired

    def redeliver(self, id: str) -> Json:
        """Sends the same bytes of a webhook again."""
        sent: Json = self._control.call("POST", f"/webhooks/{segment(id)}/redeliver")
        return sent

    def clear(self) -> None:
        """Forgets the webhooks."""
        self._control.call("DELETE", "/webhooks")


def full_outcome(operation: str | None, outcome: str | None) -> str | None:
    """Returns the full id of an outcome, such as `sibi.getOffer.pending` for `pending` of `sibi.getOffer`."""
    if outcome is None or operation is None or outcome.startswith(f"{operation}."):
        return outcome
    return f"{operation}.{outcome}"


def _path(provider: str, collection: str, id: str | int | None = None) -> str:
    return "/state/" + "/".join(segment(str(each)) for each in (provider, collection, id) if each is not None)
