"""Covent: what the acceptance of an offer does to the other offers on its listing and to the listing (a switch)."""

import pytest

from covent_calls import covent, create, read
from offer_sandbox.providers.covent import samples
from running_server import Client, outcome

LISTING = "lst_133"
NOW = "2026-04-17T19:45:00Z"


@pytest.fixture
def frozen(client: Client) -> Client:
    """A workspace whose clock stands still."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": NOW})
    return client


def on_acceptance(client: Client, effect: str) -> None:
    """Sets the switch."""
    client.admin("PUT", "/settings", {"switches": {"covent.on_acceptance": effect}})


def made(client: Client, listing: str = LISTING) -> str:
    """The id of a new offer on the listing."""
    return str(create(client, listing_id=listing).json()["id"])


def accept(client: Client, id: str) -> None:
    """Accepts an offer by Covent's call."""
    assert covent(client, "POST", f"/offers/{id}/accept", samples.ACCEPT_OFFER).status_code == 200


def statuses(client: Client, *ids: str) -> list[str]:
    """The statuses of offers."""
    return [read(client, id).json()["status"] for id in ids]


def test_by_default_nothing_else_changes(frozen: Client):
    first, second = made(frozen), made(frozen)
    before = frozen.state("covent/listings")
    accept(frozen, first)
    assert statuses(frozen, first, second) == ["accepted", "submitted"]
    assert frozen.state("covent/listings") == before


@pytest.mark.parametrize(("effect", "status"), [("reject_others", "active"), ("close_listing", "draft")])
def test_the_other_offers_on_the_listing_are_rejected(frozen: Client, effect: str, status: str):
    on_acceptance(frozen, effect)
    first, second, elsewhere = made(frozen), made(frozen), made(frozen, "lst_132")
    over = made(frozen)
    covent(frozen, "POST", f"/offers/{over}/reject", samples.REJECT_OFFER)
    kept = frozen.admin("GET", f"/state/covent/offers/{over}")
    accept(frozen, first)
    assert statuses(frozen, first, second, elsewhere) == ["accepted", "rejected", "submitted"]
    rejected = frozen.admin("GET", f"/state/covent/offers/{second}")
    assert (rejected["rejected_at"], rejected["reason"]) == (NOW, "another offer on the listing was accepted")
    assert rejected["history"][-1] == {"type": "rejected", "at": NOW}
    assert frozen.admin("GET", f"/state/covent/offers/{over}") == kept
    listing = covent(frozen, "GET", f"/listings/{LISTING}").json()
    assert listing["status"] == status
    later = create(frozen, listing_id=LISTING)
    assert outcome(later) == ("success" if status == "active" else "listing_not_active")


def test_the_journal_shows_what_an_acceptance_changed(frozen: Client):
    on_acceptance(frozen, "close_listing")
    first, second = made(frozen), made(frozen)
    accept(frozen, first)
    [exchange] = frozen.admin("GET", "/requests?operation=covent.acceptOffer")["requests"]
    found = [(each["collection"], each["id"], each["after"]["status"]) for each in exchange["changes"]]
    assert found == [("offers", first, "accepted"), ("offers", second, "rejected"), ("listings", LISTING, "draft")]


def test_a_refused_acceptance_changes_nothing(frozen: Client):
    on_acceptance(frozen, "close_listing")
    made(frozen)
    before = frozen.world("covent")
    wrong = {**samples.ACCEPT_OFFER, "accepted_at": "soon"}
    assert covent(frozen, "POST", f"/offers/{made(frozen, 'lst_132')}/accept", wrong).status_code == 422
    assert [each for each in frozen.world("covent")[0] if each in before[0]] == before[0]


def test_an_acceptance_by_time_rejects_offers_that_were_due_too(frozen: Client):
    """The decisions of both offers are due at the same time. The first one outdoes the second."""
    on_acceptance(frozen, "close_listing")
    frozen.admin("PUT", "/settings", {"progressions": {"covent.decision": {"progression": "time", "seconds": 60}}})
    first, second = made(frozen), made(frozen)
    events = frozen.admin("POST", "/clock/advance", {"by": "PT1H"})["events"]
    own = [(event["id"], event["to"], event["at"]) for event in events if event["id"] in (first, second)]
    at = "2026-04-17T19:46:00.000Z"
    assert own == [(first, "accepted", at), (second, "rejected", at)]
    assert outcome(create(frozen, listing_id=LISTING)) == "listing_not_active"


def test_a_magic_listing_and_a_request_have_the_same_effect(frozen: Client):
    on_acceptance(frozen, "reject_others")
    first, second = made(frozen), made(frozen)
    answer = frozen.admin("POST", f"/state/covent/offers/{second}/transitions", {"to": "accepted"})
    assert [(event["id"], event["to"]) for event in answer["events"]] == [
        (second, "accepted"),
        (first, "rejected"),
    ]
    frozen.admin("PUT", "/settings", {"progressions": {"covent.decision": {"progression": "manual", "polls": 9}}})
    waiting = made(frozen, "lst_accepts")
    frozen.admin("PUT", "/settings", {"progressions": {"covent.decision": None}})
    made(frozen, "lst_accepts")
    assert statuses(frozen, waiting) == ["rejected"]
