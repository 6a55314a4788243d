"""What the control API's calls share: parameters, refusals, security schemes, as OpenAPI has them; no call."""

from dataclasses import dataclass
from typing import Any, get_args

from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.rules.decision import Trigger
from offer_sandbox.rules.schema import NAME

_TEXT = {"type": "string"}
_WORKSPACE = {"type": "string", "pattern": NAME}


def _given(where: str, name: str, schema: dict[str, Any], told: str, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": required or where == "path",
        "description": told,
        "schema": schema,
    }


def _query(name: str, schema: dict[str, Any], told: str, required: bool = False) -> dict[str, Any]:
    return _given("query", name, schema, told, required)


PARAMETERS: dict[str, dict[str, Any]] = {
    "X-Sandbox-Workspace": _given("header", "X-Sandbox-Workspace", _WORKSPACE, "The workspace concerned."),
    "workspace": _query("workspace", _WORKSPACE, "The workspace concerned; the header wins."),
    "id": _given("path", "id", _TEXT, "The id of the one that is meant."),
    "name": _given("path", "name", _TEXT, "The name of the scenario, or of the workspace."),
    "provider": _given("path", "provider", _TEXT, "A provider's name; `GET /` lists them."),
    "collection": _given("path", "collection", _TEXT, "One of the provider's collections."),
    "limit": _query(
        "limit",
        {"type": "integer", "minimum": 0, "maximum": 100_000, "default": 1_000},
        "How many exchanges are listed at most.",
    ),
    "since": _query(
        "since", _TEXT, "Exchanges after the one with this id, or from this instant of real time on, alone."
    ),
    "count": _query(
        "count",
        {"type": "integer", "minimum": 0, "maximum": 10_000, "default": 1},
        "How many exchanges are waited for.",
    ),
    "timeout": _query(
        "timeout",
        {"type": "number", "minimum": 0, "maximum": 600, "default": 10},
        "Seconds of real time after which the wait is over.",
    ),
    "operation": _query("operation", _TEXT, "`ebay.findEligibleItems`; `ebay.*` and `*` mean each."),
    "status": _query("status", _TEXT, "The status that the record is to have.", required=True),
    "outcome": _query("outcome", _TEXT, "Exchanges with this outcome, by its full id, alone."),
    "responseStatus": _query(
        "status", {"type": "integer", "minimum": 100, "maximum": 599}, "Exchanges with this HTTP status alone."
    ),
    "trigger": _query("trigger", {"enum": list(get_args(Trigger))}, "Exchanges that this trigger decided alone."),
    "rule": _query("rule", _TEXT, "Exchanges in which the rule with this id fired alone."),
    "method": _query("method", _TEXT, "Exchanges by this HTTP method alone."),
    "requestPath": _query("path", _TEXT, "Exchanges with this path alone."),
    "fired": _query("fired", {"type": "boolean"}, "Rules that have fired, or that never have, alone."),
    "Last-Event-ID": _given(
        "header", "Last-Event-ID", _TEXT, "The id of the last exchange that is known; those after it come first."
    ),
    "builtin": _query(
        "builtin", {"type": "boolean", "default": False}, "Whether the magic values are listed too, as rules."
    ),
    "as": _query(
        "as",
        {"enum": ["curl", "pytest", "har"], "default": "curl"},
        "A shell command, a Python test, or an HTTP archive.",
    ),
    "catalogProvider": _query("provider", _TEXT, "Outcomes of this provider alone."),
    "catalogOperation": _query(
        "operation", _TEXT, "Outcomes of this operation alone, `provider.` before it or not."
    ),
    "catalogKind": _query("kind", {"enum": list(get_args(Kind))}, "Outcomes of this kind alone."),
    "catalogEvidence": _query(
        "evidence", {"enum": list(get_args(Evidence))}, "Outcomes with this evidence alone."
    ),
}


@dataclass(frozen=True)
class Refusal:
    """A refusal's `name` among the document's responses, and in words when it is given."""

    name: str
    told: str


REFUSALS: dict[int, Refusal] = {
    400: Refusal("Malformed", "The body is not JSON, or the workspace's name is malformed."),
    401: Refusal("Unauthorized", "The credential is missing or opens nothing here, or is a malformed key."),
    403: Refusal("Forbidden", "The key is another workspace's, or the call comes from a foreign host or site."),
    404: Refusal("NotFound", "What is named does not exist; with `--auth keys` a workspace has to be made first."),
    408: Refusal("Timeout", "What was waited for did not come in time."),
    409: Refusal("Conflict", "Not possible as things are now: `limit-reached` where there is no room."),
    413: Refusal("TooLarge", "The body is larger than 1 MiB (of state and snapshot: 256 MiB)."),
    422: Refusal(
        "NotUnderstood",
        "An unknown query argument, an unknown member or an invalid value; see `problems` and `known`.",
    ),
    429: Refusal("TooMany", "The client has as many streams open as it may."),
    500: Refusal("Failure", "The sandbox failed (500), or its store cannot be used (503)."),
    501: Refusal("CannotWait", "The WSGI server behind answers one call at a time, so nobody can wait."),
    503: Refusal("Unavailable", "The store cannot be used, or so many calls wait that no other one can."),
}
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "adminToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The server's admin token: opens everything. The loopback needs none.",
    },
    "workspaceKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "`sbx_<workspace>`: opens what concerns that workspace, and names it.",
    },
}
