"""The kiosk's catalogue: every outcome of every call, with calls to each, the plain success first."""

from dataclasses import replace
from typing import Any

from offer_sandbox.providers.kiosk.operations import CREATE, GET

from offer_sandbox.contract import Outcome, Step, infrastructure, refusal
from offer_sandbox.contract.outcome import Kind

_PATH = "/kiosk/kiosk-api/offers"
_SOURCE = "Kiosk, Offers"


def _authorization(word: str = "") -> str:
    return f"Bearer sbx_demo.{word}" if word else "Bearer sbx_demo"


def _step(method: str, path: str, body: Any = None) -> Step:
    return Step(method=method, path=path, headers={"Authorization": _authorization()}, body=body)


def _found(operation: str, name: str, title: str, status: int, step: Step) -> Outcome:
    kind: Kind = "success" if name == "success" else "state"
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=status,
        evidence="docs",
        source=_SOURCE,
        steps=(step,),
    )


_CREATE, _GET = _step("POST", _PATH, {"amount": 5}), _step("GET", f"{_PATH}/kiosk-open")
_TEXT = replace(_CREATE, headers={**_CREATE.headers, "Content-Type": "text/plain"}, body="five")
OUTCOMES = (
    _found(CREATE, "success", "The offer is made", 201, _CREATE),
    refusal(CREATE, "validation_error", "The amount is missing or invalid", 422, replace(_CREATE, body={})),
    refusal(CREATE, "invalid_json", "The body is not a JSON object", 400, replace(_CREATE, body="{not json")),
    refusal(CREATE, "unsupported_media_type", "The content type is not JSON", 415, _TEXT),
    refusal(CREATE, "payload_too_large", "The body is larger than the sandbox reads", 413),
    *infrastructure(CREATE, _CREATE, _authorization),
    _found(GET, "open", "An offer that is open", 200, _GET),
    _found(GET, "expired", "An offer that has expired", 200, _step("GET", f"{_PATH}/kiosk-expired")),
    refusal(GET, "not_found", "There is no such offer", 404, _step("GET", f"{_PATH}/nobody")),
    *infrastructure(GET, _GET, _authorization),
    refusal("unmatched", "not_found", "No such path", 404, _step("GET", "/kiosk/kiosk-api/nothing")),
    refusal("unmatched", "method_not_allowed", "Another method", 405, replace(_CREATE, method="DELETE")),
    refusal(
        "unmatched", "options", "The methods of a path", 204, replace(_CREATE, method="OPTIONS"), kind="success"
    ),
)
