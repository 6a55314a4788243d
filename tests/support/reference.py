#!/usr/bin/env python3
"""Writes down all that a user can see of the sandbox, so that two versions of the code can be compared.

    reference.py write FOLDER      answers every outcome in each way, with a fixed clock and seed, and writes what came
    reference.py compare OLD NEW   prints the first differences; exits with 1 if there are any

A change of names, files or structure must leave every line as it was. It takes about a minute and names nothing of the
package but `create_app`, so that it runs on any version.
"""

import argparse
import hashlib
import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

INSTANT = "2026-04-17T19:45:00Z"
NOW_NS = 1_800_000_000 * 10**9
VERBS = (
    "",
    "serve",
    "play",
    "validate",
    "wait",
    "env",
    "catalog",
    "specs",
    "fixtures",
    "snapshot",
    "ca",
    "doctor",
)
PROVIDERS = ("covent", "opendoor", "ebay", "sibi", "estateprime")
HIDDEN_HEADERS = ("x-sandbox-request-id", "link", "date")
MOST_SHOWN = 20
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
ODD: tuple[dict[str, str], ...] = (
    {"Authorization": ""},
    {"Authorization": "Bearer sbx_demo.unavailable"},
    {"Authorization": "Basic sbx_demo.forbidden", "X-Sandbox-Outcome": "internal_error"},
    {"X-Sandbox-Outcome": "nothing"},
    {"Prefer": "code=429"},
    {"X-Sandbox-Workspace": "BAD NAME"},
    {"X-Sandbox-Delay": "1"},
    {"X-Sandbox-Delay": "x"},
    {"X-Sandbox-Fault": "GATEWAY_HTML"},
    {"X-Sandbox-Fault": "EMPTY_RESPONSE"},
    {"Content-Type": "text/plain"},
    {"Host": "api.ebay.com"},
    {"Accept": "text/html"},
)
ODD_BODIES = (b"", b" ", b"{", b"[]", b"null", b"\xff", b'{"password": "x"}', b"a=b&token=x", b'{"a": 1, "a": 2}')
COMMAND = [sys.executable, "-X", "importtime", "-m", "offer_sandbox"]
Answer = dict[str, Any]


class Sandbox:
    """The application in this process. Request ids, which are random, are replaced by their number."""

    def __init__(self) -> None:
        os.environ.update({"OFFER_SANDBOX_SEED": "42", "OFFER_SANDBOX_CLOCK": INSTANT})
        time.time_ns = lambda: NOW_NS
        time.perf_counter = lambda: 1.0
        from offer_sandbox.app import create_app

        self._client = create_app().test_client()
        self._ids: dict[str, str] = {}

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """One call, as a client sees its answer."""
        return self._seen(self._client.open(path, method=method, headers=headers, data=body))

    def forget_ids(self) -> None:
        """Begins to number request ids again."""
        self._ids.clear()

    def _seen(self, answer: Any) -> Answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        id = headers.get("x-sandbox-request-id", "")
        if id:
            self._ids[id] = f"request-{len(self._ids) + 1}"
        shown = {name: value for name, value in headers.items() if name not in HIDDEN_HEADERS}
        return {"status": answer.status_code, "headers": shown, "body": self.plain(answer.get_data(as_text=True))}

    def plain(self, text: str) -> str:
        """A text without random ids."""
        for id, name in self._ids.items():
            text = text.replace(id, name)
        return text

    def steps(self, workspace: str, steps: list[Any], last: dict[str, str]) -> list[Answer]:
        """The answers to steps in a workspace, the last one with further headers."""
        answers = []
        for number, step in enumerate(steps, 1):
            body = step["body"]
            content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
            headers = {
                **step["headers"],
                "X-Sandbox-Workspace": workspace,
                **(last if number == len(steps) else {}),
            }
            answers.append(
                self._seen(self._client.open(step["path"], method=step["method"], headers=headers, data=content))
            )
        return answers

    def aftermath(self, workspace: str) -> dict[str, Any]:
        """What the control API shows of a workspace: journal, explanations, exports, rules, webhooks, snapshot."""
        named = {"X-Sandbox-Workspace": workspace}

        def shown(path: str) -> str:
            return self.plain(self._client.get(f"/__admin{path}", headers=named).get_data(as_text=True))

        listed = self._client.get("/__admin/requests", headers=named).get_json()["requests"]
        seen: dict[str, Any] = {
            path: shown(path) for path in ("/requests", "/rules", "/webhooks", "/settings", "/clock")
        }
        for entry in listed[:1]:
            id = entry["id"]
            seen["explained"] = shown(f"/requests/{id}")
            seen |= {f"as {form}": shown(f"/requests/{id}/export?as={form}") for form in ("curl", "pytest", "har")}
        seen["snapshot"] = _digested(json.loads(shown("/snapshot")))
        return seen


