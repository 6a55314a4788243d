"""How exported calls are recorded, run and checked by the tests."""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from offer_sandbox.contract import INFRASTRUCTURE
from offer_sandbox.providers import providers
from offer_sandbox.publish import export
from running_server import Client


def wire(client: Client, method: str, path: str, headers: dict[str, Any], body: bytes = b"") -> requests.Response:
    """A call with these headers alone: none that the library adds and the server reads."""
    bare = {"Accept": None, **headers, "X-Sandbox-Workspace": client.workspace}
    return client.session.request(method, f"{client.url}{path}", headers=bare, data=body, timeout=30)


def recorded(client: Client, answer: requests.Response) -> dict[str, Any]:
    """The journal's entry of a call, with what it tells of the credential and of a body that is no text."""
    entry = client.session.get(f"{client.url}/__admin/requests/{answer.headers['X-Sandbox-Request-Id']}").json()
    sent = answer.request
    authorization = str(sent.headers.get("Authorization", ""))
    entry.setdefault("authorization", authorization.partition(" ")[0])
    entry.setdefault("word", word_of(f"{authorization} {sent.url}"))
    entry.setdefault("changes", [])
    return entry


def word_of(text: str) -> str:
    """The infrastructure outcome that a credential in the text asks for."""
    pair = re.match(r"Basic ([A-Za-z0-9+/=]{12,}) ", text)
    readable = (
        base64.b64decode(pair[1] + "==").decode("utf-8", "replace") if pair and "sbx" not in pair[1] else text
    )
    found = re.search(r"sbx_[a-z0-9_-]+(?:\.[^:\s&]*)?\.(\w+)", readable)
    return found[1] if found and found[1] in INFRASTRUCTURE else ""


def call_of(client: Client, entry: dict[str, Any]) -> export.Call:
    return export.call_for(providers()[entry["provider"]], entry, client.url)


def by_curl(command: str) -> tuple[int, str | None]:
    """What the command's answer says."""
    status, headers = run_command(command)
    return status, headers.get("x-sandbox-outcome")


def run_command(command: str) -> tuple[int, dict[str, str]]:
    """The answer to a command that a shell runs; as it is spelled where there is no curl."""
    if shutil.which("curl") is None:
        return run_as_spelled(command)
    done = subprocess.run(["/bin/sh", "-euc", command], capture_output=True, timeout=60)
    assert done.returncode == 0, (command, done.stderr)
    first, *lines = done.stdout.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
    return int(first.split()[1]), {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
    }


def run_as_spelled(command: str) -> tuple[int, dict[str, str]]:
    """Sends the call that the command line spells."""
    words = shlex.split(command.replace("\\\n", " "))
    piped, options = words[: words.index("curl")], words[words.index("curl") + 1 : -1]
    method, headers, data = "", {"Accept": None}, b""
    while options:
        match options.pop(0):
            case "-X":
                method = options.pop(0)
            case "-I":
                method = "HEAD"
            case "-H":
                name, value = spelled_header(options.pop(0))
                headers[name] = value
            case "--data-binary" | "--data-raw":
                text = options.pop(0)
                data = base64.b64decode(piped[2]) if text == "@-" else text.encode()
    kind = method or ("POST" if data else "GET")
    answer = requests.request(kind, words[-1], headers=headers, data=data, timeout=30)
    return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}


def spelled_header(word: str) -> tuple[str, bytes | None]:
    """A header's name and value; None where curl is told to send none."""
    if word.startswith("$(printf '"):
        inner = word.removeprefix("$(printf '").removesuffix("')")
        word = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), inner)
        name, _, value = word.partition(": ")
        return name, value.encode("latin-1")
    name, colon, value = word.partition(":")
    return (name, value.strip().encode() or None) if colon else (name.removesuffix(";"), b"")


def by_archive(archive: dict[str, Any]) -> tuple[int, str | None]:
    """What the archive's request is answered with."""
    request = archive["log"]["entries"][0]["request"]
    posted = request.get("postData", {"text": ""})
    body = posted["text"].encode()
    answer = requests.request(
        request["method"],
        request["url"],
        headers={"Accept": None, **{each["name"]: each["value"] for each in request["headers"]}},
        data=base64.b64decode(body) if posted.get("_encoding") else body,
        timeout=30,
    )
    return answer.status_code, answer.headers.get("X-Sandbox-Outcome")


def passes(folder: Path, *texts: str, **variables: str) -> None:
    """The files run as they stand, and a formatter with its own defaults leaves them as they are."""
    for number, text in enumerate(texts):
        (folder / f"test_{number}.py").write_text(text, encoding="utf-8")
    assert_laid_out(folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder, env=environment)
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"{len(texts)} passed" in done.stdout


def assert_laid_out(folder: Path) -> None:
    formatter = [str(Path(sys.executable).parent / "ruff"), "format", "--isolated", "--diff", str(folder)]
    formatted = subprocess.run(formatter, capture_output=True, text=True)
    assert formatted.returncode == 0, formatted.stdout[:4000]


def assert_valid(archive: dict[str, Any]) -> None:
    """Every member that HAR 1.2 requires is there, of its type, and the times add up."""
    log = archive["log"]
    [entry] = log["entries"]
    assert log["version"] == "1.2"
    for value, members in (
        (log["creator"], {"name": str, "version": str}),
        (entry, {"startedDateTime": str, "request": dict, "response": dict, "cache": dict, "timings": dict}),
        (entry["request"], {"method": str, "url": str, "httpVersion": str, "cookies": list, "headers": list}),
        (entry["request"], {"queryString": list, "headersSize": int, "bodySize": int}),
        (
            entry["request"].get("postData", {"mimeType": "", "text": "", "params": []}),
            {"mimeType": str, "text": str},
        ),
        (entry["response"], {"status": int, "statusText": str, "httpVersion": str, "cookies": list}),
        (entry["response"], {"headers": list, "redirectURL": str, "headersSize": int, "bodySize": int}),
        (entry["response"]["content"], {"size": int, "mimeType": str}),
        *((pair, {"name": str, "value": str}) for pair in entry["request"]["headers"]),
        *((pair, {"name": str, "value": str}) for pair in entry["request"]["queryString"]),
        *((pair, {"name": str, "value": str}) for pair in entry["response"]["headers"]),
    ):
        for name, kind in members.items():
            assert isinstance(value[name], kind), (name, value)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", entry["startedDateTime"])
    assert entry["time"] == sum(entry["timings"][name] for name in ("send", "wait", "receive"))
    json.dumps(archive)


def assert_reproduced(client: Client, answer: requests.Response, exported: list[str]) -> dict[str, Any]:
    """Made again each way, the call ends as it did; the entry of the recorded one."""
    entry = recorded(client, answer)
    call = call_of(client, entry)
    was = answer.status_code, answer.headers.get("X-Sandbox-Outcome")
    archive = export.har(entry, call)
    assert_valid(archive)
    assert by_curl(export.curl(entry, call)) == was
    assert by_archive(archive) == was
    exported.append(export.pytest(entry, call))
    return entry


def remade(client: Client, entry: dict[str, Any]) -> dict[str, Any]:
    """The journal's entry of the call that the command makes."""
    _, headers = run_command(export.curl(entry, call_of(client, entry)))
    return client.session.get(f"{client.url}/__admin/requests/{headers['x-sandbox-request-id']}").json()
