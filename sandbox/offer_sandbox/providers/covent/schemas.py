"""Covent's schemas for offers, listings and individuals: requests, responses and stored records."""

from typing import Any

from marshmallow import ValidationError

from offer_sandbox.contract.lifecycle import MAX_POLLS
from offer_sandbox.schemas.fields import (
    MAX_ITEMS,
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    Number,
    Object,
    RequestSchema,
    String,
    above,
    described,
    in_calendar,
    length,
    one_of,
    pattern,
    within,
)
from offer_sandbox.world.clock import ClockError, parse_instant

OFFER_STATUSES = ("submitted", "accepted", "rejected", "expired")
EVENTS = ("created", "updated", "accepted", "rejected", "expired")
SECOND = pattern(
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "a timestamp like 2026-04-17T19:45:00Z",
)


def _instant(text: str, example: str, evidence: str = "") -> dict[str, Any]:
    """Returns the metadata of a timestamp in a response. The document has its format but not its pattern, because
    the provider documents no pattern."""
    return described(text, format="date-time", example=example, evidence=evidence, published={"type": "string"})


_TERMS_EXAMPLE = {"inspection_period_days": 7, "close_of_escrow_days": 14}
_KNOWN_TERMS = {
    "properties": {  # without types, because a response returns any value that a request sent
        "inspection_period_days": {
            "description": "Length of the inspection period in days, a number in the documented example.",
            "example": 7,
        },
        "close_of_escrow_days": {
            "description": "Time until escrow closes in days, a number in the documented example.",
            "example": 14,
        },
    }
}
_NOTES = "Free text of the caller. It may be empty. No response contains it."
_OFFER_ID = described(
    "Id of the offer: `off_` and a suffix, which has 12 lower-case letters and digits in the sandbox.",
    example="off_123",
)
_OFFER_STATUS = described(
    "State of the offer. The documentation shows the first three values but publishes no list.",
    example="submitted",
    values={
        "submitted": "open, the initial status",
        "accepted": "accepted by a call or by the sandbox's decision, final",
        "rejected": "rejected by a call or by the sandbox's decision, final",
        "expired": "the time in `expires_at` passed before a decision, final (inferred)",
    },
)
_OFFER_AMOUNT = described("Offered price in currency units, not cents, as last set.", example=372000)
_OFFER_TERMS = described(
    "Conditions of the offer, exactly as last sent.", example=_TERMS_EXAMPLE, published=_KNOWN_TERMS
)


def _calendar(text: str) -> None:
    """Checks that a date exists in the calendar, which a pattern cannot do."""
    try:
        parse_instant(text)
    except ClockError as error:
        raise ValidationError(f"pattern:{error}") from None


class OfferPath(RequestSchema):
    """The path of an offer."""

    id = String(
        required=True,
        metadata=described("Id of the offer, as `createOffer` returned it.", example="off_123"),
    )


class CreateOfferRequest(RequestSchema):
    """A new offer on a listing. All fields are required."""

    listing_id = String(
        required=True,
        metadata=described(
            "Id of the listing that the offer is for. It must exist and be `active`. In the sandbox, the listings "
            "`lst_accepts`, `lst_rejects` and `lst_expires` decide how the offer ends.",
            example="lst_123",
        ),
    )
    individual_id = String(
        required=True,
        metadata=described("Id of the buyer, who must exist as an individual.", example="ind_123"),
    )
    amount = Number(
        required=True,
        validate=above(0),
        metadata=described(
            "Offered price in currency units, not cents. The API has no currency field. "
            "The unit and the lower limit are inferred.",
            example=372000,
        ),
    )
    terms = Object(
        required=True,
        metadata=described(
            "Conditions of the offer. The documentation shows two members and publishes no schema, so the sandbox "
            "accepts any members and returns them unchanged.",
            example=_TERMS_EXAMPLE,
            published=_KNOWN_TERMS,
        ),
    )
    notes = String(required=True, metadata=described(_NOTES, example="Cash close, no financing contingency."))


