"""eBay's buyers: their answers by the clock and on request, and what an acceptance does to the listing."""

import pytest
import requests

from ebay_calls import body, ids
from offer_sandbox.providers.ebay.provider import OFFERS as PROVIDER_OFFERS
from running_server import EBAY_FIND, Client

LISTING = "110000000001"
OFFERS, LISTINGS = "/state/ebay/offers", "/state/ebay/listings"


@pytest.fixture
def frozen(client: Client) -> Client:
    """A workspace whose clock stands still."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    return client


def answered_by(client: Client, answer: str = "accept", **progression: object) -> None:
    """Makes buyers answer new offers."""
    pace = {"ebay.buyers": {"progression": "time", "seconds": 3600, **progression}}
    client.admin("PUT", "/settings", {"progressions": pace, "switches": {"ebay.buyer_answer": answer}})


def sent(client: Client, **item: object) -> list[str]:
    """The ids of the three offers of a send on a listing."""
    answer = client.send(body(listingId=LISTING, **item))
    assert answer.status_code == 200, answer.text
    return [offer["offerId"] for offer in answer.json()["offers"]]


def statuses(client: Client, offers: list[str]) -> list[str]:
    """The statuses of offers, in their order."""
    stored = {offer["offerId"]: offer["offerStatus"] for offer in client.state("ebay/offers")}
    return [stored[id] for id in offers]


def quantity(client: Client) -> int:
    """How many items of the listing are left."""
    return int(client.admin("GET", f"{LISTINGS}/{LISTING}")["quantity"])


def stock(client: Client, number: int) -> None:
    """Sets how many items of the listing there are."""
    client.admin("PATCH", f"{LISTINGS}/{LISTING}", {"quantity": number})


def advanced(client: Client, by: str) -> list[dict[str, str]]:
    """The events of eBay's offers after an advance of the clock, without those of seeded offers."""
    events = client.admin("POST", "/clock/advance", {"by": by})["events"]
    return [event for event in events if event["provider"] == "ebay"]


def transition(client: Client, id: str, to: str) -> requests.Response:
    """Asks for a transition of an offer."""
    return client.call("POST", f"/__admin{OFFERS}/{id}/transitions", json={"to": to})


def test_by_default_no_buyer_answers(frozen: Client):
    offers = sent(frozen)
    assert {event["to"] for event in advanced(frozen, "P3D") if event["id"] in offers} == {"EXPIRED"}
    assert quantity(frozen) == 10


@pytest.mark.documented("ebay:9c", "ebay:167", "ebay:321")
def test_buyers_who_accept_lower_the_quantity(frozen: Client):
    answered_by(frozen)
    offers = sent(frozen, quantity=2)
    assert statuses(frozen, offers) == ["PENDING"] * 3
    events = advanced(frozen, "PT1H")
    assert [(event["id"], event["from"], event["to"]) for event in events] == [
        (id, "PENDING", "ACCEPTED") for id in offers
    ]
    assert {event["at"] for event in events} == {"2026-04-17T20:45:00.000Z"}
    assert quantity(frozen) == 4
    offer = frozen.admin("GET", f"{OFFERS}/{offers[0]}")
    assert (offer["lastModifiedDate"], offer["sandbox"]) == ("2026-04-17T20:45:00.000Z", {"due": None})


def test_buyers_can_decline(frozen: Client):
    answered_by(frozen, "decline")
    offers = sent(frozen)
    advanced(frozen, "PT1H")
    assert (statuses(frozen, offers), quantity(frozen)) == (["DECLINED"] * 3, 10)


def test_offers_that_no_longer_fit_are_cancelled(frozen: Client):
    stock(frozen, 5)
    answered_by(frozen)
    offers = sent(frozen, quantity=3)
    events = advanced(frozen, "PT1H")
    assert statuses(frozen, offers) == ["ACCEPTED", "CANCELLED", "CANCELLED"]
    assert quantity(frozen) == 2
    assert [event["to"] for event in events] == ["ACCEPTED", "CANCELLED", "CANCELLED"]
    assert advanced(frozen, "P3D") == [], "a cancelled offer neither is accepted nor expires"


def test_refusals_follow_from_the_answers(frozen: Client):
    answered_by(frozen)
    stock(frozen, 3)
    sent(frozen)
    assert ids(frozen.send(body(listingId=LISTING))) == [150019]
    listed = frozen.ebay("GET", f"{EBAY_FIND}?limit=200").json()["eligibleItems"]
    advanced(frozen, "PT1H")
    assert quantity(frozen) == 0
    assert ids(frozen.send(body(listingId=LISTING))) == [150014]
    assert frozen.ebay("GET", f"{EBAY_FIND}?limit=200").json()["eligibleItems"] == listed
    stock(frozen, 1)
    assert frozen.send(body(listingId=LISTING)).status_code == 200


