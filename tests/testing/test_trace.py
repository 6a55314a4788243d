"""Trace files: what they hold of a workspace, their size, and that they have no secrets."""

import base64
import gzip
import json
import math
import random

import pytest
import requests

from offer_sandbox.publish.trace import MAX_EXCHANGES, TraceError, is_cut, packed, unpacked
from offer_sandbox.publish.trace_redaction import id_without_secrets, text_without_secrets
from offer_sandbox.testing import Sandbox
from planted_secrets import Planter
from provider_calls import send
from pytest_projects import passed, project

FAILING = """
def test_passes(status):
    assert status() == "pending"

def test_fails(status, offer_sandbox):
    offer_sandbox.rules.add("sibi.getOffer", outcome="expired", times=1)
    assert status() == "pending"
"""


@pytest.fixture(scope="module")
def server():
    with Sandbox(workspace="own") as sandbox:
        yield sandbox._server


@pytest.fixture
def sandbox(server):
    with Sandbox(server=server, workspace="traced", traced=True) as sandbox:
        yield sandbox


def offer(sandbox: Sandbox, method: str = "GET", path: str = "", body=None) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.credential('sibi')}"}
    return requests.request(
        method, f"{sandbox.url}/offers/offer-123{path}", json=body, headers=headers, timeout=30
    )


def written(sandbox: Sandbox, **told: str) -> dict:
    """The trace as its file has it."""
    return unpacked(packed(sandbox.trace(**told)))


# What it holds


def test_a_trace_has_the_calls_with_reasons_and_the_records_before_and_after(sandbox):
    rule = sandbox.rules.add("sibi.getOffer", outcome="rate_limited", times=1)
    offer(sandbox)
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500})
    sandbox.clock.advance("P31D")
    trace = written(sandbox, test="tests/test_a.py::test_b", phase="call", failure="assert 1 == 2")
    assert [trace[name] for name in ("test", "phase", "failure")] == [
        *("tests/test_a.py::test_b", "call", "assert 1 == 2")
    ]
    assert (trace["workspace"], trace["seed"], trace["left_out"]) == ("traced", 42, 0)
    assert trace["clock"] == {"mode": "frozen", "now": "2026-05-18T19:45:00.000Z"}
    assert [(each["id"], each["hits"]) for each in trace["rules"]] == [(rule["id"], 1)]
    limited, bought = trace["exchanges"]
    assert limited["explanation"]["summary"].startswith("GET /offers/offer-123 returned 429")
    (change,) = bought["changes"]
    assert (change["before"]["buyoutAmountCents"], change["after"]["buyoutAmountCents"]) == (31_000, 500)
    assert trace["settings"]["switches"]["sibi.absent"] == "null"
    assert {each["topic"] for each in trace["webhooks"]} == {"offer.updated"}


def test_calls_of_the_control_api_have_their_place_among_the_exchanges(sandbox):
    offer(sandbox)
    rule = sandbox.rules.add("sibi.getOffer", outcome="rate_limited")
    offer(sandbox)
    sandbox.rules.remove(rule["id"])
    with pytest.raises(Exception, match=r"[Uu]nknown|no rule"):
        sandbox.rules.remove(rule["id"])
    first, second = (each["id"] for each in sandbox.requests)
    calls = sandbox.trace()["control"]
    assert [(each["method"], each["path"], each["after"], each["refused"]) for each in calls] == [
        ("POST", "/workspaces", None, None),
        ("PUT", "/clock", None, None),
        ("PUT", "/settings", None, None),
        ("POST", "/rules", first, None),
        ("DELETE", f"/rules/{rule['id']}", second, None),
        ("DELETE", f"/rules/{rule['id']}", second, 404),
    ]
    assert calls[3]["body"] == {"operation": "sibi.getOffer", "outcome": "rate_limited"}


@pytest.mark.parametrize("forget", ["reset", "requests.clear"])
def test_calls_that_the_test_has_deleted_are_in_the_trace_too(sandbox, forget):
    offer(sandbox)
    sandbox.reset() if forget == "reset" else sandbox.requests.clear()
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500})
    assert [each["operation"] for each in sandbox.trace()["exchanges"]] == [
        "sibi.getOffer",
        "sibi.updateOfferBuyoutAmount",
    ]


