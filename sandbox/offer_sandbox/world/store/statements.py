"""The parts that both databases share: declared collections, a workspace's columns, conditions for documents."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from offer_sandbox.world.collection import Among, Between, Collection, Containing
from offer_sandbox.world.json_codec import dump, load
from offer_sandbox.world.store.base import WorkspaceHead, WorkspaceRow

WORKSPACE = "id, name, seed, clock, settings, made, used, records, key"
_NUMBER_OF_COLUMNS = WORKSPACE.count(",") + 1
_MAX_VALUE = 2**63 - 1


@dataclass(frozen=True)
class Conditions:
    """Builds conditions for documents.

    `mark` is the placeholder of a value. `position` is the SQL function that returns where a text contains another
    one (0: nowhere). `encoded` returns a value of a column as the database stores it. `first` and `last` are the
    words that put missing values there in an order, empty if the database puts them first by itself.
    """

    mark: str
    position: str
    encoded: Callable[[Collection, str, Any], Any] = lambda _kind, _name, value: value
    first: str = ""
    last: str = ""

    def order(self, kind: Collection, order: str | None) -> str:
        """Returns the terms after ORDER BY for a column (`-column` for descending order) or the order of
        insertion. Missing values are the lowest."""
        if order is None:
            return "position"
        direction = f"DESC {self.last}" if order.startswith("-") else self.first
        return f"{kind.column(order.removeprefix('-'))} {direction}, position"

    def of(self, workspace: int | str, kind: Collection, where: dict[str, Any]) -> tuple[str, list[Any]]:
        """Returns a condition and its values. `workspace` is a number or a column with one."""
        given: list[Any] = [workspace] if isinstance(workspace, int) else []
        terms = [f"workspace = {self.mark if given else workspace}"]
        for name, wanted in where.items():
            term, values = self._term(kind.column(name), wanted)
            terms.append(term)
            given += [self.encoded(kind, name, value) for value in values]
        return " AND ".join(terms), given

    def _term(self, column: str, wanted: Any) -> tuple[str, list[Any]]:
        mark = self.mark
        if isinstance(wanted, Between):
            ends = [(f"{column} >= {mark}", wanted.lowest), (f"{column} <= {mark}", wanted.highest)]
            known = [(term, end) for term, end in ends if end is not None]
            return " AND ".join(term for term, _ in known) or "TRUE", [end for _, end in known]
        if isinstance(wanted, Among):
            if not wanted.values:
                return "FALSE", []
            return f"{column} IN ({', '.join([mark] * len(wanted.values))})", list(wanted.values)
        if isinstance(wanted, Containing):
            return f"{self.position}({column}, {mark}) > 0", [wanted.part]
        if wanted is None:
            return f"{column} IS NULL", []
        if isinstance(wanted, int) and not -_MAX_VALUE <= wanted <= _MAX_VALUE:
            return "FALSE", []  # the store cannot keep it, so no column equals it
        return f"{column} = {mark}", [wanted]


class DeclaredCollections:
    """The collections of a store. `Store` documents its methods. `due_columns` has the columns of a provider's
    head query."""

    def __init__(self, collections: Iterable[Collection]) -> None:
        self._collections: dict[str, dict[str, Collection]] = {}
        for kind in collections:
            self._collections.setdefault(kind.provider, {})[kind.name] = kind
        self.due_columns = {owner: _due_columns(kinds.values()) for owner, kinds in self._collections.items()}

    def collections(self, provider: str) -> Mapping[str, Collection]:
        return self._collections.get(provider, {})

    def every(self) -> list[Collection]:
        return [kind for kinds in self._collections.values() for kind in kinds.values()]


class WorkspaceSetters(ABC):
    """The methods of a transaction that replace one column of a workspace. `Transaction` documents them."""

    def set_clock(self, workspace: int, clock: dict[str, Any]) -> None:
        self._set(workspace, "clock", dump(clock).decode())

    def set_settings(self, workspace: int, settings: dict[str, Any]) -> None:
        self._set(workspace, "settings", dump(settings).decode())

    def set_seed(self, workspace: int, seed: int) -> None:
        self._set(workspace, "seed", seed)

    def set_used(self, workspace: int, now: int) -> None:
        self._set(workspace, "used", now)

    def set_key(self, workspace: int, key: bytes | None) -> None:
        self._set(workspace, "key", key)

    @abstractmethod
    def _set(self, workspace: int, column: str, value: Any) -> None:
        """Replaces a column of a workspace."""


def _due_columns(kinds: Iterable[Collection]) -> str:
    """Returns the columns of a query for a workspace `w` that select each collection's earliest due time."""
    return "".join(
        f", (SELECT min(due) FROM {kind.table} WHERE workspace = w.id AND due IS NOT NULL)"  # noqa: S608 - declared names
        for kind in kinds
        if kind.timed
    )


def head_statement(
    conditions: Conditions, kind: Collection, where: dict[str, Any], due: str
) -> tuple[str, list[Any]]:
    """Returns a query for a workspace's head, and the values of its filters. Before them it takes a provider, and
    after them a workspace's name. `due` are the columns with due times."""
    condition, values = conditions.of("w.id", kind, where)
    mark = conditions.mark
    return (
        f"SELECT {WORKSPACE},"  # noqa: S608 - declared names
        f" EXISTS (SELECT 1 FROM seeded WHERE workspace = w.id AND provider = {mark}),"
        f" EXISTS (SELECT 1 FROM {kind.table} WHERE {condition}){due} FROM workspaces AS w WHERE name = {mark}"
    ), values


def head_of(row: tuple[Any, ...]) -> WorkspaceHead:
    """Returns the head for a row of `head_statement`."""
    seeded, present, *due = row[_NUMBER_OF_COLUMNS:]
    times = [time for time in due if time is not None]
    workspace = workspace_of(row[:_NUMBER_OF_COLUMNS])
    return WorkspaceHead(workspace, bool(seeded), min(times, default=None), bool(present))


def workspace_of(row: tuple[Any, ...]) -> WorkspaceRow:
    """Returns the workspace for a row of the columns in WORKSPACE."""
    id, name, seed, clock, settings, *others = row
    return WorkspaceRow(id, name, seed, load(clock.encode()), load(settings.encode()), *others)