def _digested(snapshot: dict[str, Any]) -> dict[str, Any]:
    """A snapshot with a digest of each collection, as most of it is fixtures; a rule's stamp is random."""
    collections = {
        f"{owner}.{name}": hashlib.sha256(
            json.dumps([{**record, "stamp": ""} if "stamp" in record else record for record in records]).encode()
        ).hexdigest()
        for owner, kinds in snapshot.pop("collections").items()
        for name, records in kinds.items()
    }
    return {**snapshot, "collections": collections}


def outcomes(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    """Each outcome by its steps, by header and by an armed rule."""
    catalog = json.loads(sandbox.call("GET", "/__admin/catalog", {})["body"])["outcomes"]
    plain: dict[tuple[str, str], list[Any]] = {}
    for entry in catalog:
        plain.setdefault((entry["provider"], entry["operation"]), entry["steps"])
    for number, entry in enumerate(catalog):
        name, triggers = entry["id"], entry["triggers"]
        sandbox.forget_ids()
        if entry["steps"]:
            answers = sandbox.steps(f"s{number}", entry["steps"], {})
            yield f"{name} by steps", [answers, sandbox.aftermath(f"s{number}")]
        own = entry["status"] < 400 and entry["kind"] != "error" and entry["steps"]
        steps = own or plain[entry["provider"], entry["operation"]]
        sandbox.forget_ids()
        if triggers["header"]:
            answers = sandbox.steps(f"h{number}", steps, triggers["header"])
            yield f"{name} by header", [answers, sandbox.aftermath(f"h{number}")]
        sandbox.forget_ids()
        if triggers["rule"]:
            sandbox.steps(f"r{number}", steps[:-1], {})
            armed = json.dumps({**triggers["rule"], "times": 1}).encode()
            rule = sandbox.call("POST", "/__admin/rules", {"X-Sandbox-Workspace": f"r{number}"}, armed)
            answers = sandbox.steps(f"r{number}", steps[-1:], {})
            yield f"{name} by rule", [rule, answers, sandbox.aftermath(f"r{number}")]


def addresses(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    """Each operation's plain call by every method, at odd spellings of its path, with odd headers and bodies."""
    catalog = json.loads(sandbox.call("GET", "/__admin/catalog", {})["body"])["outcomes"]
    calls = {(entry["provider"], entry["operation"]): entry["steps"][-1:] for entry in reversed(catalog)}
    for (provider, operation), steps in sorted(calls.items()):
        for step in steps:
            sandbox.forget_ids()
            workspace = f"{provider}-{operation}".lower()
            named = {**step["headers"], "X-Sandbox-Workspace": workspace}
            body = step["body"] if isinstance(step["body"], str) else json.dumps(step["body"])
            answers = [
                sandbox.call(method, path, named, body.encode())
                for method, path in itertools.product(METHODS, _spellings(provider, step["path"]))
            ]
            answers += [
                sandbox.call(step["method"], step["path"], {**named, **headers}, body.encode()) for headers in ODD
            ]
            answers += [sandbox.call(step["method"], step["path"], named, odd) for odd in ODD_BODIES]
            yield f"{provider}.{operation}", [answers, sandbox.aftermath(workspace)]


def _spellings(provider: str, path: str) -> list[str]:
    plain = path.removeprefix(f"/{provider}")
    query = "&" if "?" in path else "?"
    return [
        plain,
        f"{plain}/",
        f"/{plain}",
        f"/{provider}{plain}",
        f"{plain}{query}__outcome=rate_limited",
        f"{plain}{query}__code=503",
    ]


def control_calls(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    """Each control call with the body of its example, with bad ones, and paths and methods that do not exist."""
    document = json.loads(sandbox.call("GET", "/__admin/openapi.json", {})["body"])
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            if path in ("/metrics", "/__admin/requests/stream"):
                continue
            content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
            filled = path.format(provider="sibi", collection="offers", id="offer-unknown", name="one")
            query = "?timeout=0&status=pending" if path.endswith("}/wait") else ""
            query = "?timeout=0" if path.endswith("requests/wait") else query
            named = {"X-Sandbox-Workspace": "one", "Content-Type": "application/json"}
            bodies = [json.dumps(content["example"]).encode()] if "example" in content else [b""]
            for body in [*bodies, b"{", b"[]", b'{"colour": 1}'] if method != "get" else bodies:
                yield f"{method} {filled} {body[:20]!r}", sandbox.call(method.upper(), filled + query, named, body)
            bad = {**named, "X-Sandbox-Workspace": "BAD NAME"}
            yield (
                f"{method} {filled} in no workspace",
                sandbox.call(method.upper(), filled + query, bad, bodies[0]),
            )
    for method, path in itertools.product(
        ("GET", "POST", "DELETE", "OPTIONS"), ("/__admin/nothing", "/nobody", "/", "/health")
    ):
        yield f"{method} {path}", sandbox.call(method, path, {})
    foreign: list[dict[str, str]] = [{"Host": "a.example"}, {"Origin": "https://a.example"}]
    for headers in foreign:
        yield f"with {headers}", sandbox.call("GET", "/__admin/clock", headers)
    for provider in PROVIDERS:
        yield f"specs of {provider}", sandbox.call("GET", f"/__admin/specs/{provider}.json", {})
    for path in ("/__admin/specs/opendoor.graphql", "/openapi.json"):
        yield path, sandbox.call("GET", path, {})
    text = sandbox.call("GET", "/metrics", {})["body"]
    yield "metrics", sorted(line for line in text.splitlines() if line.startswith("# ") and "python_" not in line)


def command_line() -> Iterator[tuple[str, Any]]:
    """What each verb says of itself, and of what there is."""
    for verb in VERBS:
        yield f"help {verb}", _run(*([verb] if verb else []), "--help")
    yield "version", _run("--version")
    for provider in PROVIDERS:
        yield f"env {provider}", _run("env", provider)
        yield f"catalog {provider}", _run("catalog", provider)
    yield "catalog --json", hashlib.sha256(_run("catalog", "--json")[1].encode()).hexdigest()
    for wrong in (("serve", "--port", "x"), ("env", "nobody"), ("nothing",), ("validate", "/nowhere")):
        yield f"wrong: {' '.join(wrong)}", _run(*wrong)
    yield "modules of --version", _modules(_run("--version", command=COMMAND)[2])


def _run(
    *arguments: str, command: Sequence[str] = (sys.executable, "-m", "offer_sandbox")
) -> tuple[int, str, str]:
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "100"},
    )
    return done.returncode, done.stdout, done.stderr


def _modules(log: str) -> list[str]:
    """The third-party packages that a run with `-X importtime` imported."""
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in log.splitlines() if "|" in line}
    return sorted(names - sys.stdlib_module_names - {"offer_sandbox", "imported package"} - _local(names))


