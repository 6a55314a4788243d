"""Every implementation of the store, each opened on one collection; the tests of `Store` run on all of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from offer_sandbox.world.collection import Collection
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store import Store
from offer_sandbox.world.store.postgresql.store import PostgresqlStore
from offer_sandbox.world.store.sqlite import SqliteStore
from postgresql import shared

ORDERS = Collection(
    provider="shop",
    name="orders",
    key="id",
    columns={
        "colour": lambda order: order.get("colour"),
        "order": lambda order: order.get("order"),  # a word of SQL is a name like any other
        "tags": lambda order: f",{','.join(order.get('tags', []))},",
    },
    indexes=(("colour",), ("order", "colour")),
    due=lambda order: order.get("due"),
)
STORES: Mapping[str, Callable[[Path], Store]] = {
    "sqlite-in-memory": lambda _: SqliteStore(None, [ORDERS]),
    "sqlite-in-a-folder": lambda folder: SqliteStore(folder / "new" / "folder", [ORDERS]),
    "postgresql": lambda _: PostgresqlStore(DatabaseUrl(shared().new_url()), [ORDERS]),
}


def workspace(store: Store) -> int:
    """The number of a workspace `w`, made where there is none."""
    with store.transaction() as transaction:
        found = transaction.workspace("w")
        return (found or transaction.add_workspace("w", 42, {"mode": "real", "offset": 0, "at": 0})).id
