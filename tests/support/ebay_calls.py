"""Bodies of eBay calls and what their refusals say."""

from offer_sandbox.providers.ebay.fixtures import build

LISTING = "110000000001"
INITIAL = {offer["offerId"] for offer in build(42)["offers"]}


def errors(answer):
    """Error ids with their parameters, in the order they are told."""
    return [
        (each["errorId"], {one["name"]: one["value"] for one in each.get("parameters", [])})
        for each in answer.json()["errors"]
    ]


def ids(answer):
    """Error ids in the order they are told."""
    return [id for id, _ in errors(answer)]


def price(value, currency="USD"):
    """An item with a price instead of a percentage."""
    return {"discountPercentage": None, "price": {"value": value, "currency": currency}}


def body(**item):
    """A send's body; an item's member given as None is left out."""
    whole = {"listingId": LISTING, "discountPercentage": "10", **item}
    return {"offeredItems": [{name: value for name, value in whole.items() if value is not None}]}
