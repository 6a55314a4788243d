"""eBay's schemas: requests, responses and stored records."""

from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from offer_sandbox.providers.ebay.enumerations import (
    CURRENCIES,
    CURRENCY_NAMES,
    DURATION_UNIT_MEANINGS,
    DURATION_UNITS,
    MARKETPLACE_NAMES,
    MARKETPLACES,
    OFFER_STATUS_MEANINGS,
    OFFER_STATUSES,
)
from offer_sandbox.providers.ebay.tokens import ACCESS_SECONDS, INVENTORY, REFRESH_SECONDS
from offer_sandbox.schemas.fields import (
    MAX_ITEMS,
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    RequestSchema,
    String,
    described,
    in_calendar,
    length,
    one_of,
    pattern,
    within,
)
from offer_sandbox.world.clock import LATEST, to_ms

INSTANT = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", "a UTC time")
_LISTING_ID = described(
    "The id that eBay gave the listing when it was created with the Trading API. Listings of the Inventory API are"
    " not supported.",
    example="110000000001",
)
_MARKETPLACE = described(
    "The eBay marketplace that hosts the listings. Required. Without it, the call is refused with error 150001,"
    " and with an unknown value with 150002.",
    values=MARKETPLACE_NAMES,
    example="EBAY_US",
    evidence="docs",
)
_DURATION_UNIT = described(
    "The unit of time that `value` counts. An offer always has `DAY`.",
    values=DURATION_UNIT_MEANINGS,
    example="DAY",
    evidence="docs",
)
_DURATION_VALUE = described(
    "The number of units. 2 under contract 1.1.0. Under contract 1.1.2, 4 on EBAY_US, EBAY_GB and EBAY_MOTORS_US"
    " and 2 elsewhere.",
    example=2,
    format="int32",
)


class AmountRequest(RequestSchema):
    """An amount of money that the seller offers. `currency` is optional under contract 1.1.0 and required under
    1.1.2."""

    currency = String(
        validate=one_of(*CURRENCIES),
        metadata=described(
            "The currency of `value`, as an ISO 4217 code. It must be the listing's currency, which is also the"
            " default. Contract 1.1.2 requires it.",
            values=CURRENCY_NAMES,
            example="USD",
            evidence="docs",
        ),
    )
    value = String(
        required=True,
        metadata=described(
            "The amount in units of `currency`, as text. Digits with an optional decimal part, greater than 0,"
            " with at most two decimals (inferred). The decimal mark is a point. Under contract 1.1.2 it is a"
            " comma on EBAY_DE, EBAY_ES, EBAY_FR and EBAY_IT, where points are ignored.",
            example="90.00",
        ),
    )


class TimeDurationRequest(RequestSchema):
    """The time for which a new offer is valid. Only one duration is allowed, so it is best left out."""

    unit = String(required=True, validate=one_of(*DURATION_UNITS), metadata=_DURATION_UNIT)
    value = Integer(required=True, metadata=_DURATION_VALUE)


class OfferedItemRequest(RequestSchema):
    """The listing to offer, with its discount. It needs either `price` or `discountPercentage`, but not both."""

    discountPercentage = String(
        metadata=described(
            "The percentage that is taken off the listing's price, as text: a whole or decimal number from 5 to"
            " below 100. Required without `price`, forbidden with it (error 150007). Less than 5 percent is"
            " refused with error 150008.",
            example="10",
            published={"pattern": r"^([5-9]|[1-9][0-9])(\.[0-9]+)?$"},
        )
    )
    listingId = String(required=True, metadata=_LISTING_ID)
    price = Nested(
        AmountRequest,
        metadata=described(
            "The discounted price of the listing, at least 5 percent below its current price. A smaller discount"
            " is refused with error 150008 and a price above the listing's with 150016. Required without"
            " `discountPercentage`, forbidden with it (error 150007). If both are absent, the call is refused"
            " with error 150009. The limit of 5 percent for a price and error 150009 are inferred."
        ),
    )
    quantity = Integer(
        validate=within(lowest=1),
        metadata=described(
            "The number of items in the offer. The minimum of 1 is inferred. The buyer must buy all of them to get"
            " the discount. More than the listing has available are refused with error 150014.",
            example=1,
            default=1,
            format="int32",
        ),
    )


