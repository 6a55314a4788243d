"""eBay's schemas: requests, responses and stored records."""

from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from offer_sandbox.providers.ebay.contracts import CURRENCIES
from offer_sandbox.providers.ebay.tokens import REFRESH_SECONDS
from offer_sandbox.schemas.fields import (
    MAX_ITEMS,
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    RequestSchema,
    String,
    in_calendar,
    length,
    one_of,
    pattern,
    within,
)
from offer_sandbox.world.clock import LATEST, to_ms

MARKETPLACES = (
    "EBAY_AU",
    "EBAY_CA",
    "EBAY_DE",
    "EBAY_ES",
    "EBAY_FR",
    "EBAY_GB",
    "EBAY_IT",
    "EBAY_US",
    "EBAY_MOTORS_US",
)
DURATION_UNITS = (
    "YEAR",
    "MONTH",
    "DAY",
    "HOUR",
    "CALENDAR_DAY",
    "BUSINESS_DAY",
    "MINUTE",
    "SECOND",
    "MILLISECOND",
)
OFFER_STATUSES = (
    "PENDING",
    "RETRACTED",
    "EXPIRED",
    "CANCELLED",
    "COUNTERED",
    "DECLINED",
    "AUTO_DECLINED",
    "AUTO_ACCEPTED",
    "ACCEPTED",
)
INSTANT = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", "a UTC time")


class AmountRequest(RequestSchema):
    """Amount in a request. `currency` is optional under contract 1.1.0."""

    currency = String(validate=one_of(*CURRENCIES))
    value = String(required=True)


class TimeDurationRequest(RequestSchema):
    """TimeDuration in a request."""

    unit = String(required=True, validate=one_of(*DURATION_UNITS))
    value = Integer(required=True)


class OfferedItemRequest(RequestSchema):
    """OfferedItem in a request, with either `price` or `discountPercentage`."""

    discountPercentage = String()
    listingId = String(required=True)
    price = Nested(AmountRequest)
    quantity = Integer(validate=within(lowest=1))


class CreateOffersRequest(RequestSchema):
    """The request body of sendOfferToInterestedBuyers."""

    allowCounterOffer = Boolean(validate=validate.Equal(False, error="not_supported:must be false"))
    message = String()
    offerDuration = Nested(TimeDurationRequest)
    offeredItems = List(Nested(OfferedItemRequest), required=True, maximum=MAX_ITEMS, validate=length(shortest=1))


class SendHeaders(RequestSchema):
    """The headers that sendOfferToInterestedBuyers requires."""

    content_type = String(required=True, data_key="Content-Type")
    marketplace = String(required=True, data_key="X-EBAY-C-MARKETPLACE-ID", validate=one_of(*MARKETPLACES))


class FindHeaders(RequestSchema):
    """The header that findEligibleItems requires."""

    marketplace = String(required=True, data_key="X-EBAY-C-MARKETPLACE-ID", validate=one_of(*MARKETPLACES))


class FindQuery(RequestSchema):
    """The query of findEligibleItems: `limit` from 1 to 200 (default 10), `offset` from 0 (default 0)."""

    limit = String(validate=pattern("[1-9]|[1-9][0-9]|1[0-9]{2}|200", "between 1 and 200"))
    offset = String(validate=pattern("[0-9]{1,9}", "0 or more"))


class Amount(AnswerSchema):
    """A monetary amount, as text."""

    currency = String(validate=one_of(*CURRENCIES))
    value = String(required=True)


class TimeDuration(AnswerSchema):
    """A duration in one unit."""

    unit = String(required=True, validate=one_of(*DURATION_UNITS))
    value = Integer(required=True)


class OfferedItem(AnswerSchema):
    """The item of an offer, as the seller sent it, with its quantity."""

    discountPercentage = String()
    listingId = String(required=True)
    price = Nested(Amount)
    quantity = Integer(required=True, validate=within(lowest=1))


class User(AnswerSchema):
    """A buyer, identified by a masked user name."""

    maskedUsername = String(required=True)


class Offer(AnswerSchema):
    """An offer sent to one interested buyer."""

    allowCounterOffer = Boolean(required=True)
    buyer = Nested(User, required=True)
    creationDate = String(required=True, validate=INSTANT)
    initiatedBy = String(required=True)
    lastModifiedDate = String(required=True, validate=INSTANT)
    message = String()
    offerDuration = Nested(TimeDuration, required=True)
    offeredItems = List(Nested(OfferedItem), required=True, validate=length(shortest=1))
    offerId = String(required=True)
    offerStatus = String(required=True, validate=one_of(*OFFER_STATUSES))
    offerType = String(required=True, validate=one_of("SELLER_INITIATED_OFFER"))
    revision = String(required=True)


class SendOfferToInterestedBuyersCollectionResponse(AnswerSchema):
    """The response to a send, with one offer for each interested buyer."""

    offers = List(Nested(Offer), required=True)