class UpdateOfferRequest(RequestSchema):
    """Changes to an offer that is not final.

    At least one field is required (inferred: the page flags all fields as required).
    """

    amount = Number(
        validate=above(0),
        metadata=described(
            "New price in currency units, not cents. Without it, the price stays the same. "
            "The lower limit is inferred.",
            example=380000,
        ),
    )
    terms = Object(
        metadata=described(
            "New conditions, which replace the stored object as a whole (inferred). Without them, the stored "
            "conditions stay the same.",
            example={"inspection_period_days": 5, "close_of_escrow_days": 10},
            published=_KNOWN_TERMS,
        )
    )
    expires_at = String(
        metadata=described(
            "Time at which the offer expires if it is not decided before, in ISO 8601 with a time zone. A time "
            "that has passed on the workspace's clock is rejected (inferred). No response contains it.",
            format="date-time",
            example="2026-04-20T23:59:59Z",
        )
    )


class AcceptOfferRequest(RequestSchema):
    """An acceptance, with the caller's timestamp."""

    accepted_at = String(
        required=True,
        metadata=described(
            "Time of the acceptance, which the caller chooses, in ISO 8601 with a time zone. "
            "It may be in the past or the future.",
            format="date-time",
            example="2026-04-17T20:10:00Z",
        ),
    )
    notes = String(
        required=True, metadata=described(_NOTES, example="Accepted by seller after verbal confirmation.")
    )


class RejectOfferRequest(RequestSchema):
    """A rejection, with its reason."""

    reason = String(
        required=True,
        metadata=described(
            "Code of the reason. The documentation shows one value and publishes no list, so any text is "
            "accepted. No response contains it.",
            example="price_too_low",
        ),
    )
    notes = String(required=True, metadata=described(_NOTES, example="Seller requested a stronger price."))


class OfferEvent(AnswerSchema):
    """One event in an offer's history. Only `created` is documented."""

    type = String(
        required=True,
        validate=one_of(*EVENTS),
        metadata=described(
            "Kind of the event. All values except `created` are inferred.",
            example="created",
            values={
                "created": "the offer was created",
                "updated": "the amount, terms or expiry changed",
                "accepted": "the offer was accepted",
                "rejected": "the offer was rejected",
                "expired": "the offer expired",
            },
        ),
    )
    at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of the event on the server's clock, in UTC.", "2026-04-17T19:45:00Z"),
    )


class _Offer(AnswerSchema):
    id = String(required=True, metadata=_OFFER_ID)
    listing_id = String(
        required=True, metadata=described("Id of the listing that the offer is for.", example="lst_123")
    )
    individual_id = String(required=True, metadata=described("Id of the buyer.", example="ind_123"))
    amount = Number(required=True, metadata=_OFFER_AMOUNT)
    status = String(required=True, validate=one_of(*OFFER_STATUSES), metadata=_OFFER_STATUS)
    terms = Object(required=True, metadata=_OFFER_TERMS)


class CreatedOffer(_Offer):
    """The response to createOffer, with timestamps but without history."""

    created_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of the creation on the server's clock, in UTC.", "2026-04-17T19:45:00Z"),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of the last change, in UTC. For a new offer it equals `created_at`.", "2026-04-17T19:45:00Z"
        ),
    )


class Offer(_Offer):
    """The response to getOffer, with history but without timestamps."""

    history = List(
        Nested(OfferEvent),
        required=True,
        metadata=described("Events of the offer, oldest first. The first one is `created`."),
    )


class UpdatedOffer(AnswerSchema):
    """The response to updateOffer. It contains neither `expires_at` nor the ids of the listing and the buyer."""

    id = String(required=True, metadata=_OFFER_ID)
    amount = Number(
        required=True,
        metadata=described("Offered price after the change, in currency units, not cents.", example=380000),
    )
    status = String(required=True, validate=one_of(*OFFER_STATUSES), metadata=_OFFER_STATUS)
    terms = Object(
        required=True,
        metadata=described(
            "Conditions of the offer after the change, exactly as last sent.",
            example={"inspection_period_days": 5, "close_of_escrow_days": 10},
            published=_KNOWN_TERMS,
        ),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of this change on the server's clock, in UTC.", "2026-04-17T20:05:00Z"),
    )


class AcceptedOffer(AnswerSchema):
    """The response to acceptOffer. `accepted_at` is the caller's timestamp."""

    id = String(required=True, metadata=_OFFER_ID)
    status = String(
        required=True,
        validate=one_of("accepted"),
        metadata=described(
            "State of the offer after this call.", example="accepted", values={"accepted": "accepted, final"}
        ),
    )
    accepted_at = String(
        required=True,
        metadata=described(
            "Time of the acceptance, exactly as the caller sent it.",
            format="date-time",
            example="2026-04-17T20:10:00Z",
        ),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of this call on the server's clock, in UTC. It can differ from `accepted_at`.",
            "2026-04-17T20:10:00Z",
        ),
    )


