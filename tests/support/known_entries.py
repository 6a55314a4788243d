"""Exchanges whose entries are known from the beginning, for tests of a journal alone."""

from typing import Any

from offer_sandbox.world.json_codec import dump


class Known:
    """A `Record` of an entry."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self._entry = entry
        self.id = entry["id"]
        self.workspace = entry["workspace"]
        self.operation = entry.get("operation")
        self.size = len(dump(entry))

    def entry(self) -> dict[str, Any]:
        return self._entry
