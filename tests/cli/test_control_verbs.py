"""The verbs for a running server: each carries out what its help says, as text and as JSON."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running_server import COMMAND, EBAY_FIND, Client, Server, run, until
from webhook_receiver import Receiver

Ask = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ask(client: Client) -> Ask:
    """Runs a verb against the client's workspace."""

    def asked(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        return run(*arguments, "--url", client.url, "--workspace", client.workspace, **options)

    return asked


def told(done: "subprocess.CompletedProcess[str]") -> str:
    """What a verb printed, which succeeded."""
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def failed(done: "subprocess.CompletedProcess[str]", code: int = 1) -> str:
    """The one line of a verb that failed."""
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1), done
    return done.stderr


def test_the_clock_is_shown_set_stopped_and_advanced(client: Client, ask: Ask):
    assert told(ask("clock", "freeze")).endswith(" (frozen)\n")
    assert told(ask("clock", "set", "2026-04-17T19:45:00Z")) == "2026-04-17T19:45:00.000Z (frozen)\n"
    offer = client.send().json()["offers"][0]["offerId"]
    lines = told(ask("clock", "advance", "P2D")).splitlines()
    assert f"2026-04-19T19:45:00.000Z  ebay.offers/{offer}: PENDING -> EXPIRED" in lines
    assert lines[-1] == "2026-04-19T19:45:00.000Z"
    assert json.loads(told(ask("clock", "--json"))) == {"mode": "frozen", "now": "2026-04-19T19:45:00.000Z"}
    assert json.loads(told(ask("clock", "run", "--json")))["mode"] == "real"
    assert "by: " in failed(ask("clock", "advance", "soon"))


def test_rules_are_added_listed_and_removed(client: Client, ask: Ask, tmp_path: Path):
    rule = {"operation": "ebay.*", "outcome": "rate_limited", "times": 2}
    first = told(ask("rules", "add", json.dumps(rule))).strip()
    (tmp_path / "rule.json").write_text(json.dumps({**rule, "outcome": "unavailable"}))
    second = told(ask("rules", "add", f"@{tmp_path}/rule.json")).strip()
    third = told(ask("rules", "add", "-", input=json.dumps(rule))).strip()
    client.ebay("GET", EBAY_FIND)
    rows = {line.split()[0]: line.split() for line in told(ask("rules")).splitlines()[1:]}
    assert rows.keys() == {first, second, third}
    assert sorted(row[-2:] for row in rows.values()) == [["0", "2"], ["0", "2"], ["1", "1"]]
    assert {each["id"] for each in json.loads(told(ask("rules", "list", "--json")))["rules"]} == rows.keys()
    told(ask("rules", "remove", first, second))
    assert [line.split()[0] for line in told(ask("rules")).splitlines()[1:]] == [third]
    told(ask("rules", "clear"))
    assert client.admin("GET", "/rules")["rules"] == []


@pytest.mark.parametrize(
    ("rule", "code", "words"),
    [
        ("{", 2, "the argument is not JSON"),
        ("@/nowhere.json", 2, "cannot read /nowhere.json"),
        ('{"operation": "ebay.*", "outcome": "nonsense"}', 1, "nonsense"),
    ],
)
def test_a_rule_that_cannot_be_used(ask: Ask, rule: str, code: int, words: str):
    assert words in failed(ask("rules", "add", rule), code)


def test_scenarios_are_listed_shown_started_and_stopped(client: Client, ask: Ask):
    assert "ebay-expiry " in told(ask("scenarios"))
    assert json.loads(told(ask("scenarios", "show", "ebay-expiry")))["scenario"] == "ebay-expiry"
    told(ask("scenarios", "start", "ebay-expiry"))
    [row] = [line for line in told(ask("scenarios", "list")).splitlines() if line.startswith("ebay-expiry ")]
    assert row.split()[1] == "running"
    told(ask("scenarios", "stop", "ebay-expiry"))
    assert not [each for each in client.admin("GET", "/scenarios")["scenarios"] if each["started"]]
    assert "no-such" in failed(ask("scenarios", "start", "no-such"))