def test_a_sandbox_without_the_option_has_no_trace(server):
    with Sandbox(server=server, workspace="plain") as plain, pytest.raises(RuntimeError, match=r"traced=True"):
        plain.trace()


def test_a_file_that_is_no_trace_is_refused():
    for data in (b"", b"no", gzip.compress(b"no"), gzip.compress(b"[]"), gzip.compress(b"{}")[:-4], b"\x1f\x8b"):
        with pytest.raises(TraceError, match="no trace file"):
            unpacked(data)
    newer = gzip.compress(json.dumps({"format": "offer-sandbox/trace", "version": 2}).encode())
    with pytest.raises(TraceError, match="its version is 2, and this program reads 1"):
        unpacked(newer)


# Its size


def noise(characters: int, seed: int = 5) -> str:
    """Text that cannot be compressed much."""
    return base64.b64encode(random.Random(seed).randbytes(characters)).decode()[:characters]


def test_a_hundred_exchanges_of_any_size_take_300_kb(sandbox):
    for number in range(100):
        offer(sandbox, "POST", "/buyout", {"buyoutAmount": 100 + number, "note": noise(40_000 + number)})
    trace = sandbox.trace()
    data = packed(trace)
    assert len(data) <= 300_000
    found = unpacked(data)
    assert len(found["exchanges"]) == 100
    assert is_cut(found["exchanges"][0]["request"]["body"])
    assert found["exchanges"][0]["response"] == trace["exchanges"][0]["response"]


@pytest.mark.parametrize("number", [0, 1, 99, 101, MAX_EXCHANGES])
def test_even_a_trace_of_noise_alone_keeps_to_the_limit(sandbox, number):
    offer(sandbox, "POST", "/buyout", {"buyoutAmount": 500})
    trace = sandbox.trace()
    entry = trace["exchanges"][0]
    headers = {noise(200)[:100] + str(each): noise(60) for each in range(60)}
    loud = {**entry, "request": {**entry["request"], "headers": headers}, "notes": [noise(3_000)]}
    webhooks = [noise(500)] * (5 * number)
    data = packed(
        {**trace, "exchanges": [{**loud, "id": str(each)} for each in range(number)], "webhooks": webhooks}
    )
    assert len(data) <= 300_000 * max(1, math.ceil(number / 100))
    found = unpacked(data)
    assert len(found["exchanges"]) + found["left_out"] == number


def test_calls_of_the_control_api_stay_whole_whatever_is_cut(sandbox):
    rule = {"outcome": "expired", "match": {"body.note": noise(2_000)}, "times": 1}
    sandbox.rules.add("sibi.getOffer", **rule)
    for number in range(100):
        offer(sandbox, "POST", "/buyout", {"buyoutAmount": 100 + number})
    trace = sandbox.trace()
    loud = [{**each, "notes": [noise(20_000, number)]} for number, each in enumerate(trace["exchanges"])]
    found = unpacked(packed({**trace, "exchanges": loud}))
    assert found["control"] == trace["control"]
    assert is_cut(found["exchanges"][0]["notes"])


def test_a_trace_that_would_be_huge_is_cut_too(sandbox):
    """A text of equal characters takes no room in the file, and much in memory."""
    offer(sandbox)
    trace = sandbox.trace()
    entry = {**trace["exchanges"][0], "notes": ["x" * 1_000_000]}
    found = unpacked(packed({**trace, "exchanges": [entry] * 100}))
    assert len(found["exchanges"]) == 100
    assert is_cut(found["exchanges"][0]["notes"])


def test_a_reset_that_keeps_the_journal_counts_no_call_twice(sandbox, monkeypatch):
    monkeypatch.setattr("offer_sandbox.testing.traced_control.MAX_EXCHANGES", 3)
    for _ in range(5):
        offer(sandbox)
    sandbox._control.call("POST", "/reset", {"scope": ["state"]})
    offer(sandbox)
    trace = sandbox.trace()
    assert (len(trace["exchanges"]), trace["left_out"]) == (3, 3)


