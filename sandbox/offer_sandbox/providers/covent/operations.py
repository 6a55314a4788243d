"""Covent's operations for offers, listings and individuals: declarations and handlers."""

import re
from typing import Any

from offer_sandbox.contract import Call, CallError, MagicValue, Operation, Reply, counted, page
from offer_sandbox.providers.covent import behaviour, schemas
from offer_sandbox.providers.covent.validation import (
    existing,
    future,
    instant,
    merged,
    shown,
    something,
    validate,
    validated_record,
)
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import letters, seeded_rng

_PREFIXES = {"offers": "off", "listings": "lst", "individuals": "ind", "emails": "email"}


def new_id(seed: int, collection: str, ordinal: int) -> str:
    """Returns the id of the n-th record that calls create in a collection."""
    return f"{_PREFIXES[collection]}_{letters(seeded_rng(seed, 'covent', collection, ordinal), 12)}"


CREATE_OFFER, GET_OFFER, UPDATE_OFFER, ACCEPT, REJECT = (
    "createOffer",
    "getOffer",
    "updateOffer",
    "acceptOffer",
    "rejectOffer",
)
_DECISION = "covent.decision"


_SEED = "Covent, Create A New Offer Against A Listing"


@Operation(
    name=CREATE_OFFER,
    method="POST",
    path="/api/v1/offers",
    evidence="seed",
    source=_SEED,
    tag="Offers",
    validate=validate("", existing("listing_id", "listings"), existing("individual_id", "individuals")),
    body=schemas.CreateOfferRequest(),
    answers={200: schemas.CreatedOffer()},
    magic=(MagicValue(field="body.listing_id", reads=behaviour.FATES.get),),
)
def create_offer(call: Call) -> Reply:
    """Creates an offer against a listing.

    The offer is `submitted` until a call or the sandbox decides it, or it expires. A listing that is not `active`
    fails with 409, and all invalid fields and unknown ids together with 422. Offers on the listings `lst_accepts`,
    `lst_rejects` and `lst_expires` are accepted, rejected or expired immediately after their creation. The setting
    `covent.decision` decides new offers on every listing, after some time or some reads. Covent documents no
    errors, so all of them are inferred.
    """
    world = call.world
    listing = world.get("listings", call.body["listing_id"])
    assert listing is not None
    if listing["status"] != "active":
        reason = f"the listing {listing['id']} is {listing['status']}, but only an active listing accepts offers"
        raise CallError.of("listing_not_active", reason, "body.listing_id")
    id = new_id(world.row.seed, "offers", world.next_ordinal("offers"))
    offer = behaviour.create(id, call.body, world.now, call.wish("body.listing_id"))
    world.put("offers", behaviour.awaiting_decision(offer, call.progressions.get(_DECISION), world.now))
    return Reply(outcome="success", body=shown(offer, call.operation.answers[200]))


@Operation(
    name=GET_OFFER,
    method="GET",
    path="/api/v1/offers/{id}",
    evidence="docs",
    source="Covent, Get A Single Offer And Its Current Lifecycle State",
    tag="Offers",
    parameters=schemas.OfferPath(),
    validate=validate("offers"),
    answers={200: schemas.Offer()},
)
def get_offer(call: Call) -> Reply:
    """Returns an offer and its history.

    The response has no timestamps except those in the history, and never the notes. An unknown id fails with 404.
    If the setting `covent.decision` is `manual`, each read of a submitted offer counts towards its decision.
    A status that a header or a rule forces affects only the response, and nothing is stored. All history events
    except `created`, the status `expired` and all errors are inferred.
    """
    offer = validated_record(call, "offers")
    if call.forced is not None:
        forced = behaviour.shown_as(offer, call.forced, call.world.now)
        return Reply(outcome=call.forced, body=shown(forced, call.operation.answers[200]))
    after = counted(call, "offers", offer, behaviour.polled)
    body = shown(after, call.operation.answers[200])
    return Reply(outcome=after["status"], body=body, source=behaviour.source_of(after))