class EligibleItem(AnswerSchema):
    """A listing with at least one interested buyer."""

    listingId = String(required=True)


class PagedEligibleItemCollection(AnswerSchema):
    """A page of eligible listings."""

    eligibleItems = List(Nested(EligibleItem), required=True)
    href = String(required=True)
    limit = Integer(required=True)
    next = String()
    offset = Integer(required=True)
    prev = String()
    total = Integer(required=True)


class ErrorParameter(AnswerSchema):
    """The value of a placeholder in an error's message."""

    name = String(required=True)
    value = String(required=True)


class Error(AnswerSchema):
    """One error of eBay's REST envelope."""

    errorId = Integer(required=True)
    domain = String(required=True)
    category = String(required=True, validate=one_of("REQUEST", "BUSINESS", "APPLICATION"))
    message = String(required=True)
    longMessage = String(required=True)
    parameters = List(Nested(ErrorParameter))


class Errors(AnswerSchema):
    """eBay's REST error envelope."""

    errors = List(Nested(Error), required=True, validate=length(shortest=1))


class AuthorizeQuery(RequestSchema):
    """The query of the consent page. `redirect_uri` is a RuName or, in the sandbox only, a URL."""

    client_id = String(required=True, validate=length(1, 200))
    redirect_uri = String(required=True, validate=length(1, 2000))
    response_type = String(required=True, validate=one_of("code"))
    scope = String(validate=length(longest=4000))
    state = String(validate=length(longest=2000))
    locale = String()
    prompt = String()


class ConsentError(AnswerSchema):
    """The error body of the consent page."""

    error_id = String(required=True)
    error_description = String(required=True)
    http_status_code = Integer(required=True)


class TokenRequest(RequestSchema):
    """The form of the token endpoint. The required fields depend on the grant."""

    grant_type = String(required=True)
    code = String()
    redirect_uri = String()
    refresh_token = String()
    scope = String()


class TokenResponse(AnswerSchema):
    """A new token. Lifetimes are in seconds."""

    access_token = String(required=True)
    expires_in = Integer(required=True)
    refresh_token = String()
    refresh_token_expires_in = Integer()
    token_type = String(required=True, validate=one_of("User Access Token", "Application Access Token"))


class TokenError(AnswerSchema):
    """OAuth's error body, which the token endpoint uses instead of the errors envelope."""

    error = String(required=True)
    error_description = String(required=True)


class OfferBookkeeping(AnswerSchema):
    """Internal data that the sandbox stores with an offer.

    `due` is the time of its expiry (ms), or null if time does not change the offer.
    """

    due = Integer(required=True, allow_none=True, validate=in_calendar())


class OfferRecord(Offer):
    """An offer as stored."""

    sandbox = Nested(OfferBookkeeping, required=True)


class ListingPrice(AnswerSchema):
    """A listing's price. It is a plain decimal number because the sandbox calculates with it."""

    currency = String(required=True, validate=one_of(*CURRENCIES))
    value = String(required=True, validate=pattern(r"[0-9]{1,12}(\.[0-9]{1,4})?", "a decimal number"))


class ListingRecord(AnswerSchema):
    """A listing as stored.

    eBay's API shows no listings, so every field name that is not eBay's is the sandbox's own. `refuses` is the
    error id that every offer on the listing gets. `magic` marks a ready-made listing that triggers an error.
    `minimumPrice` is the lowest offer accepted.
    """

    listingId = String(required=True, validate=length(shortest=1))
    marketplaceId = String(required=True, validate=one_of(*MARKETPLACES))
    title = String(required=True)
    seller = String(required=True)
    status = String(required=True, validate=one_of("ACTIVE", "ENDED"))
    price = Nested(ListingPrice, required=True)
    minimumPrice = String(validate=pattern(r"[0-9]+\.[0-9]{2}", "a decimal number"))
    quantity = Integer(required=True, validate=within(lowest=0))
    interestedBuyers = List(String(), required=True)
    refuses = String(validate=pattern("150[0-9]{3}", "an eBay error id"))
    magic = Boolean()


class TokenRecord(AnswerSchema):
    """A token or code as stored. `expires` is in ms.

    A code is valid only for its `client` and `redirect_uri`. It has `used` after it is redeemed. On a server that
    requires keys, `issuer` identifies the workspace's key that issued the token.
    """

    token = String(required=True, validate=length(shortest=1))
    kind = String(required=True, validate=one_of("user", "application", "refresh", "code"))
    scopes = List(String(), required=True)
    expires = Integer(required=True, validate=within(0, to_ms(LATEST) + REFRESH_SECONDS * 1000))
    client = String()
    redirect_uri = String()
    used = Boolean()
    issuer = String()

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("client", "redirect_uri"):
            if data["kind"] == "code" and name not in data:
                raise ValidationError({name: ["required:is missing"]})


RECORDS = {
    "listings": ListingRecord(),
    "offers": OfferRecord(),
    "tokens": TokenRecord(),
}
