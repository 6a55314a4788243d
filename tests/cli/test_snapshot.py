"""`offer-sandbox snapshot`: a workspace saved to a file and loaded from one, over a real server."""

import json
import os
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from postgresql import shared
from provider_calls import CALLS, send
from running_server import COMMAND, EBAY_TOKEN, Client, Server, run
from sibi_calls import create, read


def snapshot(client: Client, *arguments: str, **options):
    """Runs the verb for the client's server and workspace."""
    return run("snapshot", *arguments, "--url", client.url, "--workspace", client.workspace, **options)


def fails(code: int, *arguments: str, **options) -> str:
    """The one line that a failing call prints on standard error."""
    done = run("snapshot", *arguments, **options)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    [line] = done.stderr.strip().splitlines()
    return line


def test_what_was_saved_is_loaded(client: Client, fresh, tmp_path):
    id = create(client).json()["id"]
    file, other = tmp_path / "w.json", fresh()
    saved = snapshot(client, "save", str(file))
    assert (saved.returncode, saved.stdout) == (0, ""), saved.stderr
    assert saved.stderr == f"saved the workspace {client.workspace} ({file.stat().st_size:,} bytes)\n"
    assert file.read_bytes() == client.call("GET", "/__admin/snapshot").content
    assert os.listdir(tmp_path) == ["w.json"]
    loaded = snapshot(other, "load", str(file))
    assert (loaded.returncode, loaded.stdout) == (0, ""), loaded.stderr
    assert loaded.stderr.startswith(f"loaded the workspace {other.workspace} (")
    assert read(other, id).json() == read(client, id).json()


def test_standard_output_and_input(client: Client, fresh):
    other = fresh()
    saved = snapshot(client, "save", "-")
    assert json.loads(saved.stdout)["format"] == "offer-sandbox/snapshot"
    assert snapshot(other, "load", "-", input=saved.stdout).returncode == 0
    assert other.call("GET", "/__admin/snapshot").text == saved.stdout


def test_a_file_is_replaced_and_a_pipe_written_to(client: Client, tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert snapshot(client, "save", str(tmp_path / "link.json")).returncode == 0
    assert json.loads((tmp_path / "real.json").read_text())["version"] == 1
    assert (tmp_path / "link.json").is_symlink()
    os.mkfifo(tmp_path / "pipe")
    process = subprocess.Popen([*COMMAND, "snapshot", "save", str(tmp_path / "pipe"), "--url", client.url])
    assert json.loads((tmp_path / "pipe").read_text())["version"] == 1
    assert process.wait(60) == 0


def test_a_refusal_is_told_and_changes_nothing(client: Client, tmp_path):
    before = client.admin("GET", "/snapshot")
    for text, words in (
        (json.dumps({**before, "version": 2}), "version: must be 1, the version that this program reads, not 2"),
        (json.dumps({**before, "seed": -1}), "seed: must be between 0 and"),
        ("{", "not valid JSON"),
    ):
        (tmp_path / "broken.json").write_text(text)
        done = snapshot(client, "load", str(tmp_path / "broken.json"))
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert client.admin("GET", "/snapshot") == before


def test_a_file_that_cannot_be_read_or_written(server: Server, tmp_path):
    (tmp_path / "kept.json").write_text("kept")
    assert "cannot read" in fails(1, "load", str(tmp_path / "nothing.json"), "--url", server.url)
    assert "cannot write" in fails(1, "save", str(tmp_path / "no" / "folder.json"), "--url", server.url)
    assert "cannot write" in fails(1, "save", str(tmp_path), "--url", server.url)
    assert "cannot write" in fails(1, "save", "/dev/full", "--url", server.url)
    assert os.listdir(tmp_path) == ["kept.json"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("save", "x", "--url", "localhost:4242"), "is not an HTTP URL"),
        (("save", "x", "--url", "file:///etc/passwd"), "is not an HTTP URL"),
        (("load", "x", "--workspace", "A B"), "is not a valid workspace name"),
    ],
)
def test_what_it_cannot_be_told(arguments, words):
    assert words in fails(2, *arguments)


