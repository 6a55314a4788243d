"""Boundaries and rare branches of the providers' behaviour that no documented sample touches."""

from datetime import UTC, datetime, timedelta

import pytest

from ebay_calls import body
from offer_sandbox.providers.covent import behaviour as covent
from offer_sandbox.providers.covent.operations import market
from offer_sandbox.providers.estateprime import behaviour as estateprime
from offer_sandbox.providers.estateprime.fixtures import build
from offer_sandbox.providers.estateprime.samples import OFFER_54
from offer_sandbox.providers.opendoor import behaviour as opendoor
from offer_sandbox.providers.opendoor import products
from offer_sandbox.providers.sibi import behaviour as sibi
from offer_sandbox.providers.sibi.samples import CREATE_OFFER
from running_server import EBAY_FIND, Client

NOW = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("marketplace", "days"), [("EBAY_MOTORS_US", 4), ("EBAY_US", 4), ("EBAY_GB", 4), ("EBAY_FR", 2)]
)
def test_ebay_1_1_2_has_one_duration_for_each_marketplace(client: Client, marketplace: str, days: int):
    client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})
    for asked in (2, 3, 4):
        sent = {**body(), "offerDuration": {"unit": "DAY", "value": asked}}
        refused = client.send(sent, headers={"X-EBAY-C-MARKETPLACE-ID": marketplace})
        wrong = {error["errorId"] for error in refused.json().get("errors", [])}
        assert (150027 in wrong) == (asked != days)


def test_ebay_links_to_no_page_before_the_first(client: Client):
    found = client.ebay("GET", f"{EBAY_FIND}?limit=10&offset=5").json()
    assert "offset=0&" in f"{found['prev']}&"


def test_ebay_lists_no_listing_that_has_ended(client: Client):
    first = client.ebay("GET", f"{EBAY_FIND}?limit=1").json()["eligibleItems"][0]["listingId"]
    client.admin("PATCH", f"/state/ebay/listings/{first}", {"status": "ENDED"})
    listed = client.ebay("GET", f"{EBAY_FIND}?limit=100").json()["eligibleItems"]
    assert first not in [each["listingId"] for each in listed]
    assert listed


def covent_offer(listing: str = "lst_123") -> dict:
    asked = {"listing_id": listing, "individual_id": "ind_123", "amount": 1, "terms": {}, "notes": ""}
    return covent.create("off_1", asked, NOW, covent.FATES.get(listing))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00Z"),
        ("2026-05-01T10:00:00.000Z", "2026-05-01T10:00:00Z"),
        ("2026-05-01T10:00:00.250Z", "2026-05-01T10:00:00.250Z"),
    ],
)
def test_covent_stores_an_expiry_in_its_normal_form(sent: str, stored: str):
    assert covent.updated(covent_offer(), {"expires_at": sent}, NOW)["expires_at"] == stored


@pytest.mark.parametrize("listing", ["lst_accepts", "lst_rejects"])
def test_a_covent_decision_by_hand_is_not_by_magic(listing: str):
    offer = covent_offer(listing)
    assert covent.source_of(covent.decided(offer, NOW)) == "magic"
    assert covent.source_of(covent.accepted(offer, {"accepted_at": "2026-04-17T19:45:00Z"}, NOW)) == "natural"
    assert covent.source_of(covent.rejected(offer, {"reason": "no"}, NOW)) == "natural"


@pytest.mark.parametrize(("minutes", "target"), [(59, "expired"), (60, "accepted"), (61, "accepted")])
def test_a_covent_decision_goes_before_an_expiry_at_the_same_instant(minutes: int, target: str):
    offer = covent_offer()
    decision = int((NOW + timedelta(hours=1)).timestamp() * 1000)
    expires = (NOW + timedelta(minutes=minutes)).isoformat()
    planned = {**offer, "expires_at": expires, "sandbox": {**offer["sandbox"], "decision": decision}}
    assert [row.target for row in covent.TRANSITIONS if row.apply and row.when(planned)] == [target]


@pytest.mark.parametrize(
    ("city", "state", "slug"), [("Phoenix", "AZ", "phoenix-az"), ("東京", "日本", "unknown"), ("東京", "JP", "jp")]
)
def test_the_slug_of_a_covent_market_is_never_empty(city: str, state: str, slug: str):
    assert market({"city": city, "state": state}) == slug


def test_an_estateprime_offer_shown_as_submitted_has_its_first_round_alone():
    assert len(OFFER_54["rounds"]) > 1
    assert estateprime.shown_as(OFFER_54, "submitted")["rounds"] == OFFER_54["rounds"][:1]


@pytest.mark.parametrize("status", ["accepted", "rejected", "withdrawn"])
def test_an_estateprime_round_that_ends_has_an_id_of_its_own(status: str):
    ids = [each["id"] for each in estateprime.shown_as(OFFER_54, status)["rounds"]]
    assert len(set(ids)) == len(ids) == len(OFFER_54["rounds"]) + 1
    stored = {each["id"] for offer in build(42)["offers"] for each in offer["rounds"]}
    forced = [estateprime.shown_as(offer, status)["rounds"][-1]["id"] for offer in build(42)["offers"]]
    changed = [id for id in forced if id not in stored]
    assert len(set(changed)) == len(changed) > 300


@pytest.mark.parametrize("status", ["accepted", "rejected", "withdrawn"])
def test_a_forced_ending_of_estateprime_names_a_sum_that_was_offered_or_none(status: str):
    for offer in build(42)["offers"]:
        *before, last = estateprime.shown_as(offer, status)["rounds"]
        assert last["type"] == status
        offered = [each["amount"] for each in before if each["amount"] is not None]
        assert last["amount"] == (offered[-1] if status == "accepted" else None)


def test_a_denied_opendoor_request_takes_no_answers():
    address = {"street1": "1 Main St", "city": "Phoenix", "state": "AZ", "postalCode": "85001"}
    denied = opendoor.create("id", address, "ACTIVE_OFFER", NOW).record
    after = opendoor.update(denied, {"homeKitchenCondition": "good"}, None, NOW + timedelta(days=1))
    assert (after.record, after.outcome) == (denied, "DENIED")


def test_opendoor_s_repairs_reduce_the_proceeds():
    without, with_repairs = products.cnml(50_000_000, 0), products.cnml(50_000_000, 1_250_000)
    for name in ("estimatedAdditionalProceedsCents", "estimatedTotalProceedsCents"):
        assert without[name] - with_repairs[name] == 1_250_000
    assert with_repairs["upfrontCashCents"] == without["upfrontCashCents"]


def ordered(credit: int) -> dict:
    offer = sibi.credited(sibi.create("offer-1", CREATE_OFFER, NOW), credit)
    return sibi.in_status(offer, "order_placed", NOW)


@pytest.mark.parametrize("credit", [0, 100, 10**9])
def test_a_sibi_credit_and_the_company_pay_no_more_than_there_is(credit: int):
    offer = ordered(credit)
    breakdown = offer["offerPricingBreakdown"]
    fees = breakdown["fees"][0]["amount"]
    full = breakdown["subtotal"] + breakdown["tax"] + fees
    assert breakdown["total"] == max(full - credit, 0)
    assert 0 <= offer["companySpendCents"] <= breakdown["total"]
    assert offer["customerSpendCents"] == breakdown["total"] - offer["companySpendCents"] >= 0
