"""Checks the database that `--data` names, without changing anything there."""

from collections.abc import Iterable, Iterator

from offer_sandbox.cli.checks import Check, halved, ok, wrong
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store import StoreError

_ANOTHER = "choose another database with --data (OFFER_SANDBOX_DATA)"


def checks(url: DatabaseUrl, collections: Iterable[Collection]) -> Iterator[Check]:
    """Checks the connection, then the version and the columns of the tables."""
    try:
        from offer_sandbox.world.store.postgresql.prepare import look
    except ImportError:
        yield wrong(
            "data", "the package psycopg is missing", "install it with pip install 'offer-sandbox[postgresql]'"
        )
        return
    try:
        version = look(url, collections)
    except StoreError as error:
        yield wrong("data", *halved(str(error), _ANOTHER))
        return
    state = (
        f"has the sandbox's tables, version {version}" if version else "has no tables yet, which a server creates"
    )
    yield ok("data", f"{url} {state}")
