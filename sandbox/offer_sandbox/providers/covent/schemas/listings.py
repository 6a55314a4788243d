"""Listings: what is sent, answered and stored."""

from offer_sandbox.providers.covent.schemas.offers import SECOND
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Integer,
    List,
    Nested,
    Number,
    RequestSchema,
    String,
    length,
    one_of,
    pattern,
    within,
)

LISTING_STATUSES = ("active", "draft")  # the two that the pages show
SORTABLE = ("created_at", "updated_at", "headline", "status")
PAGE_SIZE = 25
LARGEST_PAGE = 100
_LISTING_INFERRED = {"description": "Evidence: docs for the name, inferred for what it may be."}
_OURS = {"description": "Evidence: inferred."}


class ListingAddress(RequestSchema):
    """Where a listing is."""

    street = String(required=True)
    city = String(required=True, validate=length(shortest=1))
    state = String(required=True, validate=length(shortest=1))
    zip = String(required=True)


class ListingPricing(RequestSchema):
    """What a listing costs, in whole currency units."""

    asking_price = Number(required=True, validate=within(lowest=0))
    assignment_fee = Number(required=True, validate=within(lowest=0))


class PropertyDetails(RequestSchema):
    """What is listed."""

    property_type = String(required=True)
    bedrooms = Number(required=True, validate=within(lowest=0))
    bathrooms = Number(required=True, validate=within(lowest=0))
    square_feet = Number(required=True, validate=within(lowest=0))


class CreateListing(RequestSchema):
    """A new listing."""

    headline = String(required=True)
    status = String(required=True, validate=one_of(*LISTING_STATUSES))
    address = Nested(ListingAddress, required=True)
    pricing = Nested(ListingPricing, required=True)
    property_details = Nested(PropertyDetails, required=True)


class PricingChange(RequestSchema):
    """What may change of a listing's price."""

    asking_price = Number(validate=within(lowest=0))
    assignment_fee = Number(validate=within(lowest=0))


class DetailsChange(RequestSchema):
    """What may change of a property's details."""

    property_type = String()
    bedrooms = Number(validate=within(lowest=0))
    bathrooms = Number(validate=within(lowest=0))
    square_feet = Number(validate=within(lowest=0))


class UpdateListing(RequestSchema):
    """What may change of a listing, at least one of them; members of objects that are left out stay."""

    headline = String()
    status = String(validate=one_of(*LISTING_STATUSES))
    pricing = Nested(PricingChange)
    property_details = Nested(DetailsChange)


class ListingQuery(RequestSchema):
    """Filter, page and order of the list; all are optional (the page flags them required, its text does not)."""

    status = String(validate=one_of(*LISTING_STATUSES))
    market = String()
    page = String(validate=pattern("[1-9][0-9]{0,17}", "a page from 1"), metadata=_LISTING_INFERRED)
    page_size = String(
        validate=pattern("[1-9][0-9]?|100", f"a number from 1 to {LARGEST_PAGE}"), metadata=_LISTING_INFERRED
    )
    sort = String(
        validate=pattern(f"({'|'.join(SORTABLE)}):(asc|desc)", "a field and asc or desc: updated_at:desc"),
        metadata=_LISTING_INFERRED,
    )


class ShownAddress(AnswerSchema):
    """Where a listing is, as it is shown."""

    street = String(required=True)
    city = String(required=True)
    state = String(required=True)
    zip = String(required=True)


class ShortAddress(AnswerSchema):
    """Where a listing is, as the list shows it."""

    city = String(required=True)
    state = String(required=True)


class ShownPricing(AnswerSchema):
    """What a listing costs, as it is shown."""

    asking_price = Number(required=True)
    assignment_fee = Number(required=True)


class ShownDetails(AnswerSchema):
    """What is listed, as it is shown."""

    property_type = String(required=True)
    bedrooms = Number(required=True)
    bathrooms = Number(required=True)
    square_feet = Number(required=True)


class ListingMetadata(AnswerSchema):
    """Where a listing comes from and which market it is in."""

    source = String(required=True)
    market = String(required=True)


class _Listed(AnswerSchema):
    id = String(required=True)
    headline = String(required=True)
    status = String(required=True, validate=one_of(*LISTING_STATUSES))


class ListingRow(_Listed):
    """A listing as the list shows it."""

    pricing = Nested(ShownPricing, required=True)
    address = Nested(ShortAddress, required=True)


class ListingPage(AnswerSchema):
    """A page of listings; `total` counts those of all pages."""

    items = List(Nested(ListingRow), required=True)
    page = Integer(required=True)
    page_size = Integer(required=True)
    total = Integer(required=True)


class ListingCreated(_Listed):
    """The answer to a creation."""

    address = Nested(ShownAddress, required=True)
    pricing = Nested(ShownPricing, required=True)
    created_at = String(required=True, validate=SECOND, metadata=_OURS)
    updated_at = String(required=True, validate=SECOND, metadata=_OURS)


class Listing(_Listed):
    """A listing as a read shows it, and as it is stored."""

    address = Nested(ShownAddress, required=True)
    pricing = Nested(ShownPricing, required=True)
    property_details = Nested(ShownDetails, required=True)
    metadata = Nested(ListingMetadata, required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


class ListingUpdated(_Listed):
    """The answer to an update."""

    pricing = Nested(ShownPricing, required=True)
    updated_at = String(required=True, validate=SECOND)
