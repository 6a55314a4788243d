"""eBay's errors: number, category, title, message, sample parameters and the listing that triggers each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.providers.ebay.enumerations import MARKETPLACES

NEGOTIATION = "API_NEGOTIATION"


@dataclass(frozen=True)
class Code:
    """An eBay error.

    `message` may contain `{placeholders}`, each of which becomes an error parameter. `sample` fills them if the
    error is forced. `title` is the outcome's title, if only eBay has this outcome. `evidence` is that of the page
    that lists the code for a send, or for a find if only a find has it. `inferred` names what the page does not
    say: that the sandbox's trigger returns this code. `listing` contains the special fields of
    the code's magic listing (None: there is none).
    """

    id: int
    category: str
    message: str
    title: str = ""
    sample: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence = "seed"
    inferred: str = ""
    listing: Mapping[str, Any] | None = None
    domain: str = NEGOTIATION
    long_message: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of a response with this error."""
        return {"BUSINESS": 409, "REQUEST": 400}.get(self.category, 500)


def magic_listing(code: str) -> str:
    """Returns the id of the magic listing that triggers a code."""
    return f"110000{code}"


def code_of(listing: str) -> str | None:
    """Returns the code that a magic listing id requests, or None."""
    code = listing.removeprefix("110000")
    return code if magic_listing(code) == listing and code in CODES else None


