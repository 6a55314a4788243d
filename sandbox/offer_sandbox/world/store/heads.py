"""What a store remembers of workspaces, so that a call need not ask: dropped by the writes that concern it."""

import sqlite3
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from offer_sandbox.world.store.base import WorkspaceHead

_MAX_WORKSPACES = 10_000
_MAX_OF_ONE = 200
Seen = tuple[sqlite3.Connection, int]  # and the version that it sees
Asked = tuple[Any, ...]  # a provider, a table, and which of its documents


class RememberedHeads:
    """The heads of workspaces, by what was asked for, as one connection sees them at a version of its file:
    another connection, or a version that another process has written, may see others.

    A head's `next_due` may be too early, never too late; how many records its workspace has may be out of date.
    """

    def __init__(self) -> None:
        self._seen: Seen | None = None
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._heads: dict[int, dict[Asked, WorkspaceHead]] = {}

    def get(self, seen: Seen, name: str, asked: Asked) -> WorkspaceHead | None:
        """The head of a workspace by its name, if it is remembered."""
        if seen != self._seen:
            return None
        id = self._ids.get(name)
        return None if id is None else self._heads[id].get(asked)

    def keep(self, seen: Seen, name: str, asked: Asked, head: WorkspaceHead) -> None:
        """Remembers a head that was read while nothing was written."""
        if seen != self._seen:
            self._seen = seen
            self._ids.clear()
            self._heads.clear()
        id = head.row.id
        heads = self._heads.setdefault(id, {})
        if len(heads) >= _MAX_OF_ONE:
            heads.clear()
        heads[asked] = head
        self._ids[name] = id
        if len(self._ids) > _MAX_WORKSPACES:
            _, oldest = self._ids.popitem(last=False)
            self._heads.pop(oldest, None)

    def due(self, workspace: int, provider: str, at: int) -> None:
        """Notes that a record of a provider's in a workspace is due then."""
        heads = self._heads.get(workspace, {})
        for asked, head in heads.items():
            if asked[0] == provider and (head.next_due is None or head.next_due > at):
                heads[asked] = replace(head, next_due=at)

    def changed(self, workspace: int, table: str) -> None:
        """Notes that the documents of a table have changed."""
        if any(asked[1] == table for asked in self._heads.get(workspace, ())):
            self.forget(workspace)

    def forget(self, workspace: int) -> None:
        """Forgets what was known of a workspace."""
        heads = self._heads.pop(workspace, None)
        if heads:
            self._ids.pop(next(iter(heads.values())).row.name, None)
