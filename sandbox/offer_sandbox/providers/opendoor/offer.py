"""How much the sandbox offers for a home, and how OfferData shows it; every figure is the sandbox's own."""

from datetime import datetime, timedelta

from offer_sandbox.world.clock import print_instant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import derive

BASE_DOLLARS = 120_000
DOLLARS_A_SQUARE_FOOT = 180
USUAL_SQUARE_FEET = 1_800
LARGEST_SQUARE_FEET = 100_000  # GraphQL's Int ends at 2,147,483,647 cents
VARIATION = 0.03
DAYS_OPEN = 7
FEE_PERCENT = 5
CLOSING_PERCENT = 1


def price_cents(seed: int, id: str, square_feet: int | None) -> int:
    """The price of a home in cents, whole dollars; depends on the workspace's seed, the request and its size."""
    size = USUAL_SQUARE_FEET if square_feet is None else min(max(square_feet, 0), LARGEST_SQUARE_FEET)
    dollars = BASE_DOLLARS + DOLLARS_A_SQUARE_FOOT * size
    return round(dollars * (1 + derive(seed, "opendoor", "price", id).uniform(-VARIATION, VARIATION))) * 100


def expiration(record: Document, at: datetime) -> datetime:
    """When an offer made at that instant expires."""
    return at if record["sandbox"]["fate"]["expired"] else at + timedelta(days=DAYS_OPEN)


def offer_data(record: Document, at: datetime) -> Document:
    """OfferData of an offer made at that instant for the price that was fixed on submission."""
    price = record["sandbox"]["priceCents"]
    expires = print_instant(expiration(record, at))
    address = f"https://opendoor.example/offers/{record['opendoorOfferRequestId']}"
    return {
        "headlinePriceCents": price,
        "headlineValuationRangeStart": price * 95 // 100,
        "headlineValuationRangeEnd": price * 105 // 100,
        "feeCostCents": price * FEE_PERCENT // 100,
        "feeCostPercent": float(FEE_PERCENT),
        "estimatedClosingCostCents": price * CLOSING_PERCENT // 100,
        "estimatedClosingCostPercent": float(CLOSING_PERCENT),
        "repairCostCents": 0,
        "url": address,
        "authenticatedDashboardUrl": f"{address}/dashboard",
        "expiresAt": expires,
        "offerSource": None,
        "sentAt": print_instant(at),
        "expirationAt": expires,
        "expirationAtDisplayDate": expires[:10],
        "underwritingCompletedAt": None,
        "underwritingState": None,
        "enteredContractAt": None,
        "coeDate": None,
        "closedAt": None,
        "withdrawnAt": None,
        "priceAlert": None,
    }
