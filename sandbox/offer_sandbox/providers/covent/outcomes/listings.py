"""The outcomes of the four calls on listings."""

from offer_sandbox.contract import OURS, Outcome, answered
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations.listings import (
    CREATE_LISTING,
    GET_LISTING,
    LIST,
    LISTING_OPERATIONS,
    UPDATE_LISTING,
)
from offer_sandbox.providers.covent.outcomes.common import invalid, refusals, step

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
        answered(LIST, "empty", "No listing fits the filter", 200, nowhere, source=OURS, evidence="inferred"),
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
        "The listing is made",
        200,
        _PLAIN_LISTING[CREATE_LISTING],
        source=_LISTING_SOURCES[CREATE_LISTING],
    ),
    *refusals(CREATE_LISTING, _PLAIN_LISTING[CREATE_LISTING]),
    *_reading_listing(),
    answered(
        UPDATE_LISTING,
        "success",
        "The listing is changed",
        200,
        _PLAIN_LISTING[UPDATE_LISTING],
        source=_LISTING_SOURCES[UPDATE_LISTING],
    ),
    *refusals(UPDATE_LISTING, _PLAIN_LISTING[UPDATE_LISTING], "lst_123"),
)