def test_an_answer_after_the_expiry_never_comes(frozen: Client):
    answered_by(frozen, seconds=3 * 86_400)
    offers = sent(frozen)
    advanced(frozen, "P4D")
    assert statuses(frozen, offers) == ["EXPIRED"] * 3


def test_immediate_buyers_answer_before_the_next_call(frozen: Client):
    answered_by(frozen, progression="immediate")
    answer = frozen.send(body(listingId=LISTING))
    assert {offer["offerStatus"] for offer in answer.json()["offers"]} == {"PENDING"}
    assert quantity(frozen) == 7


def test_manual_buyers_answer_on_request_alone(frozen: Client):
    answered_by(frozen, progression="manual")
    first, second, third = sent(frozen)
    for _ in range(3):
        frozen.ebay("GET", EBAY_FIND)
    assert statuses(frozen, [first, second, third]) == ["PENDING"] * 3
    answer = transition(frozen, second, "ACCEPTED")
    assert answer.status_code == 200, answer.text
    assert answer.json()["record"]["offerStatus"] == "ACCEPTED"
    assert answer.json()["events"] == [
        {
            "provider": "ebay",
            "kind": "offers",
            "id": second,
            "from": "PENDING",
            "to": "ACCEPTED",
            "at": "2026-04-17T19:45:00.000Z",
        }
    ]
    transition(frozen, third, "DECLINED")
    assert statuses(frozen, [first, second, third]) == ["PENDING", "ACCEPTED", "DECLINED"]
    assert quantity(frozen) == 9


def test_a_requested_acceptance_cancels_what_no_longer_fits(frozen: Client):
    stock(frozen, 1)
    first, second, third = sent(frozen)
    events = transition(frozen, second, "ACCEPTED").json()["events"]
    assert [(event["id"], event["to"]) for event in events] == [
        (second, "ACCEPTED"),
        (first, "CANCELLED"),
        (third, "CANCELLED"),
    ]
    answer = transition(frozen, first, "ACCEPTED")
    assert (answer.status_code, answer.json()["known"]) == (409, [])
    assert answer.json()["type"] == "urn:offer-sandbox:problem:impossible-transition"
    assert quantity(frozen) == 0


def test_an_edit_of_a_record_has_no_consequences(frozen: Client):
    first, *_ = sent(frozen)
    frozen.admin("PATCH", f"{OFFERS}/{first}", {"offerStatus": "ACCEPTED"})
    assert quantity(frozen) == 10


def test_an_acceptance_without_its_listing_changes_nothing_else(frozen: Client):
    answered_by(frozen)
    offers = sent(frozen)
    frozen.admin("DELETE", f"{LISTINGS}/{LISTING}")
    advanced(frozen, "PT1H")
    assert statuses(frozen, offers) == ["ACCEPTED"] * 3


def test_a_thousand_answers_at_once_stay_in_step(frozen: Client):
    """An advance past many changes looks at each record alone, which does not do for these."""
    listings = [f"1100000000{number:02}" for number in range(1, 21)]
    first, *_ = sent(frozen)
    offer = frozen.admin("GET", f"{OFFERS}/{first}")
    due = {"due": offer["sandbox"]["due"] - 1, "answer": "ACCEPTED"}
    many = [
        {
            **offer,
            "offerId": f"{number:010}",
            "offeredItems": [{"listingId": listing, "quantity": 1}],
            "sandbox": due,
        }
        for number, listing in enumerate(listings * 55)
    ]
    frozen.admin("PUT", OFFERS, {"offers": many})
    for listing in listings:
        frozen.admin("PATCH", f"{LISTINGS}/{listing}", {"quantity": 50})
    told = [event["to"] for event in advanced(frozen, "P2D")]
    assert (told.count("ACCEPTED"), told.count("CANCELLED"), len(told)) == (1_000, 100, 1_100)
    assert quantity(frozen) == 0


def test_the_offers_behind_a_magic_listing_keep_their_promise(frozen: Client):
    """They are renewed when they expire, and no request ends them."""
    [first, *_] = [offer for offer in frozen.state("ebay/offers") if offer["sandbox"].get("renews")]
    for status in ("ACCEPTED", "DECLINED", "CANCELLED", "EXPIRED"):
        answer = transition(frozen, first["offerId"], status)
        assert (answer.status_code, answer.json()["known"]) == (409, [])


def test_time_no_longer_changes_an_offer_that_is_edited(frozen: Client):
    first, *_ = sent(frozen)
    frozen.admin("PATCH", f"{OFFERS}/{first}", {"offerStatus": "DECLINED"})
    offer = frozen.admin("GET", f"{OFFERS}/{first}")
    assert (offer["sandbox"]["due"] is not None, PROVIDER_OFFERS.due(offer)) == (True, None)
