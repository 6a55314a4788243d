"""The schemas of what EstatePrime's offers point at: listings, contacts, buyer requests, users and contracts."""

from offer_sandbox.providers.estateprime.shapes import (
    AVAILABILITIES,
    AVAILABILITY_MEANINGS,
    CATEGORIES,
    CATEGORY_MEANINGS,
    DATE,
    FORMAT,
    HTTP_STATUS,
    ID,
    Listing,
    Page,
)
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    Object,
    RequestSchema,
    String,
    described,
    one_of,
    pattern,
    within,
)

_LISTING_STATUSES = {
    "draft": "not published yet.",
    "pending": "waits for a check before it is published.",
    "active": "on the market.",
    "inactive": "not on the market. A property of the sandbox with an accepted offer is inactive.",
    "archived": "kept for the records only.",
    "deleted": "deleted, and still readable.",
}
_REQUEST_STATUSES = {
    "active": "the buyer still looks for a property.",
    "inactive": "the buyer no longer looks. A request of the sandbox with an accepted offer is inactive.",
}
LISTING_STATUSES = tuple(_LISTING_STATUSES)
REQUEST_STATUSES = tuple(_REQUEST_STATUSES)
_OBSERVED = "One customer's public notes list the values. Their meanings are inferred."
_DAY = pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day like 2025-03-05")
_EURO = "in whole units of the currency (inferred)"


def _id(text: str, example: int) -> Integer:
    return Integer(required=True, validate=ID, metadata=described(text, example=example))


def _time(text: str, example: str) -> String:
    return String(required=True, validate=DATE, metadata=described(f"{text} {FORMAT}", example=example))


def _limit(text: str, example: int | None) -> Integer:
    return Integer(
        required=True, allow_none=True, metadata=described(f"{text} Null for no limit.", example=example)
    )


def _unlisted(text: str) -> List:
    """Returns a field whose items the documentation does not describe."""
    metadata = described(f"{text} Always empty in the sandbox.", example=[])
    return List(Object(), required=True, maximum=0, metadata=metadata)


class ListingPath(RequestSchema):
    """The path of the call for a single listing."""

    id = Integer(
        required=True,
        metadata=described("The id of the listing, as `listing.listing_id` of an offer has it.", example=120),
    )


class ContactPath(RequestSchema):
    """The path of the call for a single contact."""

    id = Integer(
        required=True, metadata=described("The id of the contact, as `contacts` of an offer has it.", example=23)
    )


class RequestPath(RequestSchema):
    """The path of the call for a single buyer request."""

    id = Integer(
        required=True,
        metadata=described("The id of the buyer request, as `request_id` of an offer has it.", example=88),
    )


class ContractFilter(RequestSchema):
    """The body of the call for contracts. Both fields are optional."""

    page = Integer(
        validate=within(lowest=1),
        metadata=described("The number of the page, from 1 (inferred).", example=1, default=1),
    )
    offer_id = Integer(
        metadata=described(
            "Only the contract of the offer with this id.", evidence="observed", example=2, format="int64"
        )
    )


class ContractQuery(RequestSchema):
    """The query of the call for contracts, for clients that cannot send a body with GET (inferred). The body takes
    precedence."""

    page = String(
        validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"),
        metadata=described(
            "The number of the page, from 1.",
            evidence="inferred",
            example=1,
            default=1,
            format="int64",
            published={"type": "integer", "minimum": 1},
        ),
    )
    offer_id = String(
        validate=pattern("-?[0-9]{1,18}", "the id of an offer"),
        metadata=described(
            "Only the contract of the offer with this id.",
            evidence="inferred",
            example=2,
            format="int64",
            published={"type": "integer"},
        ),
    )


class UserFilter(RequestSchema):
    """The body of the call for users."""

    page = Integer(
        validate=within(lowest=1),
        metadata=described("The number of the page, from 1 (inferred).", example=1, default=1),
    )


