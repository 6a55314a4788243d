"""`offer-sandbox trace` and `offer-sandbox replay`: a failed test looked at and repeated from its file."""

import gzip
import json
import os
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from offer_sandbox.publish.trace import packed, unpacked
from offer_sandbox.testing import Sandbox
from provider_calls import CALLS, send
from running_server import COMMAND


@pytest.fixture(scope="module")
def server():
    with Sandbox(workspace="own") as sandbox:
        yield sandbox._server


@pytest.fixture
def sandbox(server):
    with Sandbox(server=server, workspace="traced", traced=True) as sandbox:
        yield sandbox


def offer(sandbox: Sandbox, method="GET", path="", body=None, id="offer-123", timeout=30) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.credential('sibi')}"}
    return requests.request(
        method, f"{sandbox.url}/offers/{id}{path}", json=body, headers=headers, timeout=timeout
    )


def saved(sandbox: Sandbox, folder: Path, **told: str) -> str:
    file = folder / "a.trace.json.gz"
    file.write_bytes(packed(sandbox.trace(**told)))
    return str(file)


def ran(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, check=False)


def printed(*arguments: str) -> str:
    ended = ran(*arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


# trace


def test_the_timeline_tells_what_happened_and_why(sandbox, tmp_path):
    rule = sandbox.rules.add("sibi.getOffer", outcome="rate_limited", times=1)["id"]
    offer(sandbox)
    sandbox.clock.advance("P31D")
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500})
    shown = printed(
        "trace", saved(sandbox, tmp_path, test="a.py::test_b", phase="call", place="a.py:7", failure="no")
    )
    lines = shown.splitlines()
    assert lines[:3] == ["a.py::test_b", "failed (call, a.py:7):", "  no"]
    begin = lines.index("clock 2026-04-17T19:45:00.000Z")
    added, advanced = (place for place, line in enumerate(lines) if "/rules" in line or "/clock/advance" in line)
    assert added < begin < advanced
    assert lines[begin + 1 : begin + 3] == [
        "      1 GET /offers/offer-123 -> 429 sibi.getOffer.rate_limited (rule)",
        f"        why: rate_limited is forced by the rule {rule}",
    ]
    assert ": awaiting_customer -> expired at " in lines[advanced + 1]
    bought = next(place for place, line in enumerate(lines) if line.startswith("      2 POST"))
    assert lines[bought - 1] == "clock 2026-05-18T19:45:00.000Z"
    assert "webhooks" in lines
    assert any(line.startswith("  offer.updated of offer-") for line in lines)
    assert lines[-1] == f'  {rule}: {{"operation":"sibi.getOffer","outcome":"rate_limited"}}, hits: 1'


def test_one_call_is_shown_whole(sandbox, tmp_path):
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500})
    file = saved(sandbox, tmp_path)
    lines = printed("trace", file, "--call", "1").splitlines()
    assert lines[0].startswith("POST /offers/offer-123/buyout returned 200")
    for each in (
        "POST /offers/offer-123/buyout",
        "status 200",
        '  {"buyoutAmount": 500}',
        "  authorization: (redacted)",
    ):
        assert each in lines
    before, after = lines.index("sibi.offers/offer-123 before"), lines.index("sibi.offers/offer-123 after")
    assert '    "buyoutAmountCents": 31000,' in lines[before:after]
    assert '    "buyoutAmountCents": 500,' in lines[after:]
    assert (
        json.loads(printed("trace", file, "--call", "1", "--json"))["operation"] == "sibi.updateOfferBuyoutAmount"
    )
    assert json.loads(printed("trace", file, "--json")) == unpacked(Path(file).read_bytes())
    ended = ran("trace", file, "--call", "2")
    assert (ended.returncode, ended.stderr) == (2, "offer-sandbox: --call: the trace has the calls 1 to 1\n")


