#!/usr/bin/env python3
"""Measures the sandbox beside other mock servers: the same calls, the same load, in turn.

    peers.py install FOLDER     gets the peers from npm and PyPI (Node and Java have to be there already)
    peers.py run FOLDER         measures all that are installed, and prints a table in Markdown

The calls are eBay's `send_offer_to_interested_buyers` (whose request each peer checks by the same OpenAPI
document) and Sibi's `GET /offers/{id}`, one after the other on connections that are kept. Two rows have calls of
their own: the sandbox with three other providers, and moto with DynamoDB. A row is the median of some rounds in
which every server has its turn. Ratios within one run count, absolute figures do not carry over. Needs `wrk`.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from peer_calls import HEADERS, LOADS, OFFER, REQUEST, SEND, TABLE, Call, script, write_contract

PORT = 18_090
PACKAGES = {
    "prism": "@stoplight/prism-cli@5.14.2",
    "mockserver": "mockserver-node@8.0.0",
    "wiremock": "wiremock@3.13.2",
    "steady": "@stdy/cli@0.22.2",
    "mockoon": "@mockoon/cli@9.9.0",
}
MOTO = "moto[server]==5.2.5"
LISTINGS = 120_000  # each send offers another: the sandbox refuses a second offer, which the others do not know
WARM_UP, SECONDS, ROUNDS = 2, 4, 3
CONNECTIONS = (1, 16, 64)
CALLS, MOST_SECONDS = 100_000, 60  # after so many calls, or so long, memory is read again


@dataclass(frozen=True)
class Peer:
    """A server: its command, whether it checks requests, how long its machine needs to become warm, its load."""

    name: str
    command: list[str]
    checks: str
    warm_up: int = WARM_UP
    load: str = "two calls"

    @property
    def program(self) -> Path:
        """The file that has to be there."""
        return Path(self.command[2] if self.command[0] == "java" else self.command[0])

    @property
    def probe(self) -> Call:
        """The call that tells whether it answers."""
        return TABLE if self.load == "DynamoDB" else LOADS["two calls"][1]


def peers(folder: Path) -> list[Peer]:
    """Those that are installed, ours first."""
    npm, document = folder / "npm", folder / "openapi.json"
    serve = [sys.executable, "-m", "offer_sandbox", "serve", "--port", str(PORT)]
    java = ["java", "-jar"]
    mockserver = npm / "mockserver/node_modules/mockserver-node/mockserver-netty-8.0.0-jar-with-dependencies.jar"
    wiremock = npm / "wiremock/node_modules/wiremock/build/wiremock-standalone-3.13.2.jar"
    steady = npm / "steady/node_modules/@stdy/cli-linux-x64/bin/steady"
    mockoon = npm / "mockoon/node_modules/.bin/mockoon-cli"
    moto = folder / "pypi/moto/bin/moto_server"
    prism = [str(npm / "prism/node_modules/.bin/prism"), "mock", "-p", str(PORT), "-h", "127.0.0.1"]
    at, port, stubs = str(document), str(PORT), str(folder / "wiremock")
    found = [
        Peer("Offer Sandbox, as started by default", serve, "yes"),
        Peer("Offer Sandbox, --log off", [*serve, "--log", "off"], "yes"),
        Peer("Offer Sandbox, three other providers", serve, "yes", load="three providers"),
        Peer("Prism 5.14, silent", [*prism, "-v", "silent", at], "yes"),
        Peer("Prism 5.14", [*prism, at], "yes"),
        Peer("MockServer 8, OpenAPI", [*java, str(mockserver), "-p", port, "--openapi", at], "yes", 20),
        Peer("WireMock 3.13, stubs", [*java, str(wiremock), "--port", port, "--root-dir", stubs], "one field", 20),
        Peer("steady 0.22", [str(steady), "-p", port, "--host", "127.0.0.1", at], "mostly"),
        Peer("Mockoon 9.9", [str(mockoon), "start", "-r", "-d", at, "-p", port, "-l", "127.0.0.1"], "no"),
        Peer("moto 5.2, DynamoDB", [str(moto), "-H", "127.0.0.1", "-p", port], "yes", load="DynamoDB"),
    ]
    return [peer for peer in found if peer.program.exists()]


def install(folder: Path) -> None:
    """Gets the peers, each in a folder of its own."""
    for name, package in PACKAGES.items():
        own = folder / "npm" / name
        own.mkdir(parents=True, exist_ok=True)
        (own / "package.json").write_text('{"name": "peer", "private": true}')
        subprocess.run(["npm", "install", "--no-fund", "--no-audit", package], cwd=own, check=False, timeout=600)
    own = folder / "pypi" / "moto"
    subprocess.run([sys.executable, "-m", "venv", str(own)], check=True, timeout=600)
    subprocess.run([str(own / "bin" / "pip"), "install", "--quiet", MOTO], check=False, timeout=600)


def prepare(folder: Path) -> None:
    """Writes the contract, with the sandbox's answers as examples, and the scripts of the loads."""
    with running(peers(folder)[0]):
        sent, offer = ask(Call("POST", SEND, REQUEST)), ask(Call("GET", OFFER))
    write_contract(folder, sent, offer)
    for name, calls in LOADS.items():
        (folder / f"{name}.lua").write_text(script(calls))


