"""The four calls on listings."""

import re
from typing import Any

from offer_sandbox.contract import Call, Operation, Reply, page
from offer_sandbox.providers.covent.fieldsets import merged, shown
from offer_sandbox.providers.covent.identifiers import mint
from offer_sandbox.providers.covent.schemas import listings as schemas
from offer_sandbox.providers.covent.validation import judge, judged_record, something
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document

LIST, CREATE_LISTING, GET_LISTING, UPDATE_LISTING = "listListings", "createListing", "getListing", "updateListing"


def list_listings(call: Call) -> Reply:
    """A page of the listings that fit the filter, in the order asked for (else of insertion)."""
    number, size = int(call.query.get("page", 1)), int(call.query.get("page_size", schemas.PAGE_SIZE))
    where: dict[str, Any] = {name: call.query[name] for name in ("status", "market") if name in call.query}
    found = page(call, "listings", number, size, _order(call), **where)
    items = [shown(row, _ROW) for row in found.rows]
    body = {"items": items, "page": found.number, "page_size": size, "total": found.total}
    return Reply(outcome=found.outcome, body=body)


def create_listing(call: Call) -> Reply:
    """A new listing; its market follows from its address."""
    world, asked = call.world, call.body
    id = mint(world.row.seed, "listings", world.mint("listings"))
    listing = {
        "id": id,
        **shown(asked, _SENT_LISTING),
        "metadata": {"source": "api", "market": market(asked["address"])},
        "created_at": print_seconds(world.now),
        "updated_at": print_seconds(world.now),
    }
    world.put("listings", listing)
    return Reply(outcome="success", body=shown(listing, call.operation.answers[200]))


def get_listing(call: Call) -> Reply:
    """One listing; a read that is forced to a status stores nothing."""
    listing = judged_record(call, "listings")
    status = call.fate or listing["status"]
    return Reply(outcome=status, body={**listing, "status": status})


def update_listing(call: Call) -> Reply:
    """Changes a listing; members of its objects that are left out stay."""
    listing = judged_record(call, "listings")
    after = {**merged(listing, call.body, _CHANGE_LISTING), "updated_at": print_seconds(call.world.now)}
    call.world.put("listings", after)
    return Reply(outcome="success", body=shown(after, call.operation.answers[200]))


def market(address: Document) -> str:
    """The slug of a city's market: `phoenix-az`."""
    return "-".join(re.findall("[a-z0-9]+", f"{address['city']} {address['state']}".lower())) or "unknown"


def _order(call: Call) -> str | None:
    column, _, direction = call.query.get("sort", "").partition(":")
    return f"-{column}" if direction == "desc" else column or None


_ROW, _SENT_LISTING, _CHANGE_LISTING = schemas.ListingRow(), schemas.CreateListing(), schemas.UpdateListing()
LISTING_OPERATIONS = (
    Operation(
        name=LIST,
        method="GET",
        path="/api/v1/listings",
        summary="A page of listings, filtered and sorted",
        evidence="docs",
        source="Covent, Get Listings",
        handler=list_listings,
        judge=judge(),
        query=schemas.ListingQuery(),
        answers={200: schemas.ListingPage()},
    ),
    Operation(
        name=CREATE_LISTING,
        method="POST",
        path="/api/v1/listings",
        summary="Creates a listing",
        evidence="docs",
        source="Covent, Create A New Listing",
        handler=create_listing,
        judge=judge(),
        body=schemas.CreateListing(),
        answers={200: schemas.ListingCreated()},
    ),
    Operation(
        name=GET_LISTING,
        method="GET",
        path="/api/v1/listings/{id}",
        summary="One listing",
        evidence="docs",
        source="Covent, Get A Single Listing And Its Current Lifecycle State",
        handler=get_listing,
        judge=judge("listings"),
        answers={200: schemas.Listing()},
    ),
    Operation(
        name=UPDATE_LISTING,
        method="PATCH",
        path="/api/v1/listings/{id}",
        summary="Changes a listing",
        evidence="docs",
        source="Covent, Update Listing Fields",
        handler=update_listing,
        judge=judge("listings", something),
        body=schemas.UpdateListing(),
        answers={200: schemas.ListingUpdated()},
    ),
)
