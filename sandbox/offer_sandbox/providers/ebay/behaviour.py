"""Pure functions for eBay offers: the BUSINESS errors (409) of a send, creation and expiry."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from offer_sandbox.contract import Progression, RequestIssue, Transition, by_call
from offer_sandbox.providers.ebay import buyers
from offer_sandbox.providers.ebay.contracts import Contract
from offer_sandbox.world.clock import print_instant, to_ms
from offer_sandbox.world.collection import Document

SELLER = "sandbox_seller"
MAX_MESSAGE = 2000
MOTORS = "EBAY_MOTORS_US"
_HTML = re.compile(r"<[A-Za-z/!]")
_BLOCKED = re.compile(r"\bBLOCKED_WORD\b")
_LISTING = "body.offeredItems.0.listingId"


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A send with a valid request: the contract, the marketplace, the body and the stored data about it.

    `listing` is None if its id is unknown. `wish` is the error code that the id requests. `open_offers` counts the
    offers on the listing that still wait for the buyer. `beyond` are the codes of the limits that the send would
    exceed, each with its reason. `pace` and `answer` are how the buyers answer, see `buyers.planned`. `names`
    returns a user's name as the contract shows it.
    """

    rules: Contract
    marketplace: str
    body: Document
    listing: Document | None
    wish: str | None
    open_offers: int
    beyond: tuple[tuple[str, str], ...] = ()
    pace: Progression | None = None
    answer: str = buyers.ACCEPTED
    names: Callable[[str], str] = str

    @property
    def item(self) -> Document:
        """The only offered item."""
        item: Document = self.body["offeredItems"][0]
        return item


def business_problems(sending: Sending) -> list[RequestIssue]:
    """Returns every BUSINESS error of the send, in no particular order.

    If the listing requests 150000, only that error is returned.
    """
    problems = list(_message(sending.body.get("message")))
    listing = sending.listing
    if listing is None or listing["seller"] != SELLER:
        return [*problems, _refused(sending, "150012", "the seller has no such listing")]
    if code := listing.get("refuses"):
        problems = [] if code == "150000" else problems  # an internal error hides all others
        return [*problems, _refused(sending, code, f"the listing rejects every offer with error {code}")]
    return [*problems, *_listing(sending, listing), *_price(sending, listing)]


def offers(sending: Sending, ids: list[tuple[str, str]], now: datetime) -> list[Document]:
    """Returns one offer for each interested buyer. `ids` contains an offer id and a revision for each."""
    assert sending.listing is not None
    interested = sending.listing["interestedBuyers"]
    return [_offer(sending, buyer, *id, now) for buyer, id in zip(interested, ids, strict=True)]


def _offer(sending: Sending, buyer: str, offer_id: str, revision: str, now: datetime) -> Document:
    body, listing = sending.body, sending.listing
    assert listing is not None
    message = {"message": body["message"]} if "message" in body else {}
    made, expiry = print_instant(now), now + timedelta(days=sending.rules.days)
    return {
        "allowCounterOffer": False,
        "buyer": {"maskedUsername": sending.names(buyer)},
        "creationDate": made,
        "initiatedBy": sending.names(SELLER),
        "lastModifiedDate": made,
        **message,
        "offerDuration": {"unit": "DAY", "value": sending.rules.days},
        "offeredItems": [_echo(sending.item, listing["price"]["currency"])],
        "offerId": offer_id,
        "offerStatus": "PENDING",
        "offerType": "SELLER_INITIATED_OFFER",
        "revision": revision,
        "sandbox": buyers.planned(expiry, now, sending.pace, sending.answer),
    }


def _echo(item: Document, currency: str) -> Document:
    """Returns an offered item as the response shows it, with the defaults of what the request left out."""
    echo: Document = {name: item[name] for name in ("discountPercentage", "listingId") if name in item}
    if "price" in item:
        echo["price"] = {"currency": currency, "value": item["price"]["value"]}
    return {**echo, "quantity": item.get("quantity", 1)}