@Operation(
    name=UPDATE_OFFER,
    method="PATCH",
    path="/api/v1/offers/{id}",
    evidence="docs",
    source="Covent, Update Mutable Offer Fields Before Final Workflow Actions Occur",
    tag="Offers",
    parameters=schemas.OfferPath(),
    validate=validate("offers", something, future("expires_at")),
    body=schemas.UpdateOfferRequest(),
    answers={200: schemas.UpdatedOffer()},
)
def update_offer(call: Call) -> Reply:
    """Changes an offer that is not final.

    The amount, the terms and the expiry can change, and at least one of them is required. `terms` replaces the
    stored object as a whole. The offer becomes `expired` when the workspace's clock reaches `expires_at`. A
    time that has passed on that clock fails with 422. An offer that is accepted, rejected or expired fails with
    409. The effect of the expiry and all errors are inferred.
    """
    return _changed_offer(call, behaviour.updated(_open(call), call.body, call.world.now))


@Operation(
    name=ACCEPT,
    method="POST",
    path="/api/v1/offers/{id}/accept",
    evidence="docs",
    source="Covent, Accept An Offer",
    tag="Offers",
    parameters=schemas.OfferPath(),
    validate=validate("offers", instant("accepted_at")),
    body=schemas.AcceptOfferRequest(),
    answers={200: schemas.AcceptedOffer()},
)
def accept(call: Call) -> Reply:
    """Accepts an offer.

    The offer becomes `accepted`, which is final. The caller chooses the time of the acceptance. If the offer is
    already final, the call fails with 409 and nothing changes. The listing and its other offers do not change,
    unless the switch `covent.on_acceptance` is set (inferred). Covent documents no errors, so all of them are
    inferred.
    """
    return _changed_offer(call, behaviour.accepted(_open(call), call.body, call.world.now))


@Operation(
    name=REJECT,
    method="POST",
    path="/api/v1/offers/{id}/reject",
    evidence="docs",
    source="Covent, Reject An Offer",
    tag="Offers",
    parameters=schemas.OfferPath(),
    validate=validate("offers"),
    body=schemas.RejectOfferRequest(),
    answers={200: schemas.RejectedOffer()},
)
def reject(call: Call) -> Reply:
    """Rejects an offer.

    The offer becomes `rejected`, which is final. The server sets the time of the rejection from the workspace's
    clock. If the offer is already final, the call fails with 409 and nothing changes. Covent documents no errors,
    so all of them are inferred.
    """
    return _changed_offer(call, behaviour.rejected(_open(call), call.body, call.world.now))


def _changed_offer(call: Call, after: Document) -> Reply:
    call.world.put("offers", after)
    return Reply(outcome="success", body=shown(after, call.operation.answers[200]))


def _open(call: Call) -> Document:
    offer = validated_record(call, "offers")
    if offer["status"] != behaviour.SUBMITTED:
        raise CallError.of(
            "invalid_state", f"the offer {offer['id']} is {offer['status']}, which is a final status", "path.id"
        )
    return offer


OFFER_OPERATIONS = (
    create_offer,
    get_offer,
    update_offer,
    accept,
    reject,
)


LIST, CREATE_LISTING, GET_LISTING, UPDATE_LISTING = "listListings", "createListing", "getListing", "updateListing"


@Operation(
    name=LIST,
    method="GET",
    path="/api/v1/listings",
    evidence="docs",
    source="Covent, Get Listings",
    tag="Listings",
    validate=validate(),
    query=schemas.ListingQuery(),
    answers={200: schemas.ListingPage()},
)
def list_listings(call: Call) -> Reply:
    """Returns a page of listings, filtered and sorted.

    All parameters are optional, and a listing must match both filters. The default order is the order of
    insertion. A page after the last one is empty, and its `total` still counts all matching listings. An invalid
    parameter fails with 422. The defaults, the limits and all errors are inferred.
    """
    number, size = int(call.query.get("page", 1)), int(call.query.get("page_size", schemas.PAGE_SIZE))
    where: dict[str, Any] = {name: call.query[name] for name in ("status", "market") if name in call.query}
    found = page(call, "listings", number, size, _order(call), **where)
    items = [shown(row, _ROW) for row in found.rows]
    body = {"items": items, "page": found.number, "page_size": size, "total": found.total}
    return Reply(outcome=found.outcome, body=body, declined=found.declined)