@pytest.mark.parametrize("verb", ["trace", "replay"])
def test_a_file_that_cannot_be_read_is_told_in_one_line(verb, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(gzip.compress(b"{}"))
    for file, told in ((other, "it is no trace file"), (tmp_path / "none", "No such file or directory")):
        ended = ran(verb, str(file))
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == f"offer-sandbox: cannot read {file}: {told}\n"


# replay


def test_each_provider_gives_the_same_results_again(sandbox, tmp_path):
    for provider in CALLS:
        for call in ("read", "write", "read"):
            send(sandbox.url, provider, sandbox.credential(provider), call)
    with sandbox.intercept():
        send("https://api.ebay.com", "ebay", "any")
    shown = printed("replay", saved(sandbox, tmp_path, test="a.py::test_b"))
    assert shown.startswith("replay of a.py::test_b\n")
    assert "DIFFERENT" not in shown
    assert shown.endswith("19 of 19 calls have the same result\n")


def test_control_calls_are_made_again_at_their_place(sandbox, tmp_path):
    def status(id: str = "offer-123") -> str:
        return offer(sandbox, id=id).json().get("status")

    offers = sandbox.state.list("sibi", "offers")
    due = next(each["id"] for each in offers if each["status"] == "awaiting_customer")

    seen = [status()]
    sandbox.rules.add("sibi.getOffer", outcome="expired", times=1)
    seen += [status(), status()]
    sandbox.state.patch("sibi", "offers", "offer-123", status="canceled")
    seen.append(status())
    sandbox.reset()
    seen.append(status())
    sandbox.clock.advance("P31D")
    seen.append(status(due))
    sandbox.scenario("sibi-errors")
    seen += [status() for _ in range(8)]
    assert seen[:6] == ["pending", "expired", "pending", "canceled", "pending", "expired"]
    shown = printed("replay", saved(sandbox, tmp_path))
    assert "DIFFERENT" not in shown
    assert shown.count(" GET /offers/offer-") == 14


def test_faults_and_delays_are_repeated(sandbox, tmp_path):
    for effect in (
        {"fault": "CONNECTION_RESET_BY_PEER"},
        {"fault": "EMPTY_RESPONSE", "phase": "before"},
        {"fault": "TRUNCATED_BODY"},
        {"fault": "HANG"},
        {"delay": {"type": "fixed", "milliseconds": 300}},
        {"mutate": ["unknown_enum_value"]},
    ):
        rule = sandbox.rules.add("sibi.getOffer", times=1, **effect)
        with suppress(requests.RequestException):
            offer(sandbox, timeout=2)
        sandbox.rules.remove(rule["id"])
    shown = printed("replay", saved(sandbox, tmp_path))
    assert "DIFFERENT" not in shown
    assert len([line for line in shown.splitlines() if " GET /offers/offer-123 -> " in line]) == 6


def test_an_outcome_whose_rule_is_not_in_the_trace_is_forced(sandbox, tmp_path):
    """The test has added the rule by a call of its own."""
    rule = {"operation": "sibi.getOffer", "outcome": "expired"}
    headers = {"X-Sandbox-Workspace": sandbox.workspace}
    requests.post(f"{sandbox.url}/__admin/rules", json=rule, headers=headers, timeout=30)
    assert offer(sandbox).json()["status"] == "expired"
    assert "DIFFERENT" not in printed("replay", saved(sandbox, tmp_path))


def test_differences_are_told_and_the_code_is_1(sandbox, tmp_path):
    offer(sandbox)
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500})
    trace = sandbox.trace()
    first, second = trace["exchanges"]
    first["response"]["body"]["status"] = "expired"
    del first["response"]["body"]["city"]
    first["response"]["body"]["offerings"] = []
    second["response"]["status"], second["outcome"] = 409, "sibi.updateOfferBuyoutAmount.invalid_offer_status"
    trace["control"][1]["refused"] = 422
    file = tmp_path / "a.trace.json.gz"
    file.write_bytes(packed(trace))
    ended = ran("replay", str(file))
    assert ended.returncode == 1
    told = [line.strip() for line in ended.stdout.splitlines()]
    assert "status: recorded 422, now success" in told
    assert 'body.status: recorded "expired", now "pending"' in told
    assert 'body.city: recorded nothing, now "Tampa"' in told
    assert "body.offerings: 0 items were recorded, and now there are 1" in told
    assert "status: recorded 409, now 200" in told
    assert told[-1] == "2 of 5 calls have the same result"
    found = json.loads(ran("replay", str(file), "--json").stdout)
    assert found["same"] is False
    assert [bool(each["differences"]) for each in found["calls"]] == [False, True, False, True, True]


def test_redacted_and_cut_parts_are_no_differences(sandbox, tmp_path):
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500, "token": "hunter2222222222"})
    trace = sandbox.trace()
    trace["exchanges"][0]["response"]["body"]["updatedAt"] = "(redacted)"
    file = tmp_path / "a.trace.json.gz"
    file.write_bytes(packed(trace))
    shown = printed("replay", str(file))
    assert "same       POST /offers/offer-123/buyout" in shown
    assert "(sent without parts that were redacted or cut)" in shown


