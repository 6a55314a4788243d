"""The formats and shapes that several of EstatePrime's schemas share: times, enumerations, the property, pages."""

from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    ShapedSchema,
    String,
    always,
    described,
    joined,
    one_of,
    pattern,
    within,
)

AVAILABILITY_MEANINGS = {
    "sale": "for sale.",
    "rent": "to let.",
    "auction": "sold by auction.",
    "shortterm": "to let for short stays.",
}
CATEGORY_MEANINGS = {
    "residential": "a home.",
    "commercial": "a business property.",
    "land": "a plot of land.",
    "other": "any other property.",
}
AVAILABILITIES = tuple(AVAILABILITY_MEANINGS)
CATEGORIES = tuple(CATEGORY_MEANINGS)
_DAYS = (  # that exist: in long, in short months, in February
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
)
_LEAP_YEARS = "[0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00"
DATE = pattern(
    f"([0-9]{{4}}-({_DAYS})|({_LEAP_YEARS})-02-29) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    "a time like 2025-03-05 09:00:00",
)
ID = within(-(2**63), 2**63 - 1)
FORMAT = "Format `YYYY-MM-DD HH:MM:SS`, without a time zone. Read it as Europe/Athens wall time (inferred)."
MEANINGS = "The documentation lists the values. Their meanings are inferred."
HTTP_STATUS = described("The HTTP status of the response, repeated as a number.", example=200)


class InternalListing(AnswerSchema):
    """A listing in the system."""

    external = Boolean(
        required=True,
        validate=always(False),
        metadata=described(
            "Always false: the listing is in the system.", example=False, published={"const": False}
        ),
    )
    listing_id = Integer(required=True, metadata=described("The id of the listing.", example=120, format="int64"))


class ExternalListing(AnswerSchema):
    """A snapshot of a property outside the system. Each field but `external` can be null."""

    external = Boolean(
        required=True,
        validate=always(True),
        metadata=described(
            "Always true: the property is outside the system.", example=True, published={"const": True}
        ),
    )
    address = String(
        required=True,
        allow_none=True,
        metadata=described("The address of the external property.", example="Tsimiski 15, Thessaloniki"),
    )
    price = Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The asking price of the external property, in whole units of the offer's `currency` (inferred).",
            example=240000,
        ),
    )
    owner_name = String(
        required=True,
        allow_none=True,
        metadata=described("The name of the owner of the external property.", example="Maria Georgiou"),
    )
    listing_code = String(
        required=True,
        allow_none=True,
        metadata=described("The reference code of the external listing.", example="EXT-00451"),
    )
    availability = String(
        required=True,
        allow_none=True,
        validate=one_of(*AVAILABILITIES),
        metadata=described(
            f"How the external property is on the market. {MEANINGS}", example="sale", values=AVAILABILITY_MEANINGS
        ),
    )
    category = String(
        required=True,
        allow_none=True,
        validate=one_of(*CATEGORIES),
        metadata=described(
            f"The kind of the external property. {MEANINGS}", example="residential", values=CATEGORY_MEANINGS
        ),
    )
    subcategory = String(
        required=True,
        allow_none=True,
        metadata=described(
            "The kind of the external property within its `category`. The documentation lists no values.",
            example="apartment",
        ),
    )
    size = String(
        required=True,
        allow_none=True,
        validate=pattern("[0-9]+[.][0-9]{2}", "a decimal like 95.00"),
        metadata=described(
            "The size of the external property in square metres: a string with two decimals. The documentation "
            "calls the type decimal, and its sample is a string.",
            example="95.00",
        ),
    )
    area_level1 = Integer(
        required=True,
        allow_none=True,
        metadata=described("The id of the region of the external property.", example=5, format="int64"),
    )
    area_level2 = Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The id of the municipality or district of the external property.", example=12, format="int64"
        ),
    )
    area_level3 = Integer(
        required=True,
        allow_none=True,
        metadata=described("The id of the neighbourhood of the external property.", example=31, format="int64"),
    )
    listing_link = String(
        required=True,
        allow_none=True,
        metadata=described(
            "The URL of the external listing.", example="https://portal.example.com/listing/451", format="uri"
        ),
    )
    notes = String(
        required=True,
        allow_none=True,
        metadata=described(
            "Notes about the external property. The offer has `notes` of its own.", example="Needs a new roof."
        ),
    )


class Listing(ShapedSchema):
    """The property: a listing in the system, or a snapshot of a property outside it. `external` tells which."""

    shapes = (InternalListing, ExternalListing)

    class Meta(AnswerSchema.Meta):
        include = joined(InternalListing, ExternalListing)


class Page(AnswerSchema):
    """The numbers of a page, in front of its rows."""

    status = Integer(required=True, metadata=HTTP_STATUS)
    page = Integer(
        required=True,
        metadata=described("The number of this page, as requested.", example=1, published={"minimum": 1}),
    )
    total_pages = Integer(
        required=True,
        metadata=described(
            "The number of pages: `total_results` divided by `results_per_page`, rounded up. 0 without results "
            "(inferred).",
            example=3,
            published={"minimum": 0},
        ),
    )
    results_per_page = Integer(
        required=True,
        metadata=described(
            "The size of a full page, always 50 in the sandbox. It is not the number of offers on this page.",
            example=50,
            published={"minimum": 1},
        ),
    )
    total_results = Integer(
        required=True,
        metadata=described("The number of matching offers on all pages.", example=127, published={"minimum": 0}),
    )
