"""Reads the triggers in a request: `X-Sandbox-*` headers, `Prefer`, and the equivalent query parameters."""

import re
from dataclasses import replace
from typing import Any
from urllib.request import parse_http_list

from offer_sandbox.contract import UNMATCHED, Fault, Operation, Outcome, Provider, Request
from offer_sandbox.contract.delivery import FAULTS, MAX_DELAY_MS
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.rules.decision import NOTHING_ASKED, Asked, Decision
from offer_sandbox.rules.evaluation import made_fault
from offer_sandbox.world.rng import seeded_rng

QUERY_TRIGGERS = ("__outcome", "__code")
_HEADERS = frozenset(("x-sandbox-outcome", "x-sandbox-delay", "x-sandbox-fault", "prefer"))


def read_triggers(request: Request, provider: Provider, operation: Operation) -> Decision:
    """Returns the decision that a request asks for. The header takes precedence over `Prefer`, and `Prefer` over
    the query.

    Raises ProblemDetailsError (400) for a malformed value, and for an unknown outcome or fault with a list of the
    known ones.
    """
    if not request.query and _HEADERS.isdisjoint(request.headers):
        return NOTHING_ASKED
    return replace(read_delivery_headers(request), **_forcing(request, provider, operation))


def read_delivery_headers(request: Request) -> Decision:
    """Returns the delay and the fault, which do not depend on the operation. Raises ProblemDetailsError (400)."""
    return Decision(delay_after=_delay(request), fault=_fault(request))


def _forcing(request: Request, provider: Provider, operation: Operation) -> dict[str, Any]:
    """Returns the fields of the decision that force an outcome. Empty if nothing forces one."""
    header = request.headers.get("x-sandbox-outcome")
    if header is not None:
        return _asked(_named(header.strip(), provider, operation), "the header X-Sandbox-Outcome")
    preferred = _preferred(request.headers.get("prefer", ""), provider, operation)
    if preferred:
        return preferred
    if (name := request.argument("__outcome")) is not None:
        return _asked(_named(name, provider, operation), "the query parameter __outcome")
    if (code := request.argument("__code")) is not None:
        return _asked(_of_status(code, provider, operation), "the query parameter __code")
    return {}


def _asked(outcome: Outcome | None, by: str, applied: str = "") -> dict[str, Any]:
    """Returns the fields for an outcome. `asked` is None if the outcome belongs to an unrecognised call."""
    asked = None if outcome is None else Asked(outcome=outcome, trigger="header", by=by)
    return {"asked": asked, "applied": applied}


def without_triggers(query: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Returns the query that the provider should see."""
    return tuple(pair for pair in query if pair[0] not in QUERY_TRIGGERS)


def known(provider: Provider, operation: Operation) -> list[str]:
    """Returns the names of an operation's outcomes, in catalogue order."""
    return [name for owner, name in provider.outcomes if owner == operation.name]


def _named(name: str, provider: Provider, operation: Operation) -> Outcome | None:
    owner, dot, last = name.rpartition(".")
    if not dot or owner == f"{provider.name}.{operation.name}":
        found = provider.outcomes.get((operation.name, last))
        if found is not None:
            return found
    if operation.name == UNMATCHED and any(last == other for _, other in provider.outcomes):
        return None  # the outcome belongs to a call that was not recognised, which the response must report
    raise ProblemDetailsError(
        400,
        "unknown-outcome",
        "Unknown outcome",
        f"{provider.name}.{operation.name} has no outcome {name!r}",
        known=known(provider, operation),
    )


def _of_status(code: str, provider: Provider, operation: Operation) -> Outcome | None:
    for (owner, _), outcome in provider.outcomes.items():
        if owner == operation.name and code == str(outcome.status):
            return outcome
    statuses = {outcome.status for (owner, _), outcome in provider.outcomes.items() if owner == operation.name}
    if not re.fullmatch(r"[1-5][0-9]{2}", code):
        kind, title, detail = "malformed-code", "Malformed status", f"{code!r} is not an HTTP status such as 404"
    else:
        kind, title = "unknown-code", "No outcome with that status"
        detail = f"{provider.name}.{operation.name} has no outcome with the status {code}"
    raise ProblemDetailsError(400, kind, title, detail, known=sorted(statuses))


def _preferred(header: str, provider: Provider, operation: Operation) -> dict[str, Any]:
    """Returns the fields for the most specific preference: an example before a code, in any order."""
    found: dict[str, str] = {}
    for preference in parse_http_list(header):
        name, _, value = preference.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    if "example" in found:
        name = found["example"]
        return _asked(_named(name, provider, operation), "the header Prefer (example)", f"example={name}")
    if "code" in found:
        code = found["code"]
        return _asked(_of_status(code, provider, operation), "the header Prefer (code)", f"code={code}")
    return {}


def _delay(request: Request) -> int | None:
    """Returns the milliseconds in `X-Sandbox-Delay`, or None without it. Raises ProblemDetailsError (400)."""
    text = request.headers.get("x-sandbox-delay")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text.strip()) or int(text) > MAX_DELAY_MS:
        raise ProblemDetailsError(
            400,
            "malformed-delay",
            "Malformed delay",
            f"X-Sandbox-Delay must be a whole number of milliseconds from 0 to {MAX_DELAY_MS}, not {text!r}",
        )
    return int(text)


def _fault(request: Request) -> Fault | None:
    """Returns the fault that `X-Sandbox-Fault` names, or None without it. Its random bytes are always the same.
    Raises ProblemDetailsError (400)."""
    name = request.headers.get("x-sandbox-fault")
    if name is None:
        return None
    if name.strip() not in FAULTS:
        raise ProblemDetailsError(
            400, "unknown-fault", "Unknown fault", f"unknown fault {name[:80]!r}", known=list(FAULTS)
        )
    return made_fault({"type": name.strip()}, seeded_rng(0, "X-Sandbox-Fault"))