@Operation(
    name=CREATE_LISTING,
    method="POST",
    path="/api/v1/listings",
    evidence="docs",
    source="Covent, Create A New Listing",
    tag="Listings",
    validate=validate(),
    body=schemas.CreateListingRequest(),
    answers={200: schemas.CreatedListing()},
)
def create_listing(call: Call) -> Reply:
    """Creates a listing.

    Its status can be `draft`, or `active` to accept offers immediately. The sandbox derives its market from the
    city and the state, such as `phoenix-az`, and sets its source to `api`. All invalid fields together fail with
    422. The market, the source, the timestamps in the response and all errors are inferred.
    """
    world, body = call.world, call.body
    id = new_id(world.row.seed, "listings", world.next_ordinal("listings"))
    listing = {
        "id": id,
        **shown(body, _SENT_LISTING),
        "metadata": {"source": "api", "market": market(body["address"])},
        "created_at": print_seconds(world.now),
        "updated_at": print_seconds(world.now),
    }
    world.put("listings", listing)
    return Reply(outcome="success", body=shown(listing, call.operation.answers[200]))


@Operation(
    name=GET_LISTING,
    method="GET",
    path="/api/v1/listings/{id}",
    evidence="docs",
    source="Covent, Get A Single Listing And Its Current Lifecycle State",
    tag="Listings",
    parameters=schemas.ListingPath(),
    validate=validate("listings"),
    answers={200: schemas.Listing()},
)
def get_listing(call: Call) -> Reply:
    """Returns a listing.

    The response is the complete listing, with its property, market and timestamps. An unknown id fails with 404. A
    status that a header or a rule forces affects only the response, and nothing is stored. Covent documents no
    errors, so all of them are inferred.
    """
    listing = validated_record(call, "listings")
    status = call.forced or listing["status"]
    return Reply(outcome=status, body={**listing, "status": status})


@Operation(
    name=UPDATE_LISTING,
    method="PATCH",
    path="/api/v1/listings/{id}",
    evidence="docs",
    source="Covent, Update Listing Fields",
    tag="Listings",
    parameters=schemas.ListingPath(),
    validate=validate("listings", something),
    body=schemas.UpdateListingRequest(),
    answers={200: schemas.UpdatedListing()},
)
def update_listing(call: Call) -> Reply:
    """Changes a listing.

    The status, the prices and the property's details can change, and also the headline (inferred). At least one
    field is required. Omitted fields keep their values, including those of nested objects (inferred). A listing
    that becomes a `draft` accepts no new offers, and its present offers do not change. Covent documents no errors,
    so all of them are inferred.
    """
    listing = validated_record(call, "listings")
    after = {**merged(listing, call.body, _CHANGE_LISTING), "updated_at": print_seconds(call.world.now)}
    call.world.put("listings", after)
    return Reply(outcome="success", body=shown(after, call.operation.answers[200]))


def market(address: Document) -> str:
    """Returns the slug of a city's market, such as `phoenix-az`."""
    return "-".join(re.findall("[a-z0-9]+", f"{address['city']} {address['state']}".lower())) or "unknown"


def _order(call: Call) -> str | None:
    column, _, direction = call.query.get("sort", "").partition(":")
    return f"-{column}" if direction == "desc" else column or None


_ROW, _SENT_LISTING, _CHANGE_LISTING = (
    schemas.ListingSummary(),
    schemas.CreateListingRequest(),
    schemas.UpdateListingRequest(),
)
LISTING_OPERATIONS = (
    list_listings,
    create_listing,
    get_listing,
    update_listing,
)


CREATE_INDIVIDUAL, UPDATE_INDIVIDUAL = "createIndividual", "updateIndividual"
BUY_BOX, EMAIL = "updateIndividualBuyBox", "addIndividualEmail"


@Operation(
    name=CREATE_INDIVIDUAL,
    method="POST",
    path="/api/v1/individuals",
    evidence="docs",
    source="Covent, Create A New Investor Or Buyer Record In Covent",
    tag="Individuals",
    validate=validate(),
    body=schemas.CreateIndividualRequest(),
    answers={200: schemas.CreatedIndividual()},
)
def create_individual(call: Call) -> Reply:
    """Creates an investor or buyer.

    The individual can make offers immediately and has no portfolio yet. The response joins the names in
    `general.full_name`. Several individuals may have the same e-mail address (inferred). All invalid fields
    together fail with 422. Covent documents no errors, so all of them are inferred.
    """
    world, sent = call.world, shown(call.body, _SENT_INDIVIDUAL)
    individual = {
        "id": new_id(world.row.seed, "individuals", world.next_ordinal("individuals")),
        **sent,
        "buy_box": {**sent["buy_box"], "strategy": [], "preferences": {}},
        "portfolio": None,
        "relationship_context": {},
        "emails": [],
        "created_at": print_seconds(world.now),
        "updated_at": print_seconds(world.now),
    }
    world.put("individuals", individual)
    return _reply(call, individual)