def test_records_are_read_and_changed(client: Client, ask: Ask):
    assert "ebay.listings" in told(ask("state"))
    record = json.loads(told(ask("state", "get", "covent.offers", "off_123")))
    assert record["id"] == "off_123"
    changed = told(ask("state", "patch", "covent.offers", "off_123", '{"amount": 1}'))
    assert json.loads(changed)["amount"] == 1
    told(ask("state", "put", "covent.offers", "off_123", json.dumps(record)))
    assert len(json.loads(told(ask("state", "get", "covent.offers")))["offers"]) == 12
    made = told(ask("state", "make", "covent.offers", "off_123", "expired"))
    assert "covent.offers/off_123: submitted -> expired" in made
    assert json.loads(told(ask("state", "wait", "covent.offers", "off_123", "expired")))["status"] == "expired"
    told(ask("state", "delete", "covent.offers", "off_123"))
    assert "has no record 'off_123'" in failed(ask("state", "get", "covent.offers", "off_123"))
    assert "named like ebay.offers" in failed(ask("state", "get", "offers"), 2)


def test_a_reset_of_all_or_of_a_part(client: Client, ask: Ask):
    client.admin("POST", "/rules", {"operation": "ebay.*", "outcome": "unavailable"})
    assert told(ask("reset", "journal")) == f"reset journal of the workspace {client.workspace}\n"
    assert len(client.admin("GET", "/rules")["rules"]) == 1
    assert told(ask("reset")).startswith("reset state, rules, clock, settings, journal of")
    assert client.admin("GET", "/rules")["rules"] == []
    assert "'everything' is not one of" in failed(ask("reset", "everything"), 2)


def test_outcomes_and_those_that_nobody_has_received():
    server = Server()
    try:
        at = ("--url", server.url)
        assert told(run("outcomes", "sibi.cancelOrder", *at)).splitlines()[-1] == "12 outcomes"
        assert "unauthorized (in the credential)" in told(run("outcomes", "opendoor.offerRequest", *at))
        assert told(run("outcomes", "--not-covered", *at)) == "no operation was called yet\n"
        run("play", "ebay-denied", *at)
        missing = json.loads(told(run("outcomes", "ebay", "--not-covered", "--json", *at)))["outcomes"]
        found = {each["id"] for each in missing}
        assert "ebay.sendOfferToInterestedBuyers.150022" in found
        assert "ebay.sendOfferToInterestedBuyers.150019" not in found or len(found) > 10
        assert {each["operation"] for each in missing} == {"ebay.sendOfferToInterestedBuyers"}
    finally:
        server.stop()


def test_why_explains_a_call(client: Client, ask: Ask):
    assert "has no calls" in failed(ask("why"))
    refused = client.send(item={"listingId": "110000150020"})
    client.ebay("GET", EBAY_FIND)
    id = refused.headers["X-Sandbox-Request-Id"]
    lines = told(ask("why", id)).splitlines()
    assert "returned 409" in lines[0]
    assert "Reason: body.offeredItems.0.listingId: the listing has no interested buyers" in lines[0]
    assert any(line.startswith("other outcomes (header X-Sandbox-Outcome): success, 150000") for line in lines)
    assert "findEligibleItems.success" in told(ask("why")), "the last call"
    assert '"errorId": 150020' in told(ask("why", id, "--all"))
    assert json.loads(told(ask("why", id, "--json")))["id"] == id
    assert "the sandbox returned 404" in failed(ask("why", "0123456789abcdef"))


def test_logs_show_earlier_calls_with_filters(client: Client, ask: Ask):
    client.send(item={"listingId": "110000150020"})
    client.ebay("GET", EBAY_FIND)
    lines = told(ask("logs", "--no-follow")).splitlines()
    assert ["-> 409 ebay.sendOfferToInterestedBuyers.150020 (magic)" in lines[0], len(lines)] == [True, 3]
    assert "the listing has no interested buyers" in lines[1]
    [entry] = map(json.loads, told(ask("logs", "--no-follow", "--status", "200", "--json")).splitlines())
    assert entry["operation"] == "ebay.findEligibleItems"
    assert told(ask("logs", "--no-follow", "-n", "1")).count("\n") == 1
    assert told(ask("logs", "--no-follow", "--operation", "sibi.*")) == ""
    assert "trigger" in failed(ask("logs", "--no-follow", "--trigger", "luck"))