class StoredListing(AnswerSchema):
    """A property of an office. The documentation has about fifty more fields, which the sandbox leaves out."""

    id = _id("The id of the listing.", 120)
    store_id = _id("The id of the office (store) that has the property.", 2)
    code = String(required=True, metadata=described("The reference code of the listing.", example="AP-00120"))
    category = String(
        required=True,
        validate=one_of(*CATEGORIES),
        metadata=described("The kind of the property.", example="residential", values=CATEGORY_MEANINGS),
    )
    subcategory = String(
        required=True, metadata=described("The kind of the property within its `category`.", example="apartment")
    )
    availability = String(
        required=True,
        validate=one_of(*AVAILABILITIES),
        metadata=described("How the property is on the market.", example="sale", values=AVAILABILITY_MEANINGS),
    )
    price = Integer(
        required=True, metadata=described("The asking price now, in whole euros (inferred).", example=180000)
    )
    price_per_sqm = Integer(
        required=True,
        metadata=described("The price of a square metre, rounded to whole euros (inferred).", example=2000),
    )
    size = Integer(
        required=True,
        metadata=described(
            "The size in square metres: a number here, and a string in the snapshot of an external listing.",
            example=90,
            published={"type": "number"},
        ),
    )
    floor = Integer(
        required=True,
        allow_none=True,
        metadata=described("The floor. Null for land and for what has none.", example=3),
    )
    rooms = Integer(
        required=True, allow_none=True, metadata=described("The number of rooms. Null for land.", example=3)
    )
    bathrooms = Integer(
        required=True, allow_none=True, metadata=described("The number of bathrooms. Null for land.", example=1)
    )
    year_built = Integer(
        required=True,
        allow_none=True,
        metadata=described("The year of construction. Null for land.", example=1998),
    )
    status = String(
        required=True,
        validate=one_of(*LISTING_STATUSES),
        metadata=described(f"The status. {_OBSERVED}", example="active", values=_LISTING_STATUSES),
    )
    status_date = _time("When the listing got its status.", "2025-02-03 10:00:00")
    date_created = _time("When the listing was created.", "2025-02-03 10:00:00")
    date_updated = _time("When the listing was last changed.", "2025-03-05 09:00:00")


class Phone(AnswerSchema):
    """A telephone number of a contact."""

    type = String(required=True, metadata=described("The kind of number (inferred).", example="mobile"))
    number = String(required=True, metadata=described("The number.", example="+30 2310 000123"))
    notes = String(required=True, allow_none=True, metadata=described("Notes, or null.", example=None))


class Email(AnswerSchema):
    """An e-mail address of a contact."""

    type = String(required=True, metadata=described("The kind of address (inferred).", example="home"))
    email_address = String(
        required=True, metadata=described("The address.", example="maria.georgiou.23@example.com")
    )
    notes = String(required=True, allow_none=True, metadata=described("Notes, or null.", example=None))


class Contact(AnswerSchema):
    """A person or a company that an office knows."""

    id = _id("The id of the contact.", 23)
    first_name = String(required=True, metadata=described("The first name.", example="Maria"))
    last_name = String(required=True, metadata=described("The last name.", example="Georgiou"))
    source_id = Integer(
        required=True,
        allow_none=True,
        metadata=described("The id of where the contact comes from, or null.", example=1),
    )
    is_lead = Boolean(
        required=True,
        metadata=described("Whether the contact is no client yet. The buyer of an offer is one.", example=False),
    )
    is_company = Boolean(required=True, metadata=described("Whether the contact is a company.", example=False))
    company_name = String(
        required=True, allow_none=True, metadata=described("The name of the company, or null.", example=None)
    )
    phones = List(Nested(Phone), required=True, metadata=described("The telephone numbers."))
    emails = List(Nested(Email), required=True, metadata=described("The e-mail addresses."))
    notes = String(
        required=True, allow_none=True, metadata=described("Notes about the contact, or null.", example=None)
    )
    custom_fields = _unlisted("Fields of the office's own, with `custom_field_id` and `value`.")
    contact_details = _unlisted("Further details.")
    tags = _unlisted("Tags.")
    date_created = _time("When the contact was created.", "2025-02-20 12:00:00")
    created_by = _id("The id of the user who created the contact.", 3)
    users = List(
        Integer(metadata=described("The id of a user.", format="int64")),
        required=True,
        metadata=described("The ids of the users who look after the contact.", example=[3]),
    )
    date_updated = _time("When the contact was last changed.", "2025-02-20 12:00:00")
    date_converted_to_client = String(
        required=True,
        allow_none=True,
        validate=DATE,
        metadata=described(f"When the lead became a client, or null. {FORMAT}", example="2025-02-20 12:00:00"),
    )