class RejectedOffer(AnswerSchema):
    """The response to rejectOffer. It contains neither the reason nor the notes."""

    id = String(required=True, metadata=_OFFER_ID)
    status = String(
        required=True,
        validate=one_of("rejected"),
        metadata=described(
            "State of the offer after this call.", example="rejected", values={"rejected": "rejected, final"}
        ),
    )
    rejected_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of the rejection in UTC. The server sets it, unlike `accepted_at`.", "2026-04-17T20:12:00Z"
        ),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of this change in UTC, equal to `rejected_at`.", "2026-04-17T20:12:00Z"),
    )


class OfferBookkeeping(AnswerSchema):
    """Internal data that the sandbox stores with an offer.

    `fate` is the status that the decision will have (null: accepted). `magic` is true if a magic listing requested
    it. `decision` is the time of the decision (ms). `polls` is the number of reads left before the decision.
    """

    fate = String(required=True, allow_none=True, validate=one_of(*OFFER_STATUSES[1:]))
    magic = Boolean(required=True)
    decision = Integer(required=True, allow_none=True, validate=in_calendar())
    polls = Integer(required=True, allow_none=True, validate=within(0, MAX_POLLS))


class OfferRecord(_Offer):
    """An offer as stored."""

    notes = String(required=True)
    expires_at = String(required=True, allow_none=True, validate=_calendar)
    accepted_at = String(required=True, allow_none=True)
    rejected_at = String(required=True, allow_none=True, validate=SECOND)
    reason = String(required=True, allow_none=True)
    history = List(Nested(OfferEvent), required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)
    sandbox = Nested(OfferBookkeeping, required=True)


LISTING_STATUSES = ("active", "draft")  # the two that the pages show
SORTABLE = ("created_at", "updated_at", "headline", "status")
PAGE_SIZE = 25
MAX_PAGE = 100
_LISTING_STATUS_VALUES = {
    "active": "published, accepts offers",
    "draft": "not published yet, rejects offers (inferred)",
}
_LISTING_STATUS = described(
    "State of the listing. The documentation shows these two values but publishes no list.",
    example="active",
    values=_LISTING_STATUS_VALUES,
)
_LISTING_ID = described(
    "Id of the listing: `lst_` and a suffix, which has 12 lower-case letters and digits in the sandbox.",
    example="lst_123",
)
_HEADLINE = described("Title of the listing.", example="Off-market duplex in central Phoenix")
_STREET = described("Street and house number.", example="101 W Adams St")
_CITY = described("City. The sandbox derives the listing's market from it and `state`.", example="Phoenix")
_STATE = described("State, in the documented example as a two-letter US code.", example="AZ")
_ZIP = described("Postal code, as text.", example="85003")
_ASKING_PRICE = described("Price that the seller asks, in currency units, not cents.", example=385000)
_ASSIGNMENT_FEE = described("Fee for assigning the contract, in currency units, not cents.", example=15000)
_PROPERTY_TYPE = described(
    "Kind of property, such as `duplex`. The documentation publishes no list, so any text is accepted.",
    example="duplex",
)
_BEDROOMS = described("Number of bedrooms.", example=4)
_BATHROOMS = described("Number of bathrooms. A fraction such as 2.5 is accepted.", example=2)
_SQUARE_FEET = described("Area of the property in square feet.", example=1980)


class ListingPath(RequestSchema):
    """The path of a listing."""

    id = String(
        required=True,
        metadata=described(
            "Id of the listing, as `createListing` or `listListings` returned it.", example="lst_123"
        ),
    )


class AddressRequest(RequestSchema):
    """The address of a new listing."""

    street = String(required=True, metadata=_STREET)
    city = String(required=True, validate=length(shortest=1), metadata=_CITY)
    state = String(required=True, validate=length(shortest=1), metadata=_STATE)
    zip = String(required=True, metadata=_ZIP)


class PricingRequest(RequestSchema):
    """The price of a new listing, in currency units (inferred)."""

    asking_price = Number(required=True, validate=within(lowest=0), metadata=_ASKING_PRICE)
    assignment_fee = Number(required=True, validate=within(lowest=0), metadata=_ASSIGNMENT_FEE)


