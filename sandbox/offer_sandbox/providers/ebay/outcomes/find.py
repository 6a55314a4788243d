"""The outcomes of findEligibleItems: pages, no content, and its own errors."""

from dataclasses import replace

from offer_sandbox.contract import Magic, Outcome, answered
from offer_sandbox.providers.ebay.operations import FIND, MAGIC_OFFSET
from offer_sandbox.providers.ebay.outcomes.calls import PLAIN, find
from offer_sandbox.providers.ebay.outcomes.common import error
from offer_sandbox.providers.ebay.schemas import MARKETPLACES


def find_outcomes() -> list[Outcome]:
    """Every outcome of a find that is its own, the plain success first."""
    title, page = "A page of listings with interested buyers", "eBay, findEligibleItems"
    found = answered(FIND, "success", title, 200, PLAIN[FIND], source=f"{page}: Response fields")
    nothing = answered(
        FIND,
        "no_content",
        "No listing of the marketplace has interested buyers",
        204,
        find(X_EBAY_C_MARKETPLACE_ID="EBAY_IT"),
        source=f"{page}: HTTP status codes",
    )
    unknown = {"marketplaceId": "EBAY_XX", "marketplaceIds": ", ".join(MARKETPLACES)}
    return [
        found,
        nothing,
        _find_internal(),
        error(
            FIND,
            "150001",
            "A mandatory header is missing",
            find(X_EBAY_C_MARKETPLACE_ID=None),
        ),
        error(
            FIND,
            "150002",
            "The marketplace is not supported",
            find(X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
            **unknown,
        ),
        error(
            FIND,
            "150003",
            "The limit is out of range",
            find("?limit=201"),
            minLimit="1",
            maxLimit="200",
        ),
        error(FIND, "150004", "The offset is negative", find("?offset=-1")),
    ]


def _find_internal() -> Outcome:
    """The error that a listing's id asks for in a send; a find has no listing, so its offset does."""
    plain = error(FIND, "150000", "eBay has an internal error", find(f"?offset={MAGIC_OFFSET}"))
    return replace(plain, magic=Magic("query.offset", MAGIC_OFFSET))
