#!/usr/bin/env python3
"""Measures the sandbox beside other mock servers: the same two calls, the same load, in turn.

    peers.py install FOLDER     gets the peers from npm (Node and Java have to be there already)
    peers.py run FOLDER         measures all that are installed, and prints a table in Markdown

The calls are eBay's `send_offer_to_interested_buyers` (whose request each peer checks by the same OpenAPI
document) and Sibi's `GET /offers/{id}`, one after the other on connections that are kept. A row is the median of
some rounds in which every server has its turn. Ratios within one run count, absolute figures do not carry over.
Needs `wrk`.
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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PORT = 18_090
SEND, OFFER = "/sell/negotiation/v1/send_offer_to_interested_buyers", "/offers/offer-123"
PACKAGES = {
    "prism": "@stoplight/prism-cli@5.14.2",
    "mockserver": "mockserver-node@8.0.0",
    "wiremock": "wiremock@3.13.2",
    "steady": "@stdy/cli@0.22.2",
    "mockoon": "@mockoon/cli@9.9.0",
}
REQUEST = {
    "allowCounterOffer": False,
    "message": "Ten percent off, for two days only.",
    "offerDuration": {"unit": "DAY", "value": 2},
    "offeredItems": [{"listingId": "110000000001", "discountPercentage": "10", "quantity": 1}],
}
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
    "Authorization": "Bearer sbx_bench",
}
LISTINGS = (
    120_000  # each send offers another one: the sandbox refuses a second offer, which the others do not know
)
WARM_UP, SECONDS, ROUNDS = 2, 4, 3
CONNECTIONS = (1, 16, 64)


@dataclass(frozen=True)
class Peer:
    """A server: its command, whether it checks requests, and how long its machine needs to become warm."""

    name: str
    command: list[str]
    checks: str
    warm_up: int = WARM_UP

    @property
    def program(self) -> Path:
        """The file that has to be there."""
        return Path(self.command[2] if self.command[0] == "java" else self.command[0])


def peers(folder: Path) -> list[Peer]:
    """Those that are installed, ours first."""
    npm, document = folder / "npm", folder / "openapi.json"
    serve = [sys.executable, "-m", "offer_sandbox", "serve", "--port", str(PORT)]
    java = ["java", "-jar"]
    mockserver = npm / "mockserver/node_modules/mockserver-node/mockserver-netty-8.0.0-jar-with-dependencies.jar"
    wiremock = npm / "wiremock/node_modules/wiremock/build/wiremock-standalone-3.13.2.jar"
    steady = npm / "steady/node_modules/@stdy/cli-linux-x64/bin/steady"
    mockoon = npm / "mockoon/node_modules/.bin/mockoon-cli"
    prism = [str(npm / "prism/node_modules/.bin/prism"), "mock", "-p", str(PORT), "-h", "127.0.0.1"]
    found = [
        Peer("Offer Sandbox, as started by default", serve, "yes"),
        Peer("Offer Sandbox, --log off", [*serve, "--log", "off"], "yes"),
        Peer("Prism 5.14, silent", [*prism, "-v", "silent", str(document)], "yes"),
        Peer("Prism 5.14", [*prism, str(document)], "yes"),
        Peer(
            "MockServer 8, OpenAPI",
            [*java, str(mockserver), "-p", str(PORT), "--openapi", str(document)],
            "yes",
            20,
        ),
        Peer(
            "WireMock 3.13, stubs",
            [*java, str(wiremock), "--port", str(PORT), "--root-dir", str(folder / "wiremock")],
            "one field",
            20,
        ),
        Peer(
            "steady 0.22",
            [str(steady), "-p", str(PORT), "--host", "127.0.0.1", str(document)],
            "mostly",
        ),
        Peer(
            "Mockoon 9.9",
            [str(mockoon), "start", "-r", "-d", str(document), "-p", str(PORT), "-l", "127.0.0.1"],
            "no",
        ),
    ]
    return [peer for peer in found if peer.program.exists()]


def install(folder: Path) -> None:
    """Gets the peers, each in a folder of its own."""
    for name, package in PACKAGES.items():
        own = folder / "npm" / name
        own.mkdir(parents=True, exist_ok=True)
        (own / "package.json").write_text('{"name": "peer", "private": true}')
        subprocess.run(["npm", "install", "--no-fund", "--no-audit", package], cwd=own, check=False, timeout=600)


def prepare(folder: Path) -> None:
    """Writes the contract, with the sandbox's answers as examples, and stubs for those that take none."""
    with running(peers(folder)[1]):
        sent, offer = ask("POST", SEND, REQUEST), ask("GET", OFFER)
    text = {"type": "string"}
    duration = {
        "type": "object",
        "required": ["unit", "value"],
        "properties": {"unit": {**text, "enum": ["DAY", "HOUR"]}, "value": {"type": "integer"}},
    }
    item = {
        "type": "object",
        "required": ["listingId"],
        "properties": {
            "listingId": text,
            "discountPercentage": text,
            "quantity": {"type": "integer", "minimum": 1},
        },
    }
    body = {
        "type": "object",
        "required": ["offeredItems"],
        "properties": {
            "allowCounterOffer": {"type": "boolean"},
            "message": {**text, "maxLength": 2000},
            "offerDuration": duration,
            "offeredItems": {"type": "array", "items": item, "minItems": 1, "maxItems": 1},
        },
    }
    media = "application/json"
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Offers", "version": "1"},
        "paths": {
            SEND: {
                "post": {
                    "operationId": "send",
                    "parameters": [
                        {"name": "X-EBAY-C-MARKETPLACE-ID", "in": "header", "required": True, "schema": text}
                    ],
                    "requestBody": {"required": True, "content": {media: {"schema": body, "example": REQUEST}}},
                    "responses": {
                        "200": {
                            "description": "Sent",
                            "content": {media: {"schema": {"type": "object"}, "example": sent}},
                        }
                    },
                }
            },
            "/offers/{id}": {
                "get": {
                    "operationId": "offer",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": text, "example": "offer-123"}
                    ],
                    "responses": {
                        "200": {
                            "description": "It",
                            "content": {media: {"schema": {"type": "object"}, "example": offer}},
                        }
                    },
                }
            },
        },
    }
    (folder / "openapi.json").write_text(json.dumps(document))
    stubs = {
        "send": (
            {
                "method": "POST",
                "urlPath": SEND,
                "bodyPatterns": [{"matchesJsonPath": "$.offeredItems[0].listingId"}],
            },
            sent,
        ),
        "offer": ({"method": "GET", "urlPathPattern": "/offers/[^/]+"}, offer),
    }
    for name, (request, answer) in stubs.items():
        stub = {
            "request": request,
            "response": {"status": 200, "headers": {"Content-Type": media}, "jsonBody": answer},
        }
        path = folder / "wiremock" / "mappings" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(stub))
    (folder / "wiremock" / "__files").mkdir(exist_ok=True)
    (folder / "mix.lua").write_text(
        _LUA
        % (
            json.dumps(json.dumps(REQUEST)),
            REQUEST["offeredItems"][0]["listingId"],
            OFFER,
            _lua_headers(),
            SEND,
            _lua_headers(),
        )
    )


