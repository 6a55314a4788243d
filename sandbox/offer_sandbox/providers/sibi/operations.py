"""Sibi's operations for offers, products and orders: declarations and handlers."""

import re
from collections.abc import Sequence
from dataclasses import replace

from offer_sandbox.contract import (
    Call,
    CallError,
    MagicValue,
    Operation,
    Reply,
    RequestIssue,
    Source,
    counted,
    page,
)
from offer_sandbox.providers.sibi import behaviour, orders, products, schemas
from offer_sandbox.providers.sibi.customer_page import OPERATIONS as CUSTOMER_OPERATIONS
from offer_sandbox.providers.sibi.customer_page import mint_link
from offer_sandbox.providers.sibi.products import NO_PRODUCT
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Containing, Document
from offer_sandbox.world.rng import letters, seeded_rng

PRODUCT, CANCEL = "getProduct", "cancelOrder"
_ADDRESS = ("line1", "city", "stateOrProvince", "postalCode")


def validate_create(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Adds a problem for each add-on that has neither a sku nor an id."""
    product = (call.body or {}).get("product")
    addons = product.get("addons") if isinstance(product, dict) else None
    unnamed = [
        RequestIssue(
            outcome="validation_error", field=f"body.product.addons.{index}", reason="needs a sku or an id"
        )
        for index, addon in enumerate(addons if isinstance(addons, list) else [])
        if isinstance(addon, dict) and not {"sku", "id"} & addon.keys()
    ]
    return [*found, *unnamed]


@Operation(
    name=PRODUCT,
    method="GET",
    path="/products/{sku}",
    evidence="docs",
    source="Sibi, Get product details with available add-ons",
    tag="Products",
    parameters=schemas.ProductPath(),
    query=schemas.ProductQuery(),
    answers={200: schemas.Product()},
    magic=(
        MagicValue(
            field="path.sku",
            reads={NO_PRODUCT: "product_not_found"}.get,
            reason="the magic sku {value} triggers this error",
        ),
    ),
)
def product(call: Call) -> Reply:
    """Returns a product with its available add-ons.

    Add-ons depend on the delivery address. They are listed only if the query has `line1`, `city`,
    `stateOrProvince` and `postalCode`. Otherwise a warning takes their place. Prices are in cents. In the sandbox
    every sku is a product, with the same prices in every workspace, and `no-such-product` is refused with 404
    (inferred).
    """
    sku = call.path["sku"]
    complete = all(call.query.get(name) for name in _ADDRESS)
    return Reply(outcome="success", body=products.details(sku, complete))


@Operation(
    name=CANCEL,
    method="POST",
    path="/orders/{id}/cancel",
    evidence="docs",
    source="Sibi, Cancel order",
    tag="Orders",
    parameters=schemas.OrderPath(),
    body=schemas.CancelOrder(),
    answers={201: schemas.Cancellation()},
)
def cancel(call: Call) -> Reply:
    """Requests the cancellation of an order.

    The call stores a request, which Sibi's partner decides on later. It cancels an order and does not change the
    status of its offer. In the sandbox the progression `sibi.cancellation` decides after a minute, and a second
    call returns the first request with its status (inferred). The partner approves, unless a rule or a header
    gives this call the outcome `denied`. An approval sends `order.updated`, and a denial
    `order.exception.created`. An order exists only for an offer in status `order_placed`. Any other id is refused
    with 404 `ORDER_NOT_FOUND` (inferred).
    """
    id = call.path["id"]
    offer = _of_order(call, id)
    if orders.cancellation(offer, id) is None:
        decision = "denied" if call.forced == "denied" else "approved"
        pace = call.progressions.get(orders.CANCELLATION)
        offer = orders.requested(offer, id, call.body["reason"], call.world.now, pace, decision)
        call.world.put("offers", offer)
    else:
        offer = counted(call, "offers", offer, behaviour.polled)
    found = orders.cancellation(offer, id)
    assert found is not None
    outcome = "denied" if orders.is_denied(found) else "success"
    return Reply(
        outcome=outcome,
        body={name: found[name] for name in schemas.Cancellation().fields},
        declined=call.forced not in (None, outcome),
    )


def _of_order(call: Call, id: str) -> Document:
    """Returns the offer that an order was made from. Raises CallError if there is no such order."""
    for offer in call.world.select("offers", orders=Containing(f",{id},")):
        if id in offer["orderIds"]:
            return offer
    raise CallError.of("order_not_found", f"there is no order {id[:80]}", "path.id")


ORDER_OPERATIONS = (
    product,
    cancel,
)


LIST, CREATE, GET = "listOffers", "createOffer", "getOffer"
BUYOUT, CREDIT = "updateOfferBuyoutAmount", "updateOfferCreditAmount"
NO_SUB_BRAND = "invalid-sub-brand"
NO_ADDRESS = "1 Unknown address"
_CHANGEABLE = (behaviour.PENDING, behaviour.AWAITING)


def new_id(seed: int, collection: str, ordinal: int) -> str:
    """Returns the id of the n-th offer that calls create."""
    return f"offer-{letters(seeded_rng(seed, 'sibi', collection, ordinal), 12)}"


@Operation(
    name=GET,
    method="GET",
    path="/offers/{id}",
    evidence="seed",
    source="Sibi, Get offer",
    tag="Offers",
    parameters=schemas.OfferPath(),
    answers={200: schemas.Offer()},
)
def get(call: Call) -> Reply:
    """Returns an offer.

    A read also returns changes that became due before it. Seven fields are null while they have no value. The
    setting `sibi.absent` omits them (`omit`), or makes two of them empty strings (`empty`). If a progression
    is `manual`, every read counts towards the offer's next status. A forced status affects only the response,
    and nothing is stored. An unknown id is refused with 404 `OFFER_NOT_FOUND` (inferred).
    """
    offer = _found(call)
    if call.forced is not None:
        after = (
            behaviour.in_status(offer, call.forced, call.world.now) if call.forced != offer["status"] else offer
        )
    else:
        after = counted(call, "offers", offer, behaviour.polled)
    source: Source = "magic" if after["status"] == after["sandbox"]["fate"] else "natural"
    return Reply(outcome=after["status"], body=_shown(call, after), source=source)


@Operation(
    name=LIST,
    method="GET",
    path="/offers",
    evidence="docs",
    source="Sibi, Making a REST request",
    tag="Offers",
    query=schemas.OfferQuery(),
    answers={200: schemas.OfferList()},
)
def list_offers(call: Call) -> Reply:
    """Lists offers, one page at a time.

    The offers are in order of creation, with the same fields as in `getOffer`. Sibi documents only the envelope
    `data`. The parameters `page` and `limit` are inferred, and invalid values are refused with 400. The setting
    `sibi.absent` applies to every offer.
    """
    number, size = int(call.query.get("page", 1)), int(call.query.get("limit", schemas.PAGE_SIZE))
    found = page(call, "offers", number, size)
    return Reply(
        outcome=found.outcome,
        body={"data": [_shown(call, offer) for offer in found.rows]},
        declined=found.declined,
    )


def _of_address(line1: str) -> str | None:
    """Returns the outcome that a magic street such as `1 Unknown address` requests, or None."""
    asks = re.match(r"\s*[0-9]+\s+unknown[\s_-]*address\b", line1, re.IGNORECASE)
    return "address_processing_error" if asks else None


@Operation(
    name=CREATE,
    method="POST",
    path="/offers",
    also=("/offers/offers", "/prod/offers/offers"),
    evidence="docs",
    source="Sibi, Create offer",
    tag="Offers",
    validate=validate_create,
    body=schemas.CreateOffer(),
    answers={201: schemas.OfferCreated()},
    magic=(
        MagicValue(
            field="body.product.sku", reads={NO_PRODUCT: "validation_error"}.get, reason="is not a product"
        ),
        MagicValue(
            field="body.address.line1", reads=_of_address, reason="is the magic value for an unknown address"
        ),
        MagicValue(
            field="body.subBrandId",
            reads={NO_SUB_BRAND: "invalid_sub_brand_id"}.get,
            reason="is the magic value for an unknown sub-brand",
        ),
        MagicValue(field="body.customer.email", reads=behaviour.fate_of),
    ),
)
def create(call: Call) -> Reply:
    """Creates an offer.

    The new offer is `pending` and contains only the included product. With all defaults it is
    `generating_upsells` after 3 seconds and `awaiting_customer` after 3 more, and it expires 30 days later
    (inferred). The settings `sibi.upsells` and `sibi.expiry` change this pace, and every change sends the webhook
    `offer.updated`. Invalid input is refused with 400. A second active offer for the same `externalJobID` is
    refused with `DUPLICATE_ACTIVE_OFFER` (the status 409 is inferred), unless `allowDuplicate` is true.
    """
    world, body = call.world, call.body
    _refuse_duplicate(call)
    id = new_id(world.row.seed, "offers", world.next_ordinal("offers"))
    made = behaviour.create(id, body, world.now, call.wish("body.customer.email"))
    world.put("offers", behaviour.begun(made, call.progressions, world.now))
    answer = {
        "id": id,
        "address": {
            **{name: made[name] for name in ("line1", "line2", "city", "stateOrProvince", "postalCode")},
            "country": "US",
        },
        "createdAt": print_seconds(world.now),
        "customerOfferLink": f"{call.request.base_url}{call.prefix}/offers/customer/page/{mint_link(world, id)}",
        "warnings": [],
    }
    return Reply(outcome="success", body=answer, notices=_unanswered(made))


def _unanswered(offer: Document) -> tuple[str, ...]:
    """Returns a notice if the customer is to accept a buyout that has no amount."""
    if offer["sandbox"]["fate"] != behaviour.BOUGHT_OUT or offer["buyoutAmountCents"] is not None:
        return ()
    return (f"nobody can accept a buyout without an amount (set one with {BUYOUT}, or send buyoutAmount)",)


@Operation(
    name=BUYOUT,
    method="POST",
    path="/offers/{id}/buyout",
    evidence="docs",
    source="Sibi, Update offer buyout amount",
    tag="Offers",
    parameters=schemas.OfferPath(),
    body=schemas.BuyoutAmount(),
    answers={200: schemas.BuyoutUpdated()},
)
def buyout(call: Call) -> Reply:
    """Sets an offer's buyout amount.

    The customer can take this amount in cents instead of a product. The call replaces an earlier amount, and sends
    no webhook. The offer must be `pending` or `awaiting_customer`. In any other status the call is refused with
    409 `INVALID_OFFER_STATUS`, and an unknown id with 404 `OFFER_NOT_FOUND` (both inferred).
    """
    cents = call.body["buyoutAmount"]
    call.world.put("offers", behaviour.with_buyout(_changeable(call), cents, call.world.now))
    updated = print_seconds(call.world.now)
    return Reply(outcome="success", body={"success": True, "buyoutAmount": cents, "updatedAt": updated})


@Operation(
    name=CREDIT,
    method="POST",
    path="/offers/{id}/credit",
    evidence="docs",
    source="Sibi, Update offer credit amount",
    tag="Offers",
    parameters=schemas.OfferPath(),
    body=schemas.CreditAmount(),
    answers={200: schemas.CreditUpdated()},
)
def credit(call: Call) -> Reply:
    """Sets an offer's credit amount.

    The credit lowers the price at the checkout. An offer without upsells cannot have a credit, so the sandbox
    stores 0 for it and returns that value (inferred). The call sends no webhook. The offer must be `pending` or
    `awaiting_customer`. In any other status the call is refused with 409 `INVALID_OFFER_STATUS`, and an unknown id
    with 404 `OFFER_NOT_FOUND` (both inferred).
    """
    after = behaviour.credited(_changeable(call), call.body["creditAmount"])
    call.world.put("offers", after)
    stored, updated = after["sandbox"]["credit"], print_seconds(call.world.now)
    return Reply(outcome="success", body={"success": True, "creditAmount": stored, "updatedAt": updated})


def _found(call: Call) -> Document:
    offer = call.world.get("offers", call.path["id"])
    if offer is None:
        raise CallError.of("offer_not_found", f"there is no offer {call.path['id'][:80]}", "path.id")
    return offer


def _changeable(call: Call) -> Document:
    offer = _found(call)
    if offer["status"] not in _CHANGEABLE:
        reason = f"the offer {offer['id']} is {offer['status']}, not {' or '.join(_CHANGEABLE)}"
        raise CallError.of("invalid_offer_status", reason, "path.id")
    return offer


def _shown(call: Call, offer: Document) -> Document:
    return behaviour.shown(offer, call.switches["sibi.absent"])


def _refuse_duplicate(call: Call) -> None:
    job = call.body.get("externalJobID")
    if not job or call.body.get("allowDuplicate"):
        return
    active = [each for each in call.world.select("offers", third_party=job) if each["status"] in behaviour.ACTIVE]
    if active:
        reason = (
            f"the offer {active[0]['id']} for {job[:80]!r} is {active[0]['status']}."
            " Set allowDuplicate to create another"
        )
        raise CallError(
            [RequestIssue(outcome="duplicate_active_offer", field="body.externalJobID", reason=reason)]
        )


_DECLARED = (
    get,
    list_offers,
    create,
    buyout,
    credit,
    *ORDER_OPERATIONS,
    *CUSTOMER_OPERATIONS,
)
OPERATIONS = tuple(replace(each, also=(f"/prod{each.path}", *each.also)) for each in _DECLARED)
