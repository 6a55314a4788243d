"""Sends webhooks when they are due, each workspace by its own clock, which it brings its workspaces up to."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.settling import settle
from offer_sandbox.webhooks.sending import send
from offer_sandbox.world.clock import from_ms, pause, real_now, stopwatch, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.outbox import OUTBOX, attempted, claimed, free_at
from offer_sandbox.world.store import SqliteStore, Transaction
from offer_sandbox.world.world import Workspaces, World, clock_from_json

log = logging.getLogger("offer_sandbox")
_MOST_AT_ONCE = 8
_AFTER_TROUBLE = 1.0
_LONGEST_NAP = 3600.0


class Courier:
    """One thread that looks into a workspace when something may be due there, and up to eight that send, each
    for one workspace at a time: a target that hangs keeps its own workspace waiting (eight of them all).

    `named` are the hosts beyond the loopback that may be called. What was on its way when a process ended is
    sent again, by the next one or by one that runs beside it.
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
        self._looks: dict[str, float] = {}  # workspace to the stopwatch's time of the next look into it
        self._busy: set[str] = set()
        self._thread: threading.Thread | None = None

    def resume(self) -> None:
        """Goes on with what a former process left: events that are not sent yet, and targets to be watched."""
        with self._store.transaction() as transaction:
            names = transaction.workspaces_to_watch("webhooks", OUTBOX)
        for name in names:
            self.wake(name)

    def wake(self, name: str) -> None:
        """Has it look into a workspace: a record, a clock, a target or the outbox may have changed."""
        with self._lock:
            self._looks[name] = 0.0
            if self._thread is None or not self._thread.is_alive():  # nor is it in a forked process
                self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
                self._thread.start()
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.clear()
            with self._lock:
                now = stopwatch()
                names = [name for name, when in self._looks.items() if when <= now]
                for name in names:
                    del self._looks[name]
            for name in names:
                self._look_or_log(name)
            with self._lock:
                next_look = min(self._looks.values(), default=now + _LONGEST_NAP)
            self._woken.wait(max(next_look - stopwatch(), 0.0))

    def _look_or_log(self, name: str) -> None:
        """One workspace's trouble is nobody else's."""
        try:
            nap = self._look(name)
        except Exception:
            log.exception("the webhooks of workspace %s cannot be sent", name)
            nap = _AFTER_TROUBLE
        if nap is not None:
            self._look_again(name, nap)

    def _look_again(self, name: str, seconds: float) -> None:
        """Plans a look, unless an earlier one is planned."""
        when = stopwatch() + seconds
        with self._lock:
            self._looks[name] = min(when, self._looks.get(name, when))

    def _look(self, name: str) -> float | None:
        """Brings a workspace up to its clock and starts sending what is due; seconds until the next look, None
        where nothing but a wake can make one worth while."""
        with self._store.transaction() as transaction:
            worlds = [self._workspaces.open(transaction, name, each.name) for each in self._providers]
            for provider, world in zip(self._providers, worlds, strict=True):
                settle(provider, world)
            due = transaction.due(worlds[0].row.id, OUTBOX, to_ms(worlds[0].now))
            nap = self._nap(transaction, worlds[0])
        if not due:
            return nap
        free = [webhook for webhook in due if free_at(webhook) <= to_ms(real_now())]
        if not free:  # another process is at it
            return _AFTER_TROUBLE
        with self._lock:
            if name in self._busy:
                return None  # who is at it looks again at the end
            if len(self._busy) >= _MOST_AT_ONCE:
                return _AFTER_TROUBLE
            self._busy.add(name)
        threading.Thread(target=self._send_all, args=(name, free), name="sender", daemon=True).start()
        return None

    def _nap(self, transaction: Transaction, world: World) -> float | None:
        """Seconds of wall time until something else is due in the workspace: an event, or a next try."""
        if clock_from_json(world.row.clock).mode == "frozen" or not world.row.settings.get("webhooks"):
            return None
        kinds = [kind for provider in self._providers for kind in self._store.collections(provider.name)]
        instants = [transaction.next_due(world.row.id, kind) for kind in (OUTBOX, *kinds)]
        waits = [(from_ms(due) - world.now).total_seconds() for due in instants if due is not None]
        return min(max(min(waits), 0.0), _LONGEST_NAP) if waits else None

    def _send_all(self, name: str, batch: list[Document]) -> None:
        try:
            for webhook in batch:
                if (mine := self._claim(name, webhook)) is not None:
                    attempt = send(mine["url"], mine["headers"], mine["body"].encode(), self.named)
                    self._note(name, mine, attempt)
        except Exception:
            log.exception("a webhook of workspace %s could not be sent", name)
            pause(_AFTER_TROUBLE)  # what cannot be noted would be sent again at once, and again
        finally:
            with self._lock:
                self._busy.discard(name)
            self.wake(name)

    def _claim(self, name: str, webhook: Document) -> Document | None:
        """The webhook, claimed for this try; None where it was thrown away, sent or claimed meanwhile."""
        with self._store.transaction() as transaction:
            row = self._workspaces.row(transaction, name)
            if transaction.get(row.id, OUTBOX, webhook["id"]) != webhook:
                return None
            mine = claimed(webhook)
            transaction.put(row.id, OUTBOX, [mine])
            return mine

    def _note(self, name: str, mine: Document, attempt: dict[str, Any]) -> None:
        """Keeps what became of a try; nothing where the webhook was thrown away meanwhile (a reset may have made
        another of the same id)."""
        with self._store.transaction() as transaction:
            row = self._workspaces.row(transaction, name)
            if transaction.get(row.id, OUTBOX, mine["id"]) == mine:
                now = clock_from_json(row.clock).now()
                transaction.put(row.id, OUTBOX, [attempted(mine, attempt, now)])
