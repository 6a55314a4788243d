"""Describes a kind of record to the store: its key, filter columns, state and due time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from offer_sandbox.world.json_codec import dump

Document = dict[str, Any]
_MAX_VALUE = 2**63 - 1
Column = str | int | None
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Between:
    """A filter for values from `lowest` to `highest`, both included. None leaves an end open."""

    lowest: Column = None
    highest: Column = None


@dataclass(frozen=True)
class Among:
    """A filter for any of these values."""

    values: tuple[str | int, ...]


@dataclass(frozen=True)
class Containing:
    """A filter for text columns that contain this text."""

    part: str


def _fits(value: Any) -> bool:
    return isinstance(value, str | None) or (isinstance(value, int) and -_MAX_VALUE <= value <= _MAX_VALUE)


def _never(_: Document) -> int | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One kind of record of a provider, such as `offers`.

    `key` is the field that holds the id. `columns` are the values to filter lists by, each computed from the
    document when it is written. `state` returns the record's state in its state machine. `due` returns the next
    time (ms) at which time alone changes the record (None: never). `visible` is False for records that the state
    API must not show, such as tokens. `cleared` is False for records that are not state, such as rules. `later` is
    True if version 0.1.0 did not have the collection, so that a snapshot may lack it.
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
    later: bool = False

    @cached_property
    def timed(self) -> bool:
        """Whether time alone may change the collection's records."""
        return self.due is not _never

    @cached_property
    def indexed(self) -> frozenset[str]:
        """The filters that an index finds."""
        return frozenset(name for index in self.indexes for name in index)

    def unstorable(self, document: Document) -> str:
        """Returns why the store cannot keep a document, or an empty string if it can. The reason is a filter value
        or due time that cannot be computed from the document, is too large or has a wrong type."""
        try:
            values = {"due": self.due(document), **{name: read(document) for name, read in self.columns.items()}}
        except Exception as error:  # of any type: the declarations expect documents that the sandbox itself stores
            return f": is not a record of {self.provider}.{self.name} ({type(error).__name__}: {str(error)[:100]})"
        return next((f"{name}: cannot be stored" for name, value in values.items() if not _fits(value)), "")

    def row(self, document: Document) -> Row:
        """Returns the values that the store keeps of a document: its id, due time, JSON and the filter values."""
        filters = (read(document) for read in self.columns.values())
        return (str(document[self.key]), self.due(document), dump(document), *filters)

    @cached_property
    def table(self) -> str:
        """The name of its table. Provider and collection names are plain words, so they need no quoting."""
        return f"{self.provider}_{self.name}"

    def column(self, name: str) -> str:
        """Returns the name of a filter's column. Its prefix avoids SQL keywords and the store's own columns."""
        assert name in self.columns, f"{self.table} has no column {name}"
        return f"by_{name}"
