"""Covent's schemas for offers, listings and individuals: requests, responses and stored records."""

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


_STATUS = {"description": "Evidence: docs, inferred for expired."}


def _calendar(text: str) -> None:
    """Checks that a date exists in the calendar, which a pattern cannot do."""
    try:
        parse_instant(text)
    except ClockError as error:
        raise ValidationError(f"pattern:{error}") from None


class CreateOffer(RequestSchema):
    """A new offer on a listing."""

    listing_id = String(required=True)
    individual_id = String(required=True)
    amount = Number(required=True, validate=above(0))
    terms = Object(required=True)
    notes = String(required=True)


class UpdateOffer(RequestSchema):
    """Changes to an offer that is not final.

    At least one field is required (inferred: the page flags all fields as required).
    """

    amount = Number(validate=above(0))
    terms = Object()
    expires_at = String(metadata={"format": "date-time"})


class AcceptOffer(RequestSchema):
    """An acceptance, with the caller's timestamp."""

    accepted_at = String(required=True, metadata={"format": "date-time"})
    notes = String(required=True)


class RejectOffer(RequestSchema):
    """A rejection."""

    reason = String(required=True)
    notes = String(required=True)


class Event(AnswerSchema):
    """One event in an offer's history. Only `created` is documented."""

    type = String(
        required=True,
        validate=one_of(*EVENTS),
        metadata={"description": "Evidence: docs for created, inferred for the others."},
    )
    at = String(required=True, validate=SECOND)


class _Offer(AnswerSchema):
    id = String(required=True)
    listing_id = String(required=True)
    individual_id = String(required=True)
    amount = Number(required=True)
    status = String(required=True, validate=one_of(*OFFER_STATUSES), metadata=_STATUS)
    terms = Object(required=True)


class OfferCreated(_Offer):
    """The response to createOffer, with timestamps but without history."""

    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


class OfferShown(_Offer):
    """The response to getOffer, with history but without timestamps."""

    history = List(Nested(Event), required=True)


class OfferUpdated(AnswerSchema):
    """The response to updateOffer."""

    id = String(required=True)
    amount = Number(required=True)
    status = String(required=True, validate=one_of(*OFFER_STATUSES), metadata=_STATUS)
    terms = Object(required=True)
    updated_at = String(required=True, validate=SECOND)


class OfferAccepted(AnswerSchema):
    """The response to acceptOffer. `accepted_at` is the caller's timestamp."""

    id = String(required=True)
    status = String(required=True, validate=one_of("accepted"))
    accepted_at = String(required=True)
    updated_at = String(required=True, validate=SECOND)


class OfferRejected(AnswerSchema):
    """The response to rejectOffer."""

    id = String(required=True)
    status = String(required=True, validate=one_of("rejected"))
    rejected_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


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
    history = List(Nested(Event), required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)
    sandbox = Nested(OfferBookkeeping, required=True)


LISTING_STATUSES = ("active", "draft")  # the two that the pages show
SORTABLE = ("created_at", "updated_at", "headline", "status")
PAGE_SIZE = 25
MAX_PAGE = 100
_LISTING_INFERRED = {"description": "Evidence: docs for the name, inferred for its values."}
_OURS = {"description": "Evidence: inferred."}


class ListingAddress(RequestSchema):
    """A listing's address."""

    street = String(required=True)
    city = String(required=True, validate=length(shortest=1))
    state = String(required=True, validate=length(shortest=1))
    zip = String(required=True)


class ListingPricing(RequestSchema):
    """A listing's price, in whole currency units."""

    asking_price = Number(required=True, validate=within(lowest=0))
    assignment_fee = Number(required=True, validate=within(lowest=0))


class PropertyDetails(RequestSchema):
    """The listed property."""

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
    """Changes to a listing's price."""

    asking_price = Number(validate=within(lowest=0))
    assignment_fee = Number(validate=within(lowest=0))


