"""Notices between the servers of one PostgreSQL database: which workspaces have changed (LISTEN and NOTIFY)."""

import json
import logging
import os
import threading
from collections.abc import Callable

import psycopg

from offer_sandbox.world.clock import pause
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.rng import request_id
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.postgresql.database import Database, connect, reason

log = logging.getLogger("offer_sandbox")
_CHANNEL = "offer_sandbox"
_AT_ONCE = 100  # names in one notice, which PostgreSQL limits to 8,000 bytes
_COLLECTING_SECONDS = 0.005  # a busy server sends one notice for all changes of this time
_AFTER_TROUBLE = 1.0
_LISTENING_SECONDS = 1.0


class Notices:
    """Sends and receives the names of changed workspaces, in two background threads.

    `heard` is called with the name of each workspace that another server has changed. It is called with None when
    notices may have been missed, after each new connection. A notice is sent outside the transaction of the
    change, because PostgreSQL would let transactions with a notice commit only one after the other.
    """

    def __init__(self, url: DatabaseUrl, database: Database, heard: Callable[[str | None], None]) -> None:
        self._url = url
        self._database = database
        self._heard = heard
        self._own = request_id()
        self._names: set[str] = set()
        self._waiting = threading.Event()
        self._lock = threading.Lock()
        self._process = 0
        self._closed = False
        self._start()

    def close(self) -> None:
        """Ends the threads, within a second."""
        self._closed = True
        self._waiting.set()

    def publish(self, workspace: str) -> None:
        """Tells the other servers soon that a workspace has changed."""
        if self._process != os.getpid():  # a forked process has no such threads
            self._start()
        with self._lock:
            self._names.add(workspace)
        self._waiting.set()

    def _start(self) -> None:
        self._process = os.getpid()
        for work in (self._send, self._listen):
            threading.Thread(target=work, name="notices", daemon=True).start()

    def _send(self) -> None:
        while not self._closed:
            self._waiting.wait()
            self._waiting.clear()
            with self._lock:
                names, self._names = [*self._names], set()
            try:
                while names:
                    self._notify(names[:_AT_ONCE])
                    del names[:_AT_ONCE]
                pause(_COLLECTING_SECONDS)
            except StoreError:
                with self._lock:
                    self._names.update(names)
                pause(_AFTER_TROUBLE)
                self._waiting.set()

    def _notify(self, names: list[str]) -> None:
        with self._database.statement() as connection:
            connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, json.dumps([self._own, *names])))

    def _listen(self) -> None:
        while not self._closed:
            try:
                with connect(self._url) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    self._heard(None)
                    while not self._closed:
                        for notice in connection.notifies(timeout=_LISTENING_SECONDS):
                            self._hear(notice.payload)
            except psycopg.Error as error:
                if self._closed:
                    return
                log.warning("notices of other servers cannot be received for now: %s", reason(error))
                pause(_AFTER_TROUBLE)

    def _hear(self, payload: str) -> None:
        """Passes on the names in a notice. Ignores that of another program, and its own."""
        try:
            words = json.loads(payload)
        except ValueError:
            return
        if isinstance(words, list) and all(isinstance(word, str) for word in words) and words[:1] != [self._own]:
            for name in words[1:]:
                self._heard(name)
