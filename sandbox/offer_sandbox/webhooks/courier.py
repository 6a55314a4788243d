"""Sends webhooks when they are due, each workspace by its own clock; decides nothing about what is sent."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.settling import settle
from offer_sandbox.webhooks.sending import send
from offer_sandbox.world.clock import from_ms, pause, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.outbox import OUTBOX, attempted
from offer_sandbox.world.store import SqliteStore, Transaction
from offer_sandbox.world.world import Workspaces, World, clock_from_json

log = logging.getLogger("offer_sandbox")
_MOST_AT_ONCE = 8
_LONGEST_NAP = 3600.0


class Courier:
    """One thread that looks when something is due, and up to eight that send, each for one workspace at a time:
    a target that hangs keeps only its own workspace waiting.

    `named` are the hosts beyond the loopback that may be called. What was on its way when the process ended
    is sent again by the next one.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        store: SqliteStore,
        workspaces: Workspaces,
        named: frozenset[str] = frozenset(),
    ) -> None:
        self._providers = [provider for provider in providers.values() if provider.topics]
        self._store = store
        self._workspaces = workspaces
        self.named = named
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Has it look again: something was put into an outbox, or a clock was moved."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
                self._thread.start()
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                nap = self._round()
            except Exception:  # whatever it was: the next round may do
                log.exception("webhooks could not be sent")
                nap = 1.0
            self._woken.wait(nap)

    def _round(self) -> float:
        """Starts sending what is due; the seconds until something else is."""
        with self._store.transaction() as transaction:
            names = transaction.workspaces_to_watch("webhooks", OUTBOX)
        naps = [self._look(name) for name in names]
        return min([_LONGEST_NAP, *naps])

    def _look(self, name: str) -> float:
        """Brings one workspace up to its clock and starts sending what is due in it."""
        with self._store.transaction() as transaction:
            worlds = [self._workspaces.open(transaction, name, each.name) for each in self._providers]
            for provider, world in zip(self._providers, worlds, strict=True):
                settle(provider, world)
            batch = transaction.due(worlds[0].row.id, OUTBOX, to_ms(worlds[0].now))
            nap = self._nap(transaction, worlds[0])
        with self._lock:
            idle = name not in self._busy and len(self._busy) < _MOST_AT_ONCE
            if batch and idle:
                self._busy.add(name)
                threading.Thread(target=self._send_all, args=(name, batch), name="sender", daemon=True).start()
        return _LONGEST_NAP if batch else nap  # with a batch the sender wakes the courier when it is through

    def _nap(self, transaction: Transaction, world: World) -> float:
        """Seconds of wall time until something else is due in the workspace: an event, or a next try."""
        if clock_from_json(world.row.clock).mode == "frozen":
            return _LONGEST_NAP
        kinds = [kind for provider in self._providers for kind in self._store.collections(provider.name)]
        instants = [transaction.next_due(world.row.id, kind) for kind in (OUTBOX, *kinds)]
        waits = [(from_ms(due) - world.now).total_seconds() for due in instants if due is not None]
        return max(min([_LONGEST_NAP, *waits]), 0.0)

    def _send_all(self, name: str, batch: list[Document]) -> None:
        try:
            for webhook in batch:
                attempt = send(webhook["url"], webhook["headers"], webhook["body"].encode(), self.named)
                self._note(name, webhook["id"], attempt)
        except Exception:
            log.exception("a webhook of %s could not be sent", name)
            pause(1.0)  # what cannot be noted would be sent again at once, and again
        finally:
            with self._lock:
                self._busy.discard(name)
            self._woken.set()

    def _note(self, name: str, id: str, attempt: dict[str, Any]) -> None:
        """Keeps what became of a try; nothing where the webhook was thrown away meanwhile."""
        with self._store.transaction() as transaction:
            row = self._workspaces.row(transaction, name)
            webhook = transaction.get(row.id, OUTBOX, id)
            if webhook is not None:
                now = clock_from_json(row.clock).now()
                transaction.put(row.id, OUTBOX, [attempted(webhook, attempt, now)])
