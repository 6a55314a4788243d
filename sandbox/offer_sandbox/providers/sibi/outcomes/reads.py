"""The outcomes of Sibi's reads: one offer, the list, a product."""

from dataclasses import replace

from offer_sandbox.contract import OURS, Magic, Outcome, answered, demo_bearer, infrastructure, refusal
from offer_sandbox.providers.sibi.behaviour import fate_of
from offer_sandbox.providers.sibi.fixtures import offer_id
from offer_sandbox.providers.sibi.operations import GET, LIST
from offer_sandbox.providers.sibi.orders import PRODUCT
from offer_sandbox.providers.sibi.outcomes.common import SOURCES, UNPRINTED, invalid, step
from offer_sandbox.providers.sibi.products import NO_PRODUCT
from offer_sandbox.providers.sibi.samples import OFFER
from offer_sandbox.providers.sibi.schemas import STATUSES

_OFFER, _LIST_OFFERS = step("GET", "/offers/offer-123"), step("GET", "/offers")
_PRODUCT = step(
    "GET", "/products/GDF511PGRBB?line1=123+Main+St&city=Springfield&stateOrProvince=IL&postalCode=62701"
)


def _offers() -> list[Outcome]:
    printed = answered(
        GET, "documented", "The printed offer", 200, source=SOURCES[GET], evidence="seed", document=OFFER
    )
    return [
        *map(_in_status, STATUSES),
        printed,
        refusal(GET, "offer_not_found", "There is no such offer", 404, step("GET", "/offers/nobody")),
        *infrastructure(GET, _OFFER, demo_bearer),
    ]


def _in_status(status: str) -> Outcome:
    read = _OFFER if status == "pending" else step("GET", f"/offers/{offer_id(status)}")
    email = f"john+{status.replace('_', '-')}@example.com"
    return answered(
        GET,
        status,
        f"An offer whose status is {status}",
        200,
        read,
        source=SOURCES[GET],
        kind="state",
        evidence="seed",
        magic=Magic("body.customer.email", email) if fate_of(email) else None,
    )


def _lists() -> list[Outcome]:
    cleared = replace(step("PUT", "/", {"offers": []}), path="/__admin/state/sibi/offers")
    beyond, too_many = step("GET", "/offers?page=999"), step("GET", "/offers?limit=101")
    return [
        answered(LIST, "success", "A page of offers", 200, _LIST_OFFERS, source=f"{SOURCES[LIST]}; {UNPRINTED}"),
        answered(
            LIST, "empty", "There are no offers", 200, cleared, _LIST_OFFERS, source=OURS, evidence="inferred"
        ),
        answered(LIST, "past_end", "A page past the last one", 200, beyond, source=OURS, evidence="inferred"),
        invalid(LIST, too_many, field="limit", error="must be a number from 1 to 100"),
        *infrastructure(LIST, _LIST_OFFERS, demo_bearer),
    ]


def _products() -> list[Outcome]:
    missing = refusal(
        PRODUCT, "product_not_found", "There is no such product", 404, step("GET", f"/products/{NO_PRODUCT}")
    )
    return [
        answered(
            PRODUCT,
            "success",
            "A product with its add-ons",
            200,
            _PRODUCT,
            source=f"{SOURCES[PRODUCT]}; {UNPRINTED}",
        ),
        replace(missing, magic=Magic("path.sku", NO_PRODUCT)),
        invalid(
            PRODUCT,
            step("GET", "/products/GDF511PGRBB?postalCode=abc"),
            field="postalCode",
            error="must be a ZIP code like 62701",
        ),
        *infrastructure(PRODUCT, _PRODUCT, demo_bearer),
    ]


READ_OUTCOMES = (*_offers(), *_lists(), *_products())
