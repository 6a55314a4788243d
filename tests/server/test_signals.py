"""Signals that end a server, also those that its main thread does not get."""

import ctypes
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from running_server import Server, run, until

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux sends a signal to one thread of a process")


def threads(pid: int) -> list[int]:
    """The threads of a process but its main one."""
    return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir() if int(task.name) != pid]


def idle(pid: int) -> Callable[[], bool]:
    """A condition: the process has loaded what it loads after its start, and has not computed for a while."""
    seen: list[str] = []

    def condition() -> bool:
        seen.append(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])
        return len(seen) > 30 and len(set(seen[-30:])) == 1

    return condition


@LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_another_thread_gets_ends_an_idle_server(number):
    """Nothing interrupts the main thread then, as when a signal comes just before it waits in the kernel."""
    server = Server()
    pid = server.process.pid
    requests.get(f"{server.url}/health/ready", timeout=30)
    until(idle(pid))
    assert ctypes.CDLL(None).tgkill(pid, threads(pid)[0], number) == 0
    assert server.process.wait(timeout=30) == 0
    server.process.communicate()


@LINUX
def test_the_handlers_of_a_program_that_serves_are_restored(tmp_path):
    """So that a program that runs the server as a part of itself ends as before."""
    program = tmp_path / "serve.py"
    program.write_text(
        "import os, signal, threading\n"
        "from offer_sandbox.cli import main\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('own handler', flush=True))\n"
        "threading.Timer(2, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        "assert main(['serve', '--port', '0', '--log', 'off']) == 0\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    ended = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.rstrip().endswith("own handler")


ORPHAN = """
import subprocess, sys
server = subprocess.Popen(
    [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--log", "off", *sys.argv[1:]],
    stdout=subprocess.PIPE, text=True,
)
print(server.pid, server.stdout.readline(), flush=True)
sys.stdin.read()
"""


@LINUX
@pytest.mark.parametrize("flags", [[], ["--workers", "2"]])
@pytest.mark.parametrize("who", ["parent", "another"])
def test_a_server_ends_with_its_owner_even_if_it_is_killed(tmp_path, flags, who):
    flags = [*flags, *(["--data", str(tmp_path)] if flags else [])]
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as another:
        flags += ["--end-with", str(another.pid)] if who == "another" else []
        program = (
            ORPHAN
            if who == "another"
            else ORPHAN.replace("*sys.argv", '"--end-with", str(os.getpid()), *sys.argv').replace(
                "import ", "import os, ", 1
            )
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert parent.stdout is not None
        pid, _, started = parent.stdout.readline().partition(" ")
        assert requests.get(f"{json.loads(started)['url']}/health", timeout=30).status_code == 200
        (another if who == "another" else parent).kill()
        until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text())
        parent.kill()
        parent.communicate()


@pytest.mark.parametrize("given", ["0", "-1", "x", "99999999999", "4194305"])
def test_an_owner_that_does_not_exist_is_named(given):
    ended = run("serve", "--port", "0", f"--end-with={given}")
    assert (ended.returncode, given in ended.stderr, len(ended.stderr.splitlines())) == (2, True, 1)
