"""Sends webhooks when they are due, each workspace by its own clock, which it brings its workspaces up to."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.exchange.webhooks import signature, target_of
from offer_sandbox.webhooks.allowlist import Allowlist, TargetRefused, host_header, read
from offer_sandbox.world.clock import from_ms, pause, real_now, stopwatch, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.outbox import OUTBOX, attempted, claimed, free_at
from offer_sandbox.world.store import Store, Transaction
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import World, clock_from_json

log = logging.getLogger("offer_sandbox")
_MAX_AT_ONCE = 64
_AFTER_TROUBLE = 1.0
_MAX_NAP = 3600.0


class Dispatcher:
    """One thread that looks into a workspace when something may be due there, and up to 64 that send, each for
    one provider's target of one workspace, one event at a time: a target that hangs keeps nobody else waiting
    (64 of them do).

    `reach` says whom it may call. What was on its way when a process ended is
    sent again, by the next one or by one that runs beside it.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        store: Store,
        workspaces: Workspaces,
        reach: Allowlist | None = None,
    ) -> None:
        self._providers = [provider for provider in providers.values() if provider.topics]
        self._store = store
        self._workspaces = workspaces
        self.reach = reach or Allowlist()
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._looks: dict[str, float] = {}  # workspace to the stopwatch's time of the next look into it
        self._busy: set[tuple[str, str]] = set()
        self._thread: threading.Thread | None = None

    def wrong_target(self, url: str) -> str | None:
        """What is wrong with a URL that webhooks are to be sent to; None where nothing is."""
        try:
            read(url, self.reach)
        except TargetRefused as error:
            return str(error)
        return None

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
                next_look = min(self._looks.values(), default=now + _MAX_NAP)
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
            row = transaction.workspace(name)
            if row is None or not (row.settings.get("webhooks") or transaction.has_due(row.id, OUTBOX)):
                return None  # what time brings about there is seen when somebody looks
            worlds = [self._workspaces.world(transaction, row, each.name) for each in self._providers]
            for provider, world in zip(self._providers, worlds, strict=True):
                apply_due_transitions(provider, world)
            due = transaction.due(worlds[0].row.id, OUTBOX, to_ms(worlds[0].now))
            nap = self._nap(transaction, worlds[0])
        free = [webhook for webhook in due if free_at(webhook) <= to_ms(real_now())]
        waiting = [self._start(name, provider, free) for provider in self._providers]
        if len(free) < len(due) or not all(waiting):  # another process is at it, or too many are
            return _AFTER_TROUBLE
        return nap

    def _start(self, name: str, provider: Provider, due: list[Document]) -> bool:
        """Starts sending what is due of one provider's, unless somebody is at it; False where too many are at
        work already."""
        batch = [webhook for webhook in due if webhook["provider"] == provider.name]
        key = (name, provider.name)
        with self._lock:
            if not batch or key in self._busy:  # who is at it looks again at the end
                return True
            if len(self._busy) >= _MAX_AT_ONCE:
                return False
            self._busy.add(key)
        threading.Thread(target=self._send_all, args=(name, provider, batch), name="sender", daemon=True).start()
        return True

    def _nap(self, transaction: Transaction, world: World) -> float | None:
        """Seconds of wall time until something else is due in the workspace: an event, or a next try."""
        if clock_from_json(world.row.clock).mode == "frozen" or not world.row.settings.get("webhooks"):
            return None
        kinds = [kind for provider in self._providers for kind in self._store.collections(provider.name).values()]
        instants = [transaction.next_due(world.row.id, kind, to_ms(world.now)) for kind in (OUTBOX, *kinds)]
        waits = [(from_ms(due) - world.now).total_seconds() for due in instants if due is not None]
        return min(*waits, _MAX_NAP) if waits else None

    def _send_all(self, name: str, provider: Provider, batch: list[Document]) -> None:
        from offer_sandbox.webhooks.client import send  # 6 ms, which a start does not pay

        try:
            for webhook in batch:
                claim = self._claim(name, provider, webhook)
                if claim is None:
                    continue
                mine, at = claim
                attempt = send(mine["url"], mine["headers"], mine["body"].encode(), self.reach)
                self._note(name, mine, attempt, at)
                if attempt["status"] is None:  # what hangs or is down lets others have their turn
                    break
        except Exception:
            log.exception("a webhook of workspace %s could not be sent", name)
            pause(_AFTER_TROUBLE)  # what cannot be noted would be sent again at once, and again
        finally:
            with self._lock:
                self._busy.discard((name, provider.name))
            self.wake(name)

    def _claim(self, name: str, provider: Provider, webhook: Document) -> tuple[Document, datetime] | None:
        """The webhook, claimed for this try and with target and signature as they are set now, and the try's
        instant; None where it was thrown away, sent or claimed meanwhile, or is not to be sent any more.

        On a clock that stands still a try happens at the instant for which it was due, whatever the clock was
        moved to since: a leap tries as often as single steps would.
        """
        with self._store.transaction() as transaction:
            row = transaction.workspace(name)
            if row is None:
                return None
            world = self._workspaces.world(transaction, row, provider.name)  # a look is no use of it
            if transaction.get(world.row.id, OUTBOX, webhook["id"]) != webhook:
                return None
            url = target_of(provider, world).get("url")
            stored = {name: value for name, value in webhook["headers"].items() if name != provider.signature}
            signed = signature(provider, world, webhook["body"].encode())
            mine = claimed(webhook, url, {**stored, **_host(url, self.reach), **signed})
            transaction.put(world.row.id, OUTBOX, [mine])
            frozen = clock_from_json(world.row.clock).mode == "frozen"
            return None if url is None else (mine, from_ms(webhook["due"]) if frozen else world.now)

    def _note(self, name: str, mine: Document, attempt: dict[str, Any], at: datetime) -> None:
        """Keeps what became of a try; nothing where the webhook was thrown away meanwhile (a reset may have made
        another of the same id)."""
        with self._store.transaction() as transaction:
            row = transaction.workspace(name)
            if row is not None and transaction.get(row.id, OUTBOX, mine["id"]) == mine:
                transaction.put(row.id, OUTBOX, [attempted(mine, attempt, at)])


def _host(url: str | None, reach: Allowlist) -> dict[str, str]:
    """The Host header of a call; none where the URL may not be called any more, which the try will tell."""
    try:
        return {"Host": host_header(read(url, reach))} if url else {}
    except TargetRefused:
        return {}
