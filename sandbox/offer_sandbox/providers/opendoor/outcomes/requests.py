"""Outcomes of the four operations: states by name, denials by code, each at its stage."""

from dataclasses import replace
from typing import Any

from offer_sandbox.contract import OURS, Magic, Minted, Outcome, Step, answered
from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.providers.opendoor.behaviour import ENDLESS, SLOW
from offer_sandbox.providers.opendoor.denials import DENIALS, DISQUALIFYING, EARLIEST_YEAR, ON_UPDATE, codes_of
from offer_sandbox.providers.opendoor.fixtures import OFFERED_ID
from offer_sandbox.providers.opendoor.operations import CREATE, PRICING, READ, UPDATE
from offer_sandbox.providers.opendoor.outcomes.calls import (
    advance,
    create,
    price,
    read,
    street,
    submit,
    tag,
    update,
)
from offer_sandbox.providers.opendoor.stages import DENIED, EVALUATING, EXPIRED, OFFERED, PENDING

_STATES = "Opendoor, Generating Offers: Understanding the Offer Request State Machine"
_GUIDE = "Opendoor, Denial codes guide"
_PRICING = "Opendoor, OfferRequestWithProductsPricing"
_CREATED = Minted("offerRequests", 1)
_STREET_FIELD = "body.variables.offerRequestCreateInput.address.street1"
_EMAIL_FIELD = "body.variables.offerRequestUpdateInput.offerInput.sellerEmail"


def creations() -> list[Outcome]:
    """Outcomes of offerRequestCreate, the plain success first."""
    return [
        _state(CREATE, PENDING, "The offer request is made and takes answers", create()),
        *(
            _denial(CREATE, code, create(street(code)), magic=_by_street(street(code)))
            for code in codes_of("create")
        ),
    ]


def updates() -> list[Outcome]:
    """Outcomes of offerRequestUpdate, the plain success first."""
    tardy = "The evaluation takes 25 seconds"
    return [
        _state(UPDATE, PENDING, "The answers are kept, more are taken", update({"homeBedrooms": 3})),
        _state(UPDATE, EVALUATING, "The request is submitted and being evaluated", submit()),
        _state(
            UPDATE,
            OFFERED,
            "The answers are kept but change nothing",
            update({"homeBedrooms": 3}, OFFERED_ID),
        ),
        _state(
            UPDATE,
            EXPIRED,
            "The request is submitted and its offer will have expired at once",
            submit("+expire-now"),
            evidence="inferred",
            magic=_by_email("+expire-now"),
        ),
        _state(
            UPDATE,
            DENIED,
            "The request was denied before and stays as it is",
            update({"homeEligibilityCriteriaFireDamage": True}),
            update({"homeBedrooms": 3}),
            evidence="inferred",
        ),
        _state(
            UPDATE,
            SLOW,
            tardy,
            submit("+evaluate-25s"),
            evidence="inferred",
            magic=_by_email("+evaluate-25s"),
        ),
        _state(
            UPDATE,
            ENDLESS,
            "The evaluation never ends",
            submit("+evaluate-forever"),
            evidence="inferred",
            magic=_by_email("+evaluate-forever"),
        ),
        *(_denial(UPDATE, code, _denying_update(code), magic=_by_email(tag(code))) for code in ON_UPDATE),
    ]


def reads() -> list[Outcome]:
    """Outcomes of offerRequest, the plain success first."""
    return [
        _state(READ, PENDING, "The request takes answers", read()),
        _state(READ, EVALUATING, "The request is being evaluated", submit("+evaluate-forever"), read()),
        _state(READ, OFFERED, "There is an offer", submit(), advance("PT5S"), read()),
        _state(
            READ,
            EXPIRED,
            "The offer is past its expiration; its status stays OFFERED",
            submit(),
            advance("P8D"),
            read(),
            evidence="inferred",
        ),
        *(_denial(READ, code, *_denied_before(code), magic=None) for code in DENIALS),
    ]


def pricings() -> list[Outcome]:
    """Outcomes of offerRequestWithProductsPricing, the plain success first; a denial is named by its status."""
    fire = update({"homeEligibilityCriteriaFireDamage": True})
    listed = [
        _state(PRICING, PENDING, "No product is priced yet", price(), evidence="docs"),
        _state(PRICING, EVALUATING, "Being priced", submit("+evaluate-forever"), price(), evidence="docs"),
        _state(PRICING, OFFERED, "Every product is priced", price(OFFERED_ID), evidence="docs"),
        _state(PRICING, DENIED, "Every product is denied", fire, price(), evidence="docs"),
    ]
    steps = (submit(), advance("P8D"), price())
    expired = _state(PRICING, EXPIRED, "The offer is past its expiration", *steps, evidence="inferred")
    return [*(replace(each, source=_PRICING) for each in listed), expired]


def _state(
    operation: str,
    name: str,
    title: str,
    *steps: Step,
    evidence: Evidence = "seed",
    magic: Magic | None = None,
) -> Outcome:
    source = _STATES if evidence == "seed" else OURS
    return answered(
        operation, name, title, 200, *steps, source=source, kind="state", evidence=evidence, magic=magic
    )


def _denial(operation: str, code: str, *steps: Step, magic: Magic | None) -> Outcome:
    """One of the 41 codes; the code is documented, our text and the answers that lead to it are not."""
    title = DENIALS[code].explanation
    return answered(operation, code, title, 200, *steps, source=_GUIDE, kind="denial", magic=magic)


def _by_street(value: str) -> Magic:
    return Magic(_STREET_FIELD, value)


def _by_email(tag: str) -> Magic:
    return Magic(_EMAIL_FIELD, f"ada{tag}@example.com")


def _natural_answer(code: str) -> dict[str, Any] | None:
    """An answer that denies a request for the code without any magic."""
    if code == "BEFORE_1960":
        return {"homeYearBuilt": EARLIEST_YEAR - 1}
    return next(({name: True} for name, given in DISQUALIFYING.items() if given == code), None)


def _denying_update(code: str) -> Step:
    natural = _natural_answer(code)
    return update(natural) if natural else submit(tag(code))


def _denied_before(code: str) -> tuple[Step, ...]:
    if DENIALS[code].stage == "create":
        return create(street(code)), read(_CREATED)
    if DENIALS[code].stage == "update":
        return _denying_update(code), read()
    return submit(tag(code)), advance("PT5S"), read()
