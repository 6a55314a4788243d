"""A client of the control API that records the calls that change something, for a trace file."""

from typing import Any

from offer_sandbox.publish.trace import MAX_EXCHANGES
from offer_sandbox.testing.control import Control, ControlError
from offer_sandbox.world.clock import print_instant, real_now

_READS = ("/requests/count", "/requests/find")  # calls with POST that change nothing
_DELETES = ("/requests", "/reset", "/snapshot")  # may delete exchanges from the journal
Json = dict[str, Any]


class TracedControl(Control):
    """Like Control. `calls` has the recorded calls, oldest first, in the form of `publish.trace.Trace`."""

    def __init__(self, url: str, workspace: str) -> None:
        super().__init__(url, workspace)
        self.calls: list[Json] = []
        self._kept: list[Json] = []  # exchanges that a call may have deleted from the journal
        self._lost = 0  # the number of older ones

    def call(self, method: str, path: str, body: Any = None, **query: object) -> Any:
        """Makes a call as Control does, and records it if it can change something."""
        if method == "GET" or path in _READS:
            return super().call(method, path, body, **query)
        held = self._journal() if path in _DELETES else ([], 0)
        record: Json = {
            "after": self._newest(path),
            "at": print_instant(real_now()),
            "method": method,
            "path": path,
            "query": {name: value for name, value in query.items() if value is not None},
            "body": body,
            "refused": None,
            "id": None,
            "events": [],
        }
        self.calls.append(record)
        try:
            found = super().call(method, path, body, **query)
        except ControlError as error:
            record["refused"] = error.status
            raise
        if held[0] and super().call("GET", "/requests", limit=1)["meta"]["total"] == 0:
            self._kept += held[0]
            self._lost += held[1]
        if isinstance(found, dict):
            record.update(id=found.get("id"), events=found.get("events", []))
        return found

    def exchanges(self) -> tuple[list[Json], int]:
        """Returns the latest exchanges of the workspace, oldest first, with explanations, and the number of those
        that are left out. Exchanges that a recorded call has deleted are among them."""
        entries, left = self._journal()
        found = [*self._kept, *entries]
        beyond = max(0, len(found) - MAX_EXCHANGES)
        return found[beyond:], beyond + left + self._lost

    def _newest(self, path: str) -> str | None:
        """Returns the id of the latest exchange."""
        if path == "/workspaces":  # the workspace does not exist yet
            return None
        latest = super().call("GET", "/requests", limit=1)["requests"] or self._kept[-1:]
        return latest[0]["id"] if latest else None

    def _journal(self) -> tuple[list[Json], int]:
        """Returns the latest exchanges that are not kept already, and how many older ones there are."""
        known = {each["id"] for each in self._kept}
        page = super().call("GET", "/requests", limit=MAX_EXCHANGES)
        found = page["requests"]
        while page["meta"].get("more") and len(found) < MAX_EXCHANGES:
            page = super().call("GET", "/requests", limit=MAX_EXCHANGES, before=found[-1]["id"])
            found += page["requests"]
        left = super().call("POST", "/requests/count", {})["count"] - len(found)
        fresh = [self._explained(each) for each in reversed(found) if each["id"] not in known]
        return fresh, max(0, left)

    def _explained(self, entry: Json) -> Json:
        explained: Json = super().call("GET", f"/requests/{entry['id']}")
        explained["explanation"].pop("alternatives", None)  # the catalogue has them too
        explained["request"].pop("raw", None)
        return explained
