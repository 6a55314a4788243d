"""Explains an exchange: the reasons for its response, and the documented calls that it resembles."""

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from offer_sandbox.contract import Operation, Outcome, Provider
from offer_sandbox.world.journal import Entry

_DECIDERS = {
    "header": "a header or query parameter of the request",
    "rule": "a rule",
    "magic": "a magic value, in this call or an earlier one",
    "natural": "validation, stored state or the clock",
}
_ITSELF = "the sandbox itself"
_DELAY, _FAULT = "X-Sandbox-Delay", "X-Sandbox-Fault"


def explain(entry: Entry, providers: Mapping[str, Provider]) -> dict[str, Any]:
    """Returns the operation, the trigger, the rules, the problems with their sources, the changes of state, and
    the other outcomes that the operation offers."""
    provider = providers.get(entry["provider"] or "")
    name = (entry["operation"] or "").rpartition(".")[2]
    known = provider is not None and name in provider.operations
    return {
        "summary": _summary(
            entry, confidential=bool(provider and known and provider.operations[name].confidential)
        ),
        "operation": _operation(provider, name) if provider and known else None,
        "trigger": f"decided by {_DECIDERS.get(entry['trigger'] or '', _ITSELF)}",
        "rules": [_verdict(verdict) for verdict in entry["rules"]],
        "problems": [_problem(problem, provider, name) for problem in entry["problems"]],
        "documentation": _documentation(entry, provider),
        "state": [_changed(change) for change in entry["changes"]],
        "alternatives": _alternatives(provider, name, entry) if provider and known else [],
    }


def _summary(entry: Entry, confidential: bool) -> str:
    """Returns the explanation as one paragraph. If the call is `confidential`, some of the records that it stores
    are not listed."""
    sentences = [_result(entry)]
    if entry["reason"] and not _is_forced(entry):
        sentences.append(f"Reason: {entry['reason'].removesuffix('.')}")
    sentences.append(f"Decided by {_decider(entry)}")
    if entry.get("delay_ms"):
        sentences.append(f"Delayed by {entry['delay_ms']} ms ({_source(entry, 'delay', _DELAY)})")
    if entry["fault"] and entry["fault"]["phase"] == "after":
        fault = entry["fault"]["type"]
        sentences.append(f"The fault {fault} ({_source(entry, 'fault', _FAULT)}) was applied to the response")
    sentences.append(_stored(entry, confidential))
    return " ".join(f"{sentence}." for sentence in sentences)


def _result(entry: Entry) -> str:
    request, status = entry["request"], entry["response"]["status"]
    result = f"returned {status}" if status else "got no response"
    place = f" in workspace `{entry['workspace']}`" if entry["workspace"] else ""
    outcome = f": {entry['outcome']}" if entry["outcome"] else ""
    return f"{request['method']} {request['path']} {result}{place}{outcome}"


def _is_forced(entry: Entry) -> bool:
    """Returns whether a header or a rule forced the outcome. The reason then repeats only that."""
    return entry["outcome"] is not None and entry["trigger"] in ("header", "rule")


def _decider(entry: Entry) -> str:
    """Returns the source that decided the outcome. For a fault that prevented the call, that is its rule."""
    match entry["trigger"]:
        case "header":
            return _forcing_part(entry)
        case "rule":
            return _rule(entry, "outcome" if entry["outcome"] else "fault")
        case "natural":
            return f"{_DECIDERS['natural']}, not by a header, rule or magic value"
    return _DECIDERS.get(entry["trigger"] or "", _ITSELF)


def _forcing_part(entry: Entry) -> str:
    """Returns the part of the request that forced the outcome."""
    if "x-sandbox-outcome" in entry["request"]["headers"]:
        return "the header `X-Sandbox-Outcome`"
    if "Preference-Applied" in entry["response"]["headers"]:
        return "the header `Prefer`"
    return "the query parameter `__outcome` or `__code`"


def _source(entry: Entry, effect: str, header: str) -> str:
    """Returns the source of a delay or a fault: a header, which takes precedence, or a rule."""
    return f"header `{header}`" if header.lower() in entry["request"]["headers"] else _rule(entry, effect)


def _rule(entry: Entry, effect: str) -> str:
    ids = [verdict["id"] for verdict in entry["rules"] if effect in verdict.get("gave", ())]
    return f"rule `{ids[0]}`" if ids else _DECIDERS["rule"]


def _stored(entry: Entry, confidential: bool) -> str:
    """Returns what the call stored. The journal does not list stored credentials."""
    if confidential and entry["outcome"] and not entry["problems"]:
        return "Stored credentials are not listed"
    changed = len(entry["changes"])
    if not changed:
        return "Nothing was stored"
    return "1 record was stored" if changed == 1 else f"{changed} records were stored"


def _operation(provider: Provider, name: str) -> dict[str, str]:
    operation = provider.operations[name]
    return {
        "id": f"{provider.name}.{name}",
        "summary": operation.summary,
        "method": operation.method,
        "path": operation.path,
        "evidence": operation.evidence,
        "source": operation.source,
    }


def _verdict(verdict: Mapping[str, Any]) -> str:
    """Returns the result of a rule in one sentence."""
    because = "; ".join(verdict.get("because", ()))
    gave = ", ".join(verdict.get("gave", ()))
    clauses = f" and applied {gave}" if gave else f": {because}" if because else ""
    return f"{verdict['id']} ({verdict['operation']}) {verdict['verdict']}{clauses}"


