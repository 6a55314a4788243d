"""What differs between the versions of eBay's contract and between marketplaces; judges no payload."""

import re
from dataclasses import dataclass
from decimal import Decimal

from offer_sandbox.world.world import World

_COMMA_MARKETPLACES = ("EBAY_FR", "EBAY_DE", "EBAY_IT", "EBAY_ES")
_FOUR_DAYS = ("EBAY_US", "EBAY_GB", "EBAY_MOTORS_US")


@dataclass(frozen=True)
class Contract:
    """The rules of one contract version on one marketplace. `days` is the only valid offer duration."""

    version: str
    days: int
    decimal_comma: bool
    currency_required: bool

    def decimal(self, text: str) -> Decimal | None:
        """The amount that a text means, None when it means none.

        Where the decimal mark is a comma, a point is ignored, as eBay's contract 1.1.2 documents.
        """
        if self.decimal_comma:
            text = text.replace(".", "").replace(",", ".")
        return plain_decimal(text)


def plain_decimal(text: str) -> Decimal | None:
    """The number that digits with at most one point mean, None when the text is anything else."""
    return Decimal(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,100})?", text) else None


def contract(world: World, marketplace: str) -> Contract:
    """The rules in force in a workspace, chosen by its setting `contracts.ebay`; 1.1.0 by default."""
    if world.setting("contracts", "ebay", "1.1.0") == "1.1.0":
        return Contract("1.1.0", days=2, decimal_comma=False, currency_required=False)
    return Contract(
        "1.1.2",
        days=4 if marketplace in _FOUR_DAYS else 2,
        decimal_comma=marketplace in _COMMA_MARKETPLACES,
        currency_required=True,
    )
