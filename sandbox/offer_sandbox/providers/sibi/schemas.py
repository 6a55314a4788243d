"""Sibi's schemas of offers and products: requests, answers and stored records."""

from offer_sandbox.contract.lifecycle import MAX_POLLS, MAX_SECONDS
from offer_sandbox.schemas.fields import (
    MAX_ITEMS,
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    Number,
    RequestSchema,
    String,
    in_calendar,
    length,
    one_of,
    pattern,
    within,
)

STATUSES = (
    "pending", "generating_upsells", "awaiting_customer", "canceled", "buyout_accepted", "order_placed", "expired",
    "unknown",
)  # fmt: skip
ROLES = ("curator", "customer")
ABSENT = (
    "orderIds", "thirdPartyId", "line2", "acceptedByRole", "selectedOffering", "creditAmountCents",
    "offerPricingBreakdown",
)  # fmt: skip  # what the prose of the page lets be omitted
FATES = ("order_placed", "buyout_accepted", "canceled", "expired")  # what a customer's address may ask for
PAGE_SIZE = 25
MAX_PAGE = 100
_OURS = {"description": "Evidence: inferred."}
_LIMITS = {"description": "Evidence: docs for the name, inferred for its limits."}
_LINE = length(1, 100)
_STATE = length(2, 2)
_POSTAL = pattern("[0-9]{5}(-[0-9]{4})?", "a ZIP code like 62701")
_EMAIL = pattern("[^@ ]+@[^@ ]+", "an e-mail address")


class Customer(RequestSchema):
    """Who gets the offer."""

    firstName = String(required=True, validate=length(shortest=1))
    lastName = String(required=True, validate=length(shortest=1))
    email = String(required=True, validate=_EMAIL)
    phone = String(required=True, validate=length(shortest=1))


class Address(RequestSchema):
    """Where it is delivered; the limits are those of the product call (inferred)."""

    line1 = String(required=True, validate=_LINE, metadata=_LIMITS)
    line2 = String(allow_none=True, validate=length(longest=100), metadata=_LIMITS)
    city = String(required=True, validate=_LINE, metadata=_LIMITS)
    stateOrProvince = String(required=True, validate=_STATE, metadata=_LIMITS)
    postalCode = String(required=True, validate=_POSTAL, metadata=_LIMITS)


class RequestedAddon(RequestSchema):
    """An add-on by its sku or its id."""

    sku = String(validate=length(shortest=1))
    id = String(validate=length(shortest=1))
    quantity = Integer(required=True, validate=within(1, 1_000))


class RequestedProduct(RequestSchema):
    """The replacement product with the add-ons that the warranty covers."""

    sku = String(required=True, validate=_LINE)
    addons = List(Nested(RequestedAddon), maximum=MAX_ITEMS)


class CreateOffer(RequestSchema):
    """A new offer. `allowDuplicate` is the sandbox's name for a field whose name is not public."""

    customer = Nested(Customer, required=True)
    address = Nested(Address, required=True)
    product = Nested(RequestedProduct, required=True)
    sendOfferImmediately = Boolean()
    allowCommonCarrier = Boolean()
    externalJobID = String()
    buyoutAmount = Number(validate=within(lowest=0))
    includeUpsells = Boolean()
    subBrandId = String()
    allowDuplicate = Boolean(metadata=_OURS)


class BuyoutAmount(RequestSchema):
    """A buyout, in cents."""

    buyoutAmount = Number(required=True, validate=within(lowest=0))


class CreditAmount(RequestSchema):
    """A credit, in whole cents."""

    creditAmount = Integer(required=True, validate=within(lowest=0))


class CancelOrder(RequestSchema):
    """Why an order is to be canceled."""

    reason = String(required=True, validate=length(shortest=1))


class OfferQuery(RequestSchema):
    """Page and size of the list (inferred: the page shows no parameters)."""

    page = String(validate=pattern("[1-9][0-9]{0,17}", "a page from 1"), metadata=_OURS)
    limit = String(validate=pattern("[1-9][0-9]?|100", f"a number from 1 to {MAX_PAGE}"), metadata=_OURS)


class ProductQuery(RequestSchema):
    """Where a product would be delivered, and who makes it."""

    line1 = String(validate=_LINE)
    line2 = String(validate=length(longest=100))
    city = String(validate=_LINE)
    stateOrProvince = String(validate=_STATE)
    postalCode = String(validate=_POSTAL)
    manufacturer = String()


class Addon(AnswerSchema):
    """A reference to an add-on."""

    addonId = String(required=True)


class OfferedProduct(AnswerSchema):
    """A product of an offering."""

    productId = String(required=True)
    curatorSelectedAddons = List(Nested(Addon), required=True)


class Offering(AnswerSchema):
    """One of the options that the customer has."""

    products = List(Nested(OfferedProduct), required=True)


class SelectedOffering(OfferedProduct):
    """What was chosen."""

    customerSelectedAddons = List(Nested(Addon), required=True)


class PricedAddon(AnswerSchema):
    """An add-on with its price."""

    id = String(required=True)
    title = String(required=True)
    purchasePrice = Number(required=True)


class PricedItem(PricedAddon):
    """A product with its price."""

    addons = List(Nested(PricedAddon), required=True)


class Amount(AnswerSchema):
    """A discount or fee."""

    amount = Number(required=True)


