"""The null of an optional field, which serialisers write for fields that are not set, is read as absent."""

import pytest

from running_server import EBAY_SEND, Client

COVENT = {
    "listing_id": "lst_123",
    "individual_id": "ind_123",
    "amount": 372000,
    "terms": {"inspection_period_days": 7},
    "notes": "Cash close.",
}
SIBI = {
    "customer": {"firstName": "John", "lastName": "Doe", "email": "john@example.com", "phone": "1"},
    "address": {"line1": "1 Main St", "city": "A", "stateOrProvince": "IL", "postalCode": "62701", "line2": None},
    "product": {"sku": "GDF511PGRBB", "addons": [{"sku": "A", "id": None, "quantity": 1}]},
}


def sent(client: Client, method: str, path: str, body: dict, **headers: str):
    """The response, and the notes of its journal entry about nulls."""
    response = client.call(method, path, json=body, headers={"Authorization": "Bearer sbx_x", **headers})
    id = response.headers["X-Sandbox-Request-Id"]
    notes = client.call("GET", f"/__admin/requests/{id}").json()["notes"]
    return response, [note for note in notes if note.endswith(" is null and was read as absent")]


def test_ebay(client: Client):
    item = {"listingId": "110000000001", "discountPercentage": "10", "price": None, "quantity": None}
    body = {"offeredItems": [item], "message": None, "offerDuration": None, "allowCounterOffer": None}
    response, notes = sent(client, "POST", EBAY_SEND, body, **{"X-EBAY-C-MARKETPLACE-ID": "EBAY_US"})
    assert response.status_code == 200, response.text
    assert response.json()["offers"][0]["offeredItems"][0]["quantity"] == 1
    assert {note.split()[0] for note in notes} == {
        "body.message", "body.offerDuration", "body.allowCounterOffer", "body.offeredItems.0.price",
        "body.offeredItems.0.quantity",
    }  # fmt: skip


def test_sibi(client: Client):
    body = {**SIBI, "subBrandId": None, "buyoutAmount": None, "externalJobID": None}
    response, notes = sent(client, "POST", "/offers", body)
    assert response.status_code == 201, response.text
    assert [note.split()[0] for note in notes] == [
        "body.product.addons.0.id", "body.subBrandId", "body.buyoutAmount", "body.externalJobID",
    ]  # fmt: skip


def test_covent(client: Client):
    response, notes = sent(client, "PATCH", "/api/v1/offers/off_123", {"amount": 380000, "expires_at": None})
    assert response.status_code == 200, response.text
    assert notes == ["body.expires_at is null and was read as absent"]
    response, _ = sent(client, "PATCH", "/api/v1/offers/off_123", {"expires_at": None})
    assert response.status_code == 422, "nothing is left to change"


def test_estateprime_filters(client: Client):
    headers = {"Authorization": "Basic c2J4X3g6c2VjcmV0", "Content-Type": "application/json"}
    body = {"status": None, "is_active": None, "store_id": 2, "date_created": None, "page": None}
    response, notes = sent(client, "GET", "/api/offers", body, **headers)
    assert response.status_code == 200, response.text
    assert {
        row["store"]["id"] if isinstance(row.get("store"), dict) else 2 for row in response.json()["data"]
    } == {2}
    assert len(notes) == 4


@pytest.mark.parametrize("name", COVENT)
def test_a_required_field_that_is_null_is_refused(client: Client, name: str):
    response, notes = sent(client, "POST", "/api/v1/offers", {**COVENT, name: None})
    assert response.status_code == 422
    assert [each["field"] for each in response.json()["error"]["details"]] == [name]
    assert notes == []
