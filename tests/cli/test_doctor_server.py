"""`doctor --url`: how a running server fares, by what it answers."""

import shutil
from pathlib import Path

import requests

from doctor_runs import ask
from offer_sandbox import __version__
from offer_sandbox.world.store import sqlite
from running_server import Client, Server
from stub_server import StandIn


def test_a_server_that_is_well(client: Client):
    assert client.send().status_code == 200
    code, found = ask("--url", f"{client.url}/")
    assert code == 0
    assert [found[name]["status"] for name in ("server", "readiness", "metrics")] == ["ok"] * 3
    assert found["server"]["found"] == f"version {__version__}, same as this program"
    workspaces = int(found["metrics"]["found"].partition(" workspaces, ")[0])
    assert workspaces >= 1
    assert found["metrics"]["found"].endswith(" 0 store errors")


def test_its_port_is_not_bound(client: Client):
    code, found = ask("--url", client.url, port=client.url.rpartition(":")[2])
    assert (code, "port" in found) == (0, False)


def test_a_server_that_is_not_there():
    code, found = ask("--url", "http://127.0.0.1:9")
    assert (code, found["server"]["status"]) == (1, "wrong")
    assert found["server"]["found"] == "the request to http://127.0.0.1:9 failed: Connection refused"
    assert "offer-sandbox serve" in found["server"]["remedy"]
    assert not {"readiness", "metrics"} & set(found)


def test_a_server_of_another_version():
    with StandIn({"Content-Type": "application/json"}, {"status": "ok", "version": "0.0.7"}) as other:
        code, found = ask("--url", other.url)
        assert {path for _, path, _, _ in other.calls} == {"/health", "/health/ready", "/metrics"}
    assert found["server"]["status"] == "warning"
    assert found["server"]["found"] == f"version 0.0.7, but this program has version {__version__}"
    assert (code, found["metrics"]["status"]) == (1, "wrong"), "it has no metrics"


def test_a_server_that_is_no_sandbox():
    with StandIn({"Content-Type": "application/json"}, ["hello"]) as other:
        code, found = ask("--url", other.url)
    assert (code, found["server"]["status"]) == (1, "wrong")
    assert found["server"]["found"] == "/health returned 200 without a sandbox's version"


def test_a_server_whose_store_fails_and_has_failed(tmp_path: Path):
    server, path = Server("--data", str(tmp_path / "data")), tmp_path / "data" / sqlite.FILE_NAME
    with requests.Session() as session:
        assert Client(server.url, "w", session).send().status_code == 200
    path.rename(tmp_path / "away")
    path.mkdir()
    code, found = ask("--url", server.url)
    assert (code, found["server"]["status"], found["readiness"]["status"]) == (1, "ok", "wrong")
    assert (
        found["readiness"]["found"] == "the server is not ready: the store cannot be used (see the server's log)"
    )
    shutil.rmtree(path)
    (tmp_path / "away").rename(path)
    code, found = ask("--url", server.url)
    assert (code, found["readiness"]["status"], found["metrics"]["status"]) == (0, "ok", "warning")
    assert not found["metrics"]["found"].endswith(" 0 store errors")
    assert server.stop() == 0
