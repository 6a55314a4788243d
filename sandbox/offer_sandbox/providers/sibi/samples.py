"""The examples printed on Sibi's pages, as literal data."""

from typing import Any

# An impossible offer: it is both pending and accepted. The sandbox serves it only on demand.
OFFER: dict[str, Any] = {
    "id": "offer-123",
    "orderIds": ["<string>"],
    "thirdPartyId": "ext-123",
    "customerName": "<string>",
    "customerEmail": "<string>",
    "customerPhone": "<string>",
    "fullAddress": "<string>",
    "line1": "<string>",
    "line2": "<string>",
    "city": "<string>",
    "stateOrProvince": "<string>",
    "postalCode": "<string>",
    "status": "pending",
    "acceptedByRole": "curator",
    "offerSentAt": "<string>",
    "selectedOffering": [
        {
            "productId": "<string>",
            "curatorSelectedAddons": [{"addonId": "<string>"}],
            "customerSelectedAddons": [{"addonId": "<string>"}],
        }
    ],
    "offerings": [
        {"products": [{"productId": "<string>", "curatorSelectedAddons": [{"addonId": "<string>"}]}]},
    ],
    "buyoutAmountCents": 50000,
    "creditAmountCents": 75000,
    "companySpendCents": 123,
    "customerSpendCents": 123,
    "offerPricingBreakdown": {
        "subtotal": 123,
        "tax": 123,
        "total": 123,
        "discounts": [{"amount": 123}],
        "fees": [{"amount": 123}],
        "pricedItems": [
            {
                "id": "<string>",
                "title": "<string>",
                "purchasePrice": 123,
                "addons": [{"id": "<string>", "title": "<string>", "purchasePrice": 123}],
            }
        ],
    },
}
CREATE_OFFER: dict[str, Any] = {
    "customer": {
        "firstName": "John",
        "lastName": "Doe",
        "email": "john@example.com",
        "phone": "+1 (123) 456-7890",
    },
    "address": {
        "line1": "123 Main St",
        "line2": "Apt 101",
        "city": "Springfield",
        "stateOrProvince": "IL",
        "postalCode": "62701",
    },
    "product": {
        "sku": "GDF511PGRBB",
        "addons": [{"sku": sku, "quantity": 1} for sku in ("M007", "M021", "M402", "M421", "M435")],
    },
    "sendOfferImmediately": True,
    "allowCommonCarrier": True,
    "externalJobID": "<string>",
    "buyoutAmount": 50000,
    "includeUpsells": True,
    "subBrandId": "<string>",
}
