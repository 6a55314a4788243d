"""EstatePrime's schemas, in its own terms: requests, responses and stored offers."""

from offer_sandbox.providers.estateprime import market_schemas
from offer_sandbox.providers.estateprime.shapes import DATE, FORMAT, HTTP_STATUS, ID, MEANINGS, Listing, Page
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    RequestSchema,
    String,
    described,
    one_of,
    pattern,
    within,
)

_STATUSES = {
    "draft": "not submitted yet.",
    "submitted": "submitted, without a reply of the owner yet.",
    "under_negotiation": "the two sides exchange amounts.",
    "accepted": "the offer was accepted.",
    "rejected": "the offer was rejected.",
    "withdrawn": "the buyer withdrew the offer.",
}
_ROUND_TYPES = {
    "offer_submitted": "the buyer's first offer.",
    "counter_offer": "an amount that the owner asks for instead.",
    "buyer_revision": "an amount with which the buyer replaces the previous one.",
    "accepted": "the end of a negotiation: accepted.",
    "rejected": "the end of a negotiation: rejected.",
    "withdrawn": "the end of a negotiation: withdrawn by the buyer.",
    "note": "an informational entry without an amount.",
}
STATUSES = tuple(_STATUSES)
ROUND_TYPES = tuple(_ROUND_TYPES)
_CREATED = described(f"When the offer was created. {FORMAT}", example="2025-03-05 09:00:00")
_UPDATED = described(f"When the offer was last changed. {FORMAT}", example="2025-03-12 16:30:00")


class OfferPath(RequestSchema):
    """The path of the call for a single offer."""

    id = Integer(
        required=True,
        metadata=described(
            "The id of the offer. An id that does not exist (inferred) or is not a number (seen by a customer)"
            " results in 404. The range of 64 bits is inferred.",
            example=54,
            format="int64",
        ),
    )


class DateRange(RequestSchema):
    """A time range. Both ends are required and included, and null leaves an end open."""

    min = String(
        required=True,
        allow_none=True,
        validate=DATE,
        metadata=described(
            f"The earliest time, included. Null for no lower limit. {FORMAT}", example="2025-01-01 00:00:00"
        ),
    )
    max = String(
        required=True,
        allow_none=True,
        validate=DATE,
        metadata=described(
            f"The latest time, included. Null for no upper limit. {FORMAT}", example="2025-12-31 23:59:59"
        ),
    )


class OfferFilter(RequestSchema):
    """The body of the list call. Every field is optional, and an offer must match all fields that are set."""

    page = Integer(
        validate=within(lowest=1),
        metadata=described(
            "The number of the page, from 1 (inferred). A page past the last one is empty. This field takes"
            " precedence over `page` in the query.",
            example=1,
            default=1,
        ),
    )
    status = String(
        validate=one_of(*STATUSES),
        metadata=described(
            f"Only offers with this status. One value, not an array. {MEANINGS}",
            example="under_negotiation",
            values=_STATUSES,
        ),
    )
    is_active = Boolean(
        metadata=described(
            "Only active offers (`true`) or only inactive ones (`false`). Without it, both.", example=True
        )
    )
    listing_id = Integer(
        metadata=described(
            "Only offers on the internal listing with this id. Offers on external listings never match.",
            example=120,
            format="int64",
        )
    )
    request_id = Integer(
        metadata=described("Only offers linked to the buyer request with this id.", example=88, format="int64")
    )
    store_id = Integer(
        metadata=described("Only offers of the office (store) with this id.", example=2, format="int64")
    )
    created_by = Integer(
        metadata=described("Only offers created by the user with this id.", example=3, format="int64")
    )
    contact_id = Integer(
        metadata=described(
            "Only offers that have the contact with this id among their `contacts`.", example=23, format="int64"
        )
    )
    date_created = Nested(
        DateRange,
        metadata=described(
            "Only offers created in this range of time. It must have `min` and `max`.",
            example={"min": "2025-01-01 00:00:00", "max": None},
        ),
    )
    date_updated = Nested(
        DateRange,
        metadata=described(
            "Only offers last changed in this range of time. It must have `min` and `max`.",
            example={"min": None, "max": "2025-12-31 23:59:59"},
        ),
    )


class PageQuery(RequestSchema):
    """`page` is also accepted in the query (inferred). A `page` in the body takes precedence."""

    page = String(
        validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"),
        metadata=described(
            "The number of the page, from 1, for clients that cannot send a body with GET. A `page` in the body "
            "takes precedence. Other query parameters are ignored.",
            evidence="inferred",
            example=1,
            default=1,
            format="int64",
            published={"type": "integer", "minimum": 1},
        ),
    )


