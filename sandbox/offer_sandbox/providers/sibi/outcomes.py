"""Sibi's catalogue: the outcomes of every operation, with the calls that produce each of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from offer_sandbox.contract import (
    OURS,
    Magic,
    Outcome,
    Step,
    answered,
    demo_bearer,
    infrastructure,
    refusal,
    unmatched,
)
from offer_sandbox.providers.sibi.behaviour import fate_of
from offer_sandbox.providers.sibi.customer_page import ANSWER, CUSTOMER
from offer_sandbox.providers.sibi.fixtures import offer_id
from offer_sandbox.providers.sibi.operations import (
    BUYOUT,
    CANCEL,
    CREATE,
    CREDIT,
    GET,
    LIST,
    NO_ADDRESS,
    NO_SUB_BRAND,
    OPERATIONS,
    PRODUCT,
)
from offer_sandbox.providers.sibi.products import NO_PRODUCT
from offer_sandbox.providers.sibi.samples import CREATE_OFFER, OFFER
from offer_sandbox.providers.sibi.schemas import STATUSES

SOURCES = {operation.name: operation.source for operation in OPERATIONS}
UNPRINTED = "(the status 200 is inferred)"
_ERRORS = "Sibi, Create offer: error responses"


def step(method: str, path: str, body: Any = None) -> Step:
    """Returns a call to a path under the provider's prefix."""
    headers = {"Authorization": demo_bearer()}
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Step(method=method, path=f"/sibi{path}", headers=headers, body=body)


def invalid(operation: str, *steps: Step, field: str, error: str) -> Outcome:
    """Returns the outcome for invalid input, which Sibi documents for createOffer only.

    `field` and `error` are the sample values of a forced error.
    """
    title = "Input is missing or invalid"
    plain = refusal(operation, "validation_error", title, 400, *steps, field=field, error=error)
    return replace(plain, evidence="docs", source=_ERRORS) if operation == CREATE else plain


def without_body(operation: str, plain: Step) -> Outcome:
    """Returns the outcome for a body that is an empty object."""
    return invalid(operation, replace(plain, body={}), field=next(iter(plain.body)), error="is missing")


def unauthorized() -> Outcome:
    """Returns the only credential error that Sibi documents, which is for createOffer."""
    usual = infrastructure(CREATE, _PLAIN_CREATION, demo_bearer)[0]
    return replace(usual, evidence="docs", source=f"{_ERRORS} (the code is inferred)")


_OFFER, _LIST_OFFERS = step("GET", "/offers/offer-123"), step("GET", "/offers")
_PRODUCT = step(
    "GET", "/products/GDF511PGRBB?line1=123+Main+St&city=Springfield&stateOrProvince=IL&postalCode=62701"
)


def _offers() -> list[Outcome]:
    printed = answered(
        GET,
        "documented",
        "The offer that the documentation prints",
        200,
        source=SOURCES[GET],
        evidence="seed",
        document=OFFER,
    )
    return [
        *map(_in_status, STATUSES),
        printed,
        refusal(GET, "offer_not_found", "There is no such offer", 404, step("GET", "/offers/nobody")),
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
        answered(LIST, "success", "A page of offers", 200, _LIST_OFFERS, source=f"{SOURCES[LIST]} {UNPRINTED}"),
        answered(
            LIST, "empty", "There are no offers", 200, cleared, _LIST_OFFERS, source=OURS, evidence="inferred"
        ),
        answered(LIST, "past_end", "A page past the last one", 200, beyond, source=OURS, evidence="inferred"),
        invalid(LIST, too_many, field="limit", error="must be a number from 1 to 100"),
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
            source=f"{SOURCES[PRODUCT]} {UNPRINTED}",
        ),
        replace(missing, magic=Magic("path.sku", NO_PRODUCT)),
        invalid(
            PRODUCT,
            step("GET", "/products/GDF511PGRBB?postalCode=abc"),
            field="postalCode",
            error="must be a ZIP code like 62701",
        ),
    ]


READ_OUTCOMES = (*_offers(), *_lists(), *_products())


_SOURCE = SOURCES[CREATE]
_PLAIN_CREATION = step("POST", "/offers/", CREATE_OFFER)


def _with(**changes: Any) -> Step:
    return replace(_PLAIN_CREATION, body={**CREATE_OFFER, **changes})


def _by_magic(name: str, title: str, magic: Magic, step: Step) -> Outcome:
    outcome = refusal(CREATE, name, title, 400, step, evidence="docs", source=f"{_SOURCE}: error responses")
    return replace(outcome, magic=magic)


