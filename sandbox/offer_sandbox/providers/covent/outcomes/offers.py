"""The outcomes of the five calls on offers."""

from dataclasses import replace

from offer_sandbox.contract import Magic, Minted, Outcome, Step, answered, refusal
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.behaviour import FATES
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations.offers import ACCEPT, CREATE, GET, OPERATIONS, REJECT, UPDATE
from offer_sandbox.providers.covent.outcomes.common import refusals, step

_SOURCES = {operation.name: operation.source for operation in OPERATIONS}
_TOLD = {
    "submitted": _SOURCES[GET],
    "accepted": f"{_SOURCES[ACCEPT]}; how a read shows it in its history is inferred",
    "rejected": f"{_SOURCES[REJECT]}; how a read shows it in its history is inferred",
    "expired": f"{_SOURCES[UPDATE]}: expires_at; what happens when it passes is inferred",
}
_LISTING_OF = {status: listing for listing, status in FATES.items()}
_NEW = Minted("offers")
_PLAIN = {
    CREATE: step("POST", "/offers", samples.CREATE_OFFER),
    GET: step("GET", "/offers/off_123"),
    UPDATE: step("PATCH", "/offers/off_123", samples.UPDATE_OFFER),
    ACCEPT: step("POST", "/offers/off_123/accept", samples.ACCEPT_OFFER),
    REJECT: step("POST", "/offers/off_123/reject", samples.REJECT_OFFER),
}
_TITLES = {
    UPDATE: "The offer is changed",
    ACCEPT: "The offer is accepted",
    REJECT: "The offer is rejected",
}


def _on(listing: str) -> Step:
    return replace(_PLAIN[CREATE], body={**samples.CREATE_OFFER, "listing_id": listing})


def _creating() -> list[Outcome]:
    source = _SOURCES[CREATE]
    printed = samples.OFFER_CREATED
    return [
        answered(CREATE, "success", "The offer is submitted", 200, _PLAIN[CREATE], source=source, evidence="seed"),
        answered(
            CREATE, "documented", "The printed answer", 200, source=source, evidence="seed", document=printed
        ),
        refusal(CREATE, "listing_not_active", "The listing takes no offers", 409, _on(DRAFT)),
        *refusals(CREATE, _PLAIN[CREATE]),
    ]


def _reading() -> list[Outcome]:
    read = step("GET", _NEW)
    ways = {
        "submitted": (_PLAIN[GET],),
        "accepted": (_PLAIN[CREATE], step("POST", _NEW, samples.ACCEPT_OFFER, "/accept"), read),
        "rejected": (_PLAIN[CREATE], step("POST", _NEW, samples.REJECT_OFFER, "/reject"), read),
        "expired": (_on("lst_expires"), read),
    }
    return [
        *(_read_as(status, *steps) for status, steps in ways.items()),
        *refusals(GET, _PLAIN[GET], "off_123"),
    ]


def _read_as(status: str, *steps: Step) -> Outcome:
    """A status; each is told of on another page, how a read shows it in its history on none."""
    listing = _LISTING_OF.get(status)
    return answered(
        GET,
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
    plain = _PLAIN[operation]
    assert isinstance(plain.path, str)
    final = replace(plain, path=plain.path.replace("off_123", "off_rejected"))
    return [
        answered(operation, "success", _TITLES[operation], 200, plain, source=_SOURCES[operation]),
        refusal(operation, "invalid_state", "The offer is final", 409, final),
        *refusals(operation, plain, "off_123"),
    ]


OUTCOMES = (*_creating(), *_reading(), *_changing(UPDATE), *_changing(ACCEPT), *_changing(REJECT))
