"""`offer-sandbox serve` in a process that kills itself (SIGKILL) at a chosen point of the next exchange.

Run as `python dying_server.py POINT ARM FLAGS...`: from the moment the file ARM exists, the process dies at POINT:
`statement:N` before the Nth statement of SQL, `commit` right before the commit of the store that keeps a change,
`committed` right after it, `answer` when half of the answer is on the wire. The commits of the journal do not count:
those of an earlier exchange may come late.
"""

import itertools
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from offer_sandbox.cli import main
from offer_sandbox.server.protocol import HttpProtocol
from offer_sandbox.server.wire import head
from offer_sandbox.world.store import journal

POINT, ARM = sys.argv[1], Path(sys.argv[2])
_numbers = itertools.count(1)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Connection(sqlite3.Connection):
    """One that counts its statements from the moment on that matters."""

    began = 0
    of_journal = False

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        armed = ARM.exists()
        if armed and f"statement:{next(_numbers)}" == POINT:
            die()
        if statement.startswith("BEGIN"):
            self.began = self.total_changes
        keeps = statement == "COMMIT" and self.total_changes > self.began and not self.of_journal
        if armed and keeps and POINT == "commit":
            die()
        done = super().execute(statement, *values)
        if armed and keeps and POINT == "committed":
            die()
        return done


def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
    connection = _connect(*arguments, factory=Connection, **options)
    connection.of_journal = journal.FILE_NAME in str(arguments[0])
    return connection


def write_whole(self: HttpProtocol, request: Any, answer: Any) -> None:
    if ARM.exists() and POINT == "answer":
        sent = head(answer.status, answer.headers) + answer.payload
        self.write(sent[: len(sent) // 2])
        die()
    _write_whole(self, request, answer)


_connect, sqlite3.connect = sqlite3.connect, connect  # type: ignore[assignment]
_write_whole, HttpProtocol.write_whole = HttpProtocol.write_whole, write_whole  # type: ignore[method-assign]
sys.exit(main(["serve", *sys.argv[3:]]))
