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
    described,
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
EMPTY = ("thirdPartyId", "line2")  # the page's prose allows these to be empty strings
FATES = ("order_placed", "buyout_accepted", "canceled", "expired")  # statuses a customer's address can request
PAGE_SIZE = 25
MAX_PAGE = 100
_LINE = length(1, 100)
_STATE = length(2, 2)
_POSTAL = pattern("[0-9]{5}(-[0-9]{4})?", "a ZIP code like 62701")
_EMAIL = pattern("[^@ ]+@[^@ ]+", "an e-mail address")
_INSTANT = "ISO 8601 in UTC with whole seconds."
_CENTS = {"type": "number", "minimum": 0}  # as Sibi's page types a product's price, here of its parts too


class OfferPath(RequestSchema):
    """The path of one offer."""

    id = String(
        required=True,
        metadata=described(
            "Id of the offer, from `createOffer` or `listOffers`. The sandbox also has an initial offer in each"
            " status, such as `offer-order-placed`.",
            example="offer-123",
        ),
    )


class OrderPath(RequestSchema):
    """The path of one order."""

    id = String(
        required=True,
        metadata=described(
            "Id of the order, one of an offer's `orderIds`. It is not the id of an offer.",
            example="order-order-placed",
        ),
    )


class ProductPath(RequestSchema):
    """The path of one product."""

    sku = String(
        required=True,
        metadata=described(
            "Sku of the product, as the manufacturer or distributor defines it. In the sandbox every sku is a"
            " product except `no-such-product`, which is refused with 404.",
            example="GDF511PGRBB",
        ),
    )


class Customer(RequestSchema):
    """The customer who receives the offer."""

    firstName = String(
        required=True,
        validate=length(shortest=1),
        metadata=described(
            "The customer's first name. It begins the `customerName` of the offer.", example="John"
        ),
    )
    lastName = String(
        required=True,
        validate=length(shortest=1),
        metadata=described("The customer's last name. It ends the `customerName` of the offer.", example="Doe"),
    )
    email = String(
        required=True,
        validate=_EMAIL,
        metadata=described(
            "The address that receives the offer. The sandbox sends no e-mail. A tag in the address chooses the"
            " status after `awaiting_customer`: `john+order-placed@example.com`, `+buyout-accepted`, `+canceled`"
            " or `+expired`.",
            example="john@example.com",
            format="email",
        ),
    )
    phone = String(
        required=True,
        validate=length(shortest=1),
        metadata=described(
            "The customer's phone number as text. Spaces, brackets and hyphens are accepted.",
            example="+1 (123) 456-7890",
        ),
    )


class Address(RequestSchema):
    """The delivery address. Its limits are those that getProduct documents, which is inferred for this call."""

    line1 = String(
        required=True,
        validate=_LINE,
        metadata=described(
            "Street address, 1 to 100 characters. The sandbox refuses `1 Unknown address` with the code"
            " `ADDRESS_PROCESSING_ERROR`.",
            example="123 Main St",
        ),
    )
    line2 = String(
        allow_none=True,
        validate=length(longest=100),
        metadata=described(
            "Apartment, suite or unit, at most 100 characters. Omit it, or send null (inferred), without one.",
            example="Apt 101",
        ),
    )
    city = String(
        required=True,
        validate=_LINE,
        metadata=described("City, 1 to 100 characters.", example="Springfield"),
    )
    stateOrProvince = String(
        required=True,
        validate=_STATE,
        metadata=described("State or province as a code of two characters.", example="IL"),
    )
    postalCode = String(
        required=True,
        validate=_POSTAL,
        metadata=described("US ZIP code of five digits, optionally with a hyphen and four more.", example="62701"),
    )


class RequestedAddon(RequestSchema):
    """A requested add-on, identified by its sku or its id."""

    sku = String(
        validate=length(shortest=1),
        metadata=described(
            "Sku of the add-on. Required if there is no `id`. If both are present, the sandbox uses the `id`.",
            example="M007",
        ),
    )
    id = String(
        validate=length(shortest=1),
        metadata=described(
            "Id of an aggregate of add-ons, from `addOns` of `getProduct`. Required if there is no `sku`.",
            example="install-aggregate-id",
        ),
    )
    quantity = Integer(
        required=True,
        validate=within(1, 1_000),
        metadata=described(
            "Number of units, 1 to 1,000. The documentation shows no limits, so they are inferred.", example=1
        ),
    )