def test_the_latest_exchanges_are_kept(sandbox, monkeypatch):
    monkeypatch.setattr("offer_sandbox.testing.traced_control.MAX_EXCHANGES", 3)
    for number in range(5):
        offer(sandbox, "POST", "/buyout", {"buyoutAmount": 100 + number})
    trace = sandbox.trace()
    bodies = [json.loads(each["request"]["body"])["buyoutAmount"] for each in trace["exchanges"]]
    assert (bodies, trace["left_out"]) == ([102, 103, 104], 2)


# Its secrets


@pytest.mark.parametrize("test", ["tests/test_auth.py::TestToken::test_key", "tests/test_key.py::test_a[key1-b]"])
def test_the_names_of_tests_are_no_secrets(test):
    assert id_without_secrets(test) == test


@pytest.mark.parametrize(
    "text",
    [
        "password = (\n 'hunter5'\n 'hunter6')",
        "Authorization: Bearer\n  hunter5",
        "the API_KEY is\nhunter5",
        "'token':\n  'hunter5'",
    ],
)
def test_the_lines_after_the_name_of_a_secret_are_redacted(text):
    assert "hunter" not in text_without_secrets(f"AssertionError: assert 1 == 2\n{text}")
    assert text_without_secrets("AssertionError: assert 1 == 2").startswith("AssertionError: assert 1")


SECRET_PARAMETERS = """
@pytest.mark.parametrize("api_key", ["hunter2-long"])
def test_by_name(offer_sandbox, api_key):
    assert api_key == "other"

@pytest.mark.parametrize("text", ["password=hunter3"])
def test_by_text(offer_sandbox, text):
    assert 0
"""


def test_secret_parameters_are_neither_in_files_nor_in_their_names(tmp_path):
    project(tmp_path, SECRET_PARAMETERS, ini=INI)
    files = [*(tmp_path / "traces").iterdir()]
    assert len(files) == 2
    for file in files:
        assert "hunter" not in file.name + gzip.decompress(file.read_bytes()).decode()


def test_no_planted_secret_is_in_a_trace(sandbox):
    planter, secrets = Planter(17, lambda: "Shop-Shop-PRD-012345678-1b2c3d4e"), set()
    for call in planter.calls():
        headers = {"Authorization": f"Bearer {sandbox.credential('sibi')}", **call.headers}
        requests.post(f"{sandbox.url}{call.target}", data=call.body, headers=headers, timeout=30)
        secrets |= set(call.secrets)
    hidden = [planter.secret() for _ in range(8)]
    sandbox.rules.add("sibi.getOffer", outcome="expired", match={"header.x-api-key": hidden[0]}, times=1)
    sandbox.settings.set(webhooks={"sibi": {"url": f"http://127.0.0.1:9/?token={hidden[1]}", "secret": hidden[2]}})
    sandbox.state.patch("sibi", "offers", "offer-123", customerName=f"api_key={hidden[3]}")
    sandbox.webhooks.fire("sibi", "offer-123")
    failure = (
        f"assert {{'token': '{hidden[4]}'}} == {{}}\n  'password':\n    '{hidden[5]}'\n'x': 'Bearer {hidden[6]}'"
    )
    trace = sandbox.trace(test=f"test_a[secret={hidden[7]}]", failure=f"AssertionError: assert 1 == 2\n{failure}")
    shown = gzip.decompress(packed(trace)).decode()
    assert len(secrets) > 500
    assert [each for each in (*secrets, *hidden) if each in shown] == []
    assert shown.count("(redacted)") > 100
    assert trace["failure"].splitlines()[0] == "AssertionError: assert 1 == 2"


# The option


@pytest.mark.parametrize("flags", [(), ("-n", "2")])
def test_each_failed_test_has_one_file(tmp_path, flags):
    ended = project(tmp_path, FAILING, "--offer-sandbox-trace=traces", *flags)
    (file,) = (tmp_path / "traces").iterdir()
    assert f"offer-sandbox trace traces/{file.name}" in ended.stdout
    trace = unpacked(file.read_bytes())
    assert trace["test"] == "test_project.py::test_fails"
    assert "assert 'expired' == 'pending'" in trace["failure"]
    assert [each["outcome"] for each in trace["exchanges"]] == ["sibi.getOffer.expired"]


