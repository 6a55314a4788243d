"""What a server takes: memory over a million exchanges, disk for what it keeps, both once the journal is full."""

import argparse
import json
import multiprocessing
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import traffic

SLICES, WORKSPACES, CLIENTS, LARGE = 20, 50, 2, 64 * 1024
BOUND = 128 * 1024 * 1024  # bytes that the journal keeps about
MB = 1_000_000
NAMES = [f"bench-{number}" for number in range(WORKSPACES)]
Figures = dict[str, Any]


class Server(NamedTuple):
    """A running server and the folder of its state, None for one in memory."""

    process: psutil.Process
    port: int
    folder: Path | None

    def control(self, method: str, path: str, body: Any = None, workspace: str = "default") -> bytes:
        """A call of the control API; its answer."""
        headers = {"X-Sandbox-Workspace": workspace, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return bytes(answer.read())

    def counted(self, name: str) -> int:
        """The sum of a counter's figures in /metrics."""
        text = self.control("GET", "/metrics").decode()
        return sum(int(float(each)) for each in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))

    def taken(self) -> Figures:
        """What it takes and keeps at this moment."""
        workspaces = json.loads(self.control("GET", "/__admin/workspaces"))["workspaces"]
        return {
            "rss_mb": self.process.memory_info().rss / MB,
            "folder_mb": size(self.folder) / MB if self.folder else None,
            "records": sum(each["records"] for each in workspaces),
            "journal_dropped": self.counted("offer_sandbox_journal_dropped_total"),
        }


@contextmanager
def served(folder: Path | None = None) -> Iterator[Server]:
    """A server for the block, in memory or on a folder; afterwards it has been asked to end, and has."""
    flags = ["--data", str(folder)] if folder else []
    command = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--log", "off", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        yield Server(psutil.Process(process.pid), port, folder)
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def clients() -> Iterator[ProcessPoolExecutor]:
    """The processes that call."""
    with ProcessPoolExecutor(CLIENTS, multiprocessing.get_context("spawn")) as pool:
        yield pool


