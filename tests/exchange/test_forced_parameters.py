"""A forced error names values of the request, and the sample's only where the request has none."""

import pytest

from running_server import EBAY_SEND, Client

LISTING = "110000000007"
MARKET = {"X-EBAY-C-MARKETPLACE-ID": "EBAY_GB"}
BODY = {"offeredItems": [{"listingId": LISTING, "discountPercentage": "10"}], "message": "hello"}


def ebay(client: Client, outcome: str, by: str, body) -> dict:
    """eBay's first error, by a header or by a rule."""
    headers = {"Authorization": "Bearer sbx_x", **MARKET}
    if by == "header":
        headers["X-Sandbox-Outcome"] = outcome
    else:
        rule = {"operation": "ebay.sendOfferToInterestedBuyers", "outcome": outcome, "times": 1}
        assert client.call("POST", "/__admin/rules", json=rule).status_code == 201
    response = client.call("POST", EBAY_SEND, json=body, headers=headers)
    assert response.headers["X-Sandbox-Trigger"] == by
    return response.json()["errors"][0]


def parameters(error: dict) -> dict[str, str]:
    """The parameters of an eBay error by name."""
    return {each["name"]: each["value"] for each in error.get("parameters", [])}


@pytest.mark.parametrize("by", ["header", "rule"])
@pytest.mark.parametrize(
    "code",
    ["150011", "150012", "150013", "150014", "150015", "150016", "150017", "150018", "150019", "150020", "150026"],
)
def test_ebay_names_the_listing_of_the_request(client: Client, code: str, by: str):
    error = ebay(client, code, by, BODY)
    assert parameters(error)["listingId"] == LISTING
    assert LISTING in error["message"]


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("150002", "marketplaceId", "EBAY_GB"),
        ("150005", "listingIds", f"{LISTING}, 110000000008"),
        ("150009", "fieldName", "offeredItems"),
    ],
)
def test_ebay_names_other_values_of_the_request(client: Client, code: str, name: str, value: str):
    body = {**BODY, "offeredItems": [*BODY["offeredItems"], {"listingId": "110000000008"}]}
    assert parameters(ebay(client, code, "header", body))[name] == value


@pytest.mark.parametrize("body", [{}, {"offeredItems": None}, {"offeredItems": [{"listingId": 5}, 7]}, [], "text"])
def test_ebay_keeps_the_sample_where_the_request_has_no_listing(client: Client, body):
    assert parameters(ebay(client, "150011", "header", body))["listingId"] == "110000150011"


FIELDS = [
    ("covent", "POST", "/api/v1/offers", "Bearer sbx_x", {"unknown": 1, "amount": 5, "notes": "x"}, "amount"),
    ("sibi", "POST", "/offers", "Bearer sbx_x", {"address": {}, "customer": {}}, "address"),
    (
        "estateprime",
        "GET",
        "/api/offers",
        "Basic c2J4X3g6c2VjcmV0",
        {"store_id": 2, "status": "draft"},
        "store_id",
    ),
]


@pytest.mark.parametrize(("provider", "method", "path", "credential", "body", "field"), FIELDS)
def test_a_field_error_names_the_first_field_of_the_request(
    client: Client, provider, method, path, credential, body, field
):
    headers = {
        "Authorization": credential, "Content-Type": "application/json", "X-Sandbox-Outcome": "validation_error"
    }  # fmt: skip
    answer = client.call(method, path, json=body, headers=headers)
    assert answer.headers["X-Sandbox-Trigger"] == "header"
    assert field in answer.text
    empty = client.call(method, path, json={}, headers=headers)
    assert empty.status_code == answer.status_code
    assert empty.text != answer.text, "the sample's field"
