"""The outcomes of what changes an offer or its order: buyout, credit, cancellation."""

from collections.abc import Iterator
from dataclasses import replace

from offer_sandbox.contract import Outcome, Step, answered, refusal
from offer_sandbox.providers.sibi.fixtures import offer_id
from offer_sandbox.providers.sibi.operations import BUYOUT, CREDIT
from offer_sandbox.providers.sibi.orders import CANCEL
from offer_sandbox.providers.sibi.outcomes.common import SOURCES, UNPRINTED, bodied, step

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
        operation, "success", _TITLES[operation], 200, plain, source=f"{SOURCES[operation]}; {UNPRINTED}"
    )
    yield refusal(operation, "invalid_offer_status", "The offer is neither pending nor awaiting", 409, final)
    yield refusal(operation, "offer_not_found", "There is no such offer", 404, nobody)
    yield from bodied(operation, plain)


CHANGE_OUTCOMES = (
    *_amount(BUYOUT),
    *_amount(CREDIT),
    answered(
        CANCEL, "success", "The cancellation is requested", 201, _PLAIN_CHANGE[CANCEL], source=SOURCES[CANCEL]
    ),
    refusal(
        CANCEL, "order_not_found", "There is no such order", 404, _at(_PLAIN_CHANGE[CANCEL], _ORDER, "nobody")
    ),
    *bodied(CANCEL, _PLAIN_CHANGE[CANCEL]),
)
