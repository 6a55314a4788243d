"""Which documents a list has, in its order: remembered until one of its collection is written."""

from array import array
from collections import OrderedDict
from typing import Any, TypeAlias

from offer_sandbox.world.store.heads import Seen

_MOST_POSITIONS = 2_000_000  # eight bytes each
List = tuple[Any, ...]  # a workspace's number, a table, the order, and what the documents are to be like
Positions: TypeAlias = "array[int]"


class RememberedLists:
    """The positions of the documents of lists, as one connection sees them at a version of its file: another
    connection, or a version that another process has written, may see others."""

    def __init__(self) -> None:
        self._seen: Seen | None = None
        self._lists: OrderedDict[List, Positions] = OrderedDict()
        self._number = 0  # of all positions

    def get(self, seen: Seen, asked: List) -> "Positions | None":
        """The positions of a list's documents, where they are remembered."""
        if seen != self._seen or asked not in self._lists:
            return None
        self._lists.move_to_end(asked)
        return self._lists[asked]

    def keep(self, seen: Seen, asked: List, positions: Positions) -> None:
        """Remembers what was read while nothing was written."""
        if seen != self._seen:
            self._seen, self._number = seen, 0
            self._lists.clear()
        self._lists[asked] = positions
        self._number += len(positions) + 1  # lists of nothing are some too
        while self._number > _MOST_POSITIONS and len(self._lists) > 1:
            self._drop(next(iter(self._lists)))

    def changed(self, workspace: int, table: str) -> None:
        """Notes that the documents of a table have changed."""
        for each in [each for each in self._lists if each[0] == workspace and each[1] == table]:
            self._drop(each)

    def _drop(self, asked: List) -> None:
        self._number -= len(self._lists.pop(asked)) + 1
