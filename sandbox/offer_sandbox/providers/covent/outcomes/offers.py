"""The outcomes of the five calls on offers."""

from dataclasses import replace

from offer_sandbox.contract import Minted, Outcome, Step, refusal
from offer_sandbox.contract.outcome import Magic
from offer_sandbox.providers.covent import documented
from offer_sandbox.providers.covent.behaviour import FATES
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations.offers import ACCEPT, CREATE, GET, OPERATIONS, REJECT, UPDATE
from offer_sandbox.providers.covent.outcomes.common import found, refusals, step

_SOURCES = {operation.name: operation.source for operation in OPERATIONS}
_LISTING_OF = {status: listing for listing, status in FATES.items()}
_NEW = Minted("offers")
_PLAIN = {
    CREATE: step("POST", "/offers", documented.CREATE_OFFER),
    GET: step("GET", "/offers/off_123"),
    UPDATE: step("PATCH", "/offers/off_123", documented.UPDATE_OFFER),
    ACCEPT: step("POST", "/offers/off_123/accept", documented.ACCEPT_OFFER),
    REJECT: step("POST", "/offers/off_123/reject", documented.REJECT_OFFER),
}
_TITLES = {
    UPDATE: "The offer is changed",
    ACCEPT: "The offer is accepted",
    REJECT: "The offer is rejected",
}


def _on(listing: str) -> Step:
    return replace(_PLAIN[CREATE], body={**documented.CREATE_OFFER, "listing_id": listing})


def _creating() -> list[Outcome]:
    done = found(CREATE, "success", "The offer is submitted", _SOURCES[CREATE], _PLAIN[CREATE], evidence="seed")
    printed = found(CREATE, "documented", "The answer that the page prints", _SOURCES[CREATE], evidence="seed")
    return [
        done,
        replace(printed, document=documented.OFFER_CREATED),
        refusal(CREATE, "listing_not_active", "The listing takes no offers", 409, _on(DRAFT)),
        *refusals(CREATE, _PLAIN[CREATE]),
    ]


def _reading() -> list[Outcome]:
    source = _SOURCES[GET]
    read = step("GET", _NEW)
    ways = {
        "accepted": (_PLAIN[CREATE], step("POST", _NEW, documented.ACCEPT_OFFER, "/accept"), read),
        "rejected": (_PLAIN[CREATE], step("POST", _NEW, documented.REJECT_OFFER, "/reject"), read),
        "expired": (_on("lst_expires"), read),
    }
    submitted = found(GET, "submitted", "An offer that is submitted", source, _PLAIN[GET], kind="state")
    ended = [
        found(
            GET,
            status,
            f"An offer that is {status}",
            source if status != "expired" else f"{_SOURCES[UPDATE]}: expires_at",
            *steps,
            kind="state",
            evidence="inferred" if status == "expired" else "docs",
            magic=Magic("body.listing_id", _LISTING_OF[status]),
        )
        for status, steps in ways.items()
    ]
    return [submitted, *ended, *refusals(GET, _PLAIN[GET], "off_123")]


def _changing(operation: str) -> list[Outcome]:
    plain = _PLAIN[operation]
    assert isinstance(plain.path, str)
    final = replace(plain, path=plain.path.replace("off_123", "off_rejected"))
    return [
        found(operation, "success", _TITLES[operation], _SOURCES[operation], plain),
        refusal(operation, "invalid_state", "The offer is final", 409, final),
        *refusals(operation, plain, "off_123"),
    ]


OUTCOMES = (*_creating(), *_reading(), *_changing(UPDATE), *_changing(ACCEPT), *_changing(REJECT))