CREATION_OUTCOMES = (
    answered(CREATE, "success", "The offer is created", 201, _PLAIN_CREATION, source=_SOURCE),
    _by_magic(
        "address_processing_error",
        "The address is invalid or unknown",
        Magic("body.address.line1", NO_ADDRESS),
        _with(address={**CREATE_OFFER["address"], "line1": NO_ADDRESS}),
    ),
    _by_magic(
        "invalid_sub_brand_id",
        "The sub-brand is unknown",
        Magic("body.subBrandId", NO_SUB_BRAND),
        _with(subBrandId=NO_SUB_BRAND),
    ),
    refusal(
        CREATE,
        "duplicate_active_offer",
        "The job has an active offer",
        409,
        _PLAIN_CREATION,
        _PLAIN_CREATION,
        evidence="docs",
        source=f"{_SOURCE}: the duplicate guard (its status and the other active statuses are inferred)",
    ),
    without_body(CREATE, _PLAIN_CREATION),
    unauthorized(),
)


_ORDER = offer_id("order_placed").replace("offer-", "order-", 1)
_PLAIN_CHANGE = {
    BUYOUT: step("POST", "/offers/offer-123/buyout", {"buyoutAmount": 50000}),
    CREDIT: step("POST", "/offers/offer-123/credit", {"creditAmount": 75000}),
    CANCEL: step("POST", f"/orders/{_ORDER}/cancel", {"reason": "Customer changed their mind"}),
}
_TITLES = {BUYOUT: "The buyout amount is set", CREDIT: "The credit amount is set"}


def _at(step: Step, before: str, after: str) -> Step:
    assert isinstance(step.path, str)
    return replace(step, path=step.path.replace(before, after))


def _amount(operation: str) -> Iterator[Outcome]:
    plain = _PLAIN_CHANGE[operation]
    final = _at(plain, "offer-123", offer_id("expired"))
    nobody = _at(plain, "offer-123", "nobody")
    yield answered(
        operation, "success", _TITLES[operation], 200, plain, source=f"{SOURCES[operation]} {UNPRINTED}"
    )
    yield refusal(
        operation, "invalid_offer_status", "The offer is neither pending nor awaiting_customer", 409, final
    )
    yield refusal(operation, "offer_not_found", "There is no such offer", 404, nobody)
    yield without_body(operation, plain)


CHANGE_OUTCOMES = (
    *_amount(BUYOUT),
    *_amount(CREDIT),
    answered(
        CANCEL, "success", "The cancellation is requested", 201, _PLAIN_CHANGE[CANCEL], source=SOURCES[CANCEL]
    ),
    answered(
        CANCEL,
        "denied",
        "The cancellation is requested, and the partner denies it",
        201,
        source=f"{SOURCES[CANCEL]} (when the partner denies is inferred)",
    ),
    refusal(
        CANCEL, "order_not_found", "There is no such order", 404, _at(_PLAIN_CHANGE[CANCEL], _ORDER, "nobody")
    ),
    without_body(CANCEL, _PLAIN_CHANGE[CANCEL]),
)


def _page(id: str) -> str:
    """Returns the path of an offer's page, whose link is the offer's id in an open workspace."""
    return f"/sibi/offers/customer/page/sbx_demo.{id}"


def _answer(id: str, **form: str) -> Step:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Step(method="POST", path=_page(id), headers=headers, body=urlencode(form))


def _linked(operation: str, title: str, *steps: Step) -> Iterator[Outcome]:
    yield answered(operation, "success", title, 200, *steps, source=SOURCES[operation], evidence="inferred")
    step = steps[-1]
    yield refusal(operation, "link_not_found", "No offer has this link", 404, replace(step, path=_page("nobody")))
    for each in infrastructure(operation, step, str):  # its credential is the link
        asked = replace(step, path=_page(each.name))
        yield replace(each, steps=(asked,), magic=Magic("path.link", f"sbx_demo.{each.name}"))


_AWAITING, _OTHER = offer_id("awaiting_customer"), offer_id("pending")
CUSTOMER_OUTCOMES = (
    *_linked(CUSTOMER, "The customer's page", Step(method="GET", path=_page(_AWAITING))),
    invalid(
        CUSTOMER,
        Step(method="GET", path=f"{_page(_AWAITING)}?role=nobody"),
        field="role",
        error="must be customer or curator",
    ),
    *_linked(
        ANSWER,
        "The offer is sent or answered",
        _answer("offer-123", action="send", role="curator"),
        _answer("offer-123", action="buyout"),
        _answer(_OTHER, action="send", role="curator"),
        _answer(_OTHER, action="decline"),
        _answer(_AWAITING, action="order"),
    ),
    refusal(
        ANSWER,
        "invalid_offer_status",
        "The offer's status does not allow this",
        409,
        _answer("offer-123", action="order"),
    ),
    invalid(ANSWER, _answer(_AWAITING, action="none"), field="action", error="is not accepted"),
)
OUTCOMES = (
    *READ_OUTCOMES,
    *CREATION_OUTCOMES,
    *CHANGE_OUTCOMES,
    *CUSTOMER_OUTCOMES,
    *unmatched(step("GET", "/offers/offer-123/no-such-path"), step("GET", "/offers"), "DELETE"),
)
