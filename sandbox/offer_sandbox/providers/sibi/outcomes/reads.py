"""The outcomes of Sibi's reads: one offer, the list, a product."""

from dataclasses import replace

from offer_sandbox.contract import Outcome, infrastructure, refusal
from offer_sandbox.contract.outcome import Magic
from offer_sandbox.providers.sibi.documented import OFFER
from offer_sandbox.providers.sibi.fixtures import offer_id
from offer_sandbox.providers.sibi.operations import GET, LIST
from offer_sandbox.providers.sibi.orders import PRODUCT
from offer_sandbox.providers.sibi.outcomes.common import authorization, found, invalid, step
from offer_sandbox.providers.sibi.products import NO_PRODUCT
from offer_sandbox.providers.sibi.schemas import STATUSES

_OFFER, _LIST = step("GET", "/offers/offer-123"), step("GET", "/offers")
_PRODUCT = step(
    "GET", "/products/GDF511PGRBB?line1=123+Main+St&city=Springfield&stateOrProvince=IL&postalCode=62701"
)


def _offers() -> list[Outcome]:
    return [
        *(
            found(
                GET,
                status,
                f"An offer whose status is {status}",
                _OFFER if status == "pending" else step("GET", f"/offers/{offer_id(status)}"),
                kind="state",
                evidence="seed",
            )
            for status in STATUSES
        ),
        found(GET, "documented", "The offer that the page prints", evidence="seed", document=OFFER),
        refusal(GET, "offer_not_found", "There is no such offer", 404, step("GET", "/offers/nobody")),
        *infrastructure(GET, _OFFER, authorization),
    ]


def _lists() -> list[Outcome]:
    cleared = replace(step("PUT", "/", {"offers": []}), path="/__admin/state/sibi/offers")
    return [
        found(LIST, "success", "A page of offers", _LIST),
        found(LIST, "empty", "There are no offers", cleared, _LIST, evidence="inferred"),
        found(LIST, "past_end", "A page past the last one", step("GET", "/offers?page=999"), evidence="inferred"),
        invalid(LIST, step("GET", "/offers?limit=101"), field="limit", error="must be a number from 1 to 100"),
        *infrastructure(LIST, _LIST, authorization),
    ]


def _products() -> list[Outcome]:
    missing = refusal(
        PRODUCT, "product_not_found", "There is no such product", 404, step("GET", f"/products/{NO_PRODUCT}")
    )
    return [
        found(PRODUCT, "success", "A product with its add-ons", _PRODUCT),
        replace(missing, magic=Magic("path.sku", NO_PRODUCT)),
        invalid(
            PRODUCT,
            step("GET", "/products/GDF511PGRBB?postalCode=abc"),
            field="postalCode",
            error="must be a ZIP code like 62701",
        ),
        *infrastructure(PRODUCT, _PRODUCT, authorization),
    ]


OUTCOMES = (*_offers(), *_lists(), *_products())
