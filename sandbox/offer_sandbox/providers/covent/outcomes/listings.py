"""The outcomes of the four calls on listings."""

from offer_sandbox.contract import OURS, Outcome, answered
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.fixtures import DRAFT
from offer_sandbox.providers.covent.operations.listings import CREATE, GET, LIST, OPERATIONS, UPDATE
from offer_sandbox.providers.covent.outcomes.common import invalid, refusals, step

_SOURCES = {operation.name: operation.source for operation in OPERATIONS}
_QUERY = "?status=active&market=phoenix-az&page=1&page_size=25&sort=updated_at%3Adesc"
_PLAIN = {
    LIST: step("GET", f"/listings{_QUERY}"),
    CREATE: step("POST", "/listings", samples.CREATE_LISTING),
    GET: step("GET", "/listings/lst_123"),
    UPDATE: step("PATCH", "/listings/lst_123", samples.UPDATE_LISTING),
}


def _listing() -> list[Outcome]:
    source = _SOURCES[LIST]
    nowhere, beyond = step("GET", "/listings?market=nowhere"), step("GET", "/listings?page=999")
    return [
        answered(LIST, "success", "A page of listings", 200, _PLAIN[LIST], source=source),
        answered(LIST, "empty", "No listing fits the filter", 200, nowhere, source=OURS, evidence="inferred"),
        answered(LIST, "past_end", "A page past the last one", 200, beyond, source=OURS, evidence="inferred"),
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
        answered(GET, "active", "A listing that is active", 200, _PLAIN[GET], source=source, kind="state"),
        answered(GET, "draft", "A listing that is a draft", 200, draft, source=source, kind="state"),
        *refusals(GET, _PLAIN[GET], "lst_123"),
    ]


OUTCOMES = (
    *_listing(),
    answered(CREATE, "success", "The listing is made", 200, _PLAIN[CREATE], source=_SOURCES[CREATE]),
    *refusals(CREATE, _PLAIN[CREATE]),
    *_reading(),
    answered(UPDATE, "success", "The listing is changed", 200, _PLAIN[UPDATE], source=_SOURCES[UPDATE]),
    *refusals(UPDATE, _PLAIN[UPDATE], "lst_123"),
)
