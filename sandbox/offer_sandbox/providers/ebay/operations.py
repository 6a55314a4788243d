"""eBay's operations: declarations and handlers that connect requests, records and behaviour."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from string import ascii_letters, digits

from offer_sandbox.contract import Call, CallError, MagicValue, Operation, Reply, RequestIssue
from offer_sandbox.providers.ebay import schemas
from offer_sandbox.providers.ebay.behaviour import Sending, business_problems, offers
from offer_sandbox.providers.ebay.buyers import ANSWER, ANSWERS, BUYERS
from offer_sandbox.providers.ebay.codes import code_of
from offer_sandbox.providers.ebay.consent import authorize
from offer_sandbox.providers.ebay.contracts import Contract, contract, production
from offer_sandbox.providers.ebay.errors import CLIENT, credential
from offer_sandbox.providers.ebay.provider import PER_LISTING, PER_SELLER
from offer_sandbox.providers.ebay.request_rules import marketplace, validate_find, validate_send
from offer_sandbox.providers.ebay.tokens import INVENTORY, INVENTORY_READ, grant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import numbered
from offer_sandbox.world.world import World

SEND = "sendOfferToInterestedBuyers"
FIND = "findEligibleItems"
MAGIC_OFFSET = "999150000"
_ROOT = "/sell/negotiation/v1"
_USER_ID, _USER_ID_LENGTH = f"{ascii_letters}{digits}", 11


def new_id(seed: int, collection: str, ordinal: int) -> str:
    """Returns the id of the n-th record that calls create in a collection."""
    return numbered(seed, f"ebay.{collection}", ordinal)


def validate_token(_: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Maps every form problem to OAuth's `invalid_request`, except for a body that is too large."""
    return [
        problem if problem.outcome == "payload_too_large" else replace(problem, outcome="invalid_request")
        for problem in found
    ]


@Operation(
    name=SEND,
    method="POST",
    path=f"{_ROOT}/send_offer_to_interested_buyers",
    tag="Offers",
    evidence="seed",
    source="eBay, sendOfferToInterestedBuyers",
    validate=validate_send,
    headers=schemas.SendHeaders(),
    body=schemas.CreateOffersRequest(),
    answers={200: schemas.SendOfferToInterestedBuyersCollectionResponse()},
    magic=(MagicValue(field="body.offeredItems.0.listingId", reads=code_of),),
    scopes=(INVENTORY,),
)
def send(call: Call) -> Reply:
    """Sends an offer to every buyer who has shown interest in a listing.

    The call creates one offer for each interested buyer of the listing and returns them. It needs a user token
    with the scope `https://api.ebay.com/oauth/api_scope/sell.inventory`. Errors of the request are returned
    together with 400. Without any, errors of the message and the listing are returned together with 409, such as
    150012 (no such listing of this seller) or 150019 (the listing has open offers).

    Offers expire after two days on the workspace's clock, or get an answer before if the progression `ebay.buyers`
    is on. The setting `contracts.ebay` selects contract 1.1.2, with longer offers on some marketplaces, decimal
    commas on others, a required currency, and immutable user ids on EBAY_US. A magic listing
    such as `110000150022` triggers the error in its id. Inferred: the first status `PENDING`, error 150009 for a
    request without price and percentage, and error 150019 for a repeated send.
    """
    sending = _sending(call)
    if problems := business_problems(sending):
        raise CallError(problems)
    assert sending.listing is not None
    made = offers(sending, _ids(call, len(sending.listing["interestedBuyers"])), call.world.now)
    call.world.put("offers", *made)
    shown = [{name: value for name, value in offer.items() if name != "sandbox"} for offer in made]
    return Reply(outcome="success", body={"offers": shown}, notices=_outdated(sending.rules))


@Operation(
    name=FIND,
    method="GET",
    path=f"{_ROOT}/find_eligible_items",
    tag="Offers",
    evidence="docs",
    source="eBay, findEligibleItems",
    validate=validate_find,
    headers=schemas.FindHeaders(),
    query=schemas.FindQuery(),
    answers={200: schemas.PagedEligibleItemCollection()},
    magic=(
        MagicValue(
            field="query.offset",
            reads={MAGIC_OFFSET: "150000"}.get,
            reason="the magic offset {value} triggers this error",
        ),
    ),
    scopes=(INVENTORY, INVENTORY_READ),
)
def find(call: Call) -> Reply:
    """Lists the seller's listings that have interested buyers.

    Returns one page of the marketplace's listings on which the seller can send an offer. The call needs a user
    token with the scope `https://api.ebay.com/oauth/api_scope/sell.inventory` or its variant
    `https://api.ebay.com/oauth/api_scope/sell.inventory.readonly`. If there are none, it returns
    204 without a body. A `limit` outside 1 to 200 is refused with error 150003 and a negative `offset` with
    150004. Inferred: values that are not numbers get the same errors, and listings with open offers are left out
    until the offers expire on the workspace's clock.
    """
    limit, offset = int(call.query.get("limit", 10)), int(call.query.get("offset", 0))
    listed = _eligible(call)
    empty = call.forced == "no_content" or (not listed and call.forced != "success")
    if empty:
        return Reply(outcome="no_content")
    page: Document = {
        "eligibleItems": [{"listingId": id} for id in listed[offset : offset + limit]],
        "href": _page(call, limit, offset),
        "limit": limit,
        "offset": offset,
        "total": len(listed),
    }
    if offset + limit < len(listed):
        page["next"] = _page(call, limit, offset + limit)
    if offset > 0:
        page["prev"] = _page(call, limit, max(offset - limit, 0))
    return Reply(outcome="success", body=page)


