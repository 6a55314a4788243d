"""The interface of the set of outcomes that a server has served, which all of its processes share."""

from typing import NamedTuple, Protocol


class Served(NamedTuple):
    """A call that a client has made: the operation with its provider's name, the full id of the outcome that the
    client received (empty if it received none), and the trigger of the outcome."""

    operation: str
    outcome: str
    trigger: str


class ServedOutcomes(Protocol):
    """A set of `Served` that only grows until it is cleared."""

    def add(self, served: Served) -> None:
        """Adds a call. If it cannot be stored, a later call of the same kind is added instead."""

    def all(self) -> set[Served]:
        """Returns the calls. Raises StoreError."""

    def clear(self) -> None:
        """Removes all calls. Raises StoreError."""

    def close(self) -> None:
        """Closes the set's file, if it has one."""
