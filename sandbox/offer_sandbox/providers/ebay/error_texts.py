"""eBay's errors as a table: their numbers, categories and texts; renders none."""

from dataclasses import dataclass

NEGOTIATION = "API_NEGOTIATION"


@dataclass(frozen=True)
class Error:
    """An eBay error: `message` may hold `{placeholders}`, each of which becomes a parameter."""

    id: int
    category: str
    message: str
    domain: str = NEGOTIATION
    long_message: str = ""


def _request(id: int, message: str) -> Error:
    return Error(id, "REQUEST", message)


def _business(id: int, message: str) -> Error:
    return Error(id, "BUSINESS", message)


_INVALID = Error(
    2004,
    "REQUEST",
    "Invalid request",
    "ACCESS",
    "Request has errors. For help, see the documentation for this API.",
)

ERRORS = {
    "150000": Error(
        150000,
        "APPLICATION",
        "Internal error. Please try the call again after a minute or two. If the error persists, contact eBay"
        " developer support for assistance.",
    ),
    "150001": _request(150001, "Mandatory headers are missing."),
    "150002": _request(
        150002,
        "The marketplace value {marketplaceId} is not supported. The supported values are: {marketplaceIds}",
    ),
    "150003": _request(150003, "Invalid limit. Limit should be between {minLimit} and {maxLimit}."),
    "150004": _request(150004, "Invalid offset. Offset cannot be less than 0."),
    "150005": _request(150005, "Offer contains multiple listings {listingIds}."),
    "150006": _request(150006, "Request cannot be null/empty."),
    "150007": _request(150007, "Both offer price and discount percentage cannot be present in the request."),
    "150008": _request(
        150008, "Price must be at least {minPercentageDifference} less than your Buy It Now price."
    ),
    "150009": _request(150009, "Invalid value for {fieldName}. {additionalInfo}"),
    "150010": _business(
        150010,
        "Invalid message. Message cannot contain HTML or blocked words and cannot exceed maximum character"
        " limit of 2000.",
    ),
    "150011": _business(150011, "Invalid listingId {listingId}. The listing for this offer has ended."),
    "150012": _business(150012, "Invalid listingId {listingId}. No such listing for this seller."),
    "150013": _business(150013, "Invalid listingId {listingId}. {additionalInfo}"),
    "150014": _business(
        150014, "Current available quantity for this listing {listingId} is less than the offer quantity."
    ),
    "150015": _business(
        150015, "Invalid price for listing {listingId}. Minimum offer price of {minPrice} not met."
    ),
    "150016": _business(150016, "Invalid price for listing {listingId}. Price value exceeds the listing price."),
    "150017": _business(150017, "Listing {listingId} does not support offer."),
    "150018": _business(150018, "Offer is invalid. A best offer currently exists on the listing {listingId}."),
    "150019": _business(
        150019, "Offer is invalid. Listing {listingId} currently has a seller-initiated negotiation."
    ),
    "150020": _business(150020, "Listing {listingId} has no interested buyers."),
    "150021": _business(150021, "Seller initiating the offer is not active."),
    "150022": _business(150022, "Offer is invalid. Maximum allowed offer limit reached."),
    "150023": _business(150023, "Offer is invalid. Seller has exceeded their seller-initiated offer limit."),
    "150024": _business(150024, "Offer is invalid. Items are listed on different sites."),
    "150025": _business(150025, "Offer is invalid. {additionalInfo}"),
    "150026": _business(
        150026,
        "Listing ID {listingId} is invalid, sellers cannot initiate an offer to a buyer for a Motors listing.",
    ),
    "150027": _request(
        150027, "Offer is invalid. Please specify a valid duration of {durationValue} {durationUnit}"
    ),
    "unauthorized": Error(
        1001,
        "REQUEST",
        "Invalid access token",
        "OAuth",
        "Invalid access token. Check the value of the Authorization HTTP request header.",
    ),
    "1002": Error(
        1002,
        "REQUEST",
        "Missing access token",
        "OAuth",
        "Access token is missing in the Authorization HTTP request header.",
    ),
    "1003": Error(1003, "REQUEST", "Token type in the Authorization header is invalid:{scheme}", "OAuth"),
    "forbidden": Error(
        1100, "REQUEST", "Access denied", "ACCESS", "Insufficient permissions to fulfill the request."
    ),
    "rate_limited": Error(
        2001,
        "REQUEST",
        "Too many requests.",
        "ACCESS",
        "Too many requests. The request limit has been reached for the resource.",
    ),
    "not_found": Error(
        2002,
        "REQUEST",
        "Resource not found",
        "ACCESS",
        "A resource (URI) associated with the request could not be resolved.",
    ),
    "internal_error": Error(
        2003, "APPLICATION", "Internal error", "ACCESS", "There was a problem with an eBay internal system."
    ),
    "unavailable": Error(
        3005, "APPLICATION", "Service unavailable", "ROUTING", "The service is temporarily unavailable."
    ),
    "invalid_json": _INVALID,
    "unsupported_media_type": _INVALID,
    "payload_too_large": _INVALID,
    "method_not_allowed": _INVALID,
}

TOKEN_ERRORS = {
    "invalid_grant": "the provided authorization grant code is invalid or was issued to another client",
    "invalid_client": "client authentication failed",
    "unauthorized": "client authentication failed",
    "invalid_scope": "The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the"
    " client",
    "unsupported_grant_type": "the grant type is not supported",
    "invalid_request": "the request is missing a required parameter or is malformed",
}

CONSENT_ERRORS = {
    "invalid_request": "Input request parameters are invalid.",
    "invalid_scope": TOKEN_ERRORS["invalid_scope"],
}
