"""Sibi's schemas for offers and products: requests, responses and stored records."""

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
)  # fmt: skip  # the page's prose allows these to be omitted
FATES = ("order_placed", "buyout_accepted", "canceled", "expired")  # statuses a customer's address can request
PAGE_SIZE = 25
MAX_PAGE = 100
_OURS = {"description": "Evidence: inferred."}
_LIMITS = {"description": "Evidence: docs for the name, inferred for its limits."}
_LINE = length(1, 100)
_STATE = length(2, 2)
_POSTAL = pattern("[0-9]{5}(-[0-9]{4})?", "a ZIP code like 62701")
_EMAIL = pattern("[^@ ]+@[^@ ]+", "an e-mail address")


class Customer(RequestSchema):
    """The customer who receives the offer."""

    firstName = String(required=True, validate=length(shortest=1))
    lastName = String(required=True, validate=length(shortest=1))
    email = String(required=True, validate=_EMAIL)
    phone = String(required=True, validate=length(shortest=1))


class Address(RequestSchema):
    """The delivery address. Its limits are those of getProduct (inferred)."""

    line1 = String(required=True, validate=_LINE, metadata=_LIMITS)
    line2 = String(allow_none=True, validate=length(longest=100), metadata=_LIMITS)
    city = String(required=True, validate=_LINE, metadata=_LIMITS)
    stateOrProvince = String(required=True, validate=_STATE, metadata=_LIMITS)
    postalCode = String(required=True, validate=_POSTAL, metadata=_LIMITS)


class RequestedAddon(RequestSchema):
    """A requested add-on, identified by its sku or its id."""

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
    """A buyout amount, in cents."""

    buyoutAmount = Number(required=True, validate=within(lowest=0))


class CreditAmount(RequestSchema):
    """A credit amount, in whole cents."""

    creditAmount = Integer(required=True, validate=within(lowest=0))


class CancelOrder(RequestSchema):
    """The reason for canceling an order."""

    reason = String(required=True, validate=length(shortest=1))


class OfferQuery(RequestSchema):
    """The page number and page size of the list (inferred: Sibi's page shows no parameters)."""

    page = String(validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"), metadata=_OURS)
    limit = String(validate=pattern("[1-9][0-9]?|100", f"a number from 1 to {MAX_PAGE}"), metadata=_OURS)


class ProductQuery(RequestSchema):
    """A product's delivery address and manufacturer."""

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
    """A product in an offering."""

    productId = String(required=True)
    curatorSelectedAddons = List(Nested(Addon), required=True)


class Offering(AnswerSchema):
    """One of the customer's options."""

    products = List(Nested(OfferedProduct), required=True)


class SelectedOffering(OfferedProduct):
    """The selected product with its add-ons."""

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
    """The amount of a discount or fee."""

    amount = Number(required=True)


class OfferPricingBreakdown(AnswerSchema):
    """The price breakdown that the customer sees at the checkout. Amounts are in cents (inferred)."""

    subtotal = Number(required=True)
    tax = Number(required=True)
    total = Number(required=True)
    discounts = List(Nested(Amount), required=True)
    fees = List(Nested(Amount), required=True)
    pricedItems = List(Nested(PricedItem), required=True)


class Offer(AnswerSchema):
    """An offer as a read shows it. Fields that the prose allows to be omitted are not required."""

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
    """The delivery address of a new offer."""

    line1 = String(required=True)
    line2 = String(required=True, allow_none=True)
    city = String(required=True)
    stateOrProvince = String(required=True)
    postalCode = String(required=True)
    country = String(required=True)


class OfferCreated(AnswerSchema):
    """The response to createOffer. It differs from the offer that a read returns."""

    id = String(required=True)
    address = Nested(CreatedAddress, required=True)
    createdAt = String(required=True)
    customerOfferLink = String(required=True)
    warnings = List(String(), required=True)


class BuyoutUpdated(AnswerSchema):
    """The response to a buyout update."""

    success = Boolean(required=True)
    buyoutAmount = Number(required=True)
    updatedAt = String(required=True)


class CreditUpdated(AnswerSchema):
    """The response to a credit update, with the stored value."""

    success = Boolean(required=True)
    creditAmount = Integer(required=True)
    updatedAt = String(required=True)


class Part(AnswerSchema):
    """A part of an add-on, or a recommended part."""

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
    """A product with the add-ons that the delivery address allows."""

    sku = String(required=True)
    title = String(required=True)
    priceCents = Integer(required=True)
    addOns = List(Nested(AddOn), required=True)
    recommendedParts = List(Nested(Part), required=True)
    warnings = List(String(), required=True)


class Cancellation(AnswerSchema):
    """The state of a cancellation request."""

    requestedAt = String(required=True)
    cancellationStatus = String(required=True, validate=one_of("approved", "denied", "pending", "canceled"))
    cancellationReason = String(required=True)


class StoredCancellation(Cancellation):
    """A cancellation request as stored, with its order."""

    orderId = String(required=True)


class Step(AnswerSchema):
    """The pace of one step of an offer."""

    progression = String(required=True, validate=one_of("immediate", "time", "manual"))
    seconds = Integer(required=True, validate=within(0, MAX_SECONDS))
    polls = Integer(required=True, validate=within(0, MAX_POLLS))


class KeptAddon(AnswerSchema):
    """A requested add-on as stored."""

    id = String(required=True)
    quantity = Integer(required=True, validate=within(lowest=1))


class Pace(AnswerSchema):
    """The pace of an offer's upsells and of its expiry."""

    upsells = Nested(Step, required=True)
    expiry = Nested(Step, required=True)


class OfferBookkeeping(AnswerSchema):
    """Internal data that the sandbox stores with an offer.

    `sku` and `addons` are the requested product and add-ons. `fate` is the status that the customer's e-mail
    address requests. `upsells` is true if upsells were requested, and `arrived` once they are present. `send` is
    true if the offer is sent automatically. `credit` is in cents. `pace` is null for an offer that never changes
    automatically. `due` is the time of the next change (ms). `polls` is the number of reads left before the next
    change.
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
    """An offer as stored. Fields that may be absent in responses are null here."""

    sandbox = Nested(OfferBookkeeping, required=True)


RECORDS = {"offers": OfferRecord()}