def _local(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith(("_", "__editable__", "sitecustomize"))}


def server() -> Iterator[tuple[str, Any]]:
    """A started server: its modules, the fields of its log, the tables of its store."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*COMMAND, *["serve", "--port", "0", "--json", "--log", "json", "--data"], folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        request = urllib.request.Request(
            f"{started['url']}/offers/offer-123", headers={"Authorization": "Bearer sbx_a"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200
        time.sleep(1.0)  # until what is imported half a second after the start is there
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=60)[1]
        yield "what serve --json prints", sorted(started)
        yield "modules of serve", _modules(log)
        yield "log fields", [sorted(json.loads(line)) for line in log.splitlines() if line.startswith("{")]
        for file in sorted(Path(folder).glob("*.sqlite3")):
            store = sqlite3.connect(file)
            rows = store.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
            yield f"tables of {file.name}", [rows, store.execute("PRAGMA user_version").fetchone()]
            store.close()


def write(folder: Path) -> None:
    """Writes a file of lines for each part."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"command_line": command_line(), "server": server()}
    for name, lines in parts.items():
        _save(folder / f"{name}.jsonl", lines)
    sandbox = Sandbox()
    _save(folder / "outcomes.jsonl", outcomes(sandbox))
    _save(folder / "addresses.jsonl", addresses(sandbox))
    _save(folder / "control_calls.jsonl", control_calls(sandbox))


def _save(file: Path, lines: Iterator[tuple[str, Any]]) -> None:
    texts = [json.dumps([name, value], ensure_ascii=False) + "\n" for name, value in lines]
    file.write_text("".join(texts), encoding="utf-8")
    print(f"{file.name}: {len(texts)} entries")


def compare(old: Path, new: Path) -> int:
    """Prints where the two differ, and gives the exit code."""
    different = 0
    for file in sorted({each.name for each in (*old.glob("*.jsonl"), *new.glob("*.jsonl"))}):
        before, after = (_loaded(folder / file) for folder in (old, new))
        for name in dict.fromkeys([*before, *after]):
            for line in _differences(before.get(name), after.get(name), f"{file} {name}"):
                different += 1
                if different <= MOST_SHOWN:
                    print(line)
    print(f"{different} differences" if different else "identical")
    return int(different > 0)


def _loaded(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    return dict(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())


def _differences(before: Any, after: Any, where: str) -> Iterator[str]:
    if type(before) is type(after) and isinstance(before, dict) and before.keys() == after.keys():
        for name in before:
            yield from _differences(before[name], after[name], f"{where}: {name}")
    elif type(before) is type(after) and isinstance(before, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from _differences(*pair, f"{where}: {number}")
    elif before != after:
        text, other = (re.sub(r"\s+", " ", json.dumps(value)) for value in (before, after))
        start = max(
            0, next((n for n, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), 0) - 60
        )
        yield f"{where}\n  - {text[start : start + 200]}\n  + {other[start : start + 200]}"


def main() -> int:
    """Runs the verb that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("write").add_argument("folder", type=Path)
    comparing = verbs.add_parser("compare")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "compare":
        return compare(arguments.old, arguments.new)
    write(arguments.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
