"""eBay's contract versions: 1.1.0 by default, 1.1.2 by the workspace's setting."""

import pytest

from ebay_calls import body, errors, ids, price
from running_server import Client


@pytest.fixture
def newer(client: Client) -> Client:
    """A workspace under contract 1.1.2."""
    assert client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})["contracts"] == {"ebay": "1.1.2"}
    return client


@pytest.mark.parametrize(
    ("listing", "place", "days"), [("01", "EBAY_US", 4), ("21", "EBAY_GB", 4), ("22", "EBAY_DE", 2)]
)
def test_durations_by_marketplace(newer: Client, listing, place, days):
    headers = {"X-EBAY-C-MARKETPLACE-ID": place}
    item = body(listingId=f"1100000000{listing}")
    wrong = newer.send({**item, "offerDuration": {"unit": "DAY", "value": 6 - days}}, headers=headers)
    assert errors(wrong) == [(150027, {"durationValue": str(days), "durationUnit": "DAY"})]
    right = newer.send({**item, "offerDuration": {"unit": "DAY", "value": days}}, headers=headers)
    assert right.json()["offers"][0]["offerDuration"] == {"unit": "DAY", "value": days}


def test_currency_is_required(newer: Client):
    answer = newer.send(body(discountPercentage=None, price={"value": "90.00"}))
    assert [(id, told["fieldName"]) for id, told in errors(answer)] == [(150009, "offeredItems.price.currency")]


def test_a_decimal_comma_is_read_on_the_german_marketplace(newer: Client):
    german = {"X-EBAY-C-MARKETPLACE-ID": "EBAY_DE"}
    item = {"listingId": "110000000022"}
    assert newer.send(body(**item, **price("90,50", "EUR")), headers=german).status_code == 200
    other = {"listingId": "110000000025"}
    answer = newer.send(body(**other, **price("90.50", "EUR")), headers=german)
    assert ids(answer) == [150016], "the point is ignored: 9050"


def test_the_older_contract_reads_a_point_everywhere(client: Client):
    german = {"X-EBAY-C-MARKETPLACE-ID": "EBAY_DE"}
    item = {"listingId": "110000000022"}
    assert ids(client.send(body(**item, **price("90,50", "EUR")), headers=german)) == [150009]
    assert client.send(body(**item, **price("90.50", "EUR")), headers=german).status_code == 200


def test_a_forced_duration_error_names_the_contracts_days(newer: Client):
    answer = newer.send(headers={"X-Sandbox-Outcome": "150027"})
    assert errors(answer) == [(150027, {"durationValue": "4", "durationUnit": "DAY"})]


@pytest.mark.parametrize("place", ["EBAY_US", "EBAY_GB"])
def test_a_send_under_the_old_contract_says_that_production_differs(client: Client, place: str):
    listing = "110000000001" if place == "EBAY_US" else "110000000021"
    headers = {"X-EBAY-C-MARKETPLACE-ID": place}
    answer = client.send(body(listingId=listing), headers=headers)
    assert f"offers on {place} are valid for 4 days" in answer.headers["X-Sandbox-Notice"]
    four = {**body(listingId=listing), "offerDuration": {"unit": "DAY", "value": 4}}
    refused = client.send(four, headers=headers)
    assert ids(refused) == [150027]
    assert "production is at 1.1.2: 4 DAY" in refused.headers["X-Sandbox-Reason"]
    client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})
    client.admin("POST", "/clock/advance", {"by": "P3D"})
    assert "X-Sandbox-Notice" not in client.send(four, headers=headers).headers


def test_other_marketplaces_get_no_notice(client: Client):
    answer = client.send(body(listingId="110000000022"), headers={"X-EBAY-C-MARKETPLACE-ID": "EBAY_DE"})
    assert (answer.status_code, "X-Sandbox-Notice" in answer.headers) == (200, False)


def test_contract_1_1_2_shows_immutable_user_ids_in_the_united_states(client: Client):
    client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})
    offers = client.send(body()).json()["offers"]
    names = [offers[0]["initiatedBy"], *(offer["buyer"]["maskedUsername"] for offer in offers)]
    assert len(set(names)) == 4
    assert all(len(name) == 11 and name.isalnum() for name in names)
    client.admin("POST", "/clock/advance", {"by": "P5D"})
    again = client.send(body()).json()["offers"]
    assert [offer["buyer"] for offer in again] == [offer["buyer"] for offer in offers], "they never change"
    british = client.send(body(listingId="110000000021"), headers={"X-EBAY-C-MARKETPLACE-ID": "EBAY_GB"})
    assert british.json()["offers"][0]["initiatedBy"] == "sandbox_seller"