class Location(AnswerSchema):
    """An area in which a buyer looks for a property."""

    area_level1 = _id("The id of the region.", 5)
    area_level2 = _id("The id of the municipality or district.", 12)
    area_level3 = Integer(
        required=True,
        allow_none=True,
        metadata=described("The id of the neighbourhood. Null for the whole municipality (inferred).", example=31),
    )


class BuyerRequest(AnswerSchema):
    """What a buyer looks for."""

    id = _id("The id of the request.", 88)
    date_created = _time("When the request was created.", "2025-02-20 12:00:00")
    date_updated = _time("When the request was last changed.", "2025-02-20 12:00:00")
    created_by = _id("The id of the user who created the request.", 3)
    store_id = _id("The id of the office (store) that has the request.", 2)
    source_id = Integer(
        required=True,
        allow_none=True,
        metadata=described("The id of where the request comes from, or null.", example=1),
    )
    status = String(
        required=True,
        validate=one_of(*REQUEST_STATUSES),
        metadata=described(
            "The status. The documentation has words, and one customer saw numbers.",
            example="active",
            values=_REQUEST_STATUSES,
        ),
    )
    availability = String(
        required=True,
        validate=one_of(*AVAILABILITIES),
        metadata=described("How the buyer wants it.", example="sale", values=AVAILABILITY_MEANINGS),
    )
    category = String(
        required=True,
        validate=one_of(*CATEGORIES),
        metadata=described("The kind of property.", example="residential", values=CATEGORY_MEANINGS),
    )
    subcategories = List(
        String(metadata=described("A kind of property.")),
        required=True,
        metadata=described("The kinds of property within the `category`.", example=["apartment"]),
    )
    price_min = _limit(f"The lowest price, {_EURO}.", None)
    price_max = _limit(f"The highest price, {_EURO}.", 190000)
    price_per_sqm_min = _limit("The lowest price of a square metre.", None)
    price_per_sqm_max = _limit("The highest price of a square metre.", None)
    size_min = _limit("The smallest size, in square metres.", 80)
    size_max = _limit("The largest size, in square metres.", 110)
    year_built_min = _limit("The earliest year of construction.", None)
    year_built_max = _limit("The latest year of construction.", None)
    rooms_min = _limit("The lowest number of rooms.", 2)
    rooms_max = _limit("The highest number of rooms.", None)
    floor_min = _limit("The lowest floor.", 1)
    floor_max = _limit("The highest floor.", None)
    has_elevator = Boolean(
        required=True,
        allow_none=True,
        metadata=described(
            "Whether it must have an elevator. Null if that does not matter (inferred).", example=None
        ),
    )
    extra_fields = Object(
        required=True, metadata=described("Further wishes. Always empty in the sandbox.", example={})
    )
    contacts = List(
        Integer(metadata=described("The id of a contact.", format="int64")),
        required=True,
        metadata=described("The ids of the buyers.", example=[23, 45]),
    )
    users = List(
        Integer(metadata=described("The id of a user.", format="int64")),
        required=True,
        metadata=described("The ids of the users who look after the request.", example=[3]),
    )
    tags = _unlisted("Tags.")
    locations = List(Nested(Location), required=True, metadata=described("The areas in which the buyer looks."))


class User(AnswerSchema):
    """A user of the account."""

    id = _id("The id of the user.", 3)
    first_name = String(required=True, metadata=described("The first name.", example="Eleni"))
    last_name = String(required=True, metadata=described("The last name.", example="Nikolaou"))
    usergroup = String(
        required=True, metadata=described("The group of the user. Its values are inferred.", example="agent")
    )
    email = String(
        required=True, metadata=described("The e-mail address.", example="eleni.nikolaou.3@example.com")
    )
    phone = String(
        required=True,
        allow_none=True,
        metadata=described("The telephone number. Null if there is none (inferred).", example="+30 2310 000003"),
    )
    is_active = Boolean(required=True, metadata=described("Whether the user can log in (inferred).", example=True))


