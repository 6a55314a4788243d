"""A cache of the documents of each list, in order, until a document of its collection is written."""

from array import array
from collections import OrderedDict
from typing import Any, TypeAlias

from offer_sandbox.world.store.heads import Seen

_MOST_POSITIONS = 2_000_000  # eight bytes each
List = tuple[Any, ...]  # a workspace's number, a table, the order and the filters
Positions: TypeAlias = "array[int]"


class RememberedLists:
    """Caches the positions of the documents in lists, for one connection and one version of its file. Another
    connection, or a version that another process has written, may have other positions."""

    def __init__(self) -> None:
        self._seen: Seen | None = None
        self._lists: OrderedDict[List, Positions] = OrderedDict()
        self._number = 0  # of all positions, plus one for each list

    def get(self, seen: Seen, asked: List) -> "Positions | None":
        """Returns the cached positions of a list's documents, or None."""
        if seen != self._seen or asked not in self._lists:
            return None
        self._lists.move_to_end(asked)
        return self._lists[asked]

    def keep(self, seen: Seen, asked: List, positions: Positions) -> None:
        """Caches positions that were read in a transaction without writes."""
        if seen != self._seen:
            self._seen, self._number = seen, 0
            self._lists.clear()
        self._lists[asked] = positions
        self._number += len(positions) + 1  # so that empty lists count too
        while self._number > _MOST_POSITIONS and len(self._lists) > 1:
            self._drop(next(iter(self._lists)))

    def changed(self, workspace: int, table: str) -> None:
        """Drops the lists of a table whose documents have changed."""
        for each in [each for each in self._lists if each[0] == workspace and each[1] == table]:
            self._drop(each)

    def _drop(self, asked: List) -> None:
        self._number -= len(self._lists.pop(asked)) + 1
