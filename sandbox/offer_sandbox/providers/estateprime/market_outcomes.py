"""The catalogue of EstatePrime's calls for what offers point at."""

from dataclasses import replace
from typing import Any

from offer_sandbox.contract import OURS, Outcome, Step, answered, refusal
from offer_sandbox.providers.estateprime.errors import demo_pair
from offer_sandbox.providers.estateprime.market_operations import CONTACT, CONTRACTS, LISTING, REQUEST, USERS
from offer_sandbox.providers.estateprime.market_records import INACTIVE_REQUEST, UNOFFERED

_HEADERS = {"Authorization": demo_pair(), "Content-Type": "application/json"}
_NOTES = "one EstatePrime customer's public notes: the value (its meaning is inferred)"
_PATHS = {
    LISTING: "listings/120",
    REQUEST: "requests/88",
    CONTACT: "contacts/23",
    USERS: "users",
    CONTRACTS: "contracts",
}
NOUNS = {LISTING: "Listing", REQUEST: "Request", CONTACT: "Contact", USERS: "Users", CONTRACTS: "Contracts"}
OPERATIONS = tuple(_PATHS)


def _page(operation: str) -> str:
    return f"EstatePrime, {NOUNS[operation].removesuffix('s')}s"


def _call(operation: str, id: int | None = None, body: Any = None) -> Step:
    path = _PATHS[operation] if id is None else f"{_PATHS[operation].partition('/')[0]}/{id}"
    return Step(method="GET", path=f"/estateprime/api/{path}", headers=_HEADERS, body=body)


def _in_status(operation: str, status: str, id: int | None, evidence: Any, source: str) -> Outcome:
    title = f"A {NOUNS[operation].lower()} that is {status}"
    return answered(
        operation, status, title, 200, _call(operation, id), source=source, kind="state", evidence=evidence
    )


def _singles() -> list[Outcome]:
    return [
        _in_status(LISTING, "active", None, "observed", _NOTES),
        *(_in_status(LISTING, status, id, "observed", _NOTES) for id, status in UNOFFERED.items()),
        _in_status(REQUEST, "active", None, "docs", _page(REQUEST)),
        _in_status(REQUEST, "inactive", INACTIVE_REQUEST, "docs", _page(REQUEST)),
        answered(CONTACT, "success", "A contact", 200, _call(CONTACT), source=_page(CONTACT)),
        *(_unknown(operation) for operation in (LISTING, REQUEST, CONTACT)),
    ]


def _unknown(operation: str) -> Outcome:
    noun = NOUNS[operation]
    title = f"There is no such {noun.lower()}"
    return refusal(operation, "not_found", title, 404, _call(operation, 99999), message=f"{noun} not found")


def _lists() -> list[Outcome]:
    found: list[Outcome] = []
    for operation in (USERS, CONTRACTS):
        noun = NOUNS[operation].lower()
        page = answered(operation, "success", f"A page of {noun}", 200, _call(operation), source=_page(operation))
        beyond = _call(operation, body={"page": 999})
        found += [
            page,
            answered(
                operation, "past_end", "A page past the last one", 200, beyond, source=OURS, evidence="inferred"
            ),
            refusal(operation, "payload_too_large", "The body is larger than 1 MiB", 413),
            refusal(
                operation, "invalid_json", "The body is not a JSON object", 400, _call(operation, body="{not json")
            ),
            refusal(
                operation,
                "validation_error",
                "A field is missing or invalid",
                400,
                _call(operation, body={"page": 0}),
                message="Invalid page",
            ),
        ]
    cleared = Step(method="PUT", path="/__admin/state/estateprime/users", headers=_HEADERS, body={"users": []})
    nobody = (cleared, _call(USERS))
    found.append(answered(USERS, "empty", "There are no users", 200, *nobody, source=OURS, evidence="inferred"))
    nothing = _call(CONTRACTS, body={"offer_id": 54})
    title = "The offer has no contract"
    return [*found, answered(CONTRACTS, "empty", title, 200, nothing, source=OURS, evidence="inferred")]


def _media_type(operation: str) -> Outcome:
    bare = replace(_call(operation), headers={"Authorization": demo_pair()})
    return refusal(operation, "unsupported_media_type", "The content type is not JSON", 415, bare)


OUTCOMES = (*_singles(), *_lists(), *map(_media_type, OPERATIONS))
