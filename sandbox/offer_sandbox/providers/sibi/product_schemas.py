"""The shapes of Sibi's products and cancellations."""

from offer_sandbox.schemas.fields import AnswerSchema, Integer, List, Nested, String, one_of


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