_LUA = """local before, after = string.match(%s, "(.*)%s(.*)")
local turn, get = tonumber(os.getenv("FIRST") or "0"), nil
init = function() get = wrk.format("GET", "%s", {%s}) end
request = function()
  turn = turn + 1
  if turn %% 2 == 0 then return get end
  return wrk.format("POST", "%s", {%s}, before .. string.format("9%%011d", (turn - 1) / 2) .. after)
end
"""


def _lua_headers() -> str:
    return ", ".join(f'["{name}"] = "{value}"' for name, value in HEADERS.items())


def fill() -> None:
    """Puts as many listings into the sandbox as will be offered."""
    [listing] = [
        each
        for each in ask("GET", "/__admin/state/ebay/listings")["listings"]
        if each["listingId"] == "110000000001"
    ]
    more = [{**listing, "listingId": f"9{number:011d}"} for number in range(LISTINGS)]
    ask("PATCH", "/__admin/state/ebay/listings", {"listings": more})


def ask(method: str, path: str, body: Any = None) -> Any:
    """The JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, HEADERS, method=method)
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
                    ask("GET", OFFER)
                    break
                except OSError:
                    if process.poll() is not None or time.perf_counter() - began > 60:
                        raise SystemExit(f"{peer.name} does not answer") from None
                    time.sleep(0.005)
            yield psutil.Process(process.pid), time.perf_counter() - began
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def load(folder: Path, connections: int, seconds: int, first: int = 0) -> tuple[int, str, str]:
    """How many calls a load made, the first of them with that number, and the p50 and p99 of their times."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", str(folder / "mix.lua")]
    environ = {**os.environ, "FIRST": str(first // 2 * 2)}
    url = f"http://127.0.0.1:{PORT}"
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True, env=environ).stdout
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", told):
        raise SystemExit(f"{refused[1]} calls were refused")
    calls = re.search(r"(\d+) requests in", told)
    shares = dict(re.findall(r"\n\s+(50|99)%\s+([\d.]+(?:us|ms|s))\n", told))
    assert calls is not None
    return int(calls[1]), shares["50"], shares["99"]


def cpu(process: psutil.Process) -> float:
    """The seconds that a server and its children have had."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def measured(folder: Path, peer: Peer) -> dict[str, Any]:
    """One round of one server."""
    with running(peer) as (process, start):
        resident = process.memory_info().rss
        if peer.name.startswith("Offer Sandbox"):
            fill()
        first = load(folder, 16, peer.warm_up)[0] + 1_000
        found: dict[str, Any] = {"start": start, "memory": resident / 2**20}
        for connections in CONNECTIONS:
            before = cpu(process)
            calls, half, slow = load(folder, connections, SECONDS, first)
            first += calls + 1_000
            found[f"cpu{connections}"] = (cpu(process) - before) / calls * 1000
            found[f"p{connections}"] = f"{half} / {slow}"
            found[f"rate{connections}"] = calls / SECONDS
        found["after"] = (
            sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20
        )
        return found


def run(folder: Path, rounds: int) -> None:
    """Measures everybody in turn and prints the table."""
    prepare(folder)
    there = peers(folder)
    rows: dict[str, list[dict[str, Any]]] = {peer.name: [] for peer in there}
    for _ in range(rounds):
        for peer in there:
            rows[peer.name].append(measured(folder, peer))
            print(peer.name, rows[peer.name][-1], file=sys.stderr, flush=True)
    columns = ["server", "checks requests", *(f"CPU ms a call at {each}" for each in CONNECTIONS)]
    columns += [*(f"p50 / p99 at {each}" for each in CONNECTIONS), "start s", "MiB at start", "MiB after"]
    print("|", " | ".join(columns), "|")
    print("|---" * len(columns) + "|")
    for peer in there:
        found = rows[peer.name]

        def middle(name: str, found: list[dict[str, Any]] = found) -> float:
            return statistics.median(row[name] for row in found)

        costs = [f"{middle(f'cpu{each}'):.3f}" for each in CONNECTIONS]
        times = [found[-1][f"p{each}"] for each in CONNECTIONS]
        rest = [f"{middle('start'):.2f}", f"{middle('memory'):.0f}", f"{middle('after'):.0f}"]
        print("|", " | ".join([peer.name, peer.checks, *costs, *times, *rest]), "|")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["install", "run"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    if arguments.what == "install":
        install(arguments.folder.absolute())
    else:
        run(arguments.folder.absolute(), arguments.rounds)


if __name__ == "__main__":
    main()