class PropertyDetailsRequest(RequestSchema):
    """The property of a new listing."""

    property_type = String(required=True, metadata=_PROPERTY_TYPE)
    bedrooms = Number(required=True, validate=within(lowest=0), metadata=_BEDROOMS)
    bathrooms = Number(required=True, validate=within(lowest=0), metadata=_BATHROOMS)
    square_feet = Number(required=True, validate=within(lowest=0), metadata=_SQUARE_FEET)


class CreateListingRequest(RequestSchema):
    """A new listing. All fields are required."""

    headline = String(required=True, metadata=_HEADLINE)
    status = String(
        required=True,
        validate=one_of(*LISTING_STATUSES),
        metadata=described(
            "Initial state of the listing. The documentation shows these two values but publishes no list.",
            example="draft",
            values=_LISTING_STATUS_VALUES,
        ),
    )
    address = Nested(
        AddressRequest,
        required=True,
        metadata=described("Address of the property. It cannot change later."),
    )
    pricing = Nested(PricingRequest, required=True, metadata=described("Asking price and assignment fee."))
    property_details = Nested(
        PropertyDetailsRequest, required=True, metadata=described("Kind and size of the property.")
    )


class PricingChange(RequestSchema):
    """Changes to a listing's price. Omitted fields keep their values."""

    asking_price = Number(
        validate=within(lowest=0),
        metadata=described("New price that the seller asks, in currency units, not cents.", example=395000),
    )
    assignment_fee = Number(
        validate=within(lowest=0),
        metadata=described("New fee for assigning the contract, in currency units, not cents.", example=18000),
    )


class PropertyDetailsChange(RequestSchema):
    """Changes to a property's details. Omitted fields keep their values."""

    property_type = String(metadata=_PROPERTY_TYPE)
    bedrooms = Number(validate=within(lowest=0), metadata=_BEDROOMS)
    bathrooms = Number(validate=within(lowest=0), metadata=_BATHROOMS)
    square_feet = Number(validate=within(lowest=0), metadata=_SQUARE_FEET)


class UpdateListingRequest(RequestSchema):
    """Changes to a listing. At least one field is required. Omitted fields of nested objects keep their values."""

    headline = String(
        metadata=described(
            "New title of the listing. Without it, the title stays the same.",
            example="Off-market duplex in central Phoenix",
            evidence="inferred",
        )
    )
    status = String(
        validate=one_of(*LISTING_STATUSES),
        metadata=described(
            "New state of the listing. Without it, the state stays the same. Both directions are possible.",
            example="active",
            values=_LISTING_STATUS_VALUES,
        ),
    )
    pricing = Nested(PricingChange, metadata=described("New prices. Without them, both prices stay the same."))
    property_details = Nested(
        PropertyDetailsChange, metadata=described("New details. Without them, all details stay the same.")
    )


