"""Sibi, Get offer: the fields, the eight statuses and what each implies, null and omit."""

import json

import pytest

from offer_sandbox.providers.sibi.samples import OFFER
from offer_sandbox.providers.sibi.schemas import ABSENT, STATUSES
from running_server import Client, outcome
from sibi_calls import HEADERS, SENT, assert_consistent, pace, read, sibi

IDS = {status: f"offer-{status.replace('_', '-')}" for status in STATUSES}


def text(value):
    """A JSON string."""
    return isinstance(value, str) and value != ""


def cents(value):
    """A JSON number without a fraction, not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def items(value):
    """A JSON array that is not empty."""
    return isinstance(value, list) and value != []


def instant(value):
    """`2024-01-20T12:00:00Z`."""
    return text(value) and len(value) == 20 and value[10] == "T" and value[-1] == "Z"


KINDS = {
    "id": text,
    "orderIds": items,
    "thirdPartyId": text,
    "customerName": text,
    "customerEmail": text,
    "customerPhone": text,
    "fullAddress": text,
    "line1": text,
    "line2": text,
    "city": text,
    "stateOrProvince": text,
    "postalCode": text,
    "status": lambda value: value in STATUSES,
    "acceptedByRole": lambda value: value in ("curator", "customer"),
    "offerSentAt": instant,
    "selectedOffering": items,
    "offerings": items,
    "buyoutAmountCents": cents,
    "creditAmountCents": cents,
    "companySpendCents": cents,
    "customerSpendCents": cents,
    "offerPricingBreakdown": lambda value: isinstance(value, dict),
}
NULLABLE = {*ABSENT, "fullAddress", "offerSentAt", "buyoutAmountCents", "customerSpendCents"}


@pytest.mark.documented("sibi:2", "sibi:7", "sibi:8", "sibi:106", "sibi:110", "sibi:128")
@pytest.mark.parametrize(
    "path", ["/offers/offer-123", "/offers/offer-123/", "/prod/offers/offer-123", "/sibi/prod/offers/offer-123"]
)
@pytest.mark.parametrize("host", [None, "api.sibipro.com"])
def test_the_printed_call(client: Client, path, host):
    answer = sibi(client, "GET", path, Host=host)
    assert (answer.status_code, outcome(answer)) == (200, "pending")
    offer = answer.json()
    assert (offer["id"], offer["thirdPartyId"]) == ("offer-123", "ext-123")
    assert list(offer) == list(OFFER), "the documented fields, in their order"
    assert len(offer["offerings"]) == 1


@pytest.mark.documented("sibi:9")
def test_the_printed_answer_on_demand(client: Client):
    answer = read(client, "whatever", **{"X-Sandbox-Outcome": "documented"})
    assert json.dumps(answer.json()) == json.dumps(OFFER)


@pytest.mark.documented(
    "sibi:112", "sibi:122", "sibi:126", "sibi:132", "sibi:138", "sibi:144", "sibi:150", "sibi:156", "sibi:162",
    "sibi:168", "sibi:174", "sibi:180", "sibi:186", "sibi:192", "sibi:199", "sibi:211", "sibi:215", "sibi:220",
    "sibi:224", "sibi:226", "sibi:230a", "sibi:230b", "sibi:232", "sibi:236a", "sibi:238", "sibi:248", "sibi:252",
    "sibi:258", "sibi:264", "sibi:270", "sibi:274a", "sibi:274b",
)  # fmt: skip
@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_consistent(client: Client, status):
    answer = read(client, IDS[status])
    offer = answer.json()
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == (status, "natural")
    assert list(offer) == list(KINDS)
    for name, kind in KINDS.items():
        assert kind(offer[name]) or (name in NULLABLE and offer[name] is None), f"{name}: {offer[name]!r}"
    for option in offer["offerings"]:
        for product in option["products"]:
            assert set(product) == {"productId", "curatorSelectedAddons"}
            assert all(set(addon) == {"addonId"} for addon in product["curatorSelectedAddons"])
    assert_consistent(offer)
    assert (len(offer["offerings"]) > 1) == (status in SENT)


@pytest.mark.documented("sibi:172")
@pytest.mark.parametrize("status", STATUSES)
def test_omit_leaves_out_what_the_prose_lets_be_omitted(client: Client, status):
    full = read(client, IDS[status]).json()
    client.admin("PUT", "/settings", {"switches": {"sibi.absent": "omit"}})
    brief = read(client, IDS[status]).json()
    assert brief == {name: value for name, value in full.items() if value is not None or name not in ABSENT}
    assert "offerSentAt" in brief
    listed = sibi(client, "GET", "/offers").json()["data"]
    assert brief in listed


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("id", ["offer-123", "offer-order-placed", "offer-generating-upsells", "offer-expired"])
def test_a_forced_status_is_consistent_and_stores_nothing(client: Client, id, status):
    before = client.state("sibi/offers")
    answer = read(client, id, **{"X-Sandbox-Outcome": status})
    assert (answer.json()["status"], answer.headers["X-Sandbox-Trigger"]) == (status, "header")
    assert_consistent(answer.json())
    assert client.state("sibi/offers") == before


@pytest.mark.documented("sibi:93", "sibi:98")
@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer ", "Basic sbx_test", "sbx_test"])
def test_a_bearer_token_is_required(client: Client, authorization):
    answer = sibi(client, "GET", "/offers/offer-123", Authorization=authorization)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.json() == {"code": "UNAUTHORIZED", "message": "Missing or invalid authentication"}


@pytest.mark.documented("sibi:102")
@pytest.mark.parametrize("id", ["nobody", "offer-1234", "OFFER-123", "offers", "%20", "9" * 200])
def test_an_unknown_offer(client: Client, id):
    answer = read(client, id)
    assert (answer.status_code, outcome(answer)) == (404, "offer_not_found")
    assert answer.json() == {"code": "OFFER_NOT_FOUND", "message": "Offer not found"}


def test_only_the_initial_offers_that_await_the_customer_change(client: Client):
    before = client.state("sibi/offers")
    client.admin("POST", "/clock/advance", {"by": "P3650D"})
    pace(client, "upsells", progression="manual", polls=0)
    for status in STATUSES:
        later = "expired" if status == "awaiting_customer" else status
        assert read(client, IDS[status]).json()["status"] == later
    after = client.state("sibi/offers")
    assert {each["status"] for each in after} == set(STATUSES) - {"awaiting_customer"}
    others = [each for each in before if each["status"] != "awaiting_customer"]
    assert [each for each in after if each in others] == others


def test_the_list_is_paged(client: Client):
    everything = sibi(client, "GET", "/offers").json()
    assert list(everything) == ["data"]
    stored = [offer["id"] for offer in client.state("sibi/offers")]
    assert [offer["id"] for offer in everything["data"]] == stored[:25]
    assert stored[:9] == ["offer-123", *IDS.values()]
    assert [offer["id"] for offer in sibi(client, "GET", "/offers?page=2").json()["data"]] == stored[25:]
    second = sibi(client, "GET", "/offers?page=2&limit=4").json()["data"]
    assert second == everything["data"][4:8]
    assert outcome(sibi(client, "GET", "/prod/offers/?page=7&limit=5")) == "past_end"
    for query in ("page=0", "limit=101", "limit=x"):
        assert sibi(client, "GET", f"/offers?{query}").json()["details"][0]["field"] == query.partition("=")[0]


def test_head_has_no_body(client: Client):
    answer = client.call("HEAD", "/offers/offer-123", headers=HEADERS)
    assert (answer.status_code, answer.content) == (200, b"")