class RequestedProduct(RequestSchema):
    """The replacement product with the add-ons that the warranty covers."""

    sku = String(
        required=True,
        validate=_LINE,
        metadata=described(
            "Sku of the replacement product, 1 to 100 characters (limits inferred). The sandbox refuses only"
            " `no-such-product`.",
            example="GDF511PGRBB",
        ),
    )
    addons = List(
        Nested(RequestedAddon),
        maximum=MAX_ITEMS,
        metadata=described(
            "Add-ons that the warranty covers. The offer returns them as `curatorSelectedAddons`. Without this"
            " field the product has none. The limit of 1,000 items is the sandbox's."
        ),
    )


class CreateOffer(RequestSchema):
    """A new offer for one customer, with the product that the warranty covers."""

    customer = Nested(Customer, required=True, metadata=described("The customer who receives the offer."))
    address = Nested(Address, required=True, metadata=described("Delivery address of the replacement product."))
    product = Nested(
        RequestedProduct,
        required=True,
        metadata=described("The included replacement product and its add-ons, which the warranty covers."),
    )
    sendOfferImmediately = Boolean(
        metadata=described(
            "Whether Sibi sends the offer by e-mail right after creation. The sandbox sends no e-mail. With"
            " `false` the offer is `pending` again once its upsells are present. A curator sends it only if the"
            " customer's e-mail address chooses a status.",
            example=True,
            default=True,
        )
    )
    allowCommonCarrier = Boolean(
        metadata=described(
            "Whether an offer is allowed for a property that only a common carrier delivers to. No default is"
            " documented. The sandbox ignores the value.",
            example=True,
        )
    )
    externalJobID = String(
        metadata=described(
            "The caller's own id of the job. Offers return it as `thirdPartyId` (inferred). A second offer for a"
            " job with an active one is refused with `DUPLICATE_ACTIVE_OFFER`.",
            example="ext-123",
        )
    )
    buyoutAmount = Number(
        validate=within(lowest=0),
        metadata=described(
            "Amount in cents, at least 0, that the customer can take instead of a product. 50000 is 500.00 USD."
            " Without it `buyoutAmountCents` of the offer is null.",
            example=50000,
        ),
    )
    includeUpsells = Boolean(
        metadata=described(
            "Whether the offer also contains paid upgrades, which are generated after creation. An offer without"
            " upsells has no credit.",
            example=True,
            default=True,
        )
    )
    subBrandId = String(
        metadata=described(
            "Id of the sub-brand whose branding the customer sees. The sandbox accepts any id except"
            " `invalid-sub-brand`, and does not store it.",
            example="sub-brand-1",
        )
    )
    allowDuplicate = Boolean(
        metadata=described(
            "Confirms a second offer for an `externalJobID` that has an active offer. The documentation describes"
            " this field without a visible name, so the name is the sandbox's.",
            evidence="inferred",
            example=False,
            default=False,
        )
    )


class BuyoutAmount(RequestSchema):
    """A buyout amount, in cents."""

    buyoutAmount = Number(
        required=True,
        validate=within(lowest=0),
        metadata=described(
            "New amount in cents, at least 0, that the customer can take instead of a product. 50000 is 500.00"
            " USD.",
            example=50000,
        ),
    )


class CreditAmount(RequestSchema):
    """A credit amount, in whole cents."""

    creditAmount = Integer(
        required=True,
        validate=within(lowest=0),
        metadata=described("New credit in whole cents, at least 0. 10000 is 100.00 USD.", example=10000),
    )


class CancelOrder(RequestSchema):
    """The reason for canceling an order."""

    reason = String(
        required=True,
        validate=length(shortest=1),
        metadata=described(
            "Why the order is to be canceled, as free text. The sandbox refuses an empty text (inferred).",
            example="Customer requested a cancellation",
        ),
    )


