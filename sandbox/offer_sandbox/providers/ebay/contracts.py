"""Differences between eBay's contract versions and between marketplaces."""

import re
from dataclasses import dataclass
from decimal import Decimal

from offer_sandbox.providers.ebay.provider import PRODUCTION
from offer_sandbox.world.world import World

_COMMA_MARKETPLACES = ("EBAY_FR", "EBAY_DE", "EBAY_IT", "EBAY_ES")
_UNITED_STATES = ("EBAY_US", "EBAY_MOTORS_US")
_FOUR_DAYS = ("EBAY_US", "EBAY_GB", "EBAY_MOTORS_US")


@dataclass(frozen=True)
class Contract:
    """The rules of one contract version on one marketplace.

    `days` is the only valid offer duration. `user_ids` is whether immutable ids replace the names of users, as
    eBay documents it for users in the United States.
    """

    version: str
    marketplace: str
    days: int
    decimal_comma: bool
    currency_required: bool
    user_ids: bool

    def decimal(self, text: str) -> Decimal | None:
        """Returns the amount that a text represents, or None if it is not an amount.

        If the decimal mark is a comma, points are ignored, as eBay's contract 1.1.2 documents.
        """
        if self.decimal_comma:
            text = text.replace(".", "").replace(",", ".")
        return plain_decimal(text)


def plain_decimal(text: str) -> Decimal | None:
    """Returns the number for digits with at most one decimal point, or None for any other text."""
    return Decimal(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,100})?", text) else None


def contract(world: World, marketplace: str) -> Contract:
    """Returns a workspace's rules for a marketplace.

    The setting `contracts.ebay` selects the contract version (default 1.1.0).
    """
    if world.setting("contracts", "ebay", "1.1.0") == PRODUCTION:
        return production(marketplace)
    return Contract("1.1.0", marketplace, days=2, decimal_comma=False, currency_required=False, user_ids=False)


def production(marketplace: str) -> Contract:
    """Returns the rules of eBay's production for a marketplace."""
    return Contract(
        PRODUCTION,
        marketplace,
        days=4 if marketplace in _FOUR_DAYS else 2,
        decimal_comma=marketplace in _COMMA_MARKETPLACES,
        currency_required=True,
        user_ids=marketplace in _UNITED_STATES,
    )