def test_a_test_that_passes_again_loses_its_file(tmp_path):
    project(tmp_path, FAILING, "--offer-sandbox-trace=traces")
    assert len([*(tmp_path / "traces").iterdir()]) == 1
    (tmp_path / "traces" / "other.txt").touch()
    passed(project(tmp_path, FAILING.replace('outcome="expired"', 'outcome="pending"'), ini=INI), 2)
    assert [each.name for each in (tmp_path / "traces").iterdir()] == ["other.txt"]


INI = 'offer_sandbox_trace = "traces"\n'
FAILING_ELSEWHERE = """
@pytest.fixture
def broken(offer_sandbox, status):
    status()
    raise RuntimeError("the setup has failed")

def test_setup(broken):
    pass

def test_unmatched(offer_sandbox):
    requests.get(offer_sandbox.url + "/sibi/nothing", headers={"Authorization": "Bearer sbx_" + offer_sandbox.workspace})

def test_both(offer_sandbox):
    test_unmatched(offer_sandbox)
    raise RuntimeError("the test has failed")
"""


def test_failures_before_and_after_the_test_have_a_file_too(tmp_path):
    ended = project(tmp_path, FAILING_ELSEWHERE, "--offer-sandbox-fail-on=unmatched", ini=INI)
    assert "1 failed, 1 passed, 3 errors" in ended.stdout
    traces = [unpacked(each.read_bytes()) for each in (tmp_path / "traces").iterdir()]
    told = {each["test"].partition("::")[2]: (each["phase"], each["failure"]) for each in traces}
    assert told["test_setup"][0] == "setup"
    assert "the setup has failed" in told["test_setup"][1]
    assert told["test_unmatched"][0] == "teardown"
    assert "1 calls match no documented operation" in told["test_unmatched"][1]
    assert told["test_both"][0] == "call"


def test_a_folder_that_is_a_file_is_refused_before_any_test(tmp_path):
    (tmp_path / "traces").touch()
    ended = project(tmp_path, FAILING, ini=INI)
    assert ended.returncode == 4
    assert "traces is not a folder" in ended.stderr


def test_each_provider_is_traced(sandbox):
    for provider in ("covent", "opendoor", "ebay", "sibi", "estateprime"):
        for call in ("read", "write"):
            send(sandbox.url, provider, sandbox.credential(provider), call)
    assert len(written(sandbox)["exchanges"]) == 10


ODD = """
import http.client

def test_surrogates(offer_sandbox):
    assert 0, "bad \\ud800 text"

def test_elsewhere(offer_sandbox, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert 0

def test_busy(offer_sandbox, monkeypatch):
    def call(*_, **__):
        raise http.client.CannotSendRequest("a thread uses the connection")
    monkeypatch.setattr(offer_sandbox._control, "call", call)
    assert 0
"""


def test_odd_failures_leave_the_session_alone(tmp_path):
    ended = project(tmp_path, ODD, ini=INI)
    assert "3 failed" in ended.stdout, ended.stdout
    assert "INTERNALERROR" not in ended.stdout + ended.stderr
    names = sorted(each.name.rpartition("-")[0] for each in (tmp_path / "traces").iterdir())
    assert names == ["test_project.py-test_elsewhere", "test_project.py-test_surrogates"]


def test_a_test_that_skips_keeps_the_file_of_its_failure(tmp_path):
    project(tmp_path, FAILING, ini=INI)
    skips = FAILING.replace(
        "    offer_sandbox.rules.add", "    pytest.skip('not today')\n    offer_sandbox.rules.add"
    )
    project(tmp_path, skips, ini=INI)
    assert len([*(tmp_path / "traces").iterdir()]) == 1


@pytest.mark.parametrize("flags", [(), ("--full-trace",), ("--tb=no",), ("--tb=native",)])
def test_the_place_is_a_line_of_the_test(tmp_path, flags):
    project(tmp_path, FAILING, "-p", "no:warnings", *flags, ini=INI)
    (file,) = (tmp_path / "traces").iterdir()
    if "--tb=native" not in flags:  # whose report has no places
        assert unpacked(file.read_bytes())["place"].startswith("test_project.py:")