class OfferPricingBreakdown(AnswerSchema):
    """What the customer sees at the checkout; in cents (inferred)."""

    subtotal = Number(required=True)
    tax = Number(required=True)
    total = Number(required=True)
    discounts = List(Nested(Amount), required=True)
    fees = List(Nested(Amount), required=True)
    pricedItems = List(Nested(PricedItem), required=True)


class Offer(AnswerSchema):
    """An offer as a read shows it; what the prose lets be omitted is not required."""

    id = String(required=True)
    orderIds = List(String(), allow_none=True)
    thirdPartyId = String(allow_none=True)
    customerName = String(required=True)
    customerEmail = String(required=True)
    customerPhone = String(required=True)
    fullAddress = String(required=True, allow_none=True)
    line1 = String(required=True)
    line2 = String(allow_none=True)
    city = String(required=True)
    stateOrProvince = String(required=True)
    postalCode = String(required=True)
    status = String(required=True, validate=one_of(*STATUSES))
    acceptedByRole = String(allow_none=True, validate=one_of(*ROLES))
    offerSentAt = String(required=True, allow_none=True)
    selectedOffering = List(Nested(SelectedOffering), allow_none=True)
    offerings = List(Nested(Offering), required=True)
    buyoutAmountCents = Number(required=True, allow_none=True)
    creditAmountCents = Number(allow_none=True)
    companySpendCents = Number(required=True)
    customerSpendCents = Number(required=True, allow_none=True)
    offerPricingBreakdown = Nested(OfferPricingBreakdown, allow_none=True)


class OfferList(AnswerSchema):
    """A page of offers."""

    data = List(Nested(Offer), required=True)


class CreatedAddress(AnswerSchema):
    """Where a new offer is delivered."""

    line1 = String(required=True)
    line2 = String(required=True, allow_none=True)
    city = String(required=True)
    stateOrProvince = String(required=True)
    postalCode = String(required=True)
    country = String(required=True)


class OfferCreated(AnswerSchema):
    """The answer to a creation, which is no offer as a read shows it."""

    id = String(required=True)
    address = Nested(CreatedAddress, required=True)
    createdAt = String(required=True)
    customerOfferLink = String(required=True)
    warnings = List(String(), required=True)


class BuyoutUpdated(AnswerSchema):
    """The answer to a buyout."""

    success = Boolean(required=True)
    buyoutAmount = Number(required=True)
    updatedAt = String(required=True)


class CreditUpdated(AnswerSchema):
    """The answer to a credit, with the value that was stored."""

    success = Boolean(required=True)
    creditAmount = Integer(required=True)
    updatedAt = String(required=True)


class Part(AnswerSchema):
    """One part of an add-on, or one that is recommended."""

    sku = String(required=True)
    title = String(required=True)
    category = String(required=True)
    priceCents = Integer(required=True)


class AddOn(AnswerSchema):
    """An add-on that can be ordered with the product."""

    id = String(required=True)
    title = String(required=True)
    priceCents = Integer(required=True)
    products = List(Nested(Part), required=True)
    includedPartProducts = List(Nested(Part), required=True)


class Product(AnswerSchema):
    """A product with the add-ons that its address allows."""

    sku = String(required=True)
    title = String(required=True)
    priceCents = Integer(required=True)
    addOns = List(Nested(AddOn), required=True)
    recommendedParts = List(Nested(Part), required=True)
    warnings = List(String(), required=True)


class Cancellation(AnswerSchema):
    """What became of a request to cancel."""

    requestedAt = String(required=True)
    cancellationStatus = String(required=True, validate=one_of("approved", "denied", "pending", "canceled"))
    cancellationReason = String(required=True)


class StoredCancellation(Cancellation):
    """A request to cancel an order."""

    orderId = String(required=True)


class Step(AnswerSchema):
    """How fast an offer takes a step."""

    progression = String(required=True, validate=one_of("immediate", "time", "manual"))
    seconds = Integer(required=True, validate=within(0, MAX_SECONDS))
    polls = Integer(required=True, validate=within(0, MAX_POLLS))


class KeptAddon(AnswerSchema):
    """An add-on that was asked for."""

    id = String(required=True)
    quantity = Integer(required=True, validate=within(lowest=1))


class Pace(AnswerSchema):
    """How fast an offer moves."""

    upsells = Nested(Step, required=True)
    expiry = Nested(Step, required=True)


class OfferBookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer.

    `sku` and `addons` are what was asked for, `fate` what the customer's address asks for; `upsells` says that
    upsells were wanted, `arrived` that they are there; `send` that the offer goes out by itself; `credit` is in
    cents. `pace` is null for an offer that never moves by itself; `due` is the next change by time (ms), `polls`
    that by reads.
    """

    sku = String(required=True)
    addons = List(Nested(KeptAddon), required=True)
    fate = String(required=True, allow_none=True, validate=one_of(*FATES))
    upsells = Boolean(required=True)
    arrived = Boolean(required=True)
    send = Boolean(required=True)
    credit = Integer(required=True, allow_none=True)
    pace = Nested(Pace, required=True, allow_none=True)
    due = Integer(required=True, allow_none=True, validate=in_calendar())
    polls = Integer(required=True, allow_none=True, validate=within(0, MAX_POLLS))
    cancellations = List(Nested(StoredCancellation), required=True)


class OfferRecord(Offer):
    """An offer as stored; what may be absent on the wire is null here."""

    sandbox = Nested(OfferBookkeeping, required=True)


RECORDS = {"offers": OfferRecord()}
