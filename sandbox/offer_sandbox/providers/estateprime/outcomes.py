"""EstatePrime's catalogue: pages, statuses and errors, with the calls that produce each of them."""

from dataclasses import replace
from typing import Any

from offer_sandbox.contract import OURS, Outcome, Step, answered, refusal, unmatched
from offer_sandbox.providers.estateprime import market_outcomes
from offer_sandbox.providers.estateprime.errors import demo_pair
from offer_sandbox.providers.estateprime.fixtures import FIRST_IDS
from offer_sandbox.providers.estateprime.operations import GET, LIST
from offer_sandbox.providers.estateprime.samples import OFFER_54, SAMPLE_FILTER, SAMPLE_PAGE
from offer_sandbox.providers.estateprime.schemas import STATUSES

_PATH = "/estateprime/api/offers"
_PAGE = "EstatePrime, Offers"


_HEADERS = {"Authorization": demo_pair(), "Content-Type": "application/json"}


def _list(body: Any = None, **headers: str) -> Step:
    return Step(method="GET", path=_PATH, headers={**_HEADERS, **headers}, body=body)


def _get(id: object = 54) -> Step:
    return Step(method="GET", path=f"{_PATH}/{id}", headers=_HEADERS)


_PLAIN = {LIST: _list(SAMPLE_FILTER), GET: _get()}


def _without_json(step: Step) -> Step:
    return replace(step, headers={"Authorization": demo_pair()}, body=None)


def _lists() -> list[Outcome]:
    page = answered(LIST, "success", "A page of offers", 200, _PLAIN[LIST], source=_PAGE, evidence="seed")
    nothing, beyond = _list({"store_id": 999}), _list({"page": 999})
    return [
        page,
        _printed(LIST, "The page that the documentation prints", SAMPLE_PAGE),
        answered(LIST, "empty", "No offer matches the filter", 200, nothing, source=OURS, evidence="inferred"),
        answered(LIST, "past_end", "A page past the last one", 200, beyond, source=OURS, evidence="inferred"),
        refusal(LIST, "unsupported_media_type", "The content type is not JSON", 415, _without_json(_list())),
        refusal(LIST, "payload_too_large", "The body is larger than 1 MiB", 413),
        refusal(LIST, "invalid_json", "The body is not a JSON object", 400, _list("{not json")),
        refusal(
            LIST,
            "validation_error",
            "A filter field is missing or invalid",
            400,
            _list({"status": "unknown"}),
            message="Invalid status",
        ),
    ]


def _gets() -> list[Outcome]:
    ordered = ["under_negotiation", *(status for status in STATUSES if status != "under_negotiation")]
    return [
        *map(_in_status, ordered),
        _printed(GET, "The offer that the documentation prints", {"status": 200, "data": OFFER_54}),
        refusal(GET, "not_found", "There is no such offer", 404, _get(99999)),
        refusal(GET, "unsupported_media_type", "The content type is not JSON", 415, _without_json(_get())),
    ]


def _in_status(status: str) -> Outcome:
    title, read = f"An offer that is {status.replace('_', ' ')}", _get(_id_of(status))
    return answered(GET, status, title, 200, read, source=_PAGE, kind="state", evidence="seed")


def _printed(operation: str, title: str, document: Any) -> Outcome:
    return answered(operation, "documented", title, 200, source=_PAGE, evidence="seed", document=document)


def _id_of(status: str) -> int:
    """Returns the id of an initial offer in that status. It is the same for every seed."""
    return next(
        id for id, each in {**FIRST_IDS, 54: "under_negotiation", 57: "submitted"}.items() if each == status
    )


_NOTES = "one EstatePrime customer's public notes"
_SEEN = {
    "unauthorized": f"{_NOTES}: the status and the envelope (the text is the sandbox's own)",
    "forbidden": f"{_NOTES}: status and text, on a write and without the member `status`",
    "rate_limited": f"{_NOTES}: the status (the text is the sandbox's own)",
    "unsupported_media_type": f"{_NOTES}: the status (the text is the sandbox's own)",
}
OBSERVED = {
    **{
        f"{operation}.{name}": source
        for operation in (LIST, GET, *market_outcomes.OPERATIONS)
        for name, source in _SEEN.items()
    },
    f"{GET}.not_found": f"{_NOTES}: status and text, for an id that is not a number",
}
_NOWHERE = Step(method="GET", path="/estateprime/api/no-such-path", headers=_HEADERS)
OUTCOMES = (
    *_lists(),
    *_gets(),
    *market_outcomes.OUTCOMES,
    *unmatched(_NOWHERE, _list(), "POST", message="Not found"),
)
