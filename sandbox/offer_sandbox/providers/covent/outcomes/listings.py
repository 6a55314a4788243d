"""The outcomes of the four calls on listings."""

from offer_sandbox.contract import Outcome
from offer_sandbox.providers.covent import documented
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations.listings import CREATE, GET, LIST, OPERATIONS, UPDATE
from offer_sandbox.providers.covent.outcomes.common import found, invalid, refusals, step

_SOURCES = {operation.name: operation.source for operation in OPERATIONS}
_QUERY = "?status=active&market=phoenix-az&page=1&page_size=25&sort=updated_at%3Adesc"
_PLAIN = {
    LIST: step("GET", f"/listings{_QUERY}"),
    CREATE: step("POST", "/listings", documented.CREATE_LISTING),
    GET: step("GET", "/listings/lst_123"),
    UPDATE: step("PATCH", "/listings/lst_123", documented.UPDATE_LISTING),
}


def _listing() -> list[Outcome]:
    source = _SOURCES[LIST]
    nowhere, beyond = step("GET", "/listings?market=nowhere"), step("GET", "/listings?page=999")
    return [
        found(LIST, "success", "A page of listings", source, _PLAIN[LIST]),
        found(LIST, "empty", "No listing fits the filter", source, nowhere, evidence="inferred"),
        found(LIST, "past_end", "A page past the last one", source, beyond, evidence="inferred"),
        invalid(
            LIST,
            step("GET", "/listings?page_size=101"),
            field="page_size",
            message="must be a number from 1 to 100",
        ),
        *refusals(LIST, _PLAIN[LIST]),
    ]


def _reading() -> list[Outcome]:
    source = _SOURCES[GET]
    draft = step("GET", f"/listings/{DRAFT}")
    return [
        found(GET, "active", "A listing that is active", source, _PLAIN[GET], kind="state"),
        found(GET, "draft", "A listing that is a draft", source, draft, kind="state"),
        *refusals(GET, _PLAIN[GET], "lst_123"),
    ]


OUTCOMES = (
    *_listing(),
    found(CREATE, "success", "The listing is made", _SOURCES[CREATE], _PLAIN[CREATE]),
    *refusals(CREATE, _PLAIN[CREATE]),
    *_reading(),
    found(UPDATE, "success", "The listing is changed", _SOURCES[UPDATE], _PLAIN[UPDATE]),
    *refusals(UPDATE, _PLAIN[UPDATE], "lst_123"),
)
