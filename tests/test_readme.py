"""The README's examples run, in order, against a real server, and print what it says."""

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
import requests

from sandbox import ROOT, Server

README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```(sh|python)\n(.*?)```\n```text\n(.*?)```", README, re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def started():
    """Two servers of their own: the examples build on each other."""
    servers = Server(), Server()
    yield servers
    assert [server.stop() for server in servers] == [0, 0]


def run_as_spelled(text: str) -> str:
    """What curl would print, for a machine that has none: sends the call that its command line spells."""
    words = shlex.split(text.replace("\\\n", " "))
    assert words.pop(0) == "curl"
    headers, method, data, head, url = {}, "GET", None, False, ""
    while words:
        match words.pop(0):
            case "-s":
                continue
            case "-i":
                head = True
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                data = words.pop(0)
            case url:
                assert url.startswith("http")
    answer = requests.request(method, url, headers=headers, data=data, timeout=30)
    lines = [
        f"HTTP/1.1 {answer.status_code} {answer.reason}",
        *(f"{k}: {v}" for k, v in answer.headers.items()),
        "",
    ]
    return "\n".join([*(lines if head else []), answer.text])


def run_by_program(*command: str) -> str:
    """What a program prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ways(language: str) -> list[Callable[[str], str]]:
    """How an example is run: with curl itself too, where there is one."""
    if language == "python":
        return [lambda text: run_by_program(sys.executable, "-c", text)]
    real = [lambda text: run_by_program("sh", "-euc", text)] if shutil.which("curl") else []
    return [run_as_spelled, *real]


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(("number", "language"), [(n, each[0]) for n, each in enumerate(EXAMPLES)])
def test_an_example_prints_what_the_readme_says(started: tuple[Server, Server], number, language, way):
    """In order, each way on a server of its own, since the examples build on each other."""
    _, text, expected = EXAMPLES[number]
    here = text.replace("http://127.0.0.1:4242", started[way].url)
    available = ways(language)
    printed = available[min(way, len(available) - 1)](here)
    assert doctest.OutputChecker().check_output(expected.strip(), printed.strip(), FLAGS), printed


def test_every_example_is_followed_by_its_output():
    assert len(EXAMPLES) == len(re.findall(r"```(?:sh|python)\n", README)) >= 5


def test_every_row_names_a_provider_with_its_operations_and_has_an_example():
    from offer_sandbox.providers import providers

    rows = [line for line in README.splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == set(providers())
    for row in rows:
        provider = providers()[row.split("`")[1]]
        for operation in provider.parts.operations:
            assert {"token": "token endpoint"}.get(operation.name, operation.name) in row
        assert any(root in text for root in provider.roots for _, text, _ in EXAMPLES)
