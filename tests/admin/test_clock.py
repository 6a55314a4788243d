"""`/__admin/clock`: read, set, advance; the workspace's own."""

import itertools
import threading

import pytest

from ebay_calls import body
from running_server import Client

PROBLEM = "application/problem+json"


def test_a_new_workspace_has_real_time(client: Client):
    assert client.admin("GET", "/clock")["mode"] == "real"


def test_freezing_setting_and_running_on(client: Client):
    frozen = client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    assert frozen == {"mode": "frozen", "now": "2026-04-17T19:45:00.000Z"}
    assert client.admin("GET", "/clock") == frozen
    assert client.admin("PUT", "/clock", {"now": "2027-01-01T00:00:00Z"}) == {
        "mode": "frozen",
        "now": "2027-01-01T00:00:00.000Z",
    }
    running = client.admin("PUT", "/clock", {"mode": "real"})
    assert running["now"].startswith("2027-01-01T00:0")


def test_payload_times_are_the_clocks(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    answer = client.send()
    assert answer.json()["offers"][0]["creationDate"] == "2031-01-01T00:00:00.000Z"
    assert "2031" not in answer.headers["Date"], "the Date header is real time"


def test_clocks_of_workspaces_are_apart(fresh):
    one, other = fresh(), fresh()
    one.admin("POST", "/clock/advance", {"by": "P365D"})
    assert one.admin("GET", "/clock")["now"] > other.admin("GET", "/clock")["now"]


@pytest.mark.parametrize(
    ("method", "path", "given", "records"),
    [
        ("PUT", "/clock", {"mode": "frozen"}, 0),
        ("POST", "/clock/advance", {"by": "P8D"}, 0),
        ("POST", "/scenarios/covent-denied/start", None, 1),  # the scenario itself
    ],
)
def test_a_clock_that_moves_brings_no_fixtures(fresh, method, path, given, records):
    """A provider's fixtures come with its first call; until then there is nothing that time could change."""
    client = fresh()
    client.admin(method, path, given)
    assert client.admin("GET", f"/workspaces/{client.workspace}")["records"] == records


def test_events_come_in_order_and_only_once(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    client.send(body(listingId="110000000002"))
    client.admin("POST", "/clock/advance", {"by": "PT1H"})
    client.send(body(listingId="110000000001"))
    events = client.admin("POST", "/clock/advance", {"by": "P30D"})["events"]
    assert [event["at"] for event in events] == ["2026-04-19T19:45:00.000Z"] * 3 + ["2026-04-19T20:45:00.000Z"] * 3
    assert all(set(event) == {"provider", "kind", "id", "from", "to", "at"} for event in events)
    assert client.admin("POST", "/clock/advance", {"by": "P30D"})["events"] == []


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("POST", "/clock/advance", {}, 422),
        ("POST", "/clock/advance", {"by": "soon"}, 422),
        ("POST", "/clock/advance", {"by": "-P1D"}, 422),
        ("POST", "/clock/advance", {"by": "P3651D"}, 422),
        ("POST", "/clock/advance", {"by": "P100Y"}, 422),
        ("POST", "/clock/advance", {"by": 5}, 422),
        ("POST", "/clock/advance", {"by": "P1D", "to": "x"}, 422),
        ("POST", "/clock/advance", [], 422),
        ("PUT", "/clock", {"mode": "fast"}, 422),
        ("PUT", "/clock", {"mode": ["real"]}, 422),
        ("PUT", "/clock", {"now": "yesterday"}, 422),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}, 422),
        ("DELETE", "/clock", None, 405),
        ("GET", "/clock/advance", None, 405),
    ],
)
def test_what_is_not_understood_changes_nothing(client: Client, method, path, given, status):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    answer = client.call(method, f"/__admin{path}", json=given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status
    assert client.admin("GET", "/clock")["now"] == "2026-04-17T19:45:00.000Z"


@pytest.mark.parametrize(("text", "status"), [(b"{", 400), (b"", 400), (b"\xff", 400), (b" " * 2_000_000, 413)])
def test_a_body_that_is_no_json(client: Client, text, status):
    answer = client.call("PUT", "/__admin/clock", data=text)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


def expiring(client: Client, number: int) -> list[dict]:
    """Offers of eBay that expire one after the other, from a second on. They replace the present ones."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    one = next(each for each in client.state("ebay/offers") if each["sandbox"]["due"])
    begin = 1_776_455_100_000 + 1_000
    offers = [
        {
            **one,
            "offerId": str(6_000_000_000 + index),
            "sandbox": {**one["sandbox"], "due": begin + index, "renews": False},
        }
        for index in range(number)
    ]
    client.admin("PUT", "/state/ebay/offers", {"offers": offers})
    return offers


def test_an_advance_past_many_changes_lists_them_all_in_order(client: Client):
    offers = expiring(client, 2_500)
    answer = client.admin("POST", "/clock/advance", {"by": "PT2S"})
    assert [event["id"] for event in answer["events"]] == [offer["offerId"] for offer in offers[:1_001]]
    answer = client.admin("POST", "/clock/advance", {"by": "P1D"})
    assert [event["id"] for event in answer["events"]] == [offer["offerId"] for offer in offers[1_001:]]
    assert answer["now"] == "2026-04-18T19:45:02.000Z"
    assert {offer["offerStatus"] for offer in client.state("ebay/offers")} == {"EXPIRED"}


def test_an_advance_past_many_changes_is_all_or_nothing_while_others_write(client: Client):
    """The records change while it computes. It then begins again, and at last carries out all at once."""
    offers = expiring(client, 4_000)
    finished, answered = threading.Event(), []

    def advance() -> None:
        answered.append(client.call("POST", "/__admin/clock/advance", json={"by": "P1D"}))
        finished.set()

    thread = threading.Thread(target=advance)
    thread.start()
    seen = set()
    for offer in itertools.cycle(offers[:50]):
        if finished.is_set():
            break
        note = {"buyer": {**offer["buyer"], "maskedUsername": f"n***{len(seen)}"}}
        assert client.call("PATCH", f"/__admin/state/ebay/offers/{offer['offerId']}", json=note).status_code == 200
        seen.add(client.admin("GET", "/clock")["now"])
    thread.join()
    assert seen <= {"2026-04-17T19:45:00.000Z", "2026-04-18T19:45:00.000Z"}
    assert (
        len({event["id"] for event in answered[0].json()["events"]}) == len(answered[0].json()["events"]) == 4_000
    )
    assert {offer["offerStatus"] for offer in client.state("ebay/offers")} == {"EXPIRED"}


def test_many_webhooks_of_an_advance_are_those_of_small_ones(fresh):
    """The inbox keeps the newest thousand, with the ids that they would have had one by one."""
    found = []
    for steps in (["P1D"], ["PT2S", "PT1S", "P1D"]):
        client = fresh()
        client.admin("POST", "/workspaces", {"name": f"{client.workspace}x", "seed": 5})
        client = Client(client.url, f"{client.workspace}x", client.session)
        client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
        one = next(each for each in client.state("sibi/offers") if each["sandbox"]["due"])
        begin = 1_776_455_100_000 + 1_000
        offers = [
            {**one, "id": f"offer-{index}", "sandbox": {**one["sandbox"], "due": begin + index}}
            for index in range(2_300)
        ]
        client.admin("PUT", "/state/sibi/offers", {"offers": offers})
        for step in steps:
            client.admin("POST", "/clock/advance", {"by": step})
        found.append(
            [(each["id"], each["record"], each["at"]) for each in client.admin("GET", "/webhooks")["webhooks"]]
        )
    assert len(found[0]) == 1_000
    assert found[0] == found[1]