class OfferQuery(RequestSchema):
    """The page number and page size of the list. Both are inferred, because Sibi's page shows no parameters."""

    page = String(
        validate=pattern("[1-9][0-9]{0,17}", "a page number of at least 1"),
        metadata=described(
            "Number of the page, from 1. A page after the last one is empty.",
            evidence="inferred",
            example=1,
            default=1,
            format="int64",
            published={"type": "integer", "minimum": 1},
        ),
    )
    limit = String(
        validate=pattern("[1-9][0-9]?|100", f"a number from 1 to {MAX_PAGE}"),
        metadata=described(
            f"Offers on a page, 1 to {MAX_PAGE}.",
            evidence="inferred",
            example=PAGE_SIZE,
            default=PAGE_SIZE,
            published={"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
        ),
    )


class ProductQuery(RequestSchema):
    """A product's delivery address and manufacturer."""

    line1 = String(
        validate=_LINE,
        metadata=described(
            "Street address of the delivery, 1 to 100 characters. The sandbox lists add-ons only if this field,"
            " `city`, `stateOrProvince` and `postalCode` are all present.",
            example="123 Main St",
        ),
    )
    line2 = String(
        validate=length(longest=100),
        metadata=described(
            "Apartment, suite or unit, 1 to 100 characters. It does not affect the sandbox's response.",
            example="Apt 101",
            published={"minLength": 1},
        ),
    )
    city = String(
        validate=_LINE, metadata=described("City of the delivery, 1 to 100 characters.", example="Springfield")
    )
    stateOrProvince = String(
        validate=_STATE,
        metadata=described("State or province of the delivery as a code of two characters.", example="IL"),
    )
    postalCode = String(
        validate=_POSTAL,
        metadata=described(
            "US ZIP code of the delivery: five digits, optionally with a hyphen and four more.", example="62701"
        ),
    )
    manufacturer = String(
        metadata=described(
            "Manufacturer whose products are searched. It does not affect the sandbox's response.",
            example="ge",
            default="ge",
        )
    )


class AddonReference(AnswerSchema):
    """A reference to an add-on. The documentation shows it only in its sample."""

    addonId = String(
        required=True,
        metadata=described(
            "Id of the add-on. In the sandbox it is the `id`, or else the `sku`, from the request.", example="M007"
        ),
    )


class OfferedProduct(AnswerSchema):
    """A product in an offering. The documentation shows it only in its sample."""

    productId = String(
        required=True,
        metadata=described(
            "Sibi's id of the product, which is not its sku. The sandbox uses `product-` and the sku.",
            example="product-GDF511PGRBB",
        ),
    )
    curatorSelectedAddons = List(
        Nested(AddonReference),
        required=True,
        metadata=described(
            "Add-ons that the curator selected. In the sandbox they are the add-ons of the `createOffer`"
            " request, at the first product of an option. Empty without any."
        ),
    )


class Offering(AnswerSchema):
    """One of the customer's options. The documentation shows it only in its sample."""

    products = List(
        Nested(OfferedProduct),
        required=True,
        metadata=described(
            "Products of the option. In the sandbox it is one product, or a washer with a matching dryer."
        ),
    )


class SelectedOffering(OfferedProduct):
    """The selected product with its add-ons. The documentation shows it only in its sample."""

    customerSelectedAddons = List(
        Nested(AddonReference),
        required=True,
        metadata=described(
            "Add-ons that the customer chose in addition. In the sandbox only some initial offers have them."
        ),
    )


class PricedAddon(AnswerSchema):
    """An add-on with its price. The documentation shows it only in its sample."""

    id = String(required=True, metadata=described("Id of the add-on, the same as its `addonId`.", example="M007"))
    title = String(required=True, metadata=described("Name of the add-on for people.", example="Installation"))
    purchasePrice = Number(
        required=True,
        metadata=described(
            "Price of the whole quantity in cents (unit inferred), before tax and discounts.", example=4000
        ),
    )


class PricedItem(PricedAddon):
    """A product with its price. The documentation shows it only in its sample."""

    id = String(
        required=True,
        metadata=described("Id of the product, the same as its `productId`.", example="product-GDF511PGRBB"),
    )
    title = String(
        required=True, metadata=described("Name of the product for people.", example="Dishwasher GDF511PGRBB")
    )
    purchasePrice = Number(
        required=True,
        metadata=described(
            "Price of the product in cents (unit inferred), without its add-ons, tax and discounts.",
            example=164900,
        ),
    )
    addons = List(
        Nested(PricedAddon),
        required=True,
        metadata=described("Add-ons of the product with their prices. Empty without any."),
    )


class Amount(AnswerSchema):
    """The amount of a discount or fee. The documentation shows it only in its sample."""

    amount = Number(required=True, metadata=described("Positive amount in cents (unit inferred).", example=2900))


class OfferPricingBreakdown(AnswerSchema):
    """The price breakdown that the customer sees at the checkout. Amounts are in cents (inferred)."""

    subtotal = Number(
        required=True,
        metadata=described(
            "Sum of all prices in `pricedItems` in cents (unit inferred), before tax, fees and discounts.",
            example=168900,
        ),
    )
    tax = Number(
        required=True,
        metadata=described(
            "Tax on the subtotal in cents (unit inferred). The sandbox charges 8 percent, rounded down.",
            example=13512,
        ),
    )
    total = Number(
        required=True,
        metadata=described(
            "Final price in cents (unit inferred): subtotal plus tax plus fees minus discounts. Company and"
            " customer together spend this amount.",
            example=110312,
        ),
    )
    discounts = List(
        Nested(Amount),
        required=True,
        metadata=described(
            "Amounts that are subtracted. The sandbox has one for two products that are ordered together, 5"
            " percent of their price, and one for the offer's credit, at most as high as the rest. Often empty."
        ),
    )
    fees = List(
        Nested(Amount),
        required=True,
        metadata=described(
            "Amounts that are added. The sandbox has a delivery fee of 2900 cents for each product. Empty from a"
            " subtotal of 200000 cents."
        ),
    )
    pricedItems = List(
        Nested(PricedItem),
        required=True,
        metadata=described("The products of `selectedOffering` with their prices."),
    )


class Offer(AnswerSchema):
    """An offer as a read shows it. Sibi lists every field as required, but its text allows seven to be missing, so
    these are optional here. The setting `sibi.absent` decides whether they are `null` (the default), omitted
    (`omit`) or, where the text says so, empty (`empty`) when they have no value."""

    id = String(
        required=True,
        metadata=described("Unique id of the offer, set by Sibi when it is created.", example="offer-123"),
    )
    orderIds = List(
        String(),
        allow_none=True,
        metadata=described(
            "Ids of the orders that the decision about the offer created. The sandbox creates one order for each"
            " selected product, in status `order_placed`. In every other status the field is null, or omitted if"
            " `sibi.absent` is `omit`. It is never an empty array.",
            example=["order-123"],
        ),
    )
    thirdPartyId = String(
        allow_none=True,
        metadata=described(
            "Id of the offer in the caller's system. The sandbox copies it from `externalJobID` (inferred)."
            " Without one it is null, omitted or an empty string, as `sibi.absent` says.",
            example="ext-123",
        ),
    )
    customerName = String(
        required=True,
        metadata=described(
            "Full name of the customer. In the sandbox: first name, a space, last name.", example="John Doe"
        ),
    )
    customerEmail = String(
        required=True,
        metadata=described("E-mail address of the customer, as in the request.", example="john@example.com"),
    )
    customerPhone = String(
        required=True,
        metadata=described("Phone number of the customer, as in the request.", example="+1 (123) 456-7890"),
    )
    fullAddress = String(
        required=True,
        allow_none=True,
        metadata=described(
            "The whole address on one line. Sibi types it as nullable. The sandbox composes it for every new"
            " offer. It is null in an initial offer. `sibi.absent` does not affect it.",
            example="123 Main St, Apt 101, Springfield, IL 62701",
        ),
    )
    line1 = String(
        required=True, metadata=described("Street address of the property, never null.", example="123 Main St")
    )
    line2 = String(
        allow_none=True,
        metadata=described(
            "Apartment, suite or unit. Without one it is null, omitted or an empty string, as `sibi.absent` says.",
            example="Apt 101",
        ),
    )
    city = String(required=True, metadata=described("City of the property.", example="Springfield"))
    stateOrProvince = String(
        required=True,
        metadata=described("State or province of the property. New offers have two characters.", example="IL"),
    )
    postalCode = String(
        required=True,
        metadata=described(
            "Postal or ZIP code of the property. An offer has no field for the country.", example="62701"
        ),
    )
    status = String(
        required=True,
        validate=one_of(*STATUSES),
        metadata=described(
            "Current status of the offer, set by Sibi. `order_placed`, `buyout_accepted`, `expired` and `canceled`"
            " are final (inferred, because the documentation describes no transitions).",
            values={
                "pending": "Created and not sent to the customer.",
                "generating_upsells": "Paid upgrades are being computed (meaning inferred).",
                "awaiting_customer": "Sent to the customer, who has not answered.",
                "canceled": "Canceled before it was completed.",
                "buyout_accepted": "The customer took the buyout amount instead of a product.",
                "order_placed": "The offer was accepted and an order exists.",
                "expired": "The customer did not answer in time.",
                "unknown": "Fallback for any other status (meaning inferred). Only an initial offer has it.",
            },
            example="pending",
        ),
    )
    acceptedByRole = String(
        allow_none=True,
        validate=one_of(*ROLES),
        metadata=described(
            "Role of the person who accepted the offer. Set in the statuses `order_placed` and `buyout_accepted`."
            " Before acceptance it is null, or omitted if `sibi.absent` is `omit`.",
            values={
                "curator": "A curator accepted for the customer (in the sandbox: an offer that a curator sent).",
                "customer": "The customer accepted.",
            },
            example="curator",
        ),
    )
    offerSentAt = String(
        required=True,
        allow_none=True,
        metadata=described(
            f"Time at which the offer was sent to the customer. {_INSTANT} Null until then, which `sibi.absent`"
            " does not change. Sibi's own sample is not a valid time, so no format is declared.",
            example="2024-01-20T12:00:06Z",
        ),
    )
    selectedOffering = List(
        Nested(SelectedOffering),
        allow_none=True,
        metadata=described(
            "The chosen products with their add-ons. It is an array despite its name. In every status except"
            " `order_placed` it is null, or omitted if `sibi.absent` is `omit`."
        ),
    )
    offerings = List(
        Nested(Offering),
        required=True,
        metadata=described(
            "The customer's options, never null. A new offer has only the included product. Paid upgrades are"
            " added later, after `generating_upsells`. The sandbox adds two."
        ),
    )
    buyoutAmountCents = Number(
        required=True,
        allow_none=True,
        metadata=described(
            "Cash in cents that the customer can take instead of a product. Null if none was set, whatever"
            " `sibi.absent` is. A customer cannot accept a buyout without an amount. A forced `buyout_accepted`"
            " then shows 50000.",
            example=50000,
        ),
    )
    creditAmountCents = Number(
        allow_none=True,
        metadata=described(
            "Credit in cents that lowers the price. Without credit (also after a credit of 0) and without upsells"
            " it is null, or omitted if `sibi.absent` is `omit`.",
            example=75000,
        ),
    )
    companySpendCents = Number(
        required=True,
        metadata=described(
            "Cost for the company in cents, never null. In the sandbox: the price of the included product with its"
            " add-ons, the buyout in `buyout_accepted`, and the company's share of the total in `order_placed`.",
            example=64900,
        ),
    )
    customerSpendCents = Number(
        required=True,
        allow_none=True,
        metadata=described(
            "Cost for the customer in cents. In the sandbox it is the rest of the total in `order_placed`, 0 in"
            " `buyout_accepted`, and null in every other status, whatever `sibi.absent` is.",
            example=45412,
        ),
    )
    offerPricingBreakdown = Nested(
        OfferPricingBreakdown,
        allow_none=True,
        metadata=described(
            "Price that the customer saw at the checkout. Without checkout data it is null, or omitted if"
            " `sibi.absent` is `omit`. Sibi types it as an object, but its text allows both. The sandbox has it"
            " only in status `order_placed`."
        ),
    )


class OfferList(AnswerSchema):
    """A page of offers."""

    data = List(
        Nested(Offer),
        required=True,
        metadata=described(
            "Offers in order of creation, each with the same fields as in `getOffer`. Empty if there are none."
        ),
    )


class CreatedAddress(AnswerSchema):
    """The delivery address of a new offer."""

    line1 = String(required=True, metadata=described("Street address from the request.", example="123 Main St"))
    line2 = String(
        required=True,
        allow_none=True,
        metadata=described(
            "Apartment, suite or unit from the request. Null if the request has none (inferred). `sibi.absent`"
            " does not affect it.",
            example="Apt 101",
        ),
    )
    city = String(required=True, metadata=described("City from the request.", example="Springfield"))
    stateOrProvince = String(
        required=True, metadata=described("State or province from the request.", example="IL")
    )
    postalCode = String(required=True, metadata=described("ZIP code from the request.", example="62701"))
    country = String(
        required=True,
        metadata=described(
            "Country of the address, set by Sibi. Always `US` in the sandbox. `getOffer` does not return it.",
            example="US",
        ),
    )


class OfferCreated(AnswerSchema):
    """The response to createOffer. It differs from the offer that a read returns."""

    id = String(
        required=True, metadata=described("Unique id of the new offer, for `getOffer`.", example="testofferid")
    )
    address = Nested(
        CreatedAddress, required=True, metadata=described("Delivery address, with the country added.")
    )
    createdAt = String(
        required=True,
        metadata=described(f"Time of creation. {_INSTANT}", example="2024-01-20T12:00:00Z", format="date-time"),
    )
    customerOfferLink = String(
        required=True,
        metadata=described(
            "Link on which the customer sees and answers the offer. It needs no credential, because it is a"
            " secret. The sandbox's own page is there (`customerOffer`).",
            example="http://127.0.0.1:4242/sibi/offers/customer/page/sbx_demo.customer-abcdefghijklmnopqrstuvwxyz012345",
            format="uri",
        ),
    )
    warnings = List(
        String(),
        required=True,
        metadata=described(
            "Texts for people about limits of the offer, such as delivery by common carrier only. Always empty in"
            " the sandbox.",
            example=["This product is delivered by common carrier only."],
        ),
    )


class BuyoutUpdated(AnswerSchema):
    """The response to a buyout update."""

    success = Boolean(
        required=True,
        metadata=described("Whether the amount was stored. A refusal has another body.", example=True),
    )
    buyoutAmount = Number(
        required=True,
        metadata=described(
            "Stored amount in cents, the same as in the request.", example=50000, published={"minimum": 0}
        ),
    )
    updatedAt = String(
        required=True,
        metadata=described(f"Time of the update. {_INSTANT}", example="2024-01-20T12:00:00Z", format="date-time"),
    )


class CreditUpdated(AnswerSchema):
    """The response to a credit update, with the stored value."""

    success = Boolean(
        required=True,
        metadata=described("Whether the call was carried out. A refusal has another body.", example=True),
    )
    creditAmount = Integer(
        required=True,
        metadata=described(
            "Stored credit in whole cents. Compare it with the request: the sandbox stores 0 for an offer without"
            " upsells (inferred).",
            example=10000,
            published={"minimum": 0},
        ),
    )
    updatedAt = String(
        required=True,
        metadata=described(f"Time of the update. {_INSTANT}", example="2024-01-20T12:00:00Z", format="date-time"),
    )


class Part(AnswerSchema):
    """A part of an add-on, or a recommended part."""

    sku = String(required=True, metadata=described("Sku of the part, as invoices show it.", example="126"))
    title = String(
        required=True, metadata=described("Name of the part for people.", example="Washer Inlet Fill Hose")
    )
    category = String(
        required=True,
        metadata=described(
            "Broad category of the part. The documentation lists no values. The sandbox uses `services` and"
            " `parts`.",
            example="Parts",
        ),
    )
    priceCents = Integer(
        required=True, metadata=described("Price of the part in cents.", example=1000, published=_CENTS)
    )


class AddOn(AnswerSchema):
    """An add-on that can be ordered with the product."""

    id = String(
        required=True,
        metadata=described("Id of the add-on, for `product.addons` of `createOffer`.", example="123"),
    )
    title = String(required=True, metadata=described("Name of the add-on for people.", example="Install"))
    priceCents = Integer(
        required=True,
        metadata=described("Price of the whole add-on in cents.", example=10000, published=_CENTS),
    )
    products = List(Nested(Part), required=True, metadata=described("Services and parts that make up the add-on."))
    includedPartProducts = List(
        Nested(Part),
        required=True,
        metadata=described("Parts that are delivered with the add-on. Empty without any."),
    )


class Product(AnswerSchema):
    """A product with the add-ons that the delivery address allows."""

    sku = String(required=True, metadata=described("Sku from the path.", example="GDF511PGRBB"))
    title = String(
        required=True, metadata=described("Name of the product for people.", example="Dishwasher GDF511PGRBB")
    )
    priceCents = Integer(
        required=True,
        metadata=described("Price of the product in cents, without add-ons.", example=64900, published=_CENTS),
    )
    addOns = List(
        Nested(AddOn),
        required=True,
        metadata=described("Add-ons available at the address. Empty without a complete address."),
    )
    recommendedParts = List(
        Nested(Part),
        required=True,
        metadata=described("Parts that suit the product. An add-on may already include them."),
    )
    warnings = List(
        String(),
        required=True,
        metadata=described(
            "Texts for people about limits of the response. The sandbox sends one if the address is missing or"
            " incomplete, otherwise none.",
            example=["Add-ons are not available without a complete address."],
        ),
    )


class Cancellation(AnswerSchema):
    """The state of a cancellation request."""

    requestedAt = String(
        required=True,
        metadata=described(
            f"Time at which the cancellation was requested. {_INSTANT}",
            example="2024-01-20T12:00:00Z",
            format="date-time",
        ),
    )
    cancellationStatus = String(
        required=True,
        validate=one_of("approved", "denied", "pending", "canceled"),
        metadata=described(
            "Status of the request. The progression `sibi.cancellation` decides on a new request after a minute"
            " (inferred). Some orders of initial offers have one that was decided, or that nobody decides. The"
            " documentation gives only the values, so their meanings are inferred. Sibi does not list this field"
            " as required.",
            values={
                "approved": "The partner accepted the cancellation.",
                "denied": "The partner refused the cancellation.",
                "pending": "The partner has not decided.",
                "canceled": "The order is canceled.",
            },
            example="pending",
        ),
    )
    cancellationReason = String(
        required=True,
        metadata=described(
            "Reason from the request that was stored first. Sibi does not list this field as required.",
            example="Customer requested a cancellation",
        ),
    )


class StoredCancellation(Cancellation):
    """A cancellation request as stored, with its order. `due` is the time of the decision (ms) and `decision` its
    result. They are missing if nobody decides."""

    orderId = String(required=True)
    due = Integer(allow_none=True, validate=in_calendar())
    decision = String(validate=one_of("approved", "denied"))


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


class Choice(AnswerSchema):
    """What the customer, or a curator on their behalf, chose: an offering by its place and add-ons."""

    option = Integer(required=True, validate=within(0, 2))
    addons = List(Nested(KeptAddon), required=True)


class LinkPath(RequestSchema):
    """The path of the customer's page."""

    link = String(
        required=True,
        metadata=described(
            "The last part of `customerOfferLink`.", example="sbx_demo.customer-abcdefghijklmnopqrstuvwxyz012345"
        ),
    )


_ROLES = {"customer": "The customer.", "curator": "A curator, on the customer's behalf."}


class CustomerQuery(RequestSchema):
    """The query of the customer's page."""

    role = String(
        validate=one_of(*_ROLES),
        metadata=described("Whose view it is.", values=_ROLES, default="customer", example="curator"),
    )


class CustomerAnswer(RequestSchema):
    """The form of the customer's page."""

    action = String(
        required=True,
        validate=one_of("order", "buyout", "decline", "send"),
        metadata=described(
            "What to do.",
            values={
                "order": "Orders the chosen products.",
                "buyout": "Takes the buyout.",
                "decline": "Declines the offer, which is then `canceled`.",
                "send": "Sends a pending offer to the customer.",
            },
            example="order",
        ),
    )
    role = String(
        validate=one_of(*_ROLES),
        metadata=described("Who does it.", values=_ROLES, default="customer", example="customer"),
    )
    option = String(
        validate=pattern("[0-9]", "the place of an offering, from 0"),
        metadata=described("The place of the chosen offering, from 0, for `order`.", default="0", example="1"),
    )
    addon1 = String(metadata=described("The id of a chosen add-on.", example="addon-GDF511PGRBB-installation"))
    addon2 = String(metadata=described("The id of another chosen add-on."))
    addon3 = String(metadata=described("The id of another chosen add-on."))


class LinkRecord(AnswerSchema):
    """The link of an offer as stored."""

    link = String(required=True)
    offer = String(required=True)
    issuer = String(required=True)


class OfferBookkeeping(AnswerSchema):
    """Internal data that the sandbox stores with an offer.

    `sku` and `addons` are the requested product and add-ons. `fate` is the status that the customer's e-mail
    address requests. `upsells` is true if upsells were requested, and `arrived` once they are present. `send` is
    true if the offer is sent automatically. `credit` is in cents. `pace` is null for an offer that never changes
    automatically. `due` is the time of the next change (ms). `polls` is the number of reads left before the next
    change. `choice` and `role` are missing until somebody has chosen.
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
    choice = Nested(Choice)
    role = String(validate=one_of("customer", "curator"))


class OfferRecord(Offer):
    """An offer as stored. Fields that may be absent in responses are null here."""

    sandbox = Nested(OfferBookkeeping, required=True)


RECORDS = {"offers": OfferRecord(), "links": LinkRecord()}