def _message(message: str | None) -> Iterator[RequestIssue]:
    if message is None:
        return
    if len(message) > MAX_MESSAGE:
        reason = f"the message has {len(message)} characters, but at most {MAX_MESSAGE} are allowed"
    elif _HTML.search(message):
        reason = "the message contains HTML"
    elif _BLOCKED.search(message):
        reason = "the message contains the blocked word BLOCKED_WORD"
    else:
        return
    yield RequestIssue(outcome="150010", field="body.message", reason=reason)


def _listing(sending: Sending, listing: Document) -> Iterator[RequestIssue]:
    if listing["marketplaceId"] == MOTORS:  # which has no offers at all, so nothing else matters
        yield _refused(sending, "150026", "the listing is a Motors listing")
        return
    if listing["marketplaceId"] != sending.marketplace:
        information = f"The listing is on {listing['marketplaceId']}."
        yield _refused(sending, "150013", "the listing is on another marketplace", additionalInfo=information)
    if listing["status"] == "ENDED":
        yield _refused(sending, "150011", "the listing has ended")
    if sending.item.get("quantity", 1) > listing["quantity"]:
        yield _refused(sending, "150014", f"the available quantity is only {listing['quantity']}")
    if listing.get("bestOffer"):
        yield _refused(sending, "150018", "the listing has a best offer (bestOffer)")
    if sending.open_offers:
        yield _refused(sending, "150019", "the listing already has open offers")
    elif not listing["interestedBuyers"]:
        yield _refused(sending, "150020", "the listing has no interested buyers")
    for code, reason in sending.beyond:
        yield _refused(sending, code, reason)


def _price(sending: Sending, listing: Document) -> Iterator[RequestIssue]:
    own = Decimal(listing["price"]["value"])
    if "price" in sending.item:
        offered = sending.rules.decimal(sending.item["price"]["value"])
        assert offered is not None
    else:
        offered = own * (100 - Decimal(sending.item["discountPercentage"])) / 100
    lowest = listing.get("minimumPrice")
    if offered > own:
        reason = f"the price, read as {offered}, exceeds the listing's price of {own}"
        yield _refused(sending, "150016", reason, "body.offeredItems.0.price.value")
    elif lowest is not None and offered < Decimal(lowest):
        reason = f"the price is below the listing's minimum of {lowest}"
        yield _refused(sending, "150015", reason, "body.offeredItems.0", minPrice=lowest)


def _refused(sending: Sending, code: str, reason: str, field: str = _LISTING, **parameters: str) -> RequestIssue:
    id = sending.item["listingId"]
    listing = sending.listing or {}
    return RequestIssue(
        outcome=code,
        field=field,
        reason=reason,
        parameters={"listingId": id, **_TOLD.get(code, {}), **parameters},
        source="magic" if listing.get("magic") and sending.wish == code else "natural",
    )


def _expire(offer: Document, at: datetime) -> Document:
    return buyers.ended(offer, "EXPIRED", at)


def _renew(offer: Document, at: datetime) -> Document:
    """Returns the offer as if the seller had sent it again."""
    end = at + timedelta(days=offer["offerDuration"]["value"])
    dates = {"creationDate": print_instant(at), "lastModifiedDate": print_instant(at)}
    return {**offer, **dates, "sandbox": {**offer["sandbox"], "due": to_ms(end)}}


TRANSITIONS = (
    Transition(
        collection="offers",
        source="PENDING",
        event="the offer behind magic listing 110000150019 is renewed",
        target="PENDING",
        apply=_renew,
        when=buyers.is_renewed,
    ),
    *buyers.TRANSITIONS,
    Transition(
        collection="offers",
        source="PENDING",
        event="the offer's duration ends",
        target="EXPIRED",
        apply=_expire,
        on_request=buyers.is_final,
    ),
    *by_call("offers", "sendOfferToInterestedBuyers", [("", "PENDING")]),
)
CONSEQUENCES = buyers.CONSEQUENCES
_TOLD = {"150025": {"additionalInfo": "The offer cannot be sent."}}
