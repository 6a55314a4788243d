"""`/__admin/state`: records put into a workspace, judged by the provider's schemas."""

import copy

import pytest

from offer_sandbox.providers import providers
from running_server import COLLECTIONS, Client

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_what_is_shown_can_be_put_back(client: Client, kind):
    name = kind.partition("/")[2]
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    before = client.state(kind)
    stored = client.admin("PUT", f"/state/{kind}", {name: list(reversed(before))})
    assert stored == {"stored": len(before), "total": len(before)}
    assert client.state(kind) == list(reversed(before))
    assert client.admin("PUT", f"/state/{kind}", {name: []})["total"] == 0
    assert client.state(kind) == []
    client.admin("POST", "/reset", {"scope": ["state"]})
    assert client.state(kind) == before


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_a_patch_adds_and_overwrites_by_id(client: Client, kind):
    provider, _, name = kind.partition("/")
    key = next(each.key for each in providers()[provider].collections if each.name == name)
    before = client.state(kind)
    new = copy.deepcopy(before[0])
    new[key] = 99_999 if isinstance(new[key], int) else "99999"
    stored = client.admin("PATCH", f"/state/{kind}", {name: [before[-1], new]})
    assert stored == {"stored": 2, "total": len(before) + 1}
    assert client.state(kind) == [*before, new]


@pytest.mark.parametrize("kind", COLLECTIONS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_wrong_record_changes_nothing(client: Client, kind, method):
    name = kind.partition("/")[2]
    before = client.state(kind)
    for wrong in (
        [{}],
        [before[0], {**before[1 % len(before)], "unknown": 1}],
        [5],
        {},
        None,
        [before[0], before[0]],
    ):
        answer = client.call(method, f"/__admin/state/{kind}", json={name: wrong})
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM), wrong
        assert name in answer.json()["detail"] or "same" in answer.json()["detail"]
    for body in ({}, {"other": []}):
        assert client.call(method, f"/__admin/state/{kind}", json=body).status_code == 422
    assert client.state(kind) == before


def test_hidden_and_unknown_collections_cannot_be_written(client: Client):
    for path in ("ebay/tokens", "ebay/nothing", "nobody/offers"):
        assert client.call("PUT", f"/__admin/state/{path}", json={}).status_code == 404


def test_a_listing_put_in_can_be_offered_on(client: Client):
    [listing] = [each for each in client.state("ebay/listings") if each["listingId"] == "110000000001"]
    own = {**listing, "listingId": "220000000001", "interestedBuyers": ["x***y"], "refuses": "150017"}
    client.admin("PATCH", "/state/ebay/listings", {"listings": [own]})
    item = {"listingId": "220000000001"}
    assert client.send(item=item).json()["errors"][0]["errorId"] == 150017
    del own["refuses"]
    client.admin("PATCH", "/state/ebay/listings", {"listings": [own]})
    assert len(client.send(item=item).json()["offers"]) == 1


def test_a_body_of_many_megabytes(client: Client):
    """Past the 1 MiB that a provider's call may have."""
    offers = client.state("estateprime/offers")
    many = [{**offers[53], "id": number, "notes": "x" * 500} for number in range(1000, 6000)]
    assert client.admin("PATCH", "/state/estateprime/offers", {"offers": many}) == {"stored": 5000, "total": 5420}


def test_odd_records_stop_neither_others_nor_their_repair(client: Client):
    """Records that the schemas take but no call would make: a state without what should have come before it."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})  # no initial offer ends soon
    requests = client.state("opendoor/offerRequests")
    odd = {**requests[0], "offerStatus": "EVALUATING_REQUEST"}
    odd["sandbox"] = {
        **odd["sandbox"],
        "stage": "EVALUATING_REQUEST",
        "due": 1,
        "answers": {"homeAboveGradeSqFt": "x"},
    }
    client.admin("PATCH", "/state/opendoor/offerRequests", {"offerRequests": [odd]})
    client.admin("POST", "/clock/advance", {"by": "P1D"})
    client.admin("GET", "/webhooks")
    assert len(client.state("opendoor/offerRequests")) == len(requests)
    client.admin("PUT", "/state/opendoor/offerRequests", {"offerRequests": requests})
    assert client.state("opendoor/offerRequests") == requests


def test_a_request_put_in_as_evaluated_gets_an_offer(client: Client):
    request = client.state("opendoor/offerRequests")[0]
    sandbox = {**request["sandbox"], "stage": "EVALUATING_REQUEST", "due": 1}
    odd = {**request, "offerStatus": "EVALUATING_REQUEST", "sandbox": sandbox}
    client.admin("PATCH", "/state/opendoor/offerRequests", {"offerRequests": [odd]})
    stored = client.admin("GET", f"/state/opendoor/offerRequests/{request['opendoorOfferRequestId']}")
    assert (stored["offerStatus"], stored["offerData"]["headlinePriceCents"] > 0) == ("OFFERED", True)


def test_the_collections_are_listed_with_their_counts(client: Client):
    listed = client.admin("GET", "/state")["collections"]
    named = {(each["provider"], each["collection"]): each["count"] for each in listed}
    assert list(named) == [
        ("covent", "offers"),
        ("covent", "listings"),
        ("covent", "individuals"),
        ("ebay", "listings"),
        ("ebay", "offers"),
        ("estateprime", "offers"),
        *(("estateprime", each) for each in ("listings", "contacts", "requests", "users", "contracts")),
        ("opendoor", "offerRequests"),
        ("sibi", "offers"),
    ]
    for provider, collection in named:
        assert named[provider, collection] == len(client.state(f"{provider}/{collection}"))
    client.send()
    counted = client.admin("GET", "/state")["collections"]
    assert [each["count"] for each in counted if each["collection"] == "offers"][1] > named["ebay", "offers"]


def test_a_requested_transition_sends_its_webhook(client: Client):
    client.admin("POST", "/state/sibi/offers/offer-123/transitions", {"to": "generating_upsells"})
    [webhook] = client.admin("GET", "/webhooks")["webhooks"]
    assert (webhook["record"], webhook["topic"]) == ("offer-123", "offer.updated")


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("covent/offers/off_accepted", {"to": "expired"}, 409, "cannot become 'expired' from accepted"),
        ("covent/offers/off_123", {"to": "submitted"}, 409, "cannot become 'submitted' from submitted"),
        ("covent/offers/off_123", {}, 422, "to: is missing"),
        ("covent/offers/off_123", {"to": 7}, 422, "to: must be a string"),
        ("covent/offers/off_unknown", {"to": "expired"}, 404, "has no record 'off_unknown'"),
        ("ebay/listings/110000000001", {"to": "ENDED"}, 409, "these records have no states"),
        ("ebay/tokens/x", {"to": "ENDED"}, 404, "has no collection 'tokens'"),
    ],
)
def test_an_impossible_transition_changes_nothing(client: Client, path: str, body: dict, status: int, told: str):
    before = client.world()
    answer = client.call("POST", f"/__admin/state/{path}/transitions", json=body)
    assert (answer.status_code, told in answer.json()["detail"]) == (status, True), answer.text
    assert client.world() == before


def test_the_possible_transitions_are_listed(client: Client):
    answer = client.call("POST", "/__admin/state/covent/offers/off_123/transitions", json={"to": "gone"})
    assert answer.json()["known"] == ["accepted", "rejected", "expired"]
