"""`doctor` on a machine, in an environment and at an address: what it finds, its output and exit codes."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from doctor_runs import ask, bare, isolated
from offer_sandbox.cli.checks import machine, variables
from offer_sandbox.configuration import settings
from offer_sandbox.environment import hidden
from running_server import COMMAND, ROOT, run


def test_a_line_for_each_check_and_nothing_wrong():
    done = run("doctor", "--port", "0", env=bare())
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(re.fullmatch(r"(ok|warning) +[\w. ]+: .+", line) for line in lines), done.stdout
    assert lines[0].startswith("ok      python: 3.")
    assert lines[-1] == "ok      data: no folder, the state is kept in memory"


def test_as_json():
    done = run("doctor", "--port", "0", "--json", env=bare(OFFER_SANDBOX_PROT="1"))
    printed = json.loads(done.stdout)
    assert (done.returncode, list(printed)) == (0, ["checks"])
    assert all(list(each) == ["name", "status", "found", "remedy"] for each in printed["checks"])
    assert all((each["remedy"] is None) == (each["status"] == "ok") for each in printed["checks"])
    assert {each["status"] for each in printed["checks"]} == {"ok", "warning"}


def test_a_line_is_printed_as_soon_as_it_is_known():
    """The server that is asked says nothing before the first line was read, from a pipe that is not unbuffered."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [*COMMAND, "doctor", "--url", url], stdout=subprocess.PIPE, text=True, env=bare(PYTHONUNBUFFERED="")
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        connection, _ = silent.accept()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        connection.close()
        rest = process.communicate(timeout=60)[0]
    assert first.startswith("ok ")
    assert "/health returned 200 without a sandbox's version" in rest
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--port", "x"), "--port must be a whole number from 0 to 65535, not 'x'"),
        (("--data", "mysql://x/y"), "--data must be a folder or a postgresql:// URL"),
        (("--url", "localhost:4242"), "is not an HTTP URL"),
    ],
)
def test_a_misuse(flags, words):
    done = run("doctor", *flags, env=bare())
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert run("doctor", "--unknown").returncode == 2


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (machine.python((3, 11, 0)), "ok"),
        (machine.python((3, 10, 9)), "wrong"),
        (machine.sqlite((3, 35, 0), 1), "ok"),
        (machine.sqlite((3, 34, 1), 3), "wrong"),
        (machine.sqlite((3, 45, 0), 0), "wrong"),
    ],
)
def test_versions(check, status):
    assert check.status == status
    assert bool(check.remedy) == (status == "wrong")


@pytest.mark.parametrize(("limit", "status"), [(1023, "warning"), (1024, "ok")])
def test_few_open_files(limit, status):
    code, found = ask(through=("sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh"))
    assert (code, found["open files"]["status"]) == (0, status)
    assert found["open files"]["found"].startswith(f"at most {limit}")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A checkout of its own."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in ("fixtures", "specs", "scenarios", "sandbox"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_files_that_are_missing_damaged_or_of_another_version(copied: Path):
    (copied / "fixtures" / "ebay.json").unlink()
    (copied / "specs" / "sibi.json").write_text("{")
    shutil.rmtree(copied / "scenarios")
    catalogue = json.loads((copied / "specs" / "catalog.json").read_text())
    catalogue["outcomes"].pop()
    (copied / "specs" / "catalog.json").write_text(json.dumps(catalogue))
    code, found = ask(PYTHONPATH=str(copied / "sandbox"))
    assert code == 1
    assert found["fixtures"]["found"] == f"{copied}/fixtures does not contain ebay.json"
    assert f"{copied}/specs/sibi.json is damaged" in found["specs"]["found"]
    assert (
        "the folder 'scenarios' is missing from this installation of offer-sandbox" in found["scenarios"]["found"]
    )
    assert found["catalogue"]["found"] == "1 outcomes differ from those of this program"
    assert {found[name]["status"] for name in ("fixtures", "specs", "scenarios", "catalogue")} == {"wrong"}


def test_a_whole_copy_is_ok(copied: Path):
    code, found = ask(PYTHONPATH=str(copied / "sandbox"))
    assert (code, {each["status"] for each in found.values()}) == (0, {"ok"})
    assert str(copied) in found["specs"]["found"]