class CreateOffersRequest(RequestSchema):
    """The listing on which a seller makes an offer, the discount, and a message to the buyers."""

    allowCounterOffer = Boolean(
        validate=validate.Equal(False, error="not_supported:must be false"),
        metadata=described(
            "Whether a buyer may reply with a counter-offer. Counter-offers are not supported yet.",
            values={"false": "No counter-offers. The only accepted value. Others are refused with error 150009."},
            example=False,
            default=False,
        ),
    )
    message = String(
        metadata=described(
            "The seller's own text for the buyers, at most 2,000 characters. It must not contain HTML or blocked"
            " words, or the call is refused with error 150010 (409). eBay does not publish the blocked words. In"
            " the sandbox, the only one is `BLOCKED_WORD`.",
            example="Ten percent off, this week only.",
            published={"maxLength": 2000},
        )
    )
    offerDuration = Nested(
        TimeDurationRequest,
        metadata=described(
            "The time for which the offers are valid, from their creation. It has one allowed value and is best"
            " left out. Any other value is refused with error 150027. Default: 2 `DAY`. Under contract 1.1.2 the"
            " default is 4 `DAY` on EBAY_US, EBAY_GB and EBAY_MOTORS_US.",
            default={"unit": "DAY", "value": 2},
        ),
    )
    offeredItems = List(
        Nested(OfferedItemRequest),
        required=True,
        maximum=MAX_ITEMS,
        validate=length(shortest=1),
        metadata=described(
            "The offered listing, as an array with exactly one item. A call can make an offer on one listing only."
            " Two or more items are refused with error 150005, an empty array with 150006.",
            published={"maxItems": 1},
        ),
    )


class SendHeaders(RequestSchema):
    """The headers that sendOfferToInterestedBuyers requires."""

    content_type = String(
        required=True,
        data_key="Content-Type",
        metadata=described(
            "The format of the body, always `application/json`. Without it, the call is refused with error"
            " 150001.",
            example="application/json",
        ),
    )
    marketplace = String(
        required=True,
        data_key="X-EBAY-C-MARKETPLACE-ID",
        validate=one_of(*MARKETPLACES),
        metadata=_MARKETPLACE,
    )


class FindHeaders(RequestSchema):
    """The header that findEligibleItems requires."""

    marketplace = String(
        required=True,
        data_key="X-EBAY-C-MARKETPLACE-ID",
        validate=one_of(*MARKETPLACES),
        metadata=_MARKETPLACE,
    )


class FindQuery(RequestSchema):
    """The query of findEligibleItems, which selects a page."""

    limit = String(
        validate=pattern("[1-9]|[1-9][0-9]|1[0-9]{2}|200", "between 1 and 200"),
        metadata=described(
            "The maximum number of listings on a page, from 1 to 200. Other values are refused with error 150003.",
            example=10,
            default=10,
            published={"type": "integer", "minimum": 1, "maximum": 200},
        ),
    )
    offset = String(
        validate=pattern("[0-9]{1,9}", "0 or more"),
        metadata=described(
            "The number of listings to skip before the page, from 0. Negative values are refused with error"
            " 150004. The sandbox accepts at most nine digits. The offset 999150000 triggers error 150000 there.",
            example=0,
            default=0,
            published={"type": "integer", "minimum": 0, "maximum": 999_999_999},
        ),
    )


class Amount(AnswerSchema):
    """An amount of money in one currency."""

    currency = String(
        validate=one_of(*CURRENCIES),
        metadata=described(
            "The currency of `value`, as an ISO 4217 code. It is always the listing's currency, also if the"
            " request did not name it.",
            values=CURRENCY_NAMES,
            example="USD",
            evidence="docs",
        ),
    )
    value = String(
        required=True,
        metadata=described("The amount in units of `currency`, as the seller wrote it.", example="90.00"),
    )