def test_the_server_can_have_the_flags_of_the_tests_server(tmp_path):
    with Sandbox(flags=["--contract", "ebay=1.1.2"], traced=True) as sandbox:
        offer(sandbox)
        file = saved(sandbox, tmp_path)
    assert "with: replay FILE -- --contract ebay=1.1.2" in ran("replay", file).stdout
    assert "note:" not in printed("replay", file, "--", "--contract", "ebay=1.1.2")
    ended = ran("replay", file, "--", "--nothing")
    assert ended.returncode == 2
    assert "--nothing" in ended.stderr


def test_no_webhook_is_sent_by_a_replay(sandbox, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        url = f"http://127.0.0.1:{receiver.getsockname()[1]}/"
        sandbox.settings.set(webhooks={"sibi": {"url": url, "secret": "s"}})
        sandbox._control.call("PUT", "/snapshot", sandbox._control.call("GET", "/snapshot"))
        sandbox.webhooks.fire("sibi", "offer-123")
        receiver.settimeout(20)
        receiver.accept()[0].close()  # the test's own
        file = saved(sandbox, tmp_path)
        sandbox.settings.set(webhooks={"sibi": {"url": None}})
        assert "DIFFERENT" not in printed("replay", file)
        receiver.settimeout(0.2)
        with pytest.raises(TimeoutError):
            receiver.accept()


def test_calls_of_no_provider_are_shown_and_repeated(sandbox, tmp_path):
    headers = {"X-Sandbox-Workspace": sandbox.workspace}
    requests.get(f"{sandbox.url}/nothing/here", headers=headers, timeout=30)
    offer(sandbox, path="/no/such/path")
    file = saved(sandbox, tmp_path)
    shown = printed("trace", file)
    assert "      1 GET /nothing/here -> 404\n" in shown
    assert "clock None" not in shown
    assert "GET /nothing/here" in printed("trace", file, "--call", "1")
    assert "DIFFERENT" not in printed("replay", file)


def test_a_fault_and_a_delay_of_rules_that_are_not_in_the_trace_are_repeated(sandbox, tmp_path):
    rules = [
        {"operation": "sibi.getOffer", "fault": "EMPTY_RESPONSE", "times": 1},
        {"operation": "sibi.getOffer", "delay": {"type": "fixed", "milliseconds": 50}, "outcome": "expired"},
    ]
    headers = {"X-Sandbox-Workspace": sandbox.workspace}
    for rule in rules[::-1]:
        requests.post(f"{sandbox.url}/__admin/rules", json=rule, headers=headers, timeout=30)
    for _ in range(2):
        with suppress(requests.RequestException):
            offer(sandbox)
    assert "DIFFERENT" not in printed("replay", saved(sandbox, tmp_path))


@pytest.mark.parametrize(
    "damage",
    [
        {"control": None},
        {"exchanges": [1]},
        {"exchanges": [{}]},
        {"exchanges": "x"},
        {"workspace": "a\r\nb"},
        {"control": [{"after": None, "path": "/a b", "method": "PUT", "query": {}, "body": 1}]},
        {"test": 5},
    ],
)
def test_a_damaged_trace_is_told_in_one_line(sandbox, tmp_path, damage):
    file = tmp_path / "a.trace.json.gz"
    trace = {**sandbox.trace(), **damage}
    file.write_bytes(gzip.compress(json.dumps(trace).encode()))
    for verb in ("trace", "replay"):
        ended = ran(verb, str(file))
        assert "Traceback" not in ended.stderr
        assert len(ended.stderr.splitlines()) <= 1


def test_control_characters_do_not_reach_the_terminal(sandbox, tmp_path):
    offer(sandbox, path="/\x1b[31m")
    shown = printed("trace", saved(sandbox, tmp_path, failure="red \x1b[31m"))
    assert "\x1b" not in shown
    assert "red \\x1b[31m" in shown


@pytest.mark.parametrize(("name", "value"), [("DATA", "data"), ("ADMIN_TOKEN", "x"), ("AUTH", "keys")])
def test_variables_of_a_server_that_is_not_fresh_are_refused(sandbox, tmp_path, name, value):
    variables = {**os.environ, f"OFFER_SANDBOX_{name}": value}
    command = [*COMMAND, "replay", saved(sandbox, tmp_path)]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=variables, cwd=tmp_path
    )
    assert ended.returncode == 2
    assert f"(or the variable OFFER_SANDBOX_{name}) cannot be used with replay" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_reader_that_ends_early_is_no_failure(sandbox, tmp_path):
    for _ in range(5):
        offer(sandbox)
    shell = f"{' '.join(COMMAND)} replay {saved(sandbox, tmp_path)} | head -1"
    ended = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "replay of traced\n"
    assert ended.stderr == ""
