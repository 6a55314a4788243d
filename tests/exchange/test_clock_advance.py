"""A planned advance of the clock: it is stored only if nothing has changed since it was computed."""

from collections.abc import Callable, Iterator

import pytest

from offer_sandbox.assembly import assembled
from offer_sandbox.exchange.clock_advance import AdvancePlan, number_due
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.services import Services
from offer_sandbox.world.clock import Clock, to_ms
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_to_json

Work = Callable[[Transaction, WorkspaceRow], object]


@pytest.fixture
def services() -> Iterator[Services]:
    """Services with a workspace whose clock stands still."""
    made = assembled(Options(), providers())
    with made.store.transaction() as transaction:
        for name in providers():
            made.workspaces.open(transaction, "w", name)
        transaction.set_clock(transaction.workspace("w").id, clock_to_json(Clock().set("frozen", Clock().now())))
    yield made
    made.store.close()


def planned(services: Services) -> tuple[AdvancePlan, int]:
    """A plan to advance the clock by 40 days, and its end."""
    with services.store.transaction() as transaction:
        row = services.workspaces.row(transaction, "w")
        until = row.clock["at"] + 40 * 86_400_000
        assert number_due(transaction, row, until) > 0
    plan = AdvancePlan(services.providers, services.workspaces, row)
    for _ in plan.compute(services.store, until):
        pass
    return plan, until


def fits(services: Services, plan: AdvancePlan, until: int) -> bool:
    with services.store.transaction(writes=False) as transaction:
        return plan.fits(transaction, transaction.workspace("w"), until)


def changed(services: Services, row: WorkspaceRow, transaction: Transaction) -> object:
    """Writes a record that is due again, unchanged."""
    kind = services.store.collections("ebay")["offers"]
    [offer] = transaction.due(row.id, kind, row.clock["at"] + 40 * 86_400_000)[:1]
    return transaction.put(row.id, kind, [offer])


WRITES: dict[str, Callable[[Services, Transaction, WorkspaceRow], object]] = {
    "record": lambda services, transaction, row: changed(services, row, transaction),
    "settings": lambda _, transaction, row: transaction.set_settings(
        row.id, {"switches": {"sibi.absent": "omit"}}
    ),
    "clock": lambda _, transaction, row: transaction.set_clock(row.id, {**row.clock, "at": row.clock["at"] + 1}),
    "reset": lambda _, transaction, row: transaction.clear(row.id),
}


def test_a_plan_fits_and_stores_what_a_single_advance_would(services: Services):
    plan, until = planned(services)
    assert fits(services, plan, until)
    with services.store.transaction() as transaction:
        row = transaction.workspace("w")
        plan.store(transaction, row, Clock(mode="frozen", at=until))
        assert number_due(transaction, transaction.workspace("w"), until) == 0
        assert transaction.workspace("w").clock["at"] == until
    assert [to_ms(event.at) for event in plan.events] == sorted(to_ms(event.at) for event in plan.events)
    assert plan.events


@pytest.mark.parametrize("write", WRITES)
def test_a_plan_does_not_fit_after_a_change(services: Services, write: str):
    plan, until = planned(services)
    with services.store.transaction() as transaction:
        WRITES[write](services, transaction, transaction.workspace("w"))
    assert not fits(services, plan, until)


def test_a_later_time_does_not_fit_if_more_is_due_by_then(services: Services):
    plan, until = planned(services)
    with services.store.transaction(writes=False) as transaction:
        row = transaction.workspace("w")
        kinds = [kind for kind in services.store.every() if kind.timed and kind.visible]
        later = [due for kind in kinds if (due := transaction.next_due(row.id, kind, until)) is not None]
    assert all(not fits(services, plan, due) for due in later)