class TimeDuration(AnswerSchema):
    """A length of time as a number of equal units."""

    unit = String(required=True, validate=one_of(*DURATION_UNITS), metadata=_DURATION_UNIT)
    value = Integer(required=True, metadata=_DURATION_VALUE)


class OfferedItem(AnswerSchema):
    """The offered listing, as the seller sent it, with its quantity. It has either `price` or
    `discountPercentage`."""

    discountPercentage = String(
        metadata=described(
            "The percentage that is taken off the listing's price, at least 5, as text. Absent if the seller set a"
            " `price`.",
            example="10",
        )
    )
    listingId = String(required=True, metadata=_LISTING_ID)
    price = Nested(
        Amount,
        metadata=described(
            "The discounted price, as the seller set it. Absent if the seller set a `discountPercentage`."
        ),
    )
    quantity = Integer(
        required=True,
        validate=within(lowest=1),
        metadata=described(
            "The number of items in the offer, which the buyer must buy together. 1 if the request did not set"
            " it.",
            example=1,
            format="int32",
        ),
    )


class User(AnswerSchema):
    """A buyer, identified by a masked user name."""

    maskedUsername = String(
        required=True,
        metadata=described(
            "The buyer's user name, in which most characters are replaced for privacy. eBay returns an immutable"
            " user id to some applications instead, for users in the United States. The sandbox does so on EBAY_US"
            " under contract 1.1.2. The form of that id is inferred.",
            example="a***b",
        ),
    )


class Offer(AnswerSchema):
    """An offer that a seller sent to one interested buyer."""

    allowCounterOffer = Boolean(
        required=True,
        metadata=described(
            "Whether the buyer may reply with a counter-offer. Always false, because counter-offers are not"
            " supported yet.",
            example=False,
        ),
    )
    buyer = Nested(User, required=True, metadata=described("The buyer who receives the offer."))
    creationDate = String(
        required=True,
        validate=INSTANT,
        metadata=described(
            "The time at which the offer was created, in UTC with milliseconds. The offer's duration begins at"
            " this time.",
            example="2018-08-20T07:09:00.000Z",
            format="date-time",
        ),
    )
    initiatedBy = String(
        required=True,
        metadata=described(
            "The user name of the seller who made the offer, in the sandbox `sandbox_seller`. eBay returns an"
            " immutable user id to some applications instead, for users in the United States. The sandbox does so"
            " on EBAY_US under contract 1.1.2. The form of that id is inferred.",
            example="sandbox_seller",
        ),
    )
    lastModifiedDate = String(
        required=True,
        validate=INSTANT,
        metadata=described(
            "The time of the offer's last change, in UTC with milliseconds. Equal to `creationDate` in a new"
            " offer.",
            example="2018-08-20T07:09:00.000Z",
            format="date-time",
        ),
    )
    message = String(
        metadata=described(
            "The seller's text for the buyer, at most 2,000 characters. Absent if the request had no message.",
            example="Ten percent off, this week only.",
            published={"maxLength": 2000},
        )
    )
    offerDuration = Nested(
        TimeDuration,
        required=True,
        metadata=described(
            "The time for which the offer is valid, from `creationDate`. After it, a pending offer expires."
        ),
    )
    offeredItems = List(
        Nested(OfferedItem),
        required=True,
        validate=length(shortest=1),
        metadata=described(
            "The offered listing, as an array. It has one item at present.", published={"maxItems": 1}
        ),
    )
    offerId = String(
        required=True,
        metadata=described(
            "The unique id that eBay gives the offer. The sandbox's ids have ten digits.", example="8053917260"
        ),
    )
    offerStatus = String(
        required=True,
        validate=one_of(*OFFER_STATUSES),
        metadata=described(
            "The current state of the offer. A response to a send shows new offers, which are `PENDING`"
            " (inferred).",
            values=OFFER_STATUS_MEANINGS,
            example="PENDING",
            evidence="docs",
        ),
    )
    offerType = String(
        required=True,
        validate=one_of("SELLER_INITIATED_OFFER"),
        metadata=described(
            "The kind of offer.",
            values={"SELLER_INITIATED_OFFER": "The seller made the offer to an interested buyer."},
            example="SELLER_INITIATED_OFFER",
            evidence="docs",
        ),
    )
    revision = String(
        required=True,
        metadata=described(
            "The unique id that eBay gives this revision of the offer. The sandbox's ids have ten digits.",
            example="5206481937",
        ),
    )