class Round(AnswerSchema):
    """One event of a negotiation."""

    id = Integer(required=True, metadata=described("The id of the round.", example=1, format="int64"))
    type = String(
        required=True,
        validate=one_of(*ROUND_TYPES),
        metadata=described(f"The kind of event. {MEANINGS}", example="offer_submitted", values=_ROUND_TYPES),
    )
    amount = Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The amount offered in this round, in whole units of the offer's `currency` (inferred). Null for "
            "informational entries such as `note`.",
            example=165000,
        ),
    )
    current_listing_price = Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The asking price at the time of this round, in whole units of the offer's `currency` (inferred). "
            "Unlike the offer's own field, it can be null.",
            example=180000,
        ),
    )
    notes = String(
        required=True,
        allow_none=True,
        metadata=described("Notes about this round, or null.", example="Owner willing to negotiate."),
    )
    created_by = Integer(
        required=True,
        metadata=described("The id of the user who recorded this round.", example=3, format="int64"),
    )
    date_created = String(
        required=True,
        validate=DATE,
        metadata=described(f"When this round was recorded. {FORMAT}", example="2025-03-05 09:00:00"),
    )


class OfferRow(AnswerSchema):
    """An offer as the list shows it, without its rounds."""

    id = Integer(required=True, validate=ID, metadata=described("The id of the offer.", example=54))
    status = String(
        required=True,
        validate=one_of(*STATUSES),
        metadata=described(
            f"The current status of the offer. {MEANINGS}", example="under_negotiation", values=_STATUSES
        ),
    )
    is_active = Boolean(
        required=True,
        metadata=described(
            "Whether the offer is active. The sandbox's own offers are inactive if they are `rejected` or "
            "`withdrawn` (inferred).",
            example=True,
        ),
    )
    request_id = Integer(
        required=True,
        allow_none=True,
        validate=ID,
        metadata=described("The id of the linked buyer request. Null if there is none.", example=88),
    )
    store_id = Integer(
        required=True,
        validate=ID,
        metadata=described("The id of the office (store) that the offer belongs to.", example=2),
    )
    created_by = Integer(
        required=True, validate=ID, metadata=described("The id of the user who created the offer.", example=3)
    )
    date_created = String(required=True, validate=DATE, metadata=_CREATED)
    date_updated = String(required=True, validate=DATE, metadata=_UPDATED)
    currency = String(
        required=True,
        metadata=described("The code of the currency of all amounts of the offer, such as `EUR`.", example="EUR"),
    )
    current_listing_price = Integer(
        required=True,
        metadata=described(
            "The asking price when the offer was made, in whole units of `currency` (inferred). Never null.",
            example=180000,
        ),
    )
    loan_percentage = Integer(
        required=True,
        validate=within(0, 100),
        metadata=described(
            "The part of the purchase that a bank loan finances, in percent. 0 without a loan. The upper limit of "
            "100 is inferred.",
            example=30,
        ),
    )
    notes = String(
        required=True,
        allow_none=True,
        metadata=described("Notes about the offer, or null.", example="Buyer is highly motivated."),
    )
    external_contact = Boolean(
        required=True,
        metadata=described(
            "Whether the buyer is outside the system, which means that no contact is stored. `contacts` of the "
            "sandbox's own offers is then empty (inferred).",
            example=False,
        ),
    )
    listing = Nested(
        Listing,
        required=True,
        metadata=described(
            "The property: an internal listing with its id, or a snapshot of an external one.",
            example={"external": False, "listing_id": 120},
        ),
    )
    contacts = List(
        Integer(metadata=described("The id of a contact.", format="int64")),
        required=True,
        metadata=described("The ids of the contacts that are the buyers.", example=[23, 45]),
    )


class Offer(OfferRow):
    """An offer with its whole negotiation, as shown and as stored."""

    rounds = List(
        Nested(Round),
        required=True,
        metadata=described(
            "The negotiation in chronological order. It is always present and may be empty, even if the offer was "
            "submitted. The list call leaves it out."
        ),
    )


class OfferPage(Page):
    """A page of offers."""

    data = List(
        Nested(OfferRow),
        required=True,
        metadata=described(
            "The offers of this page, without their rounds. They are in ascending order of their ids (inferred).",
            published={"maxItems": 50},
        ),
    )


class OfferAnswer(AnswerSchema):
    """One offer in its envelope."""

    status = Integer(required=True, metadata=HTTP_STATUS)
    data = Nested(Offer, required=True, metadata=described("The offer with its negotiation."))


class Refusal(AnswerSchema):
    """EstatePrime's error envelope. It describes the first error only."""

    status = Integer(
        required=True,
        metadata=described(
            "The HTTP status of the response, repeated as a number.",
            evidence="observed",
            example=400,
            published={"minimum": 400, "maximum": 599},
        ),
    )
    error_message = String(
        required=True,
        metadata=described(
            "The reason for the error, for people. Most texts are inferred.",
            evidence="observed",
            example="Invalid status",
        ),
    )


RECORDS = {"offers": Offer(), **market_schemas.RECORDS}
