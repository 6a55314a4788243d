"""The outcomes of sendOfferToInterestedBuyers: success and eBay's errors 150000 to 150027."""

from dataclasses import replace

from offer_sandbox.contract import Magic, Outcome, answered, refusal
from offer_sandbox.providers.ebay.behaviour import magic_listing
from offer_sandbox.providers.ebay.operations import SEND
from offer_sandbox.providers.ebay.outcomes.calls import (
    LISTING,
    item,
    offer,
    offer_on,
    send,
    send_without_marketplace,
)
from offer_sandbox.providers.ebay.outcomes.common import COMMON_SOURCE, error
from offer_sandbox.providers.ebay.schemas import MARKETPLACES


def send_outcomes() -> list[Outcome]:
    """Every outcome of a send that is its own, the plain success first."""
    return [_sent(), *_send_requests(), *_send_business(), *_unreadable()]


def _on_magic_listing(code: str, title: str, **parameters: str) -> Outcome:
    listing = magic_listing(code)
    plain = error(SEND, code, title, offer_on(listing), listingId=listing, **parameters)
    return replace(plain, magic=Magic("body.offeredItems.0.listingId", listing))


def _sent() -> Outcome:
    title, source = "Every interested buyer has been sent an offer", "eBay, sendOfferToInterestedBuyers"
    return answered(SEND, "success", title, 200, offer(), source=f"{source}: Response fields", evidence="seed")


def _send_requests() -> list[Outcome]:
    """REQUEST errors of a send, and 150000."""
    two = [item(), item("110000000002")]
    price = {"currency": "USD", "value": "90.00"}
    return [
        _on_magic_listing("150000", "eBay has an internal error"),
        error(SEND, "150001", "A mandatory header is missing", send_without_marketplace()),
        error(
            SEND,
            "150002",
            "The marketplace is not supported",
            send({"offeredItems": [item()]}, X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
            marketplaceId="EBAY_XX",
            marketplaceIds=", ".join(MARKETPLACES),
        ),
        error(
            SEND,
            "150005",
            "The offer names more than one item",
            offer(offeredItems=two),
            listingIds="110000000001, 110000000002",
        ),
        error(SEND, "150006", "The request is empty", send({})),
        error(
            SEND,
            "150007",
            "Price and discount percentage are both given",
            offer_on(LISTING, price=price),
        ),
        error(
            SEND,
            "150008",
            "The discount is less than five percent",
            offer_on(LISTING, discountPercentage="3"),
            minPercentageDifference="5%",
        ),
        error(
            SEND,
            "150009",
            "A field has an invalid value",
            offer_on(LISTING, quantity=0),
            fieldName="offeredItems.quantity",
            additionalInfo="Must be at least 1.",
        ),
        error(
            SEND,
            "150027",
            "The offer's duration is not the one allowed",
            offer(offerDuration={"unit": "DAY", "value": 3}),
            durationValue="2",
            durationUnit="DAY",
        ),
    ]


def _send_business() -> list[Outcome]:
    """BUSINESS errors of a send; the magic listings stand on EBAY_US."""
    too_high = {"currency": "USD", "value": "100.01"}
    return [
        error(
            SEND,
            "150010",
            "The message has HTML or a blocked word, or is too long",
            offer(message="<b>Sale</b>"),
        ),
        _on_magic_listing("150011", "The listing has ended"),
        _on_magic_listing("150012", "The seller has no such listing"),
        _on_magic_listing(
            "150013", "The listing does not fit the marketplace", additionalInfo="The listing is on EBAY_GB."
        ),
        _on_magic_listing("150014", "Fewer items are available than offered"),
        _on_magic_listing("150015", "The price is under the listing's lowest offer", minPrice="95.00"),
        error(
            SEND,
            "150016",
            "The price exceeds the listing's",
            offer_on(LISTING, discountPercentage=None, price=too_high),
            listingId=LISTING,
        ),
        _on_magic_listing("150017", "The listing does not support offers"),
        _on_magic_listing("150018", "A best offer exists on the listing"),
        _on_magic_listing("150019", "Offers on the listing still wait for their buyers"),
        _on_magic_listing("150020", "The listing has no interested buyers"),
        _on_magic_listing("150021", "The seller is not active"),
        _on_magic_listing("150022", "The limit of offers is reached"),
        _on_magic_listing("150023", "The seller's limit of offers is exceeded"),
        _on_magic_listing("150024", "The items are listed on different sites"),
        _on_magic_listing("150025", "The offer is invalid", additionalInfo="The offer cannot be sent."),
        _on_magic_listing("150026", "The listing is a Motors listing"),
    ]


def _unreadable() -> list[Outcome]:
    """A send whose body cannot be read."""
    return [
        refusal(
            SEND,
            "invalid_json",
            "The body is not a JSON object",
            400,
            send("{not json"),
            evidence="docs",
            source=COMMON_SOURCE,
        ),
        refusal(
            SEND,
            "unsupported_media_type",
            "The content type is not JSON",
            400,
            send("a=1", Content_Type="text/plain"),
            evidence="docs",
            source=COMMON_SOURCE,
        ),
        refusal(SEND, "payload_too_large", "The body is larger than the sandbox reads", 413),
    ]