class SendOfferToInterestedBuyersCollectionResponse(AnswerSchema):
    """The response to a send, with one offer for each interested buyer."""

    offers = List(
        Nested(Offer), required=True, metadata=described("The new offers, one for each interested buyer.")
    )


class EligibleItem(AnswerSchema):
    """A listing that has at least one interested buyer."""

    listingId = String(required=True, metadata=_LISTING_ID)


class PagedEligibleItemCollection(AnswerSchema):
    """A page of the listings that have interested buyers."""

    eligibleItems = List(
        Nested(EligibleItem),
        required=True,
        metadata=described(
            "The listings of this page. A buyer shows interest by watching a listing or by leaving it in an"
            " abandoned cart. Empty if `offset` is after the last listing."
        ),
    )
    href = String(
        required=True,
        metadata=described(
            "The URL of this page.",
            example="https://api.ebay.com/sell/negotiation/v1/find_eligible_items?limit=10&offset=10",
            format="uri",
        ),
    )
    limit = Integer(
        required=True,
        metadata=described("The maximum number of listings on a page, as requested.", example=10, format="int32"),
    )
    next = String(
        metadata=described(
            "The URL of the next page, at most 2,048 characters. Absent on the last page.",
            example="https://api.ebay.com/sell/negotiation/v1/find_eligible_items?limit=10&offset=20",
            format="uri",
            published={"maxLength": 2048},
        )
    )
    offset = Integer(
        required=True,
        metadata=described(
            "The number of listings before this page, as requested. 0 on the first page.",
            example=10,
            format="int32",
        ),
    )
    prev = String(
        metadata=described(
            "The URL of the previous page, at most 2,048 characters. Absent on the first page.",
            example="https://api.ebay.com/sell/negotiation/v1/find_eligible_items?limit=10&offset=0",
            format="uri",
            published={"maxLength": 2048},
        )
    )
    total = Integer(
        required=True,
        metadata=described("The number of eligible listings on all pages.", example=25, format="int32"),
    )


class ErrorParameter(AnswerSchema):
    """A value that fills a placeholder in an error's message."""

    name = String(
        required=True,
        metadata=described("The name of the placeholder.", example="listingId", evidence="docs"),
    )
    value = String(
        required=True,
        metadata=described("The value of the placeholder, as text.", example="110000000001", evidence="docs"),
    )


class Error(AnswerSchema):
    """One error, with its number, its category and a text for people."""

    errorId = Integer(
        required=True,
        metadata=described(
            "The number of the error. 150000 to 150027 are the errors of this API. Smaller numbers, such as 1001,"
            " are common to all eBay APIs.",
            example=150012,
            format="int32",
            evidence="docs",
        ),
    )
    domain = String(
        required=True,
        metadata=described(
            "The part of eBay that reports the error: `API_NEGOTIATION` for this API. Common errors have `OAuth`,"
            " `ACCESS` or `ROUTING`.",
            example="API_NEGOTIATION",
            evidence="docs",
        ),
    )
    category = String(
        required=True,
        validate=one_of("REQUEST", "BUSINESS", "APPLICATION"),
        metadata=described(
            "The cause of the error.",
            values={
                "REQUEST": "The request or its credential is invalid. The status is 400 for errors of this API.",
                "BUSINESS": "The request is valid, but the message or the listing does not allow the offer. The"
                " status is 409.",
                "APPLICATION": "eBay has an internal error. Try the call again later. The status is 500 or 503.",
            },
            example="BUSINESS",
            evidence="docs",
        ),
    )
    message = String(
        required=True,
        metadata=described(
            "The text of the error in English, with all placeholders filled.",
            example="Invalid listingId 110000000001. No such listing for this seller.",
            evidence="docs",
        ),
    )
    longMessage = String(
        required=True,
        metadata=described(
            "A longer text of the error. For the errors of this API it equals `message`, which is inferred.",
            example="Invalid listingId 110000000001. No such listing for this seller.",
            evidence="docs",
        ),
    )
    parameters = List(
        Nested(ErrorParameter),
        metadata=described(
            "The values in the message, one for each placeholder. Absent if the message has no placeholders.",
            evidence="docs",
        ),
    )