def test_a_misspelt_variable_is_a_warning_with_the_name_that_was_meant():
    code, found = ask(OFFER_SANDBOX_DATE="/x", OFFER_SANDBOX_XYZZY="1", OFFER_SANDBOX_ADMIN_TOKEN="s3cret")
    assert code == 0
    assert found["OFFER_SANDBOX_DATE"]["status"] == found["OFFER_SANDBOX_XYZZY"]["status"] == "warning"
    assert found["OFFER_SANDBOX_DATE"]["remedy"] == "did you mean OFFER_SANDBOX_DATA?"
    assert found["variables"]["found"] == "accepted: OFFER_SANDBOX_ADMIN_TOKEN"
    assert "s3cret" not in json.dumps(found)


def test_every_value_that_serve_refuses_is_told_in_its_words():
    refused = {
        "PORT": ("65536", "--port (OFFER_SANDBOX_PORT) must be a whole number from 0 to 65535, not '65536'"),
        "SEED": ("abc", "must be a whole number from 0 to 999999999999999, not 'abc'"),
        "CLOCK": ("noon", "the clock must be real, frozen or a timestamp: "),
        "CONTRACT": ("ebay=9", "1.1.2"),
        "SCENARIO": ("no-such", "'no-such' is neither a file nor a ready scenario"),
        "MAX_RECORDS": ("1", "--max-records (OFFER_SANDBOX_MAX_RECORDS) must be a whole number from 1000 "),
        "MAX_CONNECTIONS": (
            "0",
            "--max-connections (OFFER_SANDBOX_MAX_CONNECTIONS) must be a whole number from 1 ",
        ),
        "ALLOW_WEBHOOK_HOST": ("http://x/", "http://x/"),
        "TRUSTED_PROXY": ("proxy.example", "a trusted proxy must be an address like 10.0.0.7"),
        "PUBLIC_URL": (
            "sandbox.example",
            "the public URL must be an origin such as https://sandbox.example:8443, not ",
        ),
        "LOG": ("xml", "--log (OFFER_SANDBOX_LOG) must be one of json, text, off, not 'xml'"),
        "WORKERS": ("2", "--workers greater than 1 needs --data, which the processes share"),
    }
    given = {f"OFFER_SANDBOX_{name}": value for name, (value, _) in refused.items()}
    code, found = ask(port=None, OFFER_SANDBOX_PLAIN="1", OFFER_SANDBOX_AUTH="keys", **given)
    assert code == 1
    for name, (_, words) in refused.items():
        check = found[f"OFFER_SANDBOX_{name}"]
        assert check["status"] == "wrong", check
        assert words in check["found"]
    assert found["variables"]["found"] == "accepted: OFFER_SANDBOX_AUTH, OFFER_SANDBOX_PLAIN"
    assert "port" not in found, "which one would be bound is not known"


def test_flags_go_before_variables(tmp_path):
    """As they do for serve; several processes have a folder then."""
    code, found = ask("--data", str(tmp_path), OFFER_SANDBOX_PORT="x", OFFER_SANDBOX_WORKERS="2")
    assert (code, found["port"]["status"]) == (0, "ok")
    code, found = ask(OFFER_SANDBOX_DATA=str(tmp_path))
    assert found["data"]["found"].startswith(f"{tmp_path} can be used")


def test_every_variable_that_is_read_anywhere_is_known():
    read = {each.name.upper() for each in settings()}
    for path in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("variable", "switched_on"):
                read |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    with hidden([name.removeprefix("OFFER_SANDBOX_") for name in os.environ if name.startswith("OFFER_SANDBOX_")]):
        assert variables.known_names() - {"CA", "STATE"} == read
    assert len(read) > 15


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, found = ask(port=str(port))
    assert (code, found["port"]["status"]) == (1, "wrong")
    assert found["port"]["found"] == f"cannot listen on 127.0.0.1 port {port}: the port is in use"
    assert "--port" in found["port"]["remedy"]
    code, found = ask(port=str(port))
    assert (code, found["port"]["found"][: len(str(port)) + 8]) == (0, f"{port} is free")


def test_a_host_that_is_not_here():
    code, found = ask("--host", "203.0.113.1")
    assert (code, found["port"]["status"]) == (1, "wrong")
    assert "cannot listen on 203.0.113.1" in found["port"]["found"]


NO_IPV6 = "ip link set lo up; echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"


def test_no_ipv6_loopback():
    code, found = ask(through=isolated("-n", NO_IPV6))
    assert (code, found["ipv6"]["status"], found["port"]["status"]) == (0, "warning", "ok")
    assert found["port"]["found"] == "a free port is available on 127.0.0.1"
    assert "ipv6" not in ask("--host", "127.0.0.1")[1], "it was not asked for"
