"""Sends webhooks when they are due by their workspace's clock, after it brings the workspace up to that clock."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.exchange.webhooks import signature, target_of, wrong_signature
from offer_sandbox.imports import IMPORTING
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
_PATROL = ""  # in place of a workspace's name: the search for work that another server has left
_PATROL_SECONDS = 30.0


class Dispatcher:
    """Sends webhooks from background threads.

    One thread checks a workspace when something may be due there. Up to 64 other threads send. Each of them sends
    to one provider's target of one workspace, one event at a time. A target that hangs therefore delays no other
    target, unless 64 of them hang.

    `reach` is the allowlist of targets. With `hold` nothing is sent, and the webhooks wait. If a process ends
    while it sends a webhook, the webhook is sent again by the next process, or by another one that runs at the
    same time. If other servers use the store too (`shared`), this one looks every half minute for the work of a
    server that has ended and was not started again.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        store: Store,
        workspaces: Workspaces,
        reach: Allowlist | None = None,
        *,
        hold: bool = False,
        shared: bool = False,
    ) -> None:
        self._hold = hold
        self._shared = shared
        self._providers = [provider for provider in providers.values() if provider.topics]
        self._store = store
        self._workspaces = workspaces
        self.reach = reach or Allowlist()
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._looks: dict[str, float] = {}  # stopwatch time of the next check, by workspace
        self._busy: set[tuple[str, str]] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    def close(self) -> None:
        """Ends the thread that checks workspaces. Webhooks that are being sent are not interrupted."""
        self._closed = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    def wrong_target(self, url: str) -> str | None:
        """Returns the reason why webhooks cannot be sent to a URL, or None if they can."""
        try:
            read(url, self.reach)
        except TargetRefused as error:
            return str(error)
        return None

    def resume(self) -> None:
        """Resumes the work of an earlier process: unsent events, and workspaces that have targets."""
        for name in [_PATROL] if self._shared else self._unfinished():
            self.wake(name)

    def _unfinished(self) -> list[str]:
        with self._store.transaction(writes=False) as transaction:
            return transaction.workspaces_to_watch("webhooks", OUTBOX)

    def _patrol(self) -> float:
        """Schedules a check of each workspace with unsent events or targets. Returns the seconds until the next
        patrol."""
        for name in self._unfinished():
            self._look_again(name, 0.0)
        return _PATROL_SECONDS

    def wake(self, name: str) -> None:
        """Schedules a check of a workspace, because a record, a clock, a target or the outbox may have changed."""
        if self._hold or self._closed:
            return
        with self._lock:
            self._looks[name] = 0.0
            if self._thread is None or not self._thread.is_alive():  # a forked process has no such thread
                self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
                self._thread.start()
        self._woken.set()

    def _run(self) -> None:
        while not self._closed:
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
        """Checks a workspace and logs any exception, so that an error does not affect other workspaces."""
        try:
            nap = self._patrol() if name == _PATROL else self._look(name)
        except Exception:
            log.exception("the webhooks of workspace %s cannot be sent", name or "(any)")
            nap = _AFTER_TROUBLE
        if nap is not None:
            self._look_again(name, nap)

    def _look_again(self, name: str, seconds: float) -> None:
        """Schedules a check, unless an earlier one is scheduled."""
        when = stopwatch() + seconds
        with self._lock:
            self._looks[name] = min(when, self._looks.get(name, when))

    def _look(self, name: str) -> float | None:
        """Brings a workspace up to its clock and starts sending due webhooks. Returns the seconds until the next
        check, or None if no check is useful before the next `wake`."""
        with self._store.transaction() as transaction:
            row = transaction.workspace(name)
            if row is None or not (row.settings.get("webhooks") or transaction.has_due(row.id, OUTBOX)):
                return None  # the next call applies the changes that are due
            worlds = [self._workspaces.world(transaction, row, each.name) for each in self._providers]
            for provider, world in zip(self._providers, worlds, strict=True):
                apply_due_transitions(provider, world)
            due = transaction.due(worlds[0].row.id, OUTBOX, to_ms(worlds[0].now))
            nap = self._nap(transaction, worlds[0])
        free = [webhook for webhook in due if free_at(webhook) <= to_ms(real_now())]
        waiting = [self._start(name, provider, free) for provider in self._providers]
        if len(free) < len(due) or not all(waiting):  # another process is sending, or all 64 threads are busy
            return _AFTER_TROUBLE
        return nap

    def _start(self, name: str, provider: Provider, due: list[Document]) -> bool:
        """Starts sending one provider's due webhooks, unless a thread already does. Returns False if too many
        threads are busy."""
        batch = [webhook for webhook in due if webhook["provider"] == provider.name]
        key = (name, provider.name)
        with self._lock:
            if not batch or key in self._busy:  # the busy thread schedules another check when it ends
                return True
            if len(self._busy) >= _MAX_AT_ONCE:
                return False
            self._busy.add(key)
        threading.Thread(target=self._send_all, args=(name, provider, batch), name="sender", daemon=True).start()
        return True

    def _nap(self, transaction: Transaction, world: World) -> float | None:
        """Returns the seconds of wall time until the next change or retry is due in the workspace. Returns None if
        the clock is frozen, no target is set or nothing is due."""
        if clock_from_json(world.row.clock).mode == "frozen" or not world.row.settings.get("webhooks"):
            return None
        kinds = [kind for provider in self._providers for kind in self._store.collections(provider.name).values()]
        instants = [transaction.next_due(world.row.id, kind, to_ms(world.now)) for kind in (OUTBOX, *kinds)]
        waits = [(from_ms(due) - world.now).total_seconds() for due in instants if due is not None]
        return min(*waits, _MAX_NAP) if waits else None

    def _send_all(self, name: str, provider: Provider, batch: list[Document]) -> None:
        with IMPORTING:  # takes 6 ms, so it is not imported at start
            from offer_sandbox.webhooks.client import send

        try:
            for webhook in batch:
                claim = self._claim(name, provider, webhook)
                if claim is None:
                    continue
                mine, at = claim
                attempt = send(mine["url"], mine["headers"], mine["body"].encode(), self.reach)
                self._note(name, mine, attempt, at)
                if attempt["status"] is None:  # a target that hangs or is down gives others a turn
                    break
        except Exception:
            log.exception("a webhook of workspace %s could not be sent", name)
            pause(_AFTER_TROUBLE)  # else a webhook whose result cannot be stored is resent immediately
        finally:
            with self._lock:
                self._busy.discard((name, provider.name))
            self.wake(name)

    def _claim(self, name: str, provider: Provider, webhook: Document) -> tuple[Document, datetime] | None:
        """Claims the webhook for one attempt. Returns it with the current target and signature, and the attempt's
        instant. Returns None if it was deleted, sent or claimed meanwhile, or if it has no target any more.

        On a frozen clock, an attempt happens at the instant for which it was due, even if the clock was moved
        past it. One long advance therefore makes as many attempts as several short ones.
        """
        with self._store.transaction() as transaction:
            row = transaction.workspace(name)
            if row is None:
                return None
            world = self._workspaces.world(transaction, row, provider.name)  # a check does not count as use
            if transaction.get(world.row.id, OUTBOX, webhook["id"]) != webhook:
                return None
            url = target_of(provider, world).get("url")
            stored = {name: value for name, value in webhook["headers"].items() if name != provider.signature}
            sign = wrong_signature if webhook.get("fault") == "WRONG_SIGNATURE" else signature
            signed = sign(provider, world, webhook["body"].encode())
            mine = claimed(webhook, url, {**stored, **_host(url, self.reach), **signed})
            transaction.put(world.row.id, OUTBOX, [mine])
            frozen = clock_from_json(world.row.clock).mode == "frozen"
            return None if url is None else (mine, from_ms(webhook["due"]) if frozen else world.now)

    def _note(self, name: str, mine: Document, attempt: dict[str, Any], at: datetime) -> None:
        """Stores the result of an attempt. Stores nothing if the webhook was deleted meanwhile (a reset may have
        made another one with the same id)."""
        with self._store.transaction() as transaction:
            row = transaction.workspace(name)
            if row is not None and transaction.get(row.id, OUTBOX, mine["id"]) == mine:
                transaction.put(row.id, OUTBOX, [attempted(mine, attempt, at)])


def _host(url: str | None, reach: Allowlist) -> dict[str, str]:
    """Returns the Host header of a call. Empty if the URL is no longer allowed, which the attempt then reports."""
    try:
        return {"Host": host_header(read(url, reach))} if url else {}
    except TargetRefused:
        return {}