class ErrorResponse(AnswerSchema):
    """The body of an error response. OAuth errors of the token endpoint and errors of the consent page have bodies
    of their own."""

    errors = List(
        Nested(Error),
        required=True,
        validate=length(shortest=1),
        metadata=described(
            "All errors of the call, at least one, ordered by `errorId`. All have the same HTTP status.",
            evidence="docs",
        ),
    )


class AuthorizeQuery(RequestSchema):
    """The query of the consent page. `redirect_uri` is a RuName or, in the sandbox only, a URL."""

    client_id = String(
        required=True,
        validate=length(1, 200),
        metadata=described(
            "The application's client id (App ID). In the sandbox, `sbx_<workspace>` selects the workspace. At"
            " most 200 characters.",
            example="sbx_demo",
        ),
    )
    redirect_uri = String(
        required=True,
        validate=length(1, 2000),
        metadata=described(
            "The application's RuName, which eBay gives a redirect URL at registration. The sandbox also accepts"
            " an http or https URL, to which its buttons redirect. For a RuName, the page shows the code. At most"
            " 2,000 characters.",
            example="http://localhost:8000/callback",
        ),
    )
    response_type = String(
        required=True,
        validate=one_of("code"),
        metadata=described(
            "The kind of grant.",
            values={"code": "The authorization code grant. The application redeems the code for a token."},
            example="code",
        ),
    )
    scope = String(
        validate=length(longest=4000),
        metadata=described(
            "The scopes that the application requests, separated by spaces. In the sandbox it may be absent and"
            " then means both Sell Inventory scopes. At most 4,000 characters.",
            example=INVENTORY,
        ),
    )
    state = String(
        validate=length(longest=2000),
        metadata=described(
            "A value of the application's choice, which the redirect returns unchanged. Use it to detect forged"
            " redirects. At most 2,000 characters in the sandbox.",
            example="my-state",
        ),
    )
    locale = String(
        metadata=described(
            "The language and region of the page, such as `de-DE`. The sandbox's page is always in English.",
            example="de-DE",
        )
    )
    prompt = String(
        metadata=described(
            "`login` makes the seller sign in again, even in an existing session. The sandbox has no sign-in and"
            " ignores it.",
            example="login",
        )
    )


class ConsentError(AnswerSchema):
    """The body of an error of the consent page."""

    error_id = String(
        required=True,
        metadata=described(
            "The name of the error, such as `invalid_request` or `invalid_scope`.",
            example="invalid_request",
            evidence="observed",
        ),
    )
    error_description = String(
        required=True,
        metadata=described(
            "The text of the error in English.",
            example="Input request parameters are invalid.",
            evidence="observed",
        ),
    )
    http_status_code = Integer(
        required=True,
        metadata=described("The HTTP status of the response.", example=400, evidence="observed"),
    )


_GRANT_TYPES = {
    "authorization_code": "Redeems a code of the consent page. Needs `code` and `redirect_uri`.",
    "refresh_token": "Issues a new access token of the same user. Needs `refresh_token`.",
    "client_credentials": "Issues a token of the application itself. The Negotiation API refuses it with 403.",
}