class DetailsChange(RequestSchema):
    """Changes to a property's details."""

    property_type = String()
    bedrooms = Number(validate=within(lowest=0))
    bathrooms = Number(validate=within(lowest=0))
    square_feet = Number(validate=within(lowest=0))


class UpdateListing(RequestSchema):
    """Changes to a listing. At least one field is required. Omitted fields of nested objects keep their values."""

    headline = String()
    status = String(validate=one_of(*LISTING_STATUSES))
    pricing = Nested(PricingChange)
    property_details = Nested(DetailsChange)


class ListingQuery(RequestSchema):
    """The filter, page and order of the list.

    All parameters are optional. The page flags them as required, but its text does not.
    """

    status = String(validate=one_of(*LISTING_STATUSES))
    market = String()
    page = String(validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"), metadata=_LISTING_INFERRED)
    page_size = String(
        validate=pattern("[1-9][0-9]?|100", f"a number from 1 to {MAX_PAGE}"), metadata=_LISTING_INFERRED
    )
    sort = String(
        validate=pattern(
            f"({'|'.join(SORTABLE)}):(asc|desc)", "a field with asc or desc, such as updated_at:desc"
        ),
        metadata=_LISTING_INFERRED,
    )


class ShownAddress(AnswerSchema):
    """A listing's address in responses."""

    street = String(required=True)
    city = String(required=True)
    state = String(required=True)
    zip = String(required=True)


class ShortAddress(AnswerSchema):
    """A listing's address in the list."""

    city = String(required=True)
    state = String(required=True)


class ShownPricing(AnswerSchema):
    """A listing's price in responses."""

    asking_price = Number(required=True)
    assignment_fee = Number(required=True)


class ShownDetails(AnswerSchema):
    """The listed property in responses."""

    property_type = String(required=True)
    bedrooms = Number(required=True)
    bathrooms = Number(required=True)
    square_feet = Number(required=True)


class ListingMetadata(AnswerSchema):
    """A listing's source and market."""

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
    """A page of listings. `total` counts the listings of all pages."""

    items = List(Nested(ListingRow), required=True)
    page = Integer(required=True)
    page_size = Integer(required=True)
    total = Integer(required=True)


class ListingCreated(_Listed):
    """The response to createListing."""

    address = Nested(ShownAddress, required=True)
    pricing = Nested(ShownPricing, required=True)
    created_at = String(required=True, validate=SECOND, metadata=_OURS)
    updated_at = String(required=True, validate=SECOND, metadata=_OURS)


class Listing(_Listed):
    """A listing as a read shows it and as it is stored."""

    address = Nested(ShownAddress, required=True)
    pricing = Nested(ShownPricing, required=True)
    property_details = Nested(ShownDetails, required=True)
    metadata = Nested(ListingMetadata, required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


class ListingUpdated(_Listed):
    """The response to updateListing."""

    pricing = Nested(ShownPricing, required=True)
    updated_at = String(required=True, validate=SECOND)


INDIVIDUAL_STATUSES = ("active", "paused")  # the two that the pages show
_EMAIL = pattern("[^@ ]+@[^@ ]+", "an e-mail address")
_PHONE = pattern("[+][1-9][0-9]{1,14}", "a phone number like +14805550199 (E.164)")
_INDIVIDUAL_INFERRED = {"description": "Evidence: inferred."}


def _words(**options: bool) -> List:
    return List(String(), maximum=MAX_ITEMS, **options)


class General(RequestSchema):
    """An individual's general data."""

    first_name = String(required=True)
    last_name = String(required=True)
    email = String(required=True, validate=_EMAIL)
    phone = String(required=True, validate=_PHONE)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))
    entity_type = String(required=True)


class PriceRange(RequestSchema):
    """An individual's price range, in whole currency units."""

    min = Number(required=True, validate=within(lowest=0))
    max = Number(required=True, validate=within(lowest=0))


