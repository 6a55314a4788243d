"""What a kind of record is to the store: its key, filter columns, state and due time; stores nothing itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Document = dict[str, Any]
_MAX_VALUE = 2**63 - 1
Column = str | int | None


@dataclass(frozen=True)
class Between:
    """A filter: a value from `lowest` to `highest`, both included; None leaves an end open."""

    lowest: Column = None
    highest: Column = None


@dataclass(frozen=True)
class Among:
    """A filter: one of these values."""

    values: tuple[str | int, ...]


@dataclass(frozen=True)
class Containing:
    """A filter: a text column in which this text occurs."""

    part: str


def _fits(value: Any) -> bool:
    return isinstance(value, str | None) or (isinstance(value, int) and -_MAX_VALUE <= value <= _MAX_VALUE)


def _never(_: Document) -> int | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One kind of record of a provider, such as `offers`.

    `key` is the field that holds the id. `columns` are the values a list can be filtered by, each computed
    from the document when it is written. `state` names the record's place in its state machine, `due` the
    next instant (ms) at which time alone changes it (None: never). `visible` is False for what the state
    API must not show, such as tokens; `cleared` is False for what is no state at all, such as rules.
    """

    provider: str
    name: str
    key: str
    columns: Mapping[str, Callable[[Document], Column]] = field(default_factory=dict)
    indexes: tuple[tuple[str, ...], ...] = ()
    state: Callable[[Document], str] | None = None
    due: Callable[[Document], int | None] = _never
    visible: bool = True
    cleared: bool = True

    @cached_property
    def timed(self) -> bool:
        """Whether time alone may change its records."""
        return self.due is not _never

    def unstorable(self, document: Document) -> str:
        """Why the store could not keep a document: a filter or due time that cannot be computed from it, or is too
        large; empty where it could."""
        try:
            values = {"due": self.due(document), **{name: read(document) for name, read in self.columns.items()}}
        except Exception as error:  # of whatever kind: the declarations rely on what the sandbox itself stores
            return f": is no record of {self.provider}.{self.name} ({type(error).__name__}: {str(error)[:100]})"
        return next((f"{name}: cannot be stored" for name, value in values.items() if not _fits(value)), "")

    @cached_property
    def table(self) -> str:
        """The name of its table; provider and collection names are words, so no quoting is needed."""
        return f"{self.provider}_{self.name}"

    def column(self, name: str) -> str:
        """The name of a filter's column, which no word of SQL and no column of the store's own can be."""
        assert name in self.columns, f"{self.table} has no column {name}"
        return f"by_{name}"
