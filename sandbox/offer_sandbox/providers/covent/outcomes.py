"""Covent's catalogue: the outcomes of every operation, with the calls that produce each of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import (
    OURS,
    Magic,
    Minted,
    Outcome,
    Step,
    answered,
    demo_bearer,
    refusal,
    unmatched,
    unreadable,
)
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.behaviour import FATES
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations import (
    ACCEPT,
    BUY_BOX,
    CREATE_INDIVIDUAL,
    CREATE_LISTING,
    CREATE_OFFER,
    EMAIL,
    GET_LISTING,
    GET_OFFER,
    INDIVIDUAL_OPERATIONS,
    LIST,
    LISTING_OPERATIONS,
    OFFER_OPERATIONS,
    REJECT,
    UPDATE_INDIVIDUAL,
    UPDATE_LISTING,
    UPDATE_OFFER,
)

_ROOT = "/covent/api/v1"


def step(method: str, path: str | Minted, body: Any = None, rest: str = "") -> Step:
    """Returns a call to a path under the API's root. A `Minted` path is the offer with that ordinal."""
    headers = {"Authorization": demo_bearer(), "Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    where = f"{_ROOT}{path}{rest}" if isinstance(path, str) else (f"{_ROOT}/offers/", path, rest)
    return Step(method=method, path=where, headers=headers, body=body)


def refusals(operation: str, plain: Step, id: str = "") -> Iterator[Outcome]:
    """Yields the errors of a call: an unacceptable Accept header, and those of its body and its record, if any.

    `id` is the record that the plain call's path names (empty: none).
    """
    html = replace(plain, headers={**plain.headers, "Accept": "text/html"})
    yield refusal(operation, "not_acceptable", "The Accept header does not admit JSON", 406, html)
    if plain.body is not None:
        yield from unreadable(operation, plain)
        yield invalid(operation, replace(plain, body={}), field=next(iter(plain.body)), message="is missing")
    if id:
        assert isinstance(plain.path, str)
        nobody = replace(plain, path=plain.path.replace(id, "nobody"))
        yield refusal(operation, "not_found", "There is no such record", 404, nobody)


def invalid(operation: str, *steps: Step, field: str, message: str) -> Outcome:
    """Returns the outcome for invalid fields or parameters.

    `field` and `message` are the sample values of a forced error.
    """
    title = "One or more fields are missing or invalid"
    return refusal(operation, "validation_error", title, 422, *steps, field=field, message=message)


_OFFER_SOURCES = {operation.name: operation.source for operation in OFFER_OPERATIONS}
_TOLD = {
    "submitted": _OFFER_SOURCES[GET_OFFER],
    "accepted": f"{_OFFER_SOURCES[ACCEPT]} (its entry in a read's history is inferred)",
    "rejected": f"{_OFFER_SOURCES[REJECT]} (its entry in a read's history is inferred)",
    "expired": f"{_OFFER_SOURCES[UPDATE_OFFER]}: expires_at (the effect of its passing is inferred)",
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
    UPDATE_OFFER: "The offer is updated",
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
            CREATE_OFFER,
            "documented",
            "The response that the documentation prints",
            200,
            source=source,
            evidence="seed",
            document=printed,
        ),
        refusal(CREATE_OFFER, "listing_not_active", "The listing does not accept offers", 409, _on(DRAFT)),
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
    """Returns the outcome of a read in a status.

    Each status is documented on a different page. No page documents how a read shows it in the history.
    """
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
        refusal(operation, "invalid_state", "The offer has a final status", 409, final),
        *refusals(operation, plain, "off_123"),
    ]


OFFER_OUTCOMES = (
    *_creating(),
    *_reading_offer(),
    *_changing(UPDATE_OFFER),
    *_changing(ACCEPT),
    *_changing(REJECT),
)