class Contract(AnswerSchema):
    """The contract that an accepted offer leads to."""

    id = _id("The id of the contract.", 1)
    offer_id = _id("The id of the accepted offer.", 2)
    request_id = Integer(
        required=True,
        allow_none=True,
        metadata=described("The id of the offer's buyer request. Null if there is none.", example=92),
    )
    store_id = _id("The id of the office (store).", 2)
    status_id = _id(
        "The id of the contract's status. The sandbox has 1 (deposit paid) and 2 (signed), both inferred.", 1
    )
    created_by = _id("The id of the user who created the contract.", 3)
    date_created = _time("When the contract was created.", "2025-03-20 10:00:00")
    date_updated = _time("When the contract was last changed.", "2025-03-20 10:00:00")
    status_date = String(
        required=True,
        allow_none=True,
        validate=DATE,
        metadata=described(f"When the contract got its status, or null. {FORMAT}", example="2025-03-20 10:00:00"),
    )
    currency = String(required=True, metadata=described("The code of the currency of all amounts.", example="EUR"))
    loan_percentage = Integer(
        required=True,
        validate=within(0, 100),
        metadata=described("The part that a loan finances, in percent.", example=0),
    )
    initial_property_price = Integer(
        required=True,
        metadata=described(f"The asking price of the offer, {_EURO}.", example=180000),
    )
    final_property_price = Integer(
        required=True, metadata=described(f"The accepted amount, {_EURO}.", example=172000)
    )
    deposit_amount = Integer(
        required=True,
        allow_none=True,
        metadata=described(f"The deposit, {_EURO}. Null without one (inferred).", example=17200),
    )
    deposit_date = String(
        required=True,
        allow_none=True,
        validate=_DAY,
        metadata=described(
            "The day of the deposit, in the format `YYYY-MM-DD`. Null without one (inferred).",
            example="2025-03-20",
        ),
    )
    notary_contact_id = Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The id of the notary among the contacts. Null if there is none yet (inferred).", example=61
        ),
    )
    notes = String(required=True, allow_none=True, metadata=described("Notes, or null.", example=None))
    external_contact = Boolean(
        required=True,
        metadata=described("Whether the buyer is outside the system, as for the offer.", example=False),
    )
    listing = Nested(
        Listing, required=True, metadata=described("The property, in the same two shapes as for the offer.")
    )
    contacts = List(
        Integer(metadata=described("The id of a contact.", format="int64")),
        required=True,
        metadata=described("The ids of the contacts that are the buyers.", example=[23, 45]),
    )


class ListingAnswer(AnswerSchema):
    """One listing in its envelope."""

    status = Integer(required=True, metadata=HTTP_STATUS)
    data = Nested(StoredListing, required=True, metadata=described("The listing."))


class RequestAnswer(AnswerSchema):
    """One buyer request in its envelope."""

    status = Integer(required=True, metadata=HTTP_STATUS)
    data = Nested(BuyerRequest, required=True, metadata=described("The buyer request."))


class ContactAnswer(AnswerSchema):
    """One contact in its envelope."""

    status = Integer(required=True, metadata=HTTP_STATUS)
    data = Nested(Contact, required=True, metadata=described("The contact."))


class UserPage(Page):
    """A page of users."""

    data = List(
        Nested(User),
        required=True,
        metadata=described(
            "The users of this page, in ascending order of their ids (inferred).", published={"maxItems": 50}
        ),
    )


class ContractPage(Page):
    """A page of contracts."""

    data = List(
        Nested(Contract),
        required=True,
        metadata=described(
            "The contracts of this page, in ascending order of their ids (inferred).", published={"maxItems": 50}
        ),
    )


RECORDS = {
    "listings": StoredListing(),
    "contacts": Contact(),
    "requests": BuyerRequest(),
    "users": User(),
    "contracts": Contract(),
}