@Operation(
    name="token",
    method="POST",
    path="/identity/v1/oauth2/token",
    tag="OAuth",
    evidence="docs",
    source="eBay, OAuth: authorization code, refresh token and client credentials grants",
    validate=validate_token,
    body=schemas.TokenRequest(),
    form=True,
    answers={200: schemas.TokenResponse()},
    error=schemas.TokenError(),
    security=CLIENT,
    confidential=True,
)
def token(call: Call) -> Reply:
    """Grants an OAuth token for a code, a refresh token or client credentials.

    The application authenticates with its client id and secret. A code gets an access token and a refresh token, a
    refresh token gets a new access token, and client credentials get a token of the application, which the
    Negotiation API refuses with 403. Access tokens are valid for two hours and refresh tokens for 18 months, on
    the workspace's clock. An unknown, used or expired code or refresh token is refused with `invalid_grant`, and a
    missing client id or secret with `invalid_client` (401). The form of the response and the lifetimes are
    inferred from copies of eBay's sample. Public issues show some of the errors.
    """
    field = "code" if call.body["grant_type"] == "authorization_code" else "refresh_token"
    opened = call.world.opens(call.body.get(field, ""))
    client = credential(call.request, call.operation).names[0]
    return Reply(outcome="success", body=grant(call.world, call.body, client, opened))


def _sending(call: Call) -> Sending:
    id = call.body["offeredItems"][0]["listingId"]
    rules = contract(call.world, marketplace(call))
    return Sending(
        rules=rules,
        marketplace=marketplace(call),
        body=call.body,
        listing=call.world.get("listings", id),
        wish=call.wish("body.offeredItems.0.listingId"),
        open_offers=call.world.count("offers", listingId=id, offerStatus="PENDING"),
        beyond=tuple(_beyond(call, id)),
        pace=call.progressions.get(BUYERS),
        answer=ANSWERS[str(call.switches[ANSWER])],
        names=partial(_user_id, call.world) if rules.user_ids else str,
    )


def _outdated(rules: Contract) -> tuple[str, ...]:
    """Returns a notice if offers on the marketplace would be valid for another time in eBay's production."""
    now = production(rules.marketplace)
    if rules.days == now.days:
        return ()
    return (
        f"eBay's production is at contract {now.version}, under which offers on {rules.marketplace} are valid for"
        f" {now.days} days (this workspace is at {rules.version}, see the setting contracts.ebay)",
    )


def _user_id(world: World, name: str) -> str:
    """Returns a user's immutable id, which depends on the name and the workspace's seed. eBay shows no sample of
    it, so the form is the sandbox's own."""
    return "".join(world.chance("user", name).choices(_USER_ID, k=_USER_ID_LENGTH))


def _beyond(call: Call, listing: str) -> Iterator[tuple[str, str]]:
    """Yields the codes of the limits that a send on the listing would exceed, each with its reason."""
    found = call.world.get("listings", listing)
    new = len(found["interestedBuyers"]) if found else 0
    most = call.limits[PER_LISTING]
    if most is not None and call.world.count("offers", listingId=listing) + new > most:
        yield "150022", f"the listing would have more than {most} offers (setting limits {PER_LISTING})"
    most = call.limits[PER_SELLER]
    if most is not None and _open(call) + new > most:
        yield "150023", f"the seller would have more than {most} open offers (setting limits {PER_SELLER})"


def _open(call: Call) -> int:
    """Returns the number of open offers of the seller, without those of the magic listing, which are renewed."""
    pending = call.world.select("offers", offerStatus="PENDING")
    return sum(not each["sandbox"].get("renews") for each in pending)


def _ids(call: Call, count: int) -> list[tuple[str, str]]:
    """Returns the ids of the next offers, each with its revision."""
    seed = call.world.row.seed
    ordinals = call.world.next_ordinals("offers", count)
    return [(new_id(seed, "offers", each), new_id(seed, "revisions", each)) for each in ordinals]


def _eligible(call: Call) -> list[str]:
    listed = call.world.select("listings", marketplaceId=marketplace(call), eligible=1)
    offered = call.world.values("offers", "listingId", offerStatus="PENDING")
    return [listing["listingId"] for listing in listed if listing["listingId"] not in offered]


def _page(call: Call, limit: int, offset: int) -> str:
    path = f"{call.request.base_url}{call.prefix}{_ROOT}/find_eligible_items"
    return f"{path}?limit={limit}&offset={offset}"


OPERATIONS = (
    send,
    find,
    token,
    authorize,
)