class ListingQuery(RequestSchema):
    """The filter, page and order of the list.

    All parameters are optional. The page flags them as required, but its text does not.
    """

    status = String(
        validate=one_of(*LISTING_STATUSES),
        metadata=described(
            "Only listings in this state. Without it, listings in every state.",
            example="active",
            values=_LISTING_STATUS_VALUES,
        ),
    )
    market = String(
        metadata=described(
            "Only listings in this market, the slug of a city and its state. Without it, listings in every "
            "market. An unknown market has no listings.",
            example="phoenix-az",
        )
    )
    page = String(
        validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"),
        metadata=described(
            "Number of the page, from 1. A page after the last one is empty. The default is inferred.",
            example=1,
            default=1,
            format="int64",
            published={"type": "integer", "minimum": 1},
        ),
    )
    page_size = String(
        validate=pattern("[1-9][0-9]?|100", f"a number from 1 to {MAX_PAGE}"),
        metadata=described(
            f"Largest number of listings on a page, from 1 to {MAX_PAGE}. "
            "The default and the limits are inferred.",
            example=PAGE_SIZE,
            default=PAGE_SIZE,
            published={"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
        ),
    )
    sort = String(
        validate=pattern(
            f"({'|'.join(SORTABLE)}):(asc|desc)", "a field with asc or desc, such as updated_at:desc"
        ),
        metadata=described(
            "Field and direction, separated by a colon. The fields are `created_at`, `updated_at`, `headline` and "
            "`status` (inferred except `updated_at`). The directions are `asc` and `desc` (`asc` is inferred). "
            "Without it, listings are in the order of their insertion.",
            example="updated_at:desc",
        ),
    )


class Address(AnswerSchema):
    """A listing's address in responses."""

    street = String(required=True, metadata=_STREET)
    city = String(required=True, metadata=_CITY)
    state = String(required=True, metadata=_STATE)
    zip = String(required=True, metadata=_ZIP)


class ShortAddress(AnswerSchema):
    """A listing's address in the list, without street and postal code."""

    city = String(required=True, metadata=described("City.", example="Phoenix"))
    state = String(required=True, metadata=_STATE)


class Pricing(AnswerSchema):
    """A listing's price in responses."""

    asking_price = Number(required=True, metadata=_ASKING_PRICE)
    assignment_fee = Number(required=True, metadata=_ASSIGNMENT_FEE)


class PropertyDetails(AnswerSchema):
    """The listed property in responses."""

    property_type = String(
        required=True,
        metadata=described("Kind of property. The documentation publishes no list of values.", example="duplex"),
    )
    bedrooms = Number(required=True, metadata=_BEDROOMS)
    bathrooms = Number(required=True, metadata=_BATHROOMS)
    square_feet = Number(required=True, metadata=_SQUARE_FEET)


class ListingMetadata(AnswerSchema):
    """A listing's source and market, which the server sets."""

    source = String(
        required=True,
        metadata=described(
            "Origin of the listing. The documentation shows `manual`. The sandbox sets `api` for listings that "
            "`createListing` created (inferred).",
            example="manual",
        ),
    )
    market = String(
        required=True,
        metadata=described(
            "Slug of the market, by which the list can be filtered. The sandbox derives it from city and state "
            "when a listing is created.",
            example="phoenix-az",
        ),
    )


class _Listed(AnswerSchema):
    id = String(required=True, metadata=_LISTING_ID)
    headline = String(required=True, metadata=_HEADLINE)
    status = String(required=True, validate=one_of(*LISTING_STATUSES), metadata=_LISTING_STATUS)


class ListingSummary(_Listed):
    """A listing as the list shows it."""

    pricing = Nested(Pricing, required=True, metadata=described("Asking price and assignment fee."))
    address = Nested(ShortAddress, required=True, metadata=described("City and state of the property."))


class ListingPage(AnswerSchema):
    """A page of listings. `total` counts the listings of all pages."""

    items = List(
        Nested(ListingSummary),
        required=True,
        metadata=described("Listings on this page. Empty if nothing matches or the page is after the last one."),
    )
    page = Integer(
        required=True,
        metadata=described("Number of this page, from 1.", example=1, format="int64", published={"minimum": 1}),
    )
    page_size = Integer(
        required=True,
        metadata=described(
            "Largest number of listings on a page, as requested or by default.",
            example=PAGE_SIZE,
            published={"minimum": 1, "maximum": MAX_PAGE},
        ),
    )
    total = Integer(
        required=True,
        metadata=described(
            "Number of listings on all pages that match the filter. The response has no number of pages.",
            example=182,
            published={"minimum": 0},
        ),
    )


class CreatedListing(_Listed):
    """The response to createListing. It contains neither the property's details nor the market."""

    address = Nested(Address, required=True, metadata=described("Address of the property, as sent."))
    pricing = Nested(Pricing, required=True, metadata=described("Asking price and assignment fee, as sent."))
    created_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of the creation on the server's clock, in UTC.", "2026-04-17T20:00:00Z", "inferred"
        ),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of the last change, in UTC. For a new listing it equals `created_at`.",
            "2026-04-17T20:00:00Z",
            "inferred",
        ),
    )


class Listing(_Listed):
    """A complete listing, as getListing returns it."""

    address = Nested(Address, required=True, metadata=described("Address of the property."))
    pricing = Nested(Pricing, required=True, metadata=described("Asking price and assignment fee."))
    property_details = Nested(PropertyDetails, required=True, metadata=described("Kind and size of the property."))
    metadata = Nested(ListingMetadata, required=True, metadata=described("Origin and market of the listing."))
    created_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of the creation, in UTC.", "2026-04-17T20:00:00Z"),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of the last change, in UTC.", "2026-04-17T20:00:00Z"),
    )


