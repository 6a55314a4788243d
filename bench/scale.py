"""What many workspaces with many offers cost in disk and memory in either store, and how long calls take there.

The offers are copies of one of EstatePrime's, written by the database itself: a load through the server would take
hours.
"""

import argparse
import base64
import http.client
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
from servers import started

from postgresql import Cluster

MB = 1_000_000
OWN = ("workspace", "id", "by_id", "document")
FIRST = 1_000_000  # the number of the first copy
CALLS = {"get": "/estateprime/api/offers/{last}", "list": "/estateprime/api/offers"}


class Connection:
    """A client that keeps its connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)

    def call(self, method: str, path: str, workspace: str, body: Any = None) -> Any:
        """The JSON of an answer, which must be a success."""
        headers = {
            "Authorization": f"Basic {base64.b64encode(f'sbx_{workspace}:secret'.encode()).decode()}",
            "X-Sandbox-Workspace": workspace,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (answer.status, text[:300])
        return json.loads(text)


def template(url: str) -> None:
    """Makes the workspace `w0` with EstatePrime's records."""
    Connection(url).call("GET", "/estateprime/api/offers/54", "w0")


def fill_sqlite(folder: Path, workspaces: int, offers: int) -> None:
    """Copies the workspace, and offer 54."""
    with closing(sqlite3.connect(folder / "offer-sandbox.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = -500000")
        connection.execute("BEGIN")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(estateprime_offers)")]
        others = ", ".join(name for name in columns if name not in ("position", *OWN))
        for number in range(1, workspaces):
            connection.execute(
                "INSERT INTO workspaces (name, seed, clock, settings, made, used, records)"
                " SELECT ?, seed, clock, settings, made, used, ? FROM workspaces WHERE name = 'w0'",
                (f"w{number}", offers),
            )
            [(id,)] = connection.execute("SELECT max(id) FROM workspaces")
            connection.execute("INSERT INTO seeded SELECT ?, provider FROM seeded WHERE workspace = 1", (id,))
            connection.execute(
                "WITH RECURSIVE n (v) AS (SELECT ? UNION ALL SELECT v + 1 FROM n WHERE v < ?)"
                f" INSERT INTO estateprime_offers (workspace, id, by_id, document, {others}) SELECT ?, v, v,"
                f" CAST(replace(CAST(document AS TEXT), '\"id\":54,', '\"id\":' || v || ',') AS BLOB), {others}"
                " FROM estateprime_offers, n WHERE workspace = 1 AND id = '54'",
                (FIRST, FIRST + offers - 1, id),
            )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill_postgresql(url: str, workspaces: int, offers: int) -> None:
    """Copies the workspace, and offer 54, a hundred workspaces at a time."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path TO offer_sandbox")
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'offer_sandbox' AND table_name = 'estateprime_offers'"
        )
        others = ", ".join(name for (name,) in rows if name not in ("position", *OWN))
        connection.execute(
            "INSERT INTO workspaces (name, seed, clock, settings, made, used, records)"
            " SELECT 'w' || n, seed, clock, settings, made, used, %s FROM workspaces, generate_series(1, %s) AS n"
            " WHERE name = 'w0'",
            (offers, workspaces - 1),
        )
        connection.execute(
            "INSERT INTO seeded SELECT id, provider FROM workspaces, seeded WHERE workspace = 1 AND id <> 1"
        )
        ids = [id for (id,) in connection.execute("SELECT id FROM workspaces WHERE id <> 1 ORDER BY id")]
        for first in range(0, len(ids), 100):
            connection.execute(
                f"INSERT INTO estateprime_offers (workspace, id, by_id, document, {others}) SELECT w, n,"
                " E'\\x01' || lpad((9223372036854775808::numeric + n)::text, 20, '0'), convert_to(replace("
                f"convert_from(document, 'UTF8'), '\"id\":54,', '\"id\":' || n || ','), 'UTF8'), {others}"
                " FROM unnest(%s::bigint[]) AS w, generate_series(%s, %s) AS n, estateprime_offers"
                " WHERE workspace = 1 AND id = '54'",
                (ids[first : first + 100], FIRST, FIRST + offers - 1),
            )
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")


@contextmanager
def stored(
    kind: str, workspaces: int, offers: int
) -> Iterator[tuple[str, Callable[[], float], psutil.Process | None]]:
    """What `--data` names, filled; a function that returns its size in MB; and the database's process."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with started("--data", name) as (_, url):
                template(url)
            fill_sqlite(folder, workspaces, offers)
            yield name, lambda: sum(each.stat().st_size for each in folder.iterdir()) / MB, None
        return
    cluster = Cluster("fsync=off", "max_wal_size=8GB", "shared_buffers=1GB")
    try:
        database = cluster.database()
        with started("--data", cluster.url(database)) as (_, url):
            template(url)
        fill_postgresql(cluster.url(database), workspaces, offers)
        pid = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])

        def size() -> float:
            return float(cluster.execute("SELECT pg_database_size(current_database())", database)[0][0]) / MB

        yield cluster.url(database), size, psutil.Process(pid)
    finally:
        cluster.close()


def own_memory(process: psutil.Process) -> float:
    """The MB that a process and its children have for themselves."""
    return sum(each.memory_full_info().uss for each in (process, *process.children(recursive=True))) / MB


def measure(kind: str, workspaces: int, offers: int) -> None:
    began = time.monotonic()
    with stored(kind, workspaces, offers) as (data, size, database):
        filled = time.monotonic() - began
        disk = size()
        with started("--data", data, "--max-workspaces", "100000", "--max-records", "1000000") as (process, url):
            client = Connection(url)
            template(url)
            at_start = own_memory(process)
            took: dict[str, list[float]] = {name: [] for name in CALLS}
            for number in range(workspaces):
                workspace = f"w{number * 7919 % (workspaces - 1) + 1}"
                for name, path in CALLS.items():
                    start = time.perf_counter()
                    client.call("GET", path.format(last=FIRST + offers - 1), workspace)
                    took[name].append((time.perf_counter() - start) * 1000)
            memory = [at_start, own_memory(process), *([own_memory(database)] if database else [])]
            cells = [
                f"{disk:,.0f}",
                f"{disk * MB / workspaces / offers:,.0f}",
                *(f"{each:,.0f}" for each in memory),
            ]
            cells += [*([] if database else ["-"]), *(f"{statistics.median(each):.1f}" for each in took.values())]
            print(
                f"| {kind} | {workspaces:,} x {offers:,} |",
                " | ".join(cells),
                f"| filled in {filled:.0f} s",
                flush=True,
            )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--workspaces", type=int, default=100)
    arguments.add_argument("--offers", type=int, default=1_000)
    arguments.add_argument("--only", default="SQLite,PostgreSQL")
    given = arguments.parse_args()
    names = [
        "store",
        "workspaces x offers",
        "MB on disk",
        "bytes an offer",
        "MB server at start",
        "MB server after",
    ]
    print("|", " | ".join([*names, "MB database", *(f"ms {name}" for name in CALLS)]), "|")
    print("|---" * (len(names) + 1 + len(CALLS)) + "|", flush=True)
    for kind in given.only.split(","):
        measure(kind, given.workspaces, given.offers)


if __name__ == "__main__":
    sys.exit(main())
