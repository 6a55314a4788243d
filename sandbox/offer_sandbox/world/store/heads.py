"""A cache of workspace heads, which saves calls a query and is invalidated by the writes that affect it."""

import sqlite3
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from offer_sandbox.world.store.base import WorkspaceHead

_MAX_WORKSPACES = 10_000
_MAX_OF_ONE = 200
Seen = tuple[sqlite3.Connection, int]  # a connection and the file version that it sees
Asked = tuple[Any, ...]  # a provider, a table and the filters for its documents


class RememberedHeads:
    """Caches the heads of workspaces by query, for one connection and one version of its file. Another connection,
    or a version that another process has written, may have other heads.

    A head's `next_due` may be too early, but is never too late. Its workspace's number of records may be out of
    date.
    """

    def __init__(self) -> None:
        self._seen: Seen | None = None
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._heads: dict[int, dict[Asked, WorkspaceHead]] = {}

    def get(self, seen: Seen, name: str, asked: Asked) -> WorkspaceHead | None:
        """Returns the cached head of the workspace with this name, or None."""
        if seen != self._seen:
            return None
        id = self._ids.get(name)
        return None if id is None else self._heads[id].get(asked)

    def keep(self, seen: Seen, name: str, asked: Asked, head: WorkspaceHead) -> None:
        """Caches a head that was read in a transaction without writes."""
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
        """Lowers `next_due` in a workspace's cached heads, because a record of this provider is due at `at`."""
        heads = self._heads.get(workspace, {})
        for asked, head in heads.items():
            if asked[0] == provider and (head.next_due is None or head.next_due > at):
                heads[asked] = replace(head, next_due=at)

    def changed(self, workspace: int, table: str) -> None:
        """Drops a workspace's heads if one of them depends on this table, whose documents have changed."""
        if any(asked[1] == table for asked in self._heads.get(workspace, ())):
            self.forget(workspace)

    def forget(self, workspace: int) -> None:
        """Drops the cached heads of a workspace."""
        heads = self._heads.pop(workspace, None)
        if heads:
            self._ids.pop(next(iter(heads.values())).row.name, None)