class UpdatedListing(_Listed):
    """The response to updateListing. It contains neither the address nor the property's details."""

    pricing = Nested(Pricing, required=True, metadata=described("Prices after the change."))
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of this change on the server's clock, in UTC.", "2026-04-17T20:15:00Z"),
    )


INDIVIDUAL_STATUSES = ("active", "paused")  # the two that the pages show
_EMAIL = pattern("[^@ ]+@[^@ ]+", "an e-mail address")
_PHONE = pattern("[+][1-9][0-9]{1,14}", "a phone number like +14805550199 (E.164)")
_INDIVIDUAL_ID = described(
    "Id of the individual: `ind_` and a suffix, which has 12 lower-case letters and digits in the sandbox.",
    example="ind_123",
)
_INDIVIDUAL_STATUS_VALUES = {"active": "the usual state", "paused": "temporarily inactive"}
_INDIVIDUAL_STATUS = described(
    "State of the individual. The documentation shows these two values but publishes no list. "
    "Neither has an effect in the sandbox.",
    example="active",
    values=_INDIVIDUAL_STATUS_VALUES,
)
_FIRST_NAME = "First name."
_LAST_NAME = "Last name."
_FULL_NAME = described("First and last name, separated by a space.", example="Jordan Lee")
_GENERAL_EMAIL = described("Main e-mail address.", format="email", example="jordan@example.com")
_GENERAL_PHONE = described(
    "Phone number in E.164 form: `+`, country code and number. The form is inferred from the documented example.",
    example="+14805550199",
)
_ENTITY_TYPE = "Legal form of the buyer. The documentation shows one value and publishes no list."
_MARKETS = described("Slugs of the markets in which the individual buys.", example=["phoenix-az"])
_PROPERTY_TYPES = described(
    "Kinds of property that the individual buys. The documentation publishes no list of values.",
    example=["single_family"],
)
_PRICE_RANGE = described("Lowest and highest price that the individual pays.")
_LOWEST_PRICE = described("Lowest price in currency units, not cents.", example=150000)
_HIGHEST_PRICE = described(
    "Highest price in currency units, not cents. The sandbox does not compare it with `min`.", example=450000
)
_TAGS = described(
    "Labels of the individual, any texts, in the order in which they were sent.", example=["vip", "watchlist"]
)
_STRATEGY = "Investment strategies. The documentation shows one value and publishes no list."
_PREFERENCES_EXAMPLE = {"occupancy": "vacant"}
_KNOWN_PREFERENCES = {
    "properties": {
        "occupancy": {
            "description": "Preferred occupancy of the property, a string in the documented example.",
            "example": "vacant",
        }
    }
}
_KEPT = "Without it, the stored value stays the same."


def _words(*, required: bool = False, metadata: dict[str, Any]) -> List:
    return List(String(), maximum=MAX_ITEMS, required=required, metadata=metadata)


class IndividualPath(RequestSchema):
    """The path of an individual."""

    id = String(
        required=True,
        metadata=described("Id of the individual, as `createIndividual` returned it.", example="ind_123"),
    )


class GeneralRequest(RequestSchema):
    """A new individual's general data."""

    first_name = String(required=True, metadata=described(_FIRST_NAME, example="Jordan"))
    last_name = String(required=True, metadata=described(_LAST_NAME, example="Lee"))
    email = String(required=True, validate=_EMAIL, metadata=_GENERAL_EMAIL)
    phone = String(required=True, validate=_PHONE, metadata=_GENERAL_PHONE)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES), metadata=_INDIVIDUAL_STATUS)
    entity_type = String(
        required=True,
        metadata=described(f"{_ENTITY_TYPE} No response contains it.", example="individual"),
    )


class PriceRangeRequest(RequestSchema):
    """A new individual's price range, in currency units (inferred)."""

    min = Number(required=True, validate=within(lowest=0), metadata=_LOWEST_PRICE)
    max = Number(required=True, validate=within(lowest=0), metadata=_HIGHEST_PRICE)


class BuyBoxRequest(RequestSchema):
    """A new individual's buying criteria."""

    markets = _words(required=True, metadata=_MARKETS)
    property_types = _words(required=True, metadata=_PROPERTY_TYPES)
    pricing = Nested(PriceRangeRequest, required=True, metadata=_PRICE_RANGE)