_INVALID = Code(
    2004,
    "REQUEST",
    "Invalid request",
    domain="ACCESS",
    long_message="Request has errors. For help, see the documentation for this API.",
)
CODES = {
    "150000": Code(
        150000,
        "APPLICATION",
        "Internal error. Please try the call again after a minute or two. If the error persists, contact"
        " eBay developer support for assistance.",
        title="eBay has an internal error",
        listing={"refuses": "150000"},
    ),
    "150001": Code(
        150001,
        "REQUEST",
        "Mandatory headers are missing.",
        title="A mandatory header is missing",
    ),
    "150002": Code(
        150002,
        "REQUEST",
        "The marketplace value {marketplaceId} is not supported. The supported values are: {marketplaceIds}",
        title="The marketplace is not supported",
        sample={"marketplaceId": "EBAY_XX", "marketplaceIds": ", ".join(MARKETPLACES)},
    ),
    "150003": Code(
        150003,
        "REQUEST",
        "Invalid limit. Limit should be between {minLimit} and {maxLimit}.",
        title="The limit is out of range",
        evidence="docs",
        sample={"minLimit": "1", "maxLimit": "200"},
    ),
    "150004": Code(
        150004,
        "REQUEST",
        "Invalid offset. Offset cannot be less than 0.",
        title="The offset is negative",
        evidence="docs",
    ),
    "150005": Code(
        150005,
        "REQUEST",
        "Offer contains multiple listings {listingIds}.",
        title="The offer contains more than one listing",
        sample={"listingIds": "110000000001, 110000000002"},
    ),
    "150006": Code(
        150006,
        "REQUEST",
        "Request cannot be null/empty.",
        title="The request is empty",
        inferred="that a body without `offeredItems` returns it",
    ),
    "150007": Code(
        150007,
        "REQUEST",
        "Both offer price and discount percentage cannot be present in the request.",
        title="Both price and discount percentage are present",
    ),
    "150008": Code(
        150008,
        "REQUEST",
        "Price must be at least {minPercentageDifference} less than your Buy It Now price.",
        title="The price is too close to the Buy It Now price",
        sample={"minPercentageDifference": "5%"},
        inferred="the value `5%`, and that a discount percentage under 5 returns it",
    ),
    "150009": Code(
        150009,
        "REQUEST",
        "Invalid value for {fieldName}. {additionalInfo}",
        title="A field has an invalid value",
        sample={"fieldName": "offeredItems.quantity", "additionalInfo": "The value must be at least 1."},
    ),
    "150010": Code(
        150010,
        "BUSINESS",
        "Invalid message. Message cannot contain HTML or blocked words and cannot exceed maximum"
        " character limit of 2000.",
        title="The message contains HTML or a blocked word, or is too long",
    ),
    "150011": Code(
        150011,
        "BUSINESS",
        "Invalid listingId {listingId}. The listing for this offer has ended.",
        title="The listing has ended",
        listing={"status": "ENDED"},
    ),
    "150012": Code(
        150012,
        "BUSINESS",
        "Invalid listingId {listingId}. No such listing for this seller.",
        title="The seller has no such listing",
        listing={"seller": "another_seller"},
    ),
    "150013": Code(
        150013,
        "BUSINESS",
        "Invalid listingId {listingId}. {additionalInfo}",
        title="The listing is not valid for this offer",
        sample={"additionalInfo": "The listing is on EBAY_GB."},
        inferred="that a listing of another marketplace returns it",
        listing={"marketplaceId": "EBAY_GB"},
    ),
    "150014": Code(
        150014,
        "BUSINESS",
        "Current available quantity for this listing {listingId} is less than the offer quantity.",
        title="Fewer items are available than offered",
        listing={"quantity": 0},
    ),
    "150015": Code(
        150015,
        "BUSINESS",
        "Invalid price for listing {listingId}. Minimum offer price of {minPrice} not met.",
        title="The price is below the listing's minimum",
        sample={"minPrice": "95.00"},
        listing={"minimumPrice": "95.00"},
    ),
    "150016": Code(
        150016,
        "BUSINESS",
        "Invalid price for listing {listingId}. Price value exceeds the listing price.",
        title="The price exceeds the listing's price",
        sample={"listingId": "110000000001"},
    ),
    "150017": Code(
        150017,
        "BUSINESS",
        "Listing {listingId} does not support offer.",
        title="The listing does not support offers",
        listing={"refuses": "150017"},
    ),
    "150018": Code(
        150018,
        "BUSINESS",
        "Offer is invalid. A best offer currently exists on the listing {listingId}.",
        title="A best offer exists on the listing",
        listing={"refuses": "150018"},
    ),
    "150019": Code(
        150019,
        "BUSINESS",
        "Offer is invalid. Listing {listingId} currently has a seller-initiated negotiation.",
        title="The listing already has open offers",
        listing={},
    ),
    "150020": Code(
        150020,
        "BUSINESS",
        "Listing {listingId} has no interested buyers.",
        title="The listing has no interested buyers",
        listing={"interestedBuyers": []},
    ),
    "150021": Code(
        150021,
        "BUSINESS",
        "Seller initiating the offer is not active.",
        title="The seller is not active",
        listing={"refuses": "150021"},
    ),
    "150022": Code(
        150022,
        "BUSINESS",
        "Offer is invalid. Maximum allowed offer limit reached.",
        title="The offer limit is reached",
        listing={"refuses": "150022"},
    ),
    "150023": Code(
        150023,
        "BUSINESS",
        "Offer is invalid. Seller has exceeded their seller-initiated offer limit.",
        title="The seller's offer limit is exceeded",
        listing={"refuses": "150023"},
    ),
    "150024": Code(
        150024,
        "BUSINESS",
        "Offer is invalid. Items are listed on different sites.",
        title="The items are listed on different sites",
        listing={"refuses": "150024"},
    ),
    "150025": Code(
        150025,
        "BUSINESS",
        "Offer is invalid. {additionalInfo}",
        title="The offer is invalid",
        sample={"additionalInfo": "The offer cannot be sent."},
        listing={"refuses": "150025"},
    ),
    "150026": Code(
        150026,
        "BUSINESS",
        "Listing ID {listingId} is invalid, sellers cannot initiate an offer to a buyer for a Motors listing.",
        title="The listing is a Motors listing",
        listing={"marketplaceId": "EBAY_MOTORS_US"},
    ),
    "150027": Code(
        150027,
        "REQUEST",
        "Offer is invalid. Please specify a valid duration of {durationValue} {durationUnit}",
        title="The offer's duration is not allowed",
        sample={"durationValue": "2", "durationUnit": "DAY"},
    ),
    "unauthorized": Code(
        1001,
        "REQUEST",
        "Invalid access token",
        domain="OAuth",
        long_message="Invalid access token. Check the value of the Authorization HTTP request header.",
    ),
    "1002": Code(
        1002,
        "REQUEST",
        "Missing access token",
        title="The access token is missing",
        evidence="docs",
        domain="OAuth",
        long_message="Access token is missing in the Authorization HTTP request header.",
    ),
    "1003": Code(
        1003,
        "REQUEST",
        "Token type in the Authorization header is invalid:{scheme}",
        title="The token type is invalid",
        evidence="docs",
        sample={"scheme": "Basic"},
        domain="OAuth",
    ),
    "forbidden": Code(
        1100,
        "REQUEST",
        "Access denied",
        domain="ACCESS",
        long_message="Insufficient permissions to fulfill the request.",
    ),
    "rate_limited": Code(
        2001,
        "REQUEST",
        "Too many requests.",
        domain="ACCESS",
        long_message="Too many requests. The request limit has been reached for the resource.",
    ),
    "not_found": Code(
        2002,
        "REQUEST",
        "Resource not found",
        domain="ACCESS",
        long_message="A resource (URI) associated with the request could not be resolved.",
    ),
    "internal_error": Code(
        2003,
        "APPLICATION",
        "Internal error",
        domain="ACCESS",
        long_message="There was a problem with an eBay internal system.",
    ),
    "unavailable": Code(
        3005,
        "APPLICATION",
        "Service unavailable",
        domain="ROUTING",
        long_message="The service is temporarily unavailable.",
    ),
    "invalid_json": _INVALID,
    "unsupported_media_type": _INVALID,
    "payload_too_large": _INVALID,
    "method_not_allowed": _INVALID,
}
