"""The examples printed on Covent's pages, as literal data, with one timestamp moved to the future."""

from typing import Any

CREATE_OFFER: dict[str, Any] = {
    "listing_id": "lst_123",
    "individual_id": "ind_123",
    "amount": 372000,
    "terms": {"inspection_period_days": 7, "close_of_escrow_days": 14},
    "notes": "Cash close, no financing contingency.",
}
OFFER_CREATED: dict[str, Any] = {
    "id": "off_123",
    "listing_id": "lst_123",
    "individual_id": "ind_123",
    "amount": 372000,
    "status": "submitted",
    "terms": {"inspection_period_days": 7, "close_of_escrow_days": 14},
    "created_at": "2026-04-17T19:45:00Z",
    "updated_at": "2026-04-17T19:45:00Z",
}
UPDATE_OFFER: dict[str, Any] = {
    "amount": 380000,
    "terms": {"inspection_period_days": 5, "close_of_escrow_days": 10},
    "expires_at": "2099-04-20T23:59:59Z",  # the page prints a date in 2026, which has passed
}
ACCEPT_OFFER = {"accepted_at": "2026-04-17T20:10:00Z", "notes": "Accepted by seller after verbal confirmation."}
REJECT_OFFER = {"reason": "price_too_low", "notes": "Seller requested a stronger price."}
LISTING: dict[str, Any] = {
    "id": "lst_123",
    "headline": "Off-market duplex in central Phoenix",
    "status": "active",
    "address": {"street": "101 W Adams St", "city": "Phoenix", "state": "AZ", "zip": "85003"},
    "pricing": {"asking_price": 385000, "assignment_fee": 15000},
    "property_details": {"property_type": "duplex", "bedrooms": 4, "bathrooms": 2, "square_feet": 1980},
    "metadata": {"source": "manual", "market": "phoenix-az"},
    "created_at": "2026-04-17T20:00:00Z",
    "updated_at": "2026-04-17T20:00:00Z",
}
CREATE_LISTING: dict[str, Any] = {
    "headline": LISTING["headline"],
    "status": "draft",
    "address": LISTING["address"],
    "pricing": LISTING["pricing"],
    "property_details": LISTING["property_details"],
}
UPDATE_LISTING: dict[str, Any] = {
    "status": "active",
    "pricing": {"asking_price": 395000, "assignment_fee": 18000},
}
CREATE_INDIVIDUAL: dict[str, Any] = {
    "general": {
        "first_name": "Jordan",
        "last_name": "Lee",
        "email": "jordan@example.com",
        "phone": "+14805550199",
        "status": "active",
        "entity_type": "individual",
    },
    "buy_box": {
        "markets": ["phoenix-az"],
        "property_types": ["single_family"],
        "pricing": {"min": 150000, "max": 450000},
    },
    "tags": ["vip", "repeat-buyer"],
    "source": "manual",
}
UPDATE_INDIVIDUAL: dict[str, Any] = {
    "general": {"status": "paused"},
    "tags": ["vip"],
    "relationship_context": {"owner": "agent@example.com"},
}
UPDATE_BUY_BOX: dict[str, Any] = {
    "markets": ["phoenix-az", "mesa-az"],
    "pricing": {"min": 175000, "max": 500000},
    "strategy": ["buy_and_hold"],
}
ADD_EMAIL: dict[str, Any] = {"email": "jordan.lee@example.com", "label": "work", "is_primary": False}