def fill() -> None:
    """Puts as many listings into the sandbox as will be offered."""
    path = "/__admin/state/ebay/listings"
    [listing] = [each for each in ask(Call("GET", path))["listings"] if each["listingId"] == "110000000001"]
    for number in range(0, LISTINGS, LISTINGS // 2):  # every second call offers one
        numbers = range(2 * number, 2 * number + LISTINGS, 2)
        ask(Call("PATCH", path, {"listings": [{**listing, "listingId": f"9{each:011d}"} for each in numbers]}))


def ask(call: Call) -> Any:
    """The JSON of an answer."""
    data = None if call.body is None else json.dumps(call.body).encode()
    url = f"http://127.0.0.1:{PORT}{call.path}"
    request = urllib.request.Request(url, data, {**HEADERS, **call.headers}, method=call.method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


@contextmanager
def running(peer: Peer) -> Iterator[tuple[psutil.Process, float]]:
    """A server that answers, and how many seconds it took to."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as where:
        process = subprocess.Popen(peer.command, stdout=log, stderr=log, start_new_session=True, cwd=where)
        try:
            while True:
                try:
                    ask(peer.probe)
                    break
                except OSError:
                    if process.poll() is not None or time.perf_counter() - began > 60:
                        raise SystemExit(f"{peer.name} does not answer") from None
                    time.sleep(0.005)
            yield psutil.Process(process.pid), time.perf_counter() - began
        finally:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def load(script: Path, connections: int, seconds: int, first: int = 0) -> tuple[int, str, str]:
    """How many calls a load made, the first of them with that number, and the p50 and p99 of their times."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", str(script)]
    environ = {**os.environ, "FIRST": str(first // 6 * 6)}  # a load has two calls, or three
    url = f"http://127.0.0.1:{PORT}"
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True, env=environ).stdout
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", told):
        raise SystemExit(f"{refused[1]} calls were refused")
    calls = re.search(r"(\d+) requests in", told)
    shares = dict(re.findall(r"\n\s+(50|99)%\s+(\S+)\n", told))
    assert calls is not None
    return int(calls[1]), shares["50"], shares["99"]


def cpu(process: psutil.Process) -> float:
    """The seconds that a server and its children have had."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def memory(process: psutil.Process) -> float:
    """The MiB that a server and its children hold."""
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20


def measured(folder: Path, peer: Peer) -> dict[str, Any]:
    """One round of one server."""
    script = folder / f"{peer.load}.lua"
    with running(peer) as (process, start):
        found: dict[str, Any] = {"start": start, "memory": memory(process)}
        if peer.command[:3] == [sys.executable, "-m", "offer_sandbox"] and peer.load == "two calls":
            fill()
        made = load(script, 16, peer.warm_up)[0]
        first = made + 1_000
        for connections in CONNECTIONS:
            before = cpu(process)
            calls, half, slow = load(script, connections, SECONDS, first)
            made, first = made + calls, first + calls + 1_000
            found[f"cpu{connections}"] = (cpu(process) - before) / calls * 1000
            found[f"p{connections}"] = f"{half} / {slow}"
        until = time.monotonic() + MOST_SECONDS
        while made < CALLS and time.monotonic() < until:
            calls = load(script, 16, SECONDS, first)[0]
            made, first = made + calls, first + calls + 1_000
        return {**found, "after": memory(process), "made": made}


def run(folder: Path, rounds: int, only: list[str]) -> None:
    """Measures everybody, or those whose name contains one of these texts, in turn and prints the table."""
    prepare(folder)
    there = [peer for peer in peers(folder) if not only or any(text in peer.name for text in only)]
    rows: dict[str, list[dict[str, Any]]] = {peer.name: [] for peer in there}
    for _ in range(rounds):
        for peer in there:
            rows[peer.name].append(measured(folder, peer))
            print(peer.name, rows[peer.name][-1], file=sys.stderr, flush=True)
    columns = ["server", "checks requests", *(f"CPU ms a call at {each}" for each in CONNECTIONS)]
    columns += [*(f"p50 / p99 at {each}" for each in CONNECTIONS), "start s", "MiB at start", "MiB after (calls)"]
    print("|", " | ".join(columns), "|")
    print("|---" * len(columns) + "|")
    for peer in there:
        print("|", " | ".join([peer.name, peer.checks, *_cells(rows[peer.name])]), "|")


def _cells(found: list[dict[str, Any]]) -> Iterator[str]:
    """The figures of a server, from all rounds."""

    def middle(name: str) -> float:
        return statistics.median(row[name] for row in found)

    for connections in CONNECTIONS:
        yield f"{middle(f'cpu{connections}'):.3f}"
    for connections in CONNECTIONS:
        yield str(found[-1][f"p{connections}"])
    yield f"{middle('start'):.2f}"
    yield f"{middle('memory'):.0f}"
    yield f"{middle('after'):.0f} ({middle('made'):,.0f})"


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["install", "run"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--only", action="append", default=[], metavar="TEXT", help="servers with this in their name"
    )
    arguments = parser.parse_args()
    if arguments.what == "install":
        install(arguments.folder.absolute())
    else:
        run(arguments.folder.absolute(), arguments.rounds, arguments.only)


if __name__ == "__main__":
    main()
