"""The shapes of what the sandbox stores for eBay; names that are not eBay's are the sandbox's own."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from offer_sandbox.providers.ebay.contracts import CURRENCIES
from offer_sandbox.providers.ebay.schemas import MARKETPLACES, Offer
from offer_sandbox.providers.ebay.tokens import REFRESH_SECONDS
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    String,
    in_calendar,
    length,
    one_of,
    pattern,
    within,
)
from offer_sandbox.world.clock import LATEST, to_ms


class OfferBookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer: `due` is when it expires (ms), null if it never moves."""

    due = Integer(required=True, allow_none=True, validate=in_calendar())


class OfferRecord(Offer):
    """An offer as stored."""

    sandbox = Nested(OfferBookkeeping, required=True)


class ListingPrice(AnswerSchema):
    """What a listing costs, in plain decimals, so that it can be reckoned with."""

    currency = String(required=True, validate=one_of(*CURRENCIES))
    value = String(required=True, validate=pattern(r"[0-9]{1,12}(\.[0-9]{1,4})?", "a decimal number"))


class ListingRecord(AnswerSchema):
    """A listing as stored; eBay shows none, so every name that is not eBay's is the sandbox's own.

    `refuses` is the error id that every offer on the listing gets, `magic` marks ready-made refusals,
    `minimumPrice` is the lowest offer accepted.
    """

    listingId = String(required=True, validate=length(shortest=1))
    marketplaceId = String(required=True, validate=one_of(*MARKETPLACES))
    title = String(required=True)
    seller = String(required=True)
    status = String(required=True, validate=one_of("ACTIVE", "ENDED"))
    price = Nested(ListingPrice, required=True)
    minimumPrice = String(validate=pattern(r"[0-9]+\.[0-9]{2}", "a decimal number"))
    quantity = Integer(required=True, validate=within(lowest=0))
    interestedBuyers = List(String(), required=True)
    refuses = String(validate=pattern("150[0-9]{3}", "an eBay error id"))
    magic = Boolean()


class TokenRecord(AnswerSchema):
    """A token or code as stored, `expires` in ms. A code has the `client` and `redirect_uri` that it is good for,
    and `used` once it was redeemed."""

    token = String(required=True, validate=length(shortest=1))
    kind = String(required=True, validate=one_of("user", "application", "refresh", "code"))
    scopes = List(String(), required=True)
    expires = Integer(required=True, validate=within(0, to_ms(LATEST) + REFRESH_SECONDS * 1000))
    client = String()
    redirect_uri = String()
    used = Boolean()

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("client", "redirect_uri"):
            if data["kind"] == "code" and name not in data:
                raise ValidationError({name: ["required:is missing"]})
