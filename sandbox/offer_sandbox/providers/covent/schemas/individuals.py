"""Individuals, the buyers: what is sent, answered and stored."""

from offer_sandbox.providers.covent.schemas.offers import SECOND
from offer_sandbox.schemas.fields import (
    MOST_ITEMS,
    AnswerSchema,
    Boolean,
    List,
    Nested,
    Number,
    Object,
    RequestSchema,
    String,
    one_of,
    pattern,
    within,
)

INDIVIDUAL_STATUSES = ("active", "paused")  # the two that the pages show
_EMAIL = pattern("[^@ ]+@[^@ ]+", "an e-mail address")
_PHONE = pattern("[+][1-9][0-9]{1,14}", "a phone number like +14805550199 (E.164)")
_INDIVIDUAL_INFERRED = {"description": "Evidence: inferred."}


def _words(**options: bool) -> List:
    return List(String(), most=MOST_ITEMS, **options)


class General(RequestSchema):
    """Who an individual is."""

    first_name = String(required=True)
    last_name = String(required=True)
    email = String(required=True, validate=_EMAIL)
    phone = String(required=True, validate=_PHONE)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))
    entity_type = String(required=True)


class PriceRange(RequestSchema):
    """What an individual would spend, in whole currency units."""

    min = Number(required=True, validate=within(lowest=0))
    max = Number(required=True, validate=within(lowest=0))


class BuyBox(RequestSchema):
    """What an individual would buy."""

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
    """Who looks after an individual."""

    owner = String(validate=_EMAIL)


class GeneralChange(RequestSchema):
    """What may change of who an individual is."""

    first_name = String()
    last_name = String()
    email = String(validate=_EMAIL)
    phone = String(validate=_PHONE)
    status = String(validate=one_of(*INDIVIDUAL_STATUSES))
    entity_type = String()


class UpdateIndividual(RequestSchema):
    """What may change of an individual, at least one of them; members of objects that are left out stay."""

    general = Nested(GeneralChange)
    tags = _words()
    relationship_context = Nested(Relationship)


class PriceRangeChange(RequestSchema):
    """What may change of what an individual would spend."""

    min = Number(validate=within(lowest=0))
    max = Number(validate=within(lowest=0))


class UpdateBuyBox(RequestSchema):
    """What may change of a buy box, at least one of them; what is left out stays."""

    markets = _words()
    property_types = _words()
    pricing = Nested(PriceRangeChange)
    strategy = _words()
    preferences = Object()


class AddEmail(RequestSchema):
    """One more e-mail address."""

    email = String(required=True, validate=_EMAIL)
    label = String(required=True)
    is_primary = Boolean(required=True)


class ShownPrices(AnswerSchema):
    """What an individual would spend, as it is shown."""

    min = Number(required=True)
    max = Number(required=True)


class BuyBoxBrief(AnswerSchema):
    """A buy box as it was sent."""

    markets = List(String(), required=True)
    property_types = List(String(), required=True)
    pricing = Nested(ShownPrices, required=True)


class BuyBoxShown(BuyBoxBrief):
    """The whole buy box, as its update answers it."""

    strategy = List(String(), required=True)
    preferences = Object(required=True)


class GeneralShown(AnswerSchema):
    """Who an individual is, with one name."""

    full_name = String(required=True)
    email = String(required=True)
    phone = String(required=True)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))


class GeneralBrief(AnswerSchema):
    """Who an individual is, as an update answers it."""

    full_name = String(required=True)
    status = String(required=True, validate=one_of(*INDIVIDUAL_STATUSES))


class IndividualCreated(AnswerSchema):
    """The answer to a creation; the names are one, the portfolio is null."""

    id = String(required=True)
    general = Nested(GeneralShown, required=True)
    buy_box = Nested(BuyBoxBrief, required=True)
    portfolio = Object(required=True, allow_none=True)
    created_at = String(required=True, validate=SECOND, metadata=_INDIVIDUAL_INFERRED)
    updated_at = String(required=True, validate=SECOND, metadata=_INDIVIDUAL_INFERRED)


class IndividualUpdated(AnswerSchema):
    """The answer to an update."""

    id = String(required=True)
    general = Nested(GeneralBrief, required=True)
    tags = List(String(), required=True)
    updated_at = String(required=True, validate=SECOND)


class EmailAdded(AnswerSchema):
    """The answer to an addition, and how an address is stored."""

    id = String(required=True)
    email = String(required=True)
    label = String(required=True)
    is_primary = Boolean(required=True)


class GeneralRecord(AnswerSchema):
    """Who an individual is, as stored."""

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