@pytest.mark.parametrize("arguments", [(), ("save",), ("keep", "x")])
def test_usage_errors(arguments):
    assert run("snapshot", *arguments).returncode == 2


def test_a_server_that_is_not_there(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert f"the request to {url} failed: " in fails(1, "save", str(tmp_path / "x"), "--url", url)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "body", "length", "words"),
    [
        (200, b"<html>", 6, "did not return a snapshot"),
        (200, b'{"format":"offer-sandbox/snapshot","version":1', 10**6, " failed: IncompleteRead("),
        (502, b"<html>", 6, "the server returned 502"),
        (500, b'{"detail": "it is broken"}', 26, "it is broken"),
    ],
)
def test_an_answer_that_is_no_snapshot_leaves_the_file_as_it_was(tmp_path, status, body, length, words):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nothing: the tests print nothing."""

    (tmp_path / "w.json").write_text("old")
    with HTTPServer(("127.0.0.1", 0), Handler) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{other.server_address[1]}"
        assert words in fails(1, "save", str(tmp_path / "w.json"), "--url", url)
        thread.join()
    assert (tmp_path / "w.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["w.json"]


def test_the_token_opens_it(tmp_path):
    server = Server("--admin-token", "let-me-in")
    file = str(tmp_path / "w.json")
    bare = {name: value for name, value in os.environ.items() if name != "OFFER_SANDBOX_ADMIN_TOKEN"}
    try:
        assert "the sandbox returned 401: " in fails(1, "save", file, "--url", server.url, env=bare)
        for flags, environment in (
            (("--admin-token", "let-me-in"), bare),
            ((), {**bare, "OFFER_SANDBOX_ADMIN_TOKEN": "let-me-in"}),
            (("--admin-token", "sbx_team", "--workspace", "team"), bare),
        ):
            assert run("snapshot", "save", file, "--url", server.url, *flags, env=environment).returncode == 0
            assert run("snapshot", "load", file, "--url", server.url, *flags, env=environment).returncode == 0
    finally:
        assert server.stop() == 0


def test_a_workspace_moves_from_sqlite_to_postgresql_and_back(tmp_path):
    """Byte by byte: records of every provider, a token, a rule, a running scenario, settings, webhooks, odd texts."""
    stores = [str(tmp_path / "one"), shared().new_url(), str(tmp_path / "other")]
    servers = [Server("--data", each) for each in stores]
    with requests.Session() as session:
        first, *others = (Client(each.url, "moved", session) for each in servers)
        first.admin("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
        first.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": "http://127.0.0.1:1/hook"}}})
        first.admin("POST", "/rules", {"operation": "covent.*", "status": 503, "times": 2, "skip": 5})
        first.admin("POST", "/scenarios/ebay-sold/start")
        for provider, call in CALLS.items():
            assert send(first.url, provider, "sbx_moved", "write" if call.write else "read").status_code < 300
        assert first.ebay("POST", EBAY_TOKEN, data=TOKEN, headers=FORM).status_code == 200
        [listing, *_] = first.state("covent/listings")
        odd = {
            **listing,
            "id": "lst_odd",
            "metadata": {**listing["metadata"], "market": "\x00\U0001f600" + "x" * 4000},
        }
        first.admin("PATCH", "/state/covent/listings", {"listings": [odd]})
        assert snapshot(first, "save", str(tmp_path / "0.json")).returncode == 0
        for number, client in enumerate(others):
            assert snapshot(client, "load", str(tmp_path / f"{number}.json")).returncode == 0
            assert snapshot(client, "save", str(tmp_path / f"{number + 1}.json")).returncode == 0
    before, between, after = ((tmp_path / f"{number}.json").read_bytes() for number in range(3))
    assert before == between == after
    assert b"\\u0000" in before
    assert [server.stop() for server in servers] == [0, 0, 0]


FORM = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic c2J4X21vdmVkOnNlY3JldA=="}
TOKEN = "grant_type=refresh_token&refresh_token=sbx_moved"
