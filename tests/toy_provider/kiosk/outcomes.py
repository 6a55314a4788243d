"""The kiosk's catalogue: every outcome of every call, with calls to each, the plain success first."""

from dataclasses import replace
from typing import Any

from offer_sandbox.providers.kiosk.operations import CREATE, GET

from offer_sandbox.contract import Step, answered, demo_bearer, refusal

_PATH = "/kiosk/kiosk-api/offers"
_SOURCE = "Kiosk, Offers"


def _step(method: str, path: str, body: Any = None) -> Step:
    return Step(method=method, path=path, headers={"Authorization": demo_bearer()}, body=body)


_CREATE, _GET = _step("POST", _PATH, {"amount": 5}), _step("GET", f"{_PATH}/kiosk-open")
_EXPIRED = _step("GET", f"{_PATH}/kiosk-expired")
OUTCOMES = (
    answered(CREATE, "success", "The offer is made", 201, _CREATE, source=_SOURCE),
    refusal(CREATE, "validation_error", "The amount is missing or invalid", 422, replace(_CREATE, body={})),
    answered(GET, "open", "An offer that is open", 200, _GET, source=_SOURCE, kind="state"),
    answered(GET, "expired", "An offer that has expired", 200, _EXPIRED, source=_SOURCE, kind="state"),
    refusal(GET, "not_found", "There is no such offer", 404, _step("GET", f"{_PATH}/nobody")),
)
