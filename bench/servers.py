"""How many calls one to three servers answer, on SQLite and on PostgreSQL, and what a call costs (needs wrk).

The machine that runs this has everything: clients, servers and database. The figures of several servers therefore
show what a call costs in each place, and not how far several machines go.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from offer_sandbox.providers.covent import samples
from postgresql import Cluster

CONNECTIONS = 12
SCRIPT = """
local number, workspaces, body = 0, {workspaces}, {body}
request = function()
  number = number + 1 local headers = {{["Authorization"] = "Bearer sbx_bench-" .. (number % workspaces),
  ["Accept"] = "application/json",
    ["Content-Type"] = "application/json"}}
  return wrk.format("{method}", "{path}", headers, body)
end
"""
CALLS = {
    "read": ("GET", "/covent/api/v1/listings/lst_123", None),
    "write": ("POST", "/covent/api/v1/offers", samples.CREATE_OFFER),
}


class Setting(NamedTuple):
    """How the state is stored and by how many processes it is used."""

    name: str
    store: str  # memory, folder or database
    processes: int


SETTINGS = (
    Setting("memory, 1 process", "memory", 1),
    Setting("SQLite, 1 process", "folder", 1),
    Setting("SQLite, 2 workers", "folder", 2),
    Setting("SQLite, 3 workers", "folder", 3),
    Setting("PostgreSQL, 1 server", "database", 1),
    Setting("PostgreSQL, 2 servers", "database", 2),
    Setting("PostgreSQL, 3 servers", "database", 3),
)


class Figures(NamedTuple):
    """What a load has found: calls per second, ms of CPU for a call in the servers and in the database, and the
    median and 99th percentile of its time."""

    rate: float
    server: float
    database: float
    half: str
    slow: str


@contextmanager
def started(*flags: str) -> Iterator[tuple[psutil.Process, str]]:
    """A server and its URL."""
    command = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--log", "off", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield psutil.Process(process.pid), json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def running(setting: Setting) -> Iterator[tuple[list[psutil.Process], list[str], psutil.Process | None]]:
    """The servers, their URLs, and the database's process."""
    with ExitStack() as stack:
        if setting.store == "database":
            cluster = Cluster("fsync=on", "max_connections=200", "shared_buffers=512MB")
            stack.callback(cluster.close)
            found = [
                stack.enter_context(started("--data", url)) for url in [cluster.new_url()] * setting.processes
            ]
            pid = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
            yield [process for process, _ in found], [url for _, url in found], psutil.Process(pid)
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        flags = ["--data", folder] if setting.store == "folder" else []
        process, url = stack.enter_context(started(*flags, "--workers", str(setting.processes)))
        yield [process], [url], None


def cpu(process: psutil.Process | None) -> float:
    """The seconds that a process and its children have used."""
    if process is None:
        return 0.0
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def load(urls: Sequence[str], script: Path, seconds: int) -> tuple[int, str, str]:
    """How many calls were answered, and the median and 99th percentile of the first server's."""

    def wrk(url: str) -> str:
        connections = CONNECTIONS // len(urls)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", str(script), url]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(len(urls)) as pool:
        told = list(pool.map(wrk, urls))
    if refused := [found[1] for text in told if (found := re.search(r"Non-2xx or 3xx responses: (\d+)", text))]:
        raise SystemExit(f"{refused} calls were refused")
    shares = dict(re.findall(r"\n\s+(50|99)%\s+(\S+)\n", told[0]))
    return sum(int(re.search(r"(\d+) requests in", text)[1]) for text in told), shares["50"], shares["99"]  # type: ignore[index]


def measured(setting: Setting, call: str, workspaces: int, seconds: int) -> Figures:
    """One load on new servers, after a short one."""
    method, path, body = CALLS[call]
    text = "nil" if body is None else json.dumps(json.dumps(body))
    with running(setting) as (servers, urls, database), tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "calls.lua"
        script.write_text(SCRIPT.format(workspaces=workspaces, body=text, method=method, path=path))
        load(urls, script, 2)
        before = sum(map(cpu, servers)), cpu(database)
        calls, half, slow = load(urls, script, seconds)
        after = sum(map(cpu, servers)), cpu(database)
    own, other = ((end - begin) / calls * 1000 for begin, end in zip(before, after, strict=True))
    return Figures(calls / seconds, own, other, half, slow)


def row(found: Sequence[Figures]) -> list[str]:
    """The cells of a table: medians of all rounds."""
    rate, own, other = (statistics.median(each[place] for each in found) for place in range(3))
    return [f"{rate:,.0f}", f"{own:.2f}", f"{other:.2f}", f"{found[-1].half} / {found[-1].slow}"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--seconds", type=int, default=8)
    arguments.add_argument("--rounds", type=int, default=2)
    given = arguments.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing")
    found: dict[tuple[str, str, int], list[Any]] = {}
    places = [(setting, call, many) for many in (20, 1) for call in CALLS for setting in SETTINGS]
    for _ in range(given.rounds):
        for setting, call, many in places:
            found.setdefault((setting.name, call, many), []).append(measured(setting, call, many, given.seconds))
            print(setting.name, call, many, found[setting.name, call, many][-1], file=sys.stderr, flush=True)
    print("| workspaces | call | store | calls/s | ms CPU server | ms CPU database | p50 / p99 |")
    print("|---" * 7 + "|")
    for (name, call, many), figures in found.items():
        print("|", " | ".join([str(many), call, name, *row(figures)]), "|")


if __name__ == "__main__":
    main()
