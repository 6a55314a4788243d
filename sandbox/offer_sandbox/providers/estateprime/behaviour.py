"""Pure functions for EstatePrime offers: filters, pages, and the fields of an offer in each status."""

from typing import Any

from offer_sandbox.contract import Page
from offer_sandbox.world.collection import Between, Containing, Document

PAGE_SIZE = 50
_PLAIN = ("status", "listing_id", "request_id", "store_id", "created_by")
_ENDINGS = ("accepted", "rejected", "withdrawn")
_FIRST_FORCED = 1_000_000  # ids of rounds that a forced status adds, greater than those of stored rounds
_INACTIVE = ("rejected", "withdrawn")


def conditions(filters: Document) -> dict[str, Any]:
    """Returns the filter of a list call as conditions on columns. Fields that are not set are left out."""
    where: dict[str, Any] = {name: filters[name] for name in _PLAIN if name in filters}
    if "is_active" in filters:
        where["is_active"] = int(filters["is_active"])
    if "contact_id" in filters:
        where["contacts"] = Containing(f",{filters['contact_id']},")
    for name in ("date_created", "date_updated"):
        if name in filters:
            where[name] = Between(filters[name]["min"], filters[name]["max"])
    return where


def envelope(page: Page) -> Document:
    """Returns a page in its envelope."""
    return {
        "status": 200,
        "page": page.number,
        "total_pages": -(-page.total // PAGE_SIZE),
        "results_per_page": PAGE_SIZE,
        "total_results": page.total,
        "data": [{name: value for name, value in offer.items() if name != "rounds"} for offer in page.rows],
    }


def shown_as(offer: Document, status: str) -> Document:
    """Returns a consistent offer in another status, for a read with a forced status. Nothing is stored."""
    if offer["status"] == status:
        return offer
    stored = [each for each in offer["rounds"] if each["type"] not in _ENDINGS]
    rounds = {
        "draft": [each for each in stored if each["type"] == "note"],
        "submitted": stored[:1],
        "under_negotiation": stored,
    }.get(status, [*stored, *_ending(offer, stored, status)])
    return {**offer, "status": status, "is_active": status not in _INACTIVE, "rounds": rounds}


def _ending(offer: Document, stored: list[Document], status: str) -> list[Document]:
    """Returns the round that ends a negotiation. An accepted round has the last sum, so one is offered first if
    there is none."""
    amounts = [each["amount"] for each in stored if each["amount"] is not None]
    if status != "accepted":
        return [_round(offer, 1, status, None)]
    if amounts:
        return [_round(offer, 1, status, amounts[-1])]
    price = offer["current_listing_price"]
    return [_round(offer, 0, "offer_submitted", price), _round(offer, 1, status, price)]


def _round(offer: Document, place: int, kind: str, amount: int | None) -> Document:
    return {
        "id": _FIRST_FORCED + 2 * offer["id"] + place,
        "type": kind,
        "amount": amount,
        "current_listing_price": offer["current_listing_price"],
        "notes": None,
        "created_by": offer["created_by"],
        "date_created": offer["date_updated"],
    }
