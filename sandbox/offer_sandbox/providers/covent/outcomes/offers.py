"""The outcomes of the five calls on offers."""

from dataclasses import replace

from offer_sandbox.contract import Magic, Minted, Outcome, Step, answered, refusal
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.behaviour import FATES
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations.offers import (
    ACCEPT,
    CREATE_OFFER,
    GET_OFFER,
    OFFER_OPERATIONS,
    REJECT,
    UPDATE_OFFER,
)
from offer_sandbox.providers.covent.outcomes.common import refusals, step

_OFFER_SOURCES = {operation.name: operation.source for operation in OFFER_OPERATIONS}
_TOLD = {
    "submitted": _OFFER_SOURCES[GET_OFFER],
    "accepted": f"{_OFFER_SOURCES[ACCEPT]}; how a read shows it in its history is inferred",
    "rejected": f"{_OFFER_SOURCES[REJECT]}; how a read shows it in its history is inferred",
    "expired": f"{_OFFER_SOURCES[UPDATE_OFFER]}: expires_at; what happens when it passes is inferred",
}
_LISTING_OF = {status: listing for listing, status in FATES.items()}
_NEW = Minted("offers")
_PLAIN_OFFER = {
    CREATE_OFFER: step("POST", "/offers", samples.CREATE_OFFER),
    GET_OFFER: step("GET", "/offers/off_123"),
    UPDATE_OFFER: step("PATCH", "/offers/off_123", samples.UPDATE_OFFER),
    ACCEPT: step("POST", "/offers/off_123/accept", samples.ACCEPT_OFFER),
    REJECT: step("POST", "/offers/off_123/reject", samples.REJECT_OFFER),
}
_TITLES = {
    UPDATE_OFFER: "The offer is changed",
    ACCEPT: "The offer is accepted",
    REJECT: "The offer is rejected",
}


def _on(listing: str) -> Step:
    return replace(_PLAIN_OFFER[CREATE_OFFER], body={**samples.CREATE_OFFER, "listing_id": listing})


def _creating() -> list[Outcome]:
    source = _OFFER_SOURCES[CREATE_OFFER]
    printed = samples.OFFER_CREATED
    return [
        answered(
            CREATE_OFFER,
            "success",
            "The offer is submitted",
            200,
            _PLAIN_OFFER[CREATE_OFFER],
            source=source,
            evidence="seed",
        ),
        answered(
            CREATE_OFFER, "documented", "The printed answer", 200, source=source, evidence="seed", document=printed
        ),
        refusal(CREATE_OFFER, "listing_not_active", "The listing takes no offers", 409, _on(DRAFT)),
        *refusals(CREATE_OFFER, _PLAIN_OFFER[CREATE_OFFER]),
    ]


def _reading_offer() -> list[Outcome]:
    read = step("GET", _NEW)
    ways = {
        "submitted": (_PLAIN_OFFER[GET_OFFER],),
        "accepted": (_PLAIN_OFFER[CREATE_OFFER], step("POST", _NEW, samples.ACCEPT_OFFER, "/accept"), read),
        "rejected": (_PLAIN_OFFER[CREATE_OFFER], step("POST", _NEW, samples.REJECT_OFFER, "/reject"), read),
        "expired": (_on("lst_expires"), read),
    }
    return [
        *(_read_as(status, *steps) for status, steps in ways.items()),
        *refusals(GET_OFFER, _PLAIN_OFFER[GET_OFFER], "off_123"),
    ]


def _read_as(status: str, *steps: Step) -> Outcome:
    """A status; each is told of on another page, how a read shows it in its history on none."""
    listing = _LISTING_OF.get(status)
    return answered(
        GET_OFFER,
        status,
        f"An offer that is {status}",
        200,
        *steps,
        kind="state",
        evidence="inferred" if status == "expired" else "docs",
        source=_TOLD[status],
        magic=Magic("body.listing_id", listing) if listing else None,
    )


def _changing(operation: str) -> list[Outcome]:
    plain = _PLAIN_OFFER[operation]
    assert isinstance(plain.path, str)
    final = replace(plain, path=plain.path.replace("off_123", "off_rejected"))
    return [
        answered(operation, "success", _TITLES[operation], 200, plain, source=_OFFER_SOURCES[operation]),
        refusal(operation, "invalid_state", "The offer is final", 409, final),
        *refusals(operation, plain, "off_123"),
    ]


OFFER_OUTCOMES = (
    *_creating(),
    *_reading_offer(),
    *_changing(UPDATE_OFFER),
    *_changing(ACCEPT),
    *_changing(REJECT),
)
