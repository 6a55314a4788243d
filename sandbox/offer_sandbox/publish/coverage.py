"""Counts which documented outcomes of the called operations were served to clients."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from offer_sandbox.contract import Outcome, Provider
from offer_sandbox.contract.outcome import UNMATCHED
from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.world.served_outcomes import Served, ServedOutcomes

KINDS = ("success", "state", "denial", "error")  # of the outcomes that count without being asked for
MORE_KINDS = ("infrastructure", "documented")
Document = dict[str, Any]


class Coverage:
    """The outcomes that clients have received, in any workspace and any process of the server.

    Calls that match no operation do not count, nor do calls that the sandbox's own pages send.
    """

    def __init__(self, served: ServedOutcomes, providers: Mapping[str, Provider]) -> None:
        self._served = served
        self._providers = providers

    def exchange(self, record: CallRecord) -> None:
        """Adds an exchange. A call whose response was lost or replaced counts as a call of its operation only."""
        if record.operation is None or record.request.internal or record.operation.endswith(f".{UNMATCHED}"):
            return
        arrived = record.fault is None or record.fault.dribbles
        self._served.add(Served(record.operation, (arrived and record.outcome) or "", record.trigger or ""))

    def clear(self) -> None:
        """Forgets all calls. Raises StoreError."""
        self._served.clear()

    def document(self, more: Collection[str] = ()) -> Document:
        """Returns the outcomes of every operation that was called at least once, in catalogue order, and the
        numbers. `more` are kinds of MORE_KINDS that count too. Raises StoreError."""
        calls = self._served.all()
        triggers: dict[str, set[str]] = {}
        for each in calls:
            triggers.setdefault(each.outcome, set()).add(each.trigger)
        called = {each.operation for each in calls}
        outcomes = [
            {**_described(operation, outcome), **_served(triggers.get(f"{operation}.{outcome.name}", set()))}
            for operation, outcome in self._outcomes(called)
            if _kind(outcome) in (*KINDS, *more)
        ]
        return counted(outcomes)

    def _outcomes(self, called: Collection[str]) -> Iterator[tuple[str, Outcome]]:
        for name in sorted({each.partition(".")[0] for each in called}):
            for outcome in self._providers[name].parts.outcomes:
                operation = f"{name}.{outcome.operation}"
                if operation in called:
                    yield operation, outcome


def counted(outcomes: list[Document]) -> Document:
    """Returns the document of these outcomes, which have an `operation` and are `served` or not."""
    operations: dict[str, list[bool]] = {}
    for each in outcomes:
        operations.setdefault(each["operation"], []).append(each["served"])
    return {
        **numbers([each["served"] for each in outcomes]),
        "operations": [{"operation": name, **numbers(served)} for name, served in operations.items()],
        "outcomes": outcomes,
    }


def numbers(served: Collection[bool]) -> Document:
    """Returns how many outcomes were served, the number of all, and the percentage with one digit. It is rounded
    down, so that 100 means all. Without outcomes it is 0."""
    return {
        "served": sum(served),
        "total": len(served),
        "percent": int(1000 * sum(served) / len(served)) / 10 if served else 0.0,
    }


def _kind(outcome: Outcome) -> str:
    """Returns the kind by which an outcome counts. A sample that a page prints counts as `documented`."""
    return "documented" if outcome.document is not None else outcome.kind


def _described(operation: str, outcome: Outcome) -> Document:
    return {
        "id": f"{operation}.{outcome.name}",
        "operation": operation,
        "title": outcome.title,
        "kind": outcome.kind,
        "status": outcome.status,
    }


def _served(triggers: Collection[str]) -> Document:
    return {"served": bool(triggers), "triggers": sorted(triggers)}