def drive(pool: ProcessPoolExecutor, port: int, requests: Sequence[bytes], first: int, count: int) -> Counter[int]:
    """Makes that many requests, shared among the clients; how many were answered with which status."""
    bounds = [first + count * number // CLIENTS for number in range(CLIENTS + 1)]
    work = [pool.submit(traffic.drive, port, requests, begin, end - begin) for begin, end in pairwise(bounds)]
    return sum((each.result() for each in work), Counter())


def size(folder: Path, only: str = "*") -> int:
    """Bytes of a folder's files."""
    return sum(each.stat().st_size for each in folder.glob(only))


def curve(pool: ProcessPoolExecutor, exchanges: int, folder: Path | None) -> Figures:
    """What a server takes after every twentieth of that many exchanges. Each slice ends with a reset of the
    records that it has added, so that every slice begins with the same."""
    requests = traffic.cycle(NAMES, traffic.MIX)
    rows: list[Figures] = []
    statuses: Counter[int] = Counter()
    print(f"\nMemory, state {'in a folder' if folder else 'in memory'}: a mix over {WORKSPACES} workspaces")
    with served(folder) as server:
        drive(pool, server.port, requests, 0, 0)  # the clients are there
        tell(HEAD)
        tell({"exchanges": 0, "per_second": 0, **server.taken()})
        for number in range(SLICES):
            first, end = exchanges * number // SLICES, exchanges * (number + 1) // SLICES
            started = time.perf_counter()
            statuses += drive(pool, server.port, requests, first, end - first)
            rate = (end - first) / (time.perf_counter() - started)
            rows.append({"exchanges": end, "per_second": rate, **server.taken()})
            tell(rows[-1])
            for name in NAMES:
                server.control("POST", "/__admin/reset", {"scope": ["state"]}, name)
        counted = server.counted("offer_sandbox_exchanges_total")
    found = {"slices": rows, "counted": counted, "statuses": dict(sorted(statuses.items())), **growth(rows)}
    print(f"/metrics has counted {counted:,} of {exchanges:,}; answers by status: {found['statuses']}")
    print(
        f"growth in MB per 100,000 exchanges: {found['last_slice']:+.2f} in the last slice,"
        f" {found['second_half']:+.2f} over the second half"
    )
    if counted != exchanges or 404 not in statuses or statuses[200] < exchanges / 2:
        raise SystemExit("the exchanges are not what they were meant to be")
    return found


def growth(rows: Sequence[Figures]) -> Figures:
    """MB of memory per 100,000 exchanges at the end of a curve."""
    last = rows[-1]
    return {
        name: 100_000 * (last["rss_mb"] - row["rss_mb"]) / (last["exchanges"] - row["exchanges"])
        for name, row in (("last_slice", rows[-2]), ("second_half", rows[len(rows) // 2 - 1]))
    }


HEAD = dict.fromkeys(("exchanges", "per_second", "rss_mb", "folder_mb", "records", "journal_dropped"))


def tell(row: Figures) -> None:
    """Prints a line of a curve, or its heading."""
    if row is HEAD:
        print(" exchanges    RSS MB  folder MB   records  journal dropped  per second", flush=True)
        return
    folder = "-" if row["folder_mb"] is None else f"{row['folder_mb']:.1f}"
    print(
        f"{row['exchanges']:10,} {row['rss_mb']:9.1f} {folder:>10} {row['records']:9,}"
        f" {row['journal_dropped']:16,} {row['per_second']:11,.0f}",
        flush=True,
    )


def at_rest(folder: Path) -> Figures:
    """Bytes of a folder whose server has ended: all, the store's and the journal's, with what was written ahead
    moved to where it belongs; and what of that the server had left in files of its own."""
    ahead = size(folder, "*-wal")
    for each in folder.glob("*.sqlite3"):
        connection = sqlite3.connect(each)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    journal = size(folder, "*-journal.sqlite3*")
    return {"all": size(folder), "store": size(folder) - journal, "journal": journal, "left_ahead": ahead}


def disk(pool: ProcessPoolExecutor) -> list[Figures]:
    """What a folder takes when it is new, and what further workspaces, offers and entries add to it."""
    many = [f"many-{number}" for number in range(200)]
    each_once = [traffic.as_bytes(name, read) for name in many for read in traffic.ONE_READ_EACH]
    offers = [traffic.as_bytes(many[0], traffic.CREATE_OFFER)]
    steps = (
        ("an empty server", 1, each_once, 0),
        ("a workspace, all five providers called", 200, each_once, 1_000),
        ("1,000 offers created (Covent)", 1, offers, 1_000),
        ("10,000 entries of the journal (reads)", 1, each_once, 10_000),
    )
    print(f"\nDisk, in KB, after the server's end\n{'':40} {'all':>9} {'store':>9} {'journal':>9}")
    rows: list[Figures] = []
    with tempfile.TemporaryDirectory() as name:
        former = Counter[str]()
        for title, units, requests, count in steps:
            with served(Path(name)) as server:
                drive(pool, server.port, requests, 0, count)
            now = at_rest(Path(name))
            added = {key: (now[key] - former[key]) / units for key in ("all", "store", "journal")}
            rows.append({"what": title, **added, "left_ahead": now["left_ahead"]})
            former = Counter(now)
            told = " ".join(f"{added[key] / 1000:9,.1f}" for key in added)
            print(f"{title:40} {told}", flush=True)
    ahead = ", ".join(f"{row['left_ahead'] / 1000:,.0f}" for row in rows)
    print(f"left in write-ahead files by the server's end, and moved before measuring: {ahead} KB")
    return rows


def full_journal(pool: ProcessPoolExecutor, folder: Path | None, times: int) -> list[Figures]:
    """What a server takes while its journal is filled with large entries, and more of them go by."""
    once = BOUND // LARGE
    requests = traffic.cycle(NAMES, [traffic.large(LARGE)])
    where = "in a folder" if folder else "in memory"
    print(f"\nThe journal's bound, state {where}: entries of {LARGE // 1024} KiB, {once:,} fill it")
    rows: list[Figures] = []
    with served(folder) as server:
        tell(HEAD)
        for number in range(times * 2):
            first, end = once * number // 2, once * (number + 1) // 2
            started = time.perf_counter()
            drive(pool, server.port, requests, first, end - first)
            rate = (end - first) / (time.perf_counter() - started)
            rows.append({"exchanges": end, "per_second": rate, **server.taken()})
            tell(rows[-1])
    return rows


def places(work: Any, *arguments: Any) -> Iterable[tuple[str, Any]]:
    """Does the work in memory, then in a folder."""
    yield "memory", work(*arguments, None)
    with tempfile.TemporaryDirectory() as name:
        yield "folder", work(*arguments, Path(name))


def main() -> None:
    """Prints the tables; with --json writes the figures too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=1_000_000, help="for each curve of memory (1000000)")
    parser.add_argument("--quick", action="store_true", help="20,000 exchanges")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    given = parser.parse_args()
    exchanges = 20_000 if given.quick else given.exchanges
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {psutil.cpu_count()} processors")
    with clients() as pool:
        figures = {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "processors": psutil.cpu_count(),
            "memory": dict(places(lambda folder: curve(pool, exchanges, folder))),
            "disk": disk(pool),
            "full_journal": dict(places(lambda folder: full_journal(pool, folder, 2 if given.quick else 4))),
        }
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
