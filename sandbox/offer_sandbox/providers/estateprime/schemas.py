"""EstatePrime's schemas, in its own terms: requests, responses and stored offers."""

from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    RequestSchema,
    String,
    one_of,
    pattern,
    within,
)

STATUSES = ("draft", "submitted", "under_negotiation", "accepted", "rejected", "withdrawn")
ROUND_TYPES = (
    "offer_submitted",
    "counter_offer",
    "buyer_revision",
    "accepted",
    "rejected",
    "withdrawn",
    "note",
)
AVAILABILITIES = ("sale", "rent", "auction", "shortterm")
CATEGORIES = ("residential", "commercial", "land", "other")
_DAYS = (  # that exist: in long, in short months, in February
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
)
_LEAP_YEARS = "[0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00"
DATE = pattern(
    f"([0-9]{{4}}-({_DAYS})|({_LEAP_YEARS})-02-29) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    "a time like 2025-03-05 09:00:00",
)
ID = within(-(2**63), 2**63 - 1)


class DateRange(RequestSchema):
    """A time range. Both ends are required, and null leaves an end open."""

    min = String(required=True, allow_none=True, validate=DATE)
    max = String(required=True, allow_none=True, validate=DATE)


class OfferFilter(RequestSchema):
    """The body of the list call. Every field is optional, and an offer must match all fields that are set."""

    page = Integer(validate=within(lowest=1))
    status = String(validate=one_of(*STATUSES))
    is_active = Boolean()
    listing_id = Integer()
    request_id = Integer()
    store_id = Integer()
    created_by = Integer()
    contact_id = Integer()
    date_created = Nested(DateRange)
    date_updated = Nested(DateRange)


class PageQuery(RequestSchema):
    """`page` is also accepted in the query (inferred). A `page` in the body takes precedence."""

    page = String(validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"))


class Listing(AnswerSchema):
    """A listing in the system (only `listing_id`), or a snapshot of a property outside it (all other fields).

    `external` is true for a snapshot.
    """

    external = Boolean(required=True)
    listing_id = Integer()
    address = String(allow_none=True)
    price = Integer(allow_none=True)
    owner_name = String(allow_none=True)
    listing_code = String(allow_none=True)
    availability = String(allow_none=True, validate=one_of(*AVAILABILITIES))
    category = String(allow_none=True, validate=one_of(*CATEGORIES))
    subcategory = String(allow_none=True)
    size = String(allow_none=True, validate=pattern("[0-9]+[.][0-9]{2}", "a decimal like 95.00"))
    area_level1 = Integer(allow_none=True)
    area_level2 = Integer(allow_none=True)
    area_level3 = Integer(allow_none=True)
    listing_link = String(allow_none=True)
    notes = String(allow_none=True)


class Round(AnswerSchema):
    """One event of a negotiation."""

    id = Integer(required=True)
    type = String(required=True, validate=one_of(*ROUND_TYPES))
    amount = Integer(required=True, allow_none=True)
    current_listing_price = Integer(required=True, allow_none=True)
    notes = String(required=True, allow_none=True)
    created_by = Integer(required=True)
    date_created = String(required=True, validate=DATE)


class OfferRow(AnswerSchema):
    """An offer as the list shows it, without its rounds."""

    id = Integer(required=True, validate=ID)
    status = String(required=True, validate=one_of(*STATUSES))
    is_active = Boolean(required=True)
    request_id = Integer(required=True, allow_none=True, validate=ID)
    store_id = Integer(required=True, validate=ID)
    created_by = Integer(required=True, validate=ID)
    date_created = String(required=True, validate=DATE)
    date_updated = String(required=True, validate=DATE)
    currency = String(required=True)
    current_listing_price = Integer(required=True)
    loan_percentage = Integer(required=True, validate=within(0, 100))
    notes = String(required=True, allow_none=True)
    external_contact = Boolean(required=True)
    listing = Nested(Listing, required=True)
    contacts = List(Integer(), required=True)


class Offer(OfferRow):
    """An offer with its whole negotiation, as shown and as stored."""

    rounds = List(Nested(Round), required=True)


class OfferPage(AnswerSchema):
    """A page of offers."""

    status = Integer(required=True)
    page = Integer(required=True)
    total_pages = Integer(required=True)
    results_per_page = Integer(required=True)
    total_results = Integer(required=True)
    data = List(Nested(OfferRow), required=True)


class OfferAnswer(AnswerSchema):
    """One offer in its envelope."""

    status = Integer(required=True)
    data = Nested(Offer, required=True)


class Refusal(AnswerSchema):
    """EstatePrime's error envelope."""

    status = Integer(required=True)
    error_message = String(required=True)


RECORDS = {"offers": Offer()}