_LISTING_SOURCES = {operation.name: operation.source for operation in LISTING_OPERATIONS}
_QUERY = "?status=active&market=phoenix-az&page=1&page_size=25&sort=updated_at%3Adesc"
_PLAIN_LISTING = {
    LIST: step("GET", f"/listings{_QUERY}"),
    CREATE_LISTING: step("POST", "/listings", samples.CREATE_LISTING),
    GET_LISTING: step("GET", "/listings/lst_123"),
    UPDATE_LISTING: step("PATCH", "/listings/lst_123", samples.UPDATE_LISTING),
}


def _listing() -> list[Outcome]:
    source = _LISTING_SOURCES[LIST]
    nowhere, beyond = step("GET", "/listings?market=nowhere"), step("GET", "/listings?page=999")
    return [
        answered(LIST, "success", "A page of listings", 200, _PLAIN_LISTING[LIST], source=source),
        answered(LIST, "empty", "No listing matches the filter", 200, nowhere, source=OURS, evidence="inferred"),
        answered(LIST, "past_end", "A page past the last one", 200, beyond, source=OURS, evidence="inferred"),
        invalid(
            LIST,
            step("GET", "/listings?page_size=101"),
            field="page_size",
            message="must be a number from 1 to 100",
        ),
        *refusals(LIST, _PLAIN_LISTING[LIST]),
    ]


def _reading_listing() -> list[Outcome]:
    source = _LISTING_SOURCES[GET_LISTING]
    draft = step("GET", f"/listings/{DRAFT}")
    return [
        answered(
            GET_LISTING,
            "active",
            "A listing that is active",
            200,
            _PLAIN_LISTING[GET_LISTING],
            source=source,
            kind="state",
        ),
        answered(GET_LISTING, "draft", "A listing that is a draft", 200, draft, source=source, kind="state"),
        *refusals(GET_LISTING, _PLAIN_LISTING[GET_LISTING], "lst_123"),
    ]


LISTING_OUTCOMES = (
    *_listing(),
    answered(
        CREATE_LISTING,
        "success",
        "The listing is created",
        200,
        _PLAIN_LISTING[CREATE_LISTING],
        source=_LISTING_SOURCES[CREATE_LISTING],
    ),
    *refusals(CREATE_LISTING, _PLAIN_LISTING[CREATE_LISTING]),
    *_reading_listing(),
    answered(
        UPDATE_LISTING,
        "success",
        "The listing is updated",
        200,
        _PLAIN_LISTING[UPDATE_LISTING],
        source=_LISTING_SOURCES[UPDATE_LISTING],
    ),
    *refusals(UPDATE_LISTING, _PLAIN_LISTING[UPDATE_LISTING], "lst_123"),
)


_INDIVIDUAL_SOURCES = {operation.name: operation.source for operation in INDIVIDUAL_OPERATIONS}
_ID = "ind_123"


def _of(operation: str, title: str, plain: Step, id: str = "") -> Iterator[Outcome]:
    yield answered(operation, "success", title, 200, plain, source=_INDIVIDUAL_SOURCES[operation])
    yield from refusals(operation, plain, id)


INDIVIDUAL_OUTCOMES = (
    *_of(CREATE_INDIVIDUAL, "The individual is created", step("POST", "/individuals", samples.CREATE_INDIVIDUAL)),
    *_of(
        UPDATE_INDIVIDUAL,
        "The individual is updated",
        step("PATCH", f"/individuals/{_ID}", samples.UPDATE_INDIVIDUAL),
        _ID,
    ),
    *_of(
        BUY_BOX,
        "The buy box is updated",
        step("PATCH", f"/individuals/{_ID}/buy-box", samples.UPDATE_BUY_BOX),
        _ID,
    ),
    *_of(
        EMAIL,
        "The e-mail address is added",
        step("POST", f"/individuals/{_ID}/emails", samples.ADD_EMAIL),
        _ID,
    ),
)


OUTCOMES = (
    *OFFER_OUTCOMES,
    *LISTING_OUTCOMES,
    *INDIVIDUAL_OUTCOMES,
    *unmatched(step("GET", "/no-such-path"), step("GET", "/listings"), "DELETE"),
)