@Operation(
    name=UPDATE_INDIVIDUAL,
    method="PATCH",
    path="/api/v1/individuals/{id}",
    evidence="docs",
    source="Covent, Update an individual's profile data",
    tag="Individuals",
    parameters=schemas.IndividualPath(),
    validate=validate("individuals", something),
    body=schemas.UpdateIndividualRequest(),
    answers={200: schemas.UpdatedIndividual()},
)
def update_individual(call: Call) -> Reply:
    """Changes an individual's profile.

    The general data, the tags and the owner of the relationship can change, and at least one of these fields is
    required. `tags` replaces the stored list. Omitted fields keep their values, including those of nested objects
    (inferred). An unknown id fails with 404, and all invalid fields together with 422. Covent documents no errors,
    so all of them are inferred.
    """
    return _reply(
        call,
        _changed_individual(call, merged(validated_record(call, "individuals"), call.body, _CHANGE_INDIVIDUAL)),
    )


@Operation(
    name=BUY_BOX,
    method="PATCH",
    path="/api/v1/individuals/{id}/buy-box",
    evidence="docs",
    source="Covent, Update An Individual's Buy Box Criteria",
    tag="Individuals",
    parameters=schemas.IndividualPath(),
    validate=validate("individuals", something),
    body=schemas.UpdateBuyBoxRequest(),
    answers={200: schemas.BuyBox()},
)
def update_buy_box(call: Call) -> Reply:
    """Changes an individual's buy box.

    The response is the whole buy box after the change, without the individual. Omitted fields keep their values.
    Lists and `preferences` are replaced as a whole, while an omitted member of `pricing` keeps its value
    (inferred). At least one field is required, otherwise the call fails with 422. Covent documents no errors, so
    all of them are inferred.
    """
    individual = validated_record(call, "individuals")
    buy_box = merged(individual["buy_box"], call.body, _BUY_BOX_CHANGE)
    after = _changed_individual(call, {**individual, "buy_box": buy_box})
    return Reply(outcome="success", body=after["buy_box"])


@Operation(
    name=EMAIL,
    method="POST",
    path="/api/v1/individuals/{id}/emails",
    evidence="docs",
    source="Covent, Add an e-mail address to an individual",
    tag="Individuals",
    parameters=schemas.IndividualPath(),
    validate=validate("individuals"),
    body=schemas.AddEmailRequest(),
    answers={200: schemas.EmailAddress()},
)
def add_email(call: Call) -> Reply:
    """Adds an e-mail address to an individual.

    If it is primary, the other addresses no longer are (inferred). The address in the individual's general data
    does not change. An unknown id fails with 404, and all invalid fields together with 422. Covent documents no
    errors, so all of them are inferred.
    """
    individual = validated_record(call, "individuals")
    id = new_id(call.world.row.seed, "emails", call.world.next_ordinal("emails"))
    added = {"id": id, **shown(call.body, _EMAIL_SENT)}
    stored = individual["emails"]
    if added["is_primary"]:
        stored = [{**each, "is_primary": False} for each in stored]
    _changed_individual(call, {**individual, "emails": [*stored, added]})
    return Reply(outcome="success", body=added)


def _changed_individual(call: Call, individual: Document) -> Document:
    after = {**individual, "updated_at": print_seconds(call.world.now)}
    call.world.put("individuals", after)
    return after


def _reply(call: Call, individual: Document) -> Reply:
    general = individual["general"]
    named = {**general, "full_name": f"{general['first_name']} {general['last_name']}"}
    body = shown({**individual, "general": named}, call.operation.answers[200])
    return Reply(outcome="success", body=body)


_SENT_INDIVIDUAL, _EMAIL_SENT = schemas.CreateIndividualRequest(), schemas.AddEmailRequest()
_CHANGE_INDIVIDUAL, _BUY_BOX_CHANGE = schemas.UpdateIndividualRequest(), schemas.UpdateBuyBoxRequest()
INDIVIDUAL_OPERATIONS = (
    create_individual,
    update_individual,
    update_buy_box,
    add_email,
)


OPERATIONS = (*OFFER_OPERATIONS, *LISTING_OPERATIONS, *INDIVIDUAL_OPERATIONS)
