"""The guide "add a provider", followed with a toy: a folder dropped into a copy of the project, and taken out."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from running_server import ROOT, Client, Server, outcome

TOY = ROOT / "tests" / "toy_provider" / "kiosk"
PROJECT = ("sandbox", "fixtures", "specs", "tests", "pyproject.toml")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project with the toy's folder in it, and its fixture and specs written."""
    copy = tmp_path_factory.mktemp("project")
    for name in PROJECT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=NOT_COPIED)
        else:
            shutil.copy(ROOT / name, copy / name)
    before = contents(copy)
    shutil.copytree(TOY, copy / "sandbox" / "offer_sandbox" / "providers" / "kiosk", ignore=NOT_COPIED)
    run(copy, "-m", "offer_sandbox", "fixtures")
    run(copy, "-m", "offer_sandbox", "specs")
    added = {f"sandbox/offer_sandbox/providers/kiosk/{path.name}" for path in TOY.glob("*.py")}
    after = contents(copy)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {*added, "fixtures/kiosk.json", "specs/kiosk.json", "specs/catalog.json"}
    assert set(before) <= set(after)
    return copy


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but compiled ones."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def run(project: Path, *command: str) -> str:
    """Runs Python with the copy of the package; what it prints."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "sandbox")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_toy_inherits_every_test_there_is_for_providers(project: Path):
    """The conformance suite, the walk by steps and by header, the property tests."""
    suites = ("tests/test_every_provider.py", "tests/test_catalog_walk.py", "tests/test_properties.py")
    printed = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "kiosk", *suites)
    passed = int(printed.splitlines()[-1].partition(" passed")[0])
    assert passed > 100
    assert "failed" not in printed
    assert "skipped" not in printed


def test_the_toy_is_served_with_state_time_and_spec(project: Path, session, monkeypatch):
    """A list, an update, a webhook and `manual` progression among it."""
    monkeypatch.setenv("PYTHONPATH", str(project / "sandbox"))
    server = Server()
    client = Client(server.url, "toy", session)
    try:
        key = {"Authorization": "Bearer sbx_toy"}
        made = client.call("POST", "/kiosk-api/offers", json={"amount": 12.5}, headers=key)
        assert (made.status_code, outcome(made)) == (201, "success")
        events = client.admin("POST", "/clock/advance", {"by": "PT1M"})["events"]
        assert [(event["provider"], event["to"]) for event in events] == [("kiosk", "expired")]
        read = client.call("GET", f"/kiosk-api/offers/{made.json()['id']}", headers=key)
        assert read.json() == {**made.json(), "status": "expired"}
        by_host = client.call("GET", "/kiosk-api/offers/kiosk-open", headers={**key, "Host": "api.kiosk.example"})
        assert outcome(by_host) == "open"
        assert set(client.admin("GET", "/specs/kiosk.json")["paths"]) == {
            "/kiosk-api/offers",
            "/kiosk-api/offers/{id}",
        }
        assert "kiosk.expiry" in client.admin("GET", "/settings")["progressions"]
        [webhook] = client.admin("GET", "/webhooks")["webhooks"]
        assert (webhook["topic"], webhook["status"]) == ("offer.expired", "kept")
        assert json.loads(webhook["request"]["body"])["offer"] == read.json()
        changed = client.call("PUT", "/kiosk-api/offers/kiosk-open", json={"amount": 7}, headers=key)
        assert changed.json()["amount"] == 7
        listed = client.call("GET", "/kiosk-api/offers", headers=key).json()
        assert [offer["status"] for offer in listed["offers"]] == ["open", "expired", "expired"]
        manual = {"kiosk.expiry": {"progression": "manual", "polls": 2}}
        client.admin("PUT", "/settings", {"progressions": manual})
        id = client.call("POST", "/kiosk-api/offers", json={"amount": 1}, headers=key).json()["id"]
        client.admin("POST", "/clock/advance", {"by": "P9D"})
        reads = [client.call("GET", f"/kiosk-api/offers/{id}", headers=key).json()["status"] for _ in range(3)]
        assert reads == ["open", "open", "expired"], "moved on by reads, not by time"
    finally:
        assert server.stop() == 0


def test_an_answer_without_a_schema_is_refused_when_the_server_starts(project: Path):
    file = project / "sandbox" / "offer_sandbox" / "providers" / "kiosk" / "operations.py"
    declared = file.read_text()
    file.write_text(declared.replace("    answers={200: schemas.Offer()},\n", ""))
    done = subprocess.run(
        [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(project / "sandbox")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    file.write_text(declared)
    assert done.returncode == 1
    assert (
        "kiosk declares no schema for these responses: getOffer: 200 (open), getOffer: 200 (expired)"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_taken_out_it_leaves_nothing(project: Path):
    shutil.rmtree(project / "sandbox" / "offer_sandbox" / "providers" / "kiosk")
    for name in ("fixtures/kiosk.json", "specs/kiosk.json"):
        (project / name).unlink()
    run(project, "-m", "offer_sandbox", "fixtures")
    run(project, "-m", "offer_sandbox", "specs")
    assert contents(project / "specs") == contents(ROOT / "specs")
    assert contents(project / "fixtures") == contents(ROOT / "fixtures")


def test_the_guide_names_every_file_of_the_toy():
    guide = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a provider")[2].partition("\n## ")[0]
    for path in TOY.glob("*.py"):
        assert f"`{path.name}`" in guide, f"the guide does not name {path.name}"