class CreateIndividualRequest(RequestSchema):
    """A new investor or buyer. All fields are required."""

    general = Nested(
        GeneralRequest, required=True, metadata=described("Name, contact data and state of the individual.")
    )
    buy_box = Nested(BuyBoxRequest, required=True, metadata=described("Buying criteria of the individual."))
    tags = _words(
        required=True,
        metadata=described(
            "Labels of the individual, any texts. An empty list is accepted.", example=["vip", "repeat-buyer"]
        ),
    )
    source = String(
        required=True,
        metadata=described(
            "Origin of the record, any text. The documentation shows one value. No response contains it.",
            example="manual",
        ),
    )


class RelationshipContext(RequestSchema):
    """The relationship between the company and an individual."""

    owner = String(
        validate=_EMAIL,
        metadata=described(
            f"E-mail address of the person responsible for the individual. {_KEPT} No response contains it.",
            format="email",
            example="agent@example.com",
        ),
    )


class GeneralChange(RequestSchema):
    """Changes to an individual's general data. Omitted fields keep their values."""

    first_name = String(metadata=described(f"New first name. {_KEPT}", example="Jordan", evidence="inferred"))
    last_name = String(metadata=described(f"New last name. {_KEPT}", example="Lee", evidence="inferred"))
    email = String(
        validate=_EMAIL,
        metadata=described(
            f"New main e-mail address. {_KEPT}",
            format="email",
            example="jordan@example.com",
            evidence="inferred",
        ),
    )
    phone = String(
        validate=_PHONE,
        metadata=described(
            f"New phone number in E.164 form. {_KEPT}", example="+14805550199", evidence="inferred"
        ),
    )
    status = String(
        validate=one_of(*INDIVIDUAL_STATUSES),
        metadata=described(
            f"New state of the individual. {_KEPT}", example="paused", values=_INDIVIDUAL_STATUS_VALUES
        ),
    )
    entity_type = String(
        metadata=described(f"New legal form of the buyer. {_KEPT}", example="individual", evidence="inferred")
    )


class UpdateIndividualRequest(RequestSchema):
    """Changes to an individual.

    At least one field is required. Omitted fields of nested objects keep their values.
    """

    general = Nested(GeneralChange, metadata=described("New general data. Omitted members keep their values."))
    tags = _words(
        metadata=described(f"New labels, which replace the stored list. {_KEPT}", example=["vip", "watchlist"])
    )
    relationship_context = Nested(
        RelationshipContext,
        metadata=described("New data about the relationship. Omitted members keep their values."),
    )


class PriceRangeChange(RequestSchema):
    """Changes to an individual's price range. Omitted fields keep their values."""

    min = Number(
        validate=within(lowest=0),
        metadata=described(f"New lowest price in currency units, not cents. {_KEPT}", example=175000),
    )
    max = Number(
        validate=within(lowest=0),
        metadata=described(f"New highest price in currency units, not cents. {_KEPT}", example=500000),
    )


class UpdateBuyBoxRequest(RequestSchema):
    """Changes to a buy box. At least one field is required. Omitted fields keep their values."""

    markets = _words(
        metadata=described(
            f"New slugs of markets, which replace the stored list. {_KEPT}", example=["phoenix-az", "mesa-az"]
        )
    )
    property_types = _words(
        metadata=described(
            f"New kinds of property, which replace the stored list. {_KEPT}",
            example=["single_family", "duplex"],
            evidence="inferred",
        )
    )
    pricing = Nested(
        PriceRangeChange, metadata=described("New price range. An omitted member keeps its value (inferred).")
    )
    strategy = _words(
        metadata=described(f"{_STRATEGY} They replace the stored list. {_KEPT}", example=["buy_and_hold"])
    )
    preferences = Object(
        metadata=described(
            f"Further preferences, with any members. They replace the stored object. {_KEPT}",
            example=_PREFERENCES_EXAMPLE,
            evidence="inferred",
            published=_KNOWN_PREFERENCES,
        )
    )


class AddEmailRequest(RequestSchema):
    """A new e-mail address of an individual. All fields are required."""

    email = String(
        required=True,
        validate=_EMAIL,
        metadata=described(
            "E-mail address. The individual may have the same address twice.",
            format="email",
            example="jordan@example.com",
        ),
    )
    label = String(
        required=True,
        metadata=described(
            "Use of the address, any text. The documentation shows one value and publishes no list.",
            example="work",
        ),
    )
    is_primary = Boolean(
        required=True,
        metadata=described(
            "Whether this is the primary address. If true, the addresses added before no longer are (inferred).",
            example=True,
        ),
    )