def test_logs_follow_new_calls(client: Client):
    client.ebay("GET", EBAY_FIND)
    at = ("--url", client.url, "--workspace", client.workspace)
    process = subprocess.Popen([*COMMAND, "logs", *at], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "findEligibleItems.success" in process.stdout.readline()
    client.send()
    assert "sendOfferToInterestedBuyers.success" in process.stdout.readline()
    process.send_signal(2)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_webhooks_are_listed_fired_and_sent_again(client: Client, ask: Ask):
    fired = told(ask("webhooks", "fire", "sibi", "offer-123"))
    id = fired.split()[0]
    assert fired == f"{id} offer.updated offer-123: kept\n"
    again = json.loads(told(ask("webhooks", "redeliver", id, "--json")))
    assert again["redelivers"] == id
    assert [line.split()[0] for line in told(ask("webhooks")).splitlines()] == ["WEBHOOK", id, again["id"]]
    assert "sends no webhooks" in failed(ask("webhooks", "fire", "covent", "off_123"))


def test_webhooks_are_forwarded_to_a_receiver(client: Client):
    client.admin("PUT", "/settings", {"webhooks": {"sibi": {"secret": "s3cret"}}})
    client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
    with Receiver() as receiver:
        at = ("--url", client.url, "--workspace", client.workspace)
        process = subprocess.Popen(
            [*COMMAND, "webhooks", "listen", receiver.url, *at],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "forwarding webhooks" in process.stderr.readline()
        fired = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-expired"})
        [call] = receiver.wait(1)
        assert process.stdout is not None
        printed = process.stdout.readline()
        process.send_signal(2)
        process.communicate(timeout=30)
        assert process.returncode == 130
    assert call.body.decode() == fired["request"]["body"]
    assert call.headers["X-Sibi-Signature-256"] == fired["request"]["headers"]["X-Sibi-Signature-256"]
    assert printed.startswith("offer.updated offer-expired -> 2")


def test_open_prints_the_address_of_the_console(client: Client, ask: Ask):
    url = told(ask("open", "--print")).strip()
    assert url == f"{client.url}/__admin/ui/?workspace={client.workspace}"
    assert client.session.get(url, timeout=30).status_code == 200


@pytest.mark.parametrize(
    "verb",
    [["clock"], ["rules"], ["scenarios"], ["state"], ["logs"], ["why"], ["outcomes"], ["webhooks"], ["open"]],
)
def test_a_server_that_is_not_there(verb: list[str]):
    assert "the request to http://127.0.0.1:9 failed" in failed(run(*verb, "--url", "http://127.0.0.1:9"))


def test_the_url_comes_from_the_variable_too(client: Client):
    given = {**os.environ, "OFFER_SANDBOX_URL": client.url}
    assert told(run("clock", "--workspace", client.workspace, env=given))
    assert "is not an HTTP URL" in failed(run("clock", "--url", "localhost"), 2)


def test_a_server_in_the_background(tmp_path: Path):
    given = {**os.environ, "OFFER_SANDBOX_STATE": str(tmp_path / "state")}
    assert run("status", env=given).returncode == 1
    assert "no server is running" in failed(run("stop", env=given))
    started = told(run("start", "--port", "0", "--seed", "7", env=given)).splitlines()
    url = started[-1]
    try:
        assert started[0].startswith(f"started, log in {tmp_path}/state/server.log")
        assert told(run("clock", "--url", url))
        shown = json.loads(told(run("status", "--json", env=given)))
        assert (shown["running"], shown["url"]) == (True, url)
        assert (tmp_path / "state/server.json").stat().st_mode & 0o077 == 0, "it has the token"
        assert f"running already at {url}" in failed(run("start", "--port", "0", env=given))
        assert url in told(run("status", env=given))
    finally:
        stopped = run("stop", env=given)
    assert told(stopped) == f"stopped {url}\n"
    assert "failed" in failed(run("clock", "--url", url))
    assert not (tmp_path / "state/server.json").exists()


def test_a_background_server_that_cannot_start_or_has_died(tmp_path: Path):
    given = {**os.environ, "OFFER_SANDBOX_STATE": str(tmp_path)}
    assert "--seed must be" in failed(run("start", "--seed", "x", env=given), 2)
    told_why = failed(run("start", "--port", "0", "--data", "/proc/nothing", env=given))
    assert "the server did not start: cannot use the folder" in told_why
    started = json.loads(told(run("start", "--port", "0", "--json", env=given)))
    os.kill(started["pid"], 9)
    until(lambda: run("status", env=given).returncode == 1)
    (tmp_path / "server.json").write_text(json.dumps({**started, "pid": os.getpid()}))
    assert "no server is running" in failed(run("stop", env=given)), "another process has that id now"
    (tmp_path / "server.json").write_text("{")
    assert run("status", env=given).stdout == "not running\n"


@pytest.mark.parametrize("url", ["http://[::1", "http://", "http://127.0.0.1:99999", "ftp://x", "127.0.0.1:4242"])
def test_a_url_that_is_none(url: str):
    assert "is not an HTTP URL" in failed(run("clock", "--url", url), 2)
    assert "is not an HTTP URL" in failed(run("webhooks", "listen", url, "--url", "http://127.0.0.1:9"), 2)


def test_flags_before_an_action_are_told_apart(client: Client):
    line = failed(run("clock", "--url", client.url, "advance", "P1D"), 2)
    assert "flags come after the action: clock advance" in line


def test_a_scenario_that_does_not_run_is_not_stopped(ask: Ask):
    assert told(ask("scenarios", "stop", "ebay-expiry")).startswith("not running: ebay-expiry")


def test_the_verbs_use_the_server_in_the_background(tmp_path: Path):
    given = {**os.environ, "OFFER_SANDBOX_STATE": str(tmp_path), "OFFER_SANDBOX_ADMIN_TOKEN": ""}
    url = told(run("start", "--port", "0", "--admin-token", "sup3rsecret", env=given)).splitlines()[-1]
    try:
        pid = json.loads(told(run("status", "--json", env=given)))["pid"]
        assert "sup3rsecret" not in Path(f"/proc/{pid}/cmdline").read_text(), "other users could see it"
        assert told(run("clock", env=given))
        assert told(run("open", "--print", env=given)).startswith(url)
        assert f"export SIBI_API_URL={url}" in told(run("env", "sibi", env=given))
        assert "401" in failed(
            run("clock", "--url", url, env={**given, "OFFER_SANDBOX_STATE": str(tmp_path / "x")})
        )
    finally:
        told(run("stop", env=given))


def test_two_starts_at_the_same_time_start_one_server(tmp_path: Path):
    given = {**os.environ, "OFFER_SANDBOX_STATE": str(tmp_path)}
    both = [
        subprocess.Popen(
            [*COMMAND, "start", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=given
        )
        for _ in range(2)
    ]
    for each in both:
        each.communicate(timeout=60)
    codes = sorted(each.returncode for each in both)
    assert told(run("stop", env=given))
    assert codes == [0, 1]
    assert list(tmp_path.glob("starting")) == []


def test_settings_are_shown_and_changed(client: Client, ask: Ask):
    assert json.loads(told(ask("settings")))["contracts"] == {"ebay": "1.1.0"}
    changed = json.loads(told(ask("settings", "set", '{"contracts": {"ebay": "1.1.2"}}')))
    assert changed == client.admin("GET", "/settings")
    assert changed["contracts"] == {"ebay": "1.1.2"}
    assert "must be one of 1.1.0, 1.1.2" in failed(ask("settings", "set", '{"contracts": {"ebay": "9"}}'))


def test_workspaces_of_a_server_that_requires_keys():
    server = Server("--auth", "keys")
    try:
        at = ("--url", server.url)
        key = told(run("workspaces", "add", "team1", "--seed", "7", *at)).strip()
        assert key.startswith("sbx_team1.")
        rows = [line.split() for line in told(run("workspaces", *at)).splitlines()]
        assert rows[0] == ["NAME", "SEED", "RECORDS"]
        assert ["team1", "7"] in [row[:2] for row in rows]
        assert told(run("clock", "--workspace", "team1", "--admin-token", key, *at))
        assert json.loads(told(run("workspaces", "--json", *at)))["workspaces"]
        assert "team1" in failed(run("workspaces", "add", "team1", *at))
        assert told(run("workspaces", "delete", "team1", *at)) == "deleted the workspace team1\n"
        assert "there is no workspace team1" in failed(run("clock", "--workspace", "team1", *at))
    finally:
        server.stop()
