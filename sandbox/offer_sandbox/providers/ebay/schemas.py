"""eBay's schemas: requests, answers and stored records."""

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
    """Amount as sent: `currency` may be left out under contract 1.1.0."""

    currency = String(validate=one_of(*CURRENCIES))
    value = String(required=True)


class TimeDurationRequest(RequestSchema):
    """TimeDuration as sent."""

    unit = String(required=True, validate=one_of(*DURATION_UNITS))
    value = Integer(required=True)


class OfferedItemRequest(RequestSchema):
    """OfferedItem as sent: either `price` or `discountPercentage`."""

    discountPercentage = String()
    listingId = String(required=True)
    price = Nested(AmountRequest)
    quantity = Integer(validate=within(lowest=1))


class CreateOffersRequest(RequestSchema):
    """The body of sendOfferToInterestedBuyers."""

    allowCounterOffer = Boolean(validate=validate.Equal(False, error="not_supported:must be false"))
    message = String()
    offerDuration = Nested(TimeDurationRequest)
    offeredItems = List(Nested(OfferedItemRequest), required=True, maximum=MAX_ITEMS, validate=length(shortest=1))


class SendHeaders(RequestSchema):
    """The headers that sendOfferToInterestedBuyers demands."""

    content_type = String(required=True, data_key="Content-Type")
    marketplace = String(required=True, data_key="X-EBAY-C-MARKETPLACE-ID", validate=one_of(*MARKETPLACES))


class FindHeaders(RequestSchema):
    """The header that findEligibleItems demands."""

    marketplace = String(required=True, data_key="X-EBAY-C-MARKETPLACE-ID", validate=one_of(*MARKETPLACES))


class FindQuery(RequestSchema):
    """The query of findEligibleItems: `limit` 1 to 200 (10), `offset` from 0 (0)."""

    limit = String(validate=pattern("[1-9]|[1-9][0-9]|1[0-9]{2}|200", "between 1 and 200"))
    offset = String(validate=pattern("[0-9]{1,9}", "0 or more"))


class Amount(AnswerSchema):
    """A monetary amount, as text."""

    currency = String(validate=one_of(*CURRENCIES))
    value = String(required=True)


class TimeDuration(AnswerSchema):
    """A span of time in one unit."""

    unit = String(required=True, validate=one_of(*DURATION_UNITS))
    value = Integer(required=True)


class OfferedItem(AnswerSchema):
    """The item of an offer, as the seller sent it, with its quantity."""

    discountPercentage = String()
    listingId = String(required=True)
    price = Nested(Amount)
    quantity = Integer(required=True, validate=within(lowest=1))


class User(AnswerSchema):
    """A buyer, by masked user name."""

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
    """One offer for each interested buyer."""

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
    """What the consent page is asked for; `redirect_uri` is a RuName or, here, an address as well."""

    client_id = String(required=True, validate=length(1, 200))
    redirect_uri = String(required=True, validate=length(1, 2000))
    response_type = String(required=True, validate=one_of("code"))
    scope = String(validate=length(longest=4000))
    state = String(validate=length(longest=2000))
    locale = String()
    prompt = String()


class ConsentError(AnswerSchema):
    """The error form of the consent page."""

    error_id = String(required=True)
    error_description = String(required=True)
    http_status_code = Integer(required=True)


class TokenRequest(RequestSchema):
    """The form of the token endpoint; which fields are needed depends on the grant."""

    grant_type = String(required=True)
    code = String()
    redirect_uri = String()
    refresh_token = String()
    scope = String()


class TokenResponse(AnswerSchema):
    """A minted token; lifetimes are seconds."""

    access_token = String(required=True)
    expires_in = Integer(required=True)
    refresh_token = String()
    refresh_token_expires_in = Integer()
    token_type = String(required=True, validate=one_of("User Access Token", "Application Access Token"))


class TokenError(AnswerSchema):
    """OAuth's error form, which the token endpoint uses instead of the errors envelope."""

    error = String(required=True)
    error_description = String(required=True)


class OfferBookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer: `due` is when it expires (ms), null if it never moves."""

    due = Integer(required=True, allow_none=True, validate=in_calendar())


class OfferRecord(Offer):
    """An offer as stored."""

    sandbox = Nested(OfferBookkeeping, required=True)


class ListingPrice(AnswerSchema):
    """What a listing costs, in plain decimals, so that it can be reckoned with."""

    currency = String(required=True, validate=one_of(*CURRENCIES))
    value = String(required=True, validate=pattern(r"[0-9]{1,12}(\.[0-9]{1,4})?", "a decimal number"))


class ListingRecord(AnswerSchema):
    """A listing as stored; eBay shows none, so every name that is not eBay's is the sandbox's own.

    `refuses` is the error id that every offer on the listing gets, `magic` marks ready-made refusals,
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
    """A token or code as stored, `expires` in ms. A code has the `client` and `redirect_uri` that it is good for,
    and `used` once it was redeemed."""

    token = String(required=True, validate=length(shortest=1))
    kind = String(required=True, validate=one_of("user", "application", "refresh", "code"))
    scopes = List(String(), required=True)
    expires = Integer(required=True, validate=within(0, to_ms(LATEST) + REFRESH_SECONDS * 1000))
    client = String()
    redirect_uri = String()
    used = Boolean()

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