class TokenRequest(RequestSchema):
    """The form of the token endpoint. The required fields depend on the grant."""

    grant_type = String(
        required=True,
        metadata=described(
            "The kind of grant. Other values are refused with `unsupported_grant_type`.",
            values=_GRANT_TYPES,
            example="refresh_token",
            published={"enum": [*_GRANT_TYPES]},
        ),
    )
    code = String(
        metadata=described(
            "The code of the consent page, at most 1,024 characters. Required for `authorization_code`. It is"
            " valid once and for 299 seconds. In the sandbox, a workspace's key such as `sbx_demo` is also a"
            " valid code.",
            example="sbx_demo",
            published={"maxLength": 1024},
        )
    )
    redirect_uri = String(
        metadata=described(
            "The same value as on the consent page, the application's RuName. Required for `authorization_code`.",
            example="My_Company-MyApp-MyApp-abcdef",
        )
    )
    refresh_token = String(
        metadata=described(
            "The refresh token of an earlier authorization code grant. Required for `refresh_token`. It is valid"
            " for 18 months (47,304,000 seconds). In the sandbox, a workspace's key such as `sbx_demo` is also"
            " valid.",
            example="sbx_demo",
        )
    )
    scope = String(
        metadata=described(
            "The requested scopes, separated by spaces. A refresh can request only scopes that the user granted,"
            " and an application any eBay scope. Other scopes are refused with `invalid_scope`. Without it, a"
            " refresh keeps all granted scopes and an application gets `https://api.ebay.com/oauth/api_scope`. An"
            " `authorization_code` grant ignores it.",
            example=INVENTORY,
        )
    )


class TokenResponse(AnswerSchema):
    """A new access token, in an authorization code grant with a refresh token."""

    access_token = String(
        required=True,
        metadata=described(
            "The token that API calls send as `Authorization: Bearer`.",
            example="sbx_demo.v^1#i^3#t^0a1b2c3d4e+5f6g7h8i9j/0k1l2m3n4o5p=",
            evidence="inferred",
        ),
    )
    expires_in = Integer(
        required=True,
        metadata=described(
            "The lifetime of the access token in seconds, always 7200 (2 hours).",
            example=ACCESS_SECONDS,
            evidence="inferred",
        ),
    )
    refresh_token = String(
        metadata=described(
            "The token that gets further access tokens. Present only for `authorization_code`. A refresh returns"
            " no new one.",
            example="sbx_demo.v^1#i^2#t^5f6g7h8i9j+0a1b2c3d4e/0k1l2m3n4o5p=",
            evidence="inferred",
        )
    )
    refresh_token_expires_in = Integer(
        metadata=described(
            "The lifetime of the refresh token in seconds, always 47304000 (18 months). Present only with"
            " `refresh_token`.",
            example=REFRESH_SECONDS,
            evidence="inferred",
        )
    )
    token_type = String(
        required=True,
        validate=one_of("User Access Token", "Application Access Token"),
        metadata=described(
            "The kind of the access token.",
            values={
                "User Access Token": "A token of a seller, for `authorization_code` and `refresh_token`. This API"
                " needs it.",
                "Application Access Token": "A token of the application, for `client_credentials`.",
            },
            example="User Access Token",
            evidence="inferred",
        ),
    )


class TokenError(AnswerSchema):
    """The body of an OAuth error, which the token endpoint uses instead of the `errors` array."""

    error = String(
        required=True,
        metadata=described(
            "The name of the error: `invalid_request`, `invalid_grant`, `invalid_client`, `invalid_scope` or"
            " `unsupported_grant_type`.",
            example="invalid_grant",
            evidence="observed",
        ),
    )
    error_description = String(
        required=True,
        metadata=described(
            "The text of the error in English.",
            example="the provided authorization grant code is invalid or was issued to another client",
            evidence="observed",
        ),
    )


class OfferBookkeeping(AnswerSchema):
    """Internal data that the sandbox stores with an offer.

    `due` is the time of its expiry (ms), or null if time does not change the offer. With `renews` the offer is
    renewed instead of expiring. With `answer` the buyer answers at `due`, and the offer gets this status.
    """

    due = Integer(required=True, allow_none=True, validate=in_calendar())
    renews = Boolean()
    answer = String(validate=one_of("ACCEPTED", "DECLINED"))


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
    `minimumPrice` is the lowest offer accepted. `bestOffer` is true while a buyer has made a best offer on the
    listing.
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
    bestOffer = Boolean()


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
