"""The kiosk's catalogue: what is its own of every call, with calls to each, the plain success first."""

from dataclasses import replace
from typing import Any

from offer_sandbox.providers.kiosk.operations import CREATE, GET, LIST, UPDATE

from offer_sandbox.contract import OURS, Step, answered, demo_bearer, refusal

_PATH = "/kiosk/kiosk-api/offers"
_SOURCE = "Kiosk, Offers"


def _step(method: str, path: str, body: Any = None) -> Step:
    return Step(method=method, path=path, headers={"Authorization": demo_bearer()}, body=body)


_CREATE, _GET = _step("POST", _PATH, {"amount": 5}), _step("GET", f"{_PATH}/kiosk-open")
_LIST, _UPDATE = _step("GET", _PATH), _step("PUT", f"{_PATH}/kiosk-open", {"amount": 6})
_EXPIRED = _step("GET", f"{_PATH}/kiosk-expired")
_NONE = replace(_step("PUT", "/", {"offers": []}), path="/__admin/state/kiosk/offers")
OUTCOMES = (
    answered(CREATE, "success", "The offer is made", 201, _CREATE, source=_SOURCE),
    refusal(CREATE, "validation_error", "The amount is missing or invalid", 422, replace(_CREATE, body={})),
    answered(GET, "open", "An offer that is open", 200, _GET, source=_SOURCE, kind="state"),
    answered(GET, "expired", "An offer that has expired", 200, _EXPIRED, source=_SOURCE, kind="state"),
    refusal(GET, "not_found", "There is no such offer", 404, _step("GET", f"{_PATH}/nobody")),
    answered(LIST, "success", "A page of offers", 200, _LIST, source=_SOURCE),
    answered(LIST, "empty", "There are no offers", 200, _NONE, _LIST, source=OURS, evidence="inferred"),
    answered(
        LIST,
        "past_end",
        "A page past the last one",
        200,
        _step("GET", f"{_PATH}?page=99"),
        source=OURS,
        evidence="inferred",
    ),
    refusal(LIST, "validation_error", "The page is no number", 422, _step("GET", f"{_PATH}?page=x")),
    answered(UPDATE, "success", "The offer is changed", 200, _UPDATE, source=_SOURCE),
    refusal(UPDATE, "validation_error", "The amount is missing or invalid", 422, replace(_UPDATE, body={})),
    refusal(
        UPDATE, "offer_expired", "The offer has expired", 409, replace(_UPDATE, path=f"{_PATH}/kiosk-expired")
    ),
    refusal(UPDATE, "not_found", "There is no such offer", 404, replace(_UPDATE, path=f"{_PATH}/nobody")),
)