def _problem(problem: Mapping[str, Any], provider: Provider | None, operation: str) -> dict[str, Any]:
    """Returns a problem with the documentation of its outcome."""
    outcome = _outcome(provider, operation, problem["outcome"])
    documented = (
        {"evidence": outcome.evidence, "source": outcome.source, "title": outcome.title} if outcome else {}
    )
    return {**problem, **documented}


def _outcome(provider: Provider | None, operation: str, name: str) -> Outcome | None:
    return provider.outcomes.get((operation, name)) if provider else None


def _documentation(entry: Entry, provider: Provider | None) -> dict[str, Any] | None:
    """Returns the documentation of the outcome. `inferred` means the sandbox's own choice."""
    if provider is None:
        return None
    return {
        "evidence": entry.get("evidence"),
        "source": entry.get("source"),
        "links": list(provider.links),
        "read_on": provider.read_on,
    }


def _changed(change: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members of a record before and after a change, only those that differ."""
    before, after = change["before"], change["after"]
    names = dict.fromkeys([*(before or {}), *after])
    differing = [name for name in names if before is None or before.get(name) != after.get(name)]
    return {
        "record": f"{change['provider']}.{change['collection']}/{change['id']}",
        "before": None if before is None else {name: before[name] for name in differing if name in before},
        "after": {name: after[name] for name in differing if name in after},
    }


def _alternatives(provider: Provider, operation: str, entry: Entry) -> list[dict[str, Any]]:
    """Returns the other outcomes of the operation and the header and magic value for each."""
    return [
        {
            "outcome": f"{provider.name}.{operation}.{outcome.name}",
            "title": outcome.title,
            "status": outcome.status,
            "kind": outcome.kind,
            "header": {"X-Sandbox-Outcome": outcome.name},
            "magic": outcome.magic and {"field": outcome.magic.field, "value": outcome.magic.value},
        }
        for (owner, _), outcome in provider.outcomes.items()
        if owner == operation and f"{provider.name}.{operation}.{outcome.name}" != entry["outcome"]
    ]


MAX_NEAREST = 3
_MAX_LENGTH = 200  # characters of a path to compare
WRONG_METHOD = 0.1  # the distance that a wrong method adds


_PROBES = re.compile(
    r"/(favicon\.ico|apple-touch-icon[\w-]*\.png|\.well-known/appspecific/com\.chrome\.devtools\.json)"
)  # paths that browsers request automatically


def unmatched(entry: Entry) -> bool:
    """Returns whether a request was refused because it matches no documented call. The requests that browsers send
    automatically do not count, because nobody made them on purpose."""
    if _PROBES.fullmatch(entry["request"]["path"]):
        return False
    if entry["operation"] is None:
        return entry["provider"] is None
    return str(entry["operation"]).endswith(".unmatched") and entry["kind"] != "success"


def nearest(entry: Entry, providers: Iterable[Provider]) -> list[dict[str, Any]]:
    """Returns the three nearest calls, each with its differences and its distance from 0 (the same) to 1."""
    owners = [provider for provider in providers if entry["provider"] in (None, provider.name)]
    found = [_miss(entry, provider, each) for provider in owners for each in provider.parts.operations]
    return sorted(found, key=lambda miss: float(miss["distance"]))[:MAX_NEAREST]


def _miss(entry: Entry, provider: Provider, operation: Operation) -> dict[str, Any]:
    method, path = entry["request"]["method"], _own_path(entry["request"]["path"], provider)[:_MAX_LENGTH]
    wanted = [operation.method] if provider.protocol == "rest" else ["POST", "GET"]
    likeness, pieces = compare(path, operation.path)
    differs = [{"part": "path", "wanted": operation.path, "found": path, "at": pieces}] if pieces else []
    if method not in wanted:
        differs.append({"part": "method", "wanted": " or ".join(wanted), "found": method})
    if not differs:
        differs.append({"part": "request", "wanted": operation.name, "found": entry["reason"]})
    distance = 1 - likeness + (WRONG_METHOD if method not in wanted else 0)
    return {
        "operation": f"{provider.name}.{operation.name}",
        "method": wanted[0],
        "path": operation.path,
        "distance": round(min(distance, 1.0), 3),
        "differs": differs,
    }


def _own_path(path: str, provider: Provider) -> str:
    prefix = f"/{provider.name}"
    return path[len(prefix) :] if path.startswith(f"{prefix}/") else path


def compare(path: str, template: str) -> tuple[float, list[str]]:
    """Compares a path with a documented one such as `/offers/{id}`. Returns the similarity from 0 to 1 and the
    path segments that differ."""
    ours, theirs = path.rstrip("/").split("/"), template.rstrip("/").split("/")
    filled = [
        mine if wanted.startswith("{") and mine else wanted
        for mine, wanted in zip(ours + [""] * len(theirs), theirs, strict=False)
    ]
    likeness = SequenceMatcher(None, path.rstrip("/"), "/".join(filled)).ratio()
    differing = [mine for mine, wanted in zip(ours, filled, strict=False) if mine != wanted]
    beyond = ours[len(filled) :] or [f"(missing: {each})" for each in filled[len(ours) :]]
    return likeness, [*differing, *beyond]
