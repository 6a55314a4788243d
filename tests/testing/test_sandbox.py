"""`Sandbox`: a workspace as one object, for unittest, scripts and notebooks."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import requests

from offer_sandbox.testing import ControlError, Sandbox, ServerFailed

READ, SEND = "sibi.getOffer", "ebay.sendOfferToInterestedBuyers"


@pytest.fixture(scope="module")
def whole():
    with Sandbox(workspace="module") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(whole, request):
    with Sandbox(server=whole._server, workspace=f"test-{abs(hash(request.node.name)) % 10**9}") as sandbox:
        yield sandbox


def read(sandbox: Sandbox, id: str = "offer-123") -> requests.Response:
    env = sandbox.env("sibi")
    headers = {"Authorization": f"Bearer {env['SIBI_API_KEY']}"}
    return requests.get(f"{env['SIBI_API_URL']}/offers/{id}", headers=headers, timeout=30)


def test_a_client_gets_its_variables_and_its_calls_are_counted(sandbox):
    assert read(sandbox).json()["status"] == "pending"
    assert read(sandbox, "nobody").status_code == 404
    sandbox.assert_called(READ)
    sandbox.assert_called(READ, times=2)
    sandbox.assert_called(READ, outcome="pending", times=1)
    sandbox.assert_called(READ, outcome=f"{READ}.offer_not_found", times=1)
    sandbox.assert_not_called(SEND)
    assert [call["outcome"] for call in sandbox.requests] == [f"{READ}.pending", f"{READ}.offer_not_found"]
    assert len(sandbox.requests) == sandbox.requests.count() == 2
    assert [call["outcome"] for call in sandbox.requests.list(READ, "pending")] == [f"{READ}.pending"]
    sandbox.requests.clear()
    assert len(sandbox.requests) == 0


def test_a_failed_assertion_shows_the_calls_reason_first(sandbox):
    read(sandbox, "nobody")
    with pytest.raises(AssertionError) as failed:
        sandbox.assert_called(READ, outcome="pending")
    told = str(failed.value).splitlines()
    assert told[0] == f"{READ}.pending was called 0 times, expected at least once."
    assert told[1].startswith("why: ")
    assert told[2] == f"GET /offers/nobody -> 404 {READ}.offer_not_found (natural)"
    assert len(told) == 6
    with pytest.raises(AssertionError, match="was called 1 times, expected 0 times"):
        sandbox.assert_not_called(READ)


def test_every_run_is_the_same(sandbox):
    assert sandbox.clock.now == datetime(2026, 4, 17, 19, 45, tzinfo=UTC)
    steps = sandbox.settings.get()["progressions"]
    for name in ("opendoor.evaluation", "sibi.upsells"):
        assert (steps[name]["progression"], steps[name]["polls"]) == ("manual", 1)
    assert steps["sibi.expiry"]["progression"] == "time", "an offer must not expire because it is read"
    body = {"listing_id": "lst_123", "individual_id": "ind_123", "amount": 1, "terms": {}, "notes": ""}
    headers = {"Authorization": f"Bearer {sandbox.credential('covent')}"}
    url = f"{sandbox.env('covent')['COVENT_API_URL']}/offers"
    first = requests.post(url, json=body, headers=headers, timeout=30).json()
    sandbox.reset()
    assert requests.post(url, json=body, headers=headers, timeout=30).json() == first


def test_the_clock_moves_only_when_a_test_moves_it(sandbox):
    assert read(sandbox, "offer-awaiting-customer").json()["status"] == "awaiting_customer"
    events = sandbox.clock.advance("P30D")
    assert {event["to"] for event in events} == {"expired"}
    assert read(sandbox, "offer-awaiting-customer").json()["status"] == "expired"
    sandbox.clock.freeze("2026-11-29T00:00:00Z")
    assert sandbox.clock.now == datetime(2026, 11, 29, tzinfo=UTC)
    sandbox.clock.run()
    assert sandbox.clock.now >= datetime(2026, 11, 29, tzinfo=UTC)


def test_rules_records_settings_and_webhooks(sandbox):
    rule = sandbox.rules.add(READ, outcome="offer_not_found", times=1)
    with pytest.raises(AssertionError, match=rule["id"]):
        sandbox.assert_all_rules_fired()
    assert read(sandbox).status_code == 404
    sandbox.assert_all_rules_fired()
    sandbox.rules.remove(rule["id"])
    assert list(sandbox.rules) == []
    assert sandbox.state.patch("sibi", "offers", "offer-123", thirdPartyId="mine")["thirdPartyId"] == "mine"
    assert read(sandbox).json()["thirdPartyId"] == "mine"
    record = sandbox.state.get("sibi", "offers", "offer-123")
    sandbox.state.delete("sibi", "offers", "offer-123")
    assert len(sandbox.state.list("sibi", "offers")) == 25
    assert sandbox.state.put("sibi", "offers", "offer-123", record) == record
    sandbox.settings.set(switches={"sibi.absent": "omit"})
    assert "orderIds" not in read(sandbox).json()
    sandbox.webhooks.fire("sibi", "offer-123")
    [webhook] = sandbox.webhooks
    assert (webhook["record"], webhook["topic"]) == ("offer-123", "offer.updated")
    sandbox.webhooks.clear()
    assert list(sandbox.webhooks) == []


def test_a_scenario_and_a_wait(sandbox):
    sandbox.scenario("sibi-rate-limit")
    assert [read(sandbox).status_code for _ in range(3)] == [200, 200, 429]
    [call, *_] = sandbox.wait_for(READ, outcome="rate_limited", timeout=0.1)
    assert call["response"]["status"] == 429
    with pytest.raises(AssertionError, match=r"was not called 9 times within 0\.1 seconds"):
        sandbox.wait_for(READ, times=9, timeout=0.1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda sandbox: sandbox.scenario("nothing"), "sibi-errors"),
        (lambda sandbox: sandbox.assert_called("sibi.nothing"), "known: covent.createOffer"),
        (lambda sandbox: sandbox.assert_called(READ, outcome="nothing"), f"known: {READ}.pending"),
        (lambda sandbox: sandbox.rules.add(READ, outcome="nothing"), "known: pending"),
        (lambda sandbox: sandbox.settings.set(switches={"sibi.nothing": 1}), "known: covent.headers"),
        (lambda sandbox: sandbox.clock.advance("soon"), "ISO 8601"),
    ],
)
def test_a_wrong_name_gets_the_known_ones(sandbox, wrong, told):
    with pytest.raises(ControlError) as refused:
        wrong(sandbox)
    assert told in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert refused.value.status in (404, 422)


def test_an_unknown_provider(sandbox):
    for asked in (sandbox.env, sandbox.credential):
        with pytest.raises(ValueError, match=r"unknown provider 'amazon' \(known: covent, ebay, estateprime"):
            asked("amazon")


def test_a_server_of_ones_own_ends_with_the_object():
    with Sandbox(flags=["--contract", "ebay=1.1.2"]) as sandbox:
        assert sandbox.settings.get()["contracts"] == {"ebay": "1.1.2"}
        url = sandbox.url
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/health", timeout=5)


def test_a_workspace_of_a_shared_server_is_deleted(whole):
    with Sandbox(server=whole._server, workspace="shortlived"):
        pass
    names = [
        each["name"] for each in requests.get(f"{whole.url}/__admin/workspaces", timeout=30).json()["workspaces"]
    ]
    assert "shortlived" not in names


@pytest.mark.parametrize("flags", [["--contract", "ebay=9"], ["--nothing"]])
def test_flags_that_cannot_be_used_are_told(flags):
    with pytest.raises(ServerFailed, match=r"(?s)did not start: .*(contracts\.ebay|No such option)"):
        Sandbox(flags=flags)


def test_a_server_that_died_is_told_with_the_end_of_its_log():
    with Sandbox() as sandbox:
        os.kill(sandbox._server.pid, 9)
        sandbox._server._process.wait()
        with pytest.raises((ServerFailed, OSError)):
            sandbox.assert_called(READ)
        with pytest.raises(ServerFailed, match="has ended with exit code -9"):
            sandbox._server.check()


def test_nothing_but_the_standard_library_is_imported_for_it():
    program = (
        "import sys; from offer_sandbox.testing import Sandbox\n"
        "heavy = {'flask', 'marshmallow', 'graphql', 'orjson', 'faker', 'cryptography'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == "[]"