class BuyBox(RequestSchema):
    """An individual's buying criteria."""

    markets = _words(required=True)
    property_types = _words(required=True)
    pricing = Nested(PriceRange, required=True)


class CreateIndividual(RequestSchema):
    """A new individual."""

    general = Nested(General, required=True)
    buy_box = Nested(BuyBox, required=True)
    tags = _words(required=True)
    source = String(required=True)


class Relationship(RequestSchema):
    """The person responsible for an individual."""

    owner = String(validate=_EMAIL)


class GeneralChange(RequestSchema):
    """Changes to an individual's general data."""

    first_name = String()
    last_name = String()
    email = String(validate=_EMAIL)
    phone = String(validate=_PHONE)
    status = String(validate=one_of(*INDIVIDUAL_STATUSES))
    entity_type = String()


class UpdateIndividual(RequestSchema):
    """Changes to an individual.

    At least one field is required. Omitted fields of nested objects keep their values.
    """

    general = Nested(GeneralChange)
    tags = _words()
    relationship_context = Nested(Relationship)


class PriceRangeChange(RequestSchema):
    """Changes to an individual's price range."""

    min = Number(validate=within(lowest=0))
    max = Number(validate=within(lowest=0))


class UpdateBuyBox(RequestSchema):
    """Changes to a buy box. At least one field is required. Omitted fields keep their values."""

    markets = _words()
    property_types = _words()
    pricing = Nested(PriceRangeChange)
    strategy = _words()
    preferences = Object()


class AddEmail(RequestSchema):
    """A new e-mail address."""

    email = String(required=True, validate=_EMAIL)
    label = String(required=True)
    is_primary = Boolean(required=True)


class ShownPrices(AnswerSchema):
    """An individual's price range in responses."""

    min = Number(required=True)
    max = Number(required=True)


class BuyBoxBrief(AnswerSchema):
    """A buy box with the fields that createIndividual sends."""

    markets = List(String(), required=True)
    property_types = List(String(), required=True)
    pricing = Nested(ShownPrices, required=True)


class BuyBoxShown(BuyBoxBrief):
    """The whole buy box, as its update returns it."""

    strategy = List(String(), required=True)
    preferences = Object(required=True)


class GeneralShown(AnswerSchema):
    """An individual's general data with the full name in one field."""

    full_name = String(required=True)
    email = String(required=True)
    phone = String(required=True)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))


class GeneralBrief(AnswerSchema):
    """An individual's general data, as an update returns it."""

    full_name = String(required=True)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))


class IndividualCreated(AnswerSchema):
    """The response to createIndividual. The name is one field, and the portfolio is null."""

    id = String(required=True)
    general = Nested(GeneralShown, required=True)
    buy_box = Nested(BuyBoxBrief, required=True)
    portfolio = Object(required=True, allow_none=True)
    created_at = String(required=True, validate=SECOND, metadata=_INDIVIDUAL_INFERRED)
    updated_at = String(required=True, validate=SECOND, metadata=_INDIVIDUAL_INFERRED)


class IndividualUpdated(AnswerSchema):
    """The response to updateIndividual."""

    id = String(required=True)
    general = Nested(GeneralBrief, required=True)
    tags = List(String(), required=True)
    updated_at = String(required=True, validate=SECOND)


class EmailAdded(AnswerSchema):
    """The response to addIndividualEmail, and an e-mail address as stored."""

    id = String(required=True)
    email = String(required=True)
    label = String(required=True)
    is_primary = Boolean(required=True)


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
    buy_box = Nested(BuyBoxShown, required=True)
    portfolio = Object(required=True, allow_none=True)
    tags = List(String(), required=True)
    source = String(required=True)
    relationship_context = Object(required=True)
    emails = List(Nested(EmailAdded), required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


RECORDS = {"offers": OfferRecord(), "listings": Listing(), "individuals": IndividualRecord()}