class PriceRange(AnswerSchema):
    """An individual's price range in responses."""

    min = Number(required=True, metadata=_LOWEST_PRICE)
    max = Number(required=True, metadata=described("Highest price in currency units, not cents.", example=450000))


class BuyBoxSummary(AnswerSchema):
    """A buy box with the fields that createIndividual sends."""

    markets = List(String(), required=True, metadata=_MARKETS)
    property_types = List(String(), required=True, metadata=_PROPERTY_TYPES)
    pricing = Nested(PriceRange, required=True, metadata=_PRICE_RANGE)


class BuyBox(BuyBoxSummary):
    """The whole buy box, as its update returns it."""

    strategy = List(
        String(),
        required=True,
        metadata=described(f"{_STRATEGY} Empty if none was set.", example=["buy_and_hold"]),
    )
    preferences = Object(
        required=True,
        metadata=described(
            "Further preferences, with any members. Empty if none was set.",
            example=_PREFERENCES_EXAMPLE,
            published=_KNOWN_PREFERENCES,
        ),
    )


class General(AnswerSchema):
    """An individual's general data with the full name in one field."""

    full_name = String(required=True, metadata=_FULL_NAME)
    email = String(
        required=True, metadata=described("Main e-mail address, as sent.", example="jordan@example.com")
    )
    phone = String(required=True, metadata=_GENERAL_PHONE)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES), metadata=_INDIVIDUAL_STATUS)


class GeneralSummary(AnswerSchema):
    """An individual's general data, as an update returns it."""

    full_name = String(required=True, metadata=_FULL_NAME)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES), metadata=_INDIVIDUAL_STATUS)


class CreatedIndividual(AnswerSchema):
    """The response to createIndividual. The name is one field, and the portfolio is null."""

    id = String(required=True, metadata=_INDIVIDUAL_ID)
    general = Nested(
        General, required=True, metadata=described("Name, contact data and state, without the entity type.")
    )
    buy_box = Nested(BuyBoxSummary, required=True, metadata=described("Buying criteria, as sent."))
    portfolio = Object(
        required=True,
        allow_none=True,
        metadata=described("Properties of the individual. Always null for a new individual.", example=None),
    )
    created_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of the creation on the server's clock, in UTC.", "2026-04-17T19:45:00Z", "inferred"
        ),
    )
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant(
            "Time of the last change, in UTC. For a new individual it equals `created_at`.",
            "2026-04-17T19:45:00Z",
            "inferred",
        ),
    )


class UpdatedIndividual(AnswerSchema):
    """The response to updateIndividual. It contains neither contact data nor the buy box."""

    id = String(required=True, metadata=_INDIVIDUAL_ID)
    general = Nested(GeneralSummary, required=True, metadata=described("Name and state after the change."))
    tags = List(String(), required=True, metadata=_TAGS)
    updated_at = String(
        required=True,
        validate=SECOND,
        metadata=_instant("Time of this change on the server's clock, in UTC.", "2026-04-17T20:18:00Z"),
    )


class EmailAddress(AnswerSchema):
    """An e-mail address of an individual, as addIndividualEmail returns it."""

    id = String(
        required=True,
        metadata=described(
            "Id of the address: `email_` and a suffix, which has 12 lower-case letters and digits in the sandbox.",
            example="email_123",
        ),
    )
    email = String(
        required=True,
        metadata=described("E-mail address, as sent.", example="jordan@example.com"),
    )
    label = String(required=True, metadata=described("Use of the address, as sent.", example="work"))
    is_primary = Boolean(required=True, metadata=described("Whether this is the primary address.", example=True))


class GeneralRecord(AnswerSchema):
    """An individual's general data as stored."""

    first_name = String(required=True)
    last_name = String(required=True)
    email = String(required=True)
    phone = String(required=True)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))
    entity_type = String(required=True)


class IndividualRecord(AnswerSchema):
    """An individual as stored."""

    id = String(required=True)
    general = Nested(GeneralRecord, required=True)
    buy_box = Nested(BuyBox, required=True)
    portfolio = Object(required=True, allow_none=True)
    tags = List(String(), required=True)
    source = String(required=True)
    relationship_context = Object(required=True)
    emails = List(Nested(EmailAddress), required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


RECORDS = {"offers": OfferRecord(), "listings": Listing(), "individuals": IndividualRecord()}
