"""The journal asked by outcome, status, trigger, rule and the like, in the same words wherever it is asked."""

from typing import Any

import pytest
import requests

from running_server import EBAY_FIND, Client

FIND, SEND = "ebay.findEligibleItems", "ebay.sendOfferToInterestedBuyers"
FILTERS: list[tuple[dict[str, Any], int]] = [
    ({}, 6),
    ({"operation": FIND}, 3),
    ({"operation": "ebay.*"}, 5),
    ({"operation": "*"}, 5),
    ({"operation": "covent.*"}, 0),
    ({"outcome": f"{SEND}.success"}, 1),
    ({"outcome": f"{FIND}.150003"}, 1),
    ({"outcome": "ebay.unmatched.not_found"}, 1),
    ({"outcome": f"{FIND}.status_418"}, 0),
    ({"status": 200}, 2),
    ({"status": 204}, 1),
    ({"trigger": "rule"}, 1),
    ({"trigger": "header"}, 1),
    ({"trigger": "natural"}, 4),
    ({"method": "post"}, 2),
    ({"path": EBAY_FIND}, 3),
    ({"path": EBAY_FIND, "status": 400}, 1),
    ({"operation": SEND, "trigger": "magic"}, 0),
]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"outcome": "success"}, "full id"),
    ({"outcome": f"{FIND}.nothing"}, f"{FIND}.no_content"),
    ({"outcome": f"{FIND}.status_999"}, "full id"),
    ({"status": 99}, "between 100 and 599"),
    ({"status": "ok"}, "whole number"),
    ({"trigger": "chance"}, "natural"),
    ({"operation": "ebay.nothing"}, "unknown operation"),
    ({"colour": "red"}, "colour"),
]


@pytest.fixture
def called(client: Client) -> Client:
    """A workspace with six calls: three finds, of which a rule decides one, two sends, and one of no operation."""
    client.ebay("GET", EBAY_FIND)
    client.ebay("GET", f"{EBAY_FIND}?limit=0")
    rule = {"operation": FIND, "outcome": "no_content", "times": 1}
    client.admin("POST", "/rules", rule)
    client.ebay("GET", EBAY_FIND)
    client.send()
    client.send(headers={"X-Sandbox-Outcome": "150022"})
    client.ebay("GET", "/sell/negotiation/v1/nothing")
    return client


def stream(client: Client, asked: dict[str, Any], count: int) -> int:
    """How many of the first `count` events are there, from the first exchange on."""
    first = client.admin("GET", "/requests")["requests"][-1]["id"]
    headers = {"X-Sandbox-Workspace": client.workspace, "Last-Event-ID": first}
    url = f"{client.url}/__admin/requests/stream"
    with requests.get(url, params=asked, headers=headers, stream=True, timeout=30) as answer:
        assert answer.status_code == 200, answer.text
        lines = answer.iter_lines(decode_unicode=True)
        return sum(1 for _ in zip(range(count), (line for line in lines if line.startswith("id: ")), strict=False))


@pytest.mark.parametrize(("asked", "count"), FILTERS, ids=map(str, FILTERS))
def test_lists_counts_finds_and_waits_take_the_same(called: Client, asked: dict[str, Any], count: int):
    listed = called.call("GET", "/__admin/requests", params=asked).json()
    assert (len(listed["requests"]), listed["meta"]["total"]) == (count, count)
    assert called.admin("POST", "/requests/count", asked) == {"count": count}
    found = called.admin("POST", "/requests/find", asked)
    assert found == listed
    waited = called.call("GET", "/__admin/requests/wait", params={**asked, "count": count, "timeout": 5}).json()
    assert waited["requests"] == listed["requests"]
    more = {**asked, "count": count + 1, "timeout": 0}
    assert called.call("GET", "/__admin/requests/wait", params=more).status_code == 408


def test_a_stream_takes_them_too(called: Client):
    """Events come after the first exchange, which is a find."""
    assert stream(called, {"operation": FIND}, 2) == 2
    assert stream(called, {"status": 409}, 1) == 1
    assert stream(called, {"outcome": f"{SEND}.success"}, 1) == 1


def test_what_a_rule_decided_is_found_by_its_id(called: Client):
    [rule] = called.admin("GET", "/rules")["rules"]
    assert called.admin("POST", "/requests/count", {"rule": rule["id"]}) == {"count": 1}
    listed = called.call("GET", "/__admin/requests", params={"rule": rule["id"]}).json()["requests"]
    assert [entry["outcome"] for entry in listed] == [f"{FIND}.no_content"]
    assert called.admin("POST", "/requests/count", {"rule": "rule_unknown"}) == {"count": 0}


@pytest.mark.parametrize(("asked", "told"), WRONG, ids=map(str, WRONG))
def test_what_cannot_be_is_refused_everywhere(client: Client, asked: dict[str, Any], told: str):
    for path in ("/requests", "/requests/wait", "/requests/stream"):
        refused = client.call("GET", f"/__admin{path}", params=asked)
        assert refused.status_code == 422, path
        assert told in refused.text
    for path in ("/requests/count", "/requests/find"):
        refused = client.call("POST", f"/__admin{path}", json=asked)
        assert refused.status_code == 422, path
        assert told in refused.text


def test_a_status_in_a_body_is_a_number(client: Client):
    refused = client.call("POST", "/__admin/requests/count", json={"status": "200"})
    assert (refused.status_code, "whole number" in refused.text) == (422, True)


def test_preflights_and_calls_of_no_operation_are_no_provider_s_operations(client: Client):
    """Whoever waits for a call of the provider does not want to be told of the browser's question."""
    assert client.ebay("OPTIONS", EBAY_FIND).status_code == 204
    assert client.call("GET", "/nobody").status_code == 404
    for operation in ("ebay.*", "*"):
        waited = client.call("GET", "/__admin/requests/wait", params={"operation": operation, "timeout": 0})
        assert waited.status_code == 408
        assert client.admin("POST", "/requests/count", {"operation": operation}) == {"count": 0}
    assert len(client.admin("GET", "/requests")["requests"]) == 2, "the journal has them all the same"


def test_rules_that_never_fired_are_listed(client: Client):
    used = client.admin("POST", "/rules", {"operation": FIND, "outcome": "no_content"})["id"]
    unused = client.admin("POST", "/rules", {"operation": SEND, "outcome": "150022"})["id"]
    client.ebay("GET", EBAY_FIND)
    ids = {
        fired: [rule["id"] for rule in client.admin("GET", f"/rules?fired={fired}")["rules"]]
        for fired in ("true", "false")
    }
    assert ids == {"true": [used], "false": [unused]}
    assert client.call("GET", "/__admin/rules?fired=never").status_code == 422
