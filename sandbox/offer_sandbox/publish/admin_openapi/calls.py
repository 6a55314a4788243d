"""What the control API's routes do not tell of its calls: names, parameters, bodies, answers and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract.http import JSON
from offer_sandbox.publish.admin_openapi import journal, schemas
from offer_sandbox.publish.admin_openapi.schemas import Schema
from offer_sandbox.rules.schema import CLOCK, RULE

Content = Mapping[str, Schema]
_NONE: Content = {}
_YAML = "application/yaml"


@dataclass(frozen=True, kw_only=True)
class Body:
    """A request's body: its schema by content type, and an `example` in JSON."""

    content: Content
    example: Any = None
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call: `id` is its name in the document, `answers` the content by status, empty where there is none.
    `refusals` are its own statuses: those that come of its body or its sender are added. `workspace` tells whether
    it concerns one."""

    id: str
    answers: Mapping[int, Content]
    refusals: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    body: Body | None = None
    workspace: bool = True


def _json(schema: Schema) -> Content:
    return {JSON: schema}


def _given(schema: Schema, example: Any = None, required: bool = True) -> Body:
    return Body(content=_json(schema), example=example, required=required)


def _shown(id: str, schema: Schema, *refusals: int, parameters: tuple[str, ...] = ()) -> Call:
    """A call that shows something of a workspace."""
    return Call(id=id, answers={200: _json(schema)}, refusals=refusals, parameters=parameters)


def _shared(id: str, content: Content, *refusals: int) -> Call:
    """A call that shows what is the same in every workspace."""
    return Call(id=id, answers={200: content}, refusals=refusals, workspace=False)


def _taken(id: str, schema: Schema, body: Body, *refusals: int, statuses: tuple[int, ...] = (200,)) -> Call:
    """A call that takes a body and shows what has become of it."""
    return Call(id=id, answers=dict.fromkeys(statuses, _json(schema)), refusals=refusals, body=body)


def _removed(id: str, *refusals: int) -> Call:
    return Call(id=id, answers={204: _NONE}, refusals=refusals)


_LISTED = ("limit", "since")
_FILTERS = ("operation", "outcome", "responseStatus", "trigger", "rule", "method", "requestPath")
_MERGE_PATCH: Content = {JSON: schemas.RECORD, "application/merge-patch+json": schemas.RECORD}
_RULE = {
    "operation": "ebay.sendOfferToInterestedBuyers",
    "match": {"body.offeredItems.*.listingId": {"regex": "^11"}},
    "outcome": "150022",
    "delay": {"type": "fixed", "milliseconds": 20},
    "times": 1,
    "ttl": "PT10M",
}
_OTHER_RULE = {"operation": "ebay.findEligibleItems", "fault": {"type": "DRIBBLE", "milliseconds": 500}, "skip": 2}
_SCENARIO = {
    "title": "Sending fails, and the clock stands still",
    "settings": {"switches": {"sibi.absent": "null"}},
    "clock": {"mode": "frozen", "now": "2026-04-17T19:45:00Z"},
    "rules": [{"operation": "ebay.sendOfferToInterestedBuyers", "status": 500, "phase": "before"}],
    "play": [{"call": "ebay.sendOfferToInterestedBuyers", "expect": {"status": 500, "trigger": "rule"}}],
}
_SETTINGS = {
    "progressions": {"opendoor.evaluation": {"progression": "time", "seconds": 5}},
    "webhooks": {"sibi": {"url": "http://127.0.0.1:8080/hooks", "secret": "whsec_demo"}},
}
_DESCRIBED = {
    "operation": "ebay.*",
    "method": "POST",
    "path": {"regex": "^/sell"},
    "match": {"body.offeredItems.*.listingId": "110000000001"},
}
_FROZEN = {"mode": "frozen", "now": "2026-04-17T19:45:00Z"}

_HEALTH = {
    "GET /health": _shared("getHealth", _json(schemas.HEALTH)),
    "GET /health/live": _shared("getLiveness", _json(schemas.HEALTH)),
    "GET /metrics": _shared("getMetrics", {"text/plain": schemas.TEXT}),
    "GET /health/ready": _shared("getReadiness", _json(schemas.HEALTH), 503),
}
_SPECS = {
    "GET /openapi.json": _shared("getProvidersOpenApi", _json(schemas.OPENAPI)),
    "GET /__admin/openapi.json": _shared("getControlOpenApi", _json(schemas.OPENAPI)),
    "GET /__admin/specs/{provider}.json": _shared("getProviderOpenApi", _json(schemas.OPENAPI), 404),
    "GET /__admin/specs/{provider}.graphql": _shared("getProviderSdl", {"application/graphql": schemas.TEXT}, 404),
}
_CATALOG = {
    "GET /__admin/catalog": _shown(
        "listOutcomes",
        schemas.OUTCOMES,
        *(404, 422),
        parameters=("catalogProvider", "catalogOperation", "catalogKind", "catalogEvidence"),
    ),
}
_WORKSPACE = {
    "GET /__admin/clock": _shown("getClock", schemas.SHOWN_CLOCK),
    "PUT /__admin/clock": _taken("setClock", schemas.SHOWN_CLOCK, _given(CLOCK, _FROZEN)),
    "POST /__admin/clock/advance": _taken(
        "advanceClock", schemas.ADVANCED, _given(schemas.ADVANCE, {"by": "P8D"})
    ),
    "GET /__admin/settings": _shown("getSettings", schemas.SHOWN_SETTINGS),
    "PUT /__admin/settings": _taken(
        "changeSettings", schemas.SHOWN_SETTINGS, _given(schemas.WORKSPACE_SETTINGS, _SETTINGS)
    ),
    "GET /__admin/snapshot": _shown("saveSnapshot", schemas.SNAPSHOT),
    "PUT /__admin/snapshot": _taken("loadSnapshot", schemas.RESTORED, _given(schemas.SNAPSHOT)),
    "POST /__admin/reset": _taken(
        "reset", schemas.HAS_RESET, _given(schemas.RESET, {"scope": ["state", "journal"]}, required=False)
    ),
}
_RULES = {
    "GET /__admin/rules": _shown("listRules", schemas.RULES, 422, parameters=("builtin", "fired")),
    "POST /__admin/rules": _taken("addRule", schemas.ARMED_RULE, _given(RULE, _RULE), 409, statuses=(201,)),
    "DELETE /__admin/rules": _removed("removeRules"),
    "GET /__admin/rules/{id}": _shown("getRule", schemas.ARMED_RULE, 404),
    "PUT /__admin/rules/{id}": _taken("replaceRule", schemas.ARMED_RULE, _given(RULE, _OTHER_RULE), 404),
    "DELETE /__admin/rules/{id}": _removed("removeRule", 404),
}
_UPLOAD = Body(
    content={JSON: schemas.UNNAMED_SCENARIO, _YAML: schemas.WRITTEN_SCENARIO},
    example=_SCENARIO,
)
_IGNORED = _given(schemas.ANYTHING, required=False)
_SCENARIOS = {
    "GET /__admin/scenarios": _shown("listScenarios", schemas.SCENARIOS),
    "GET /__admin/scenarios/{name}": _shown("getScenario", schemas.SHOWN_SCENARIO, 404),
    "PUT /__admin/scenarios/{name}": _taken(
        "putScenario", schemas.SHOWN_SCENARIO, _UPLOAD, 409, statuses=(200, 201)
    ),
    "DELETE /__admin/scenarios/{name}": _removed("removeScenario", 404, 409),
    "POST /__admin/scenarios/{name}/start": _taken(
        "startScenario", schemas.LISTED_SCENARIO, _IGNORED, *(404, 409)
    ),
    "POST /__admin/scenarios/{name}/stop": _taken("stopScenario", schemas.LISTED_SCENARIO, _IGNORED, 404),
}
_DESCRIBING = _given(journal.DESCRIPTION, _DESCRIBED, required=False)
_EXPORTED: Content = {JSON: journal.ARCHIVE, "text/x-shellscript": schemas.TEXT, "text/x-python": schemas.TEXT}
_REQUESTS = {
    "GET /__admin/requests": _shown("listRequests", journal.JOURNAL, 422, parameters=(*_LISTED, *_FILTERS)),
    "DELETE /__admin/requests": _removed("forgetRequests"),
    "GET /__admin/requests/{id}": _shown("getRequest", journal.EXPLAINED, 404),
    "GET /__admin/requests/{id}/export": Call(
        id="exportRequest", answers={200: _EXPORTED}, refusals=(404, 409, 422), parameters=("as",)
    ),
    "GET /__admin/requests/unmatched": _shown("listUnmatched", journal.JOURNAL, 422, parameters=_LISTED),
    "GET /__admin/requests/unmatched/near-misses": _shown("listNearMisses", journal.NEAR_MISSES),
    "POST /__admin/requests/count": _taken("countRequests", journal.COUNTED, _DESCRIBING),
    "POST /__admin/requests/find": Call(
        id="findRequests", answers={200: _json(journal.JOURNAL)}, parameters=_LISTED, body=_DESCRIBING
    ),
    "GET /__admin/requests/wait": _shown(
        "waitForRequests",
        journal.JOURNAL,
        *(408, 422, 501, 503),
        parameters=("count", "timeout", *_LISTED, *_FILTERS),
    ),
    "GET /__admin/requests/stream": Call(
        id="streamRequests",
        answers={200: {"text/event-stream": journal.STREAM}},
        refusals=(422, 429, 503),
        parameters=("Last-Event-ID", *_FILTERS),
    ),
}
_COLLECTION, _RECORD = "/__admin/state/{provider}/{collection}", "/__admin/state/{provider}/{collection}/{id}"
_STATE = {
    f"GET {_COLLECTION}": _shown("listRecords", schemas.RECORDS, 404),
    f"PUT {_COLLECTION}": _taken("replaceRecords", schemas.STORED, _given(schemas.RECORDS), 404),
    f"PATCH {_COLLECTION}": _taken("addRecords", schemas.STORED, _given(schemas.RECORDS), 404),
    f"DELETE {_COLLECTION}": _removed("removeRecords", 404),
    f"GET {_RECORD}": _shown("getRecord", schemas.RECORD, 404),
    f"PUT {_RECORD}": _taken("putRecord", schemas.RECORD, _given(schemas.RECORD), 404, statuses=(200, 201)),
    f"PATCH {_RECORD}": _taken("patchRecord", schemas.RECORD, Body(content=_MERGE_PATCH), 404),
    f"DELETE {_RECORD}": _removed("removeRecord", 404),
    f"GET {_RECORD}/wait": _shown(
        "waitForStatus", schemas.RECORD, *(404, 408, 422, 501, 503), parameters=("status", "timeout")
    ),
}
_FIRE = {"provider": "sibi", "topic": "offer.updated", "id": "offer-unknown"}
_WEBHOOKS = {
    "GET /__admin/webhooks": _shown("listWebhooks", schemas.WEBHOOKS),
    "DELETE /__admin/webhooks": _removed("removeWebhooks"),
    "GET /__admin/webhooks/{id}": _shown("getWebhook", schemas.WEBHOOK, 404),
    "POST /__admin/webhooks/{id}/redeliver": _taken(
        "redeliverWebhook", schemas.WEBHOOK, _given(schemas.NOTHING, required=False), 404, statuses=(201,)
    ),
    "POST /__admin/webhooks/fire": _taken(
        "fireWebhook", schemas.WEBHOOK, _given(schemas.FIRE, _FIRE), 404, statuses=(201,)
    ),
}
_NEW = _given(schemas.NEW_WORKSPACE, {"name": "team1", "seed": 42}, required=False)


def _about_workspaces(id: str, status: int, content: Content, *refusals: int, body: Body | None = None) -> Call:
    return Call(id=id, answers={status: content}, refusals=refusals, body=body, workspace=False)


_WORKSPACES = {
    "GET /__admin/workspaces": _about_workspaces("listWorkspaces", 200, _json(schemas.WORKSPACES)),
    "POST /__admin/workspaces": Call(
        id="addWorkspace",
        answers=dict.fromkeys((200, 201), _json(schemas.WORKSPACE)),
        refusals=(409,),
        body=_NEW,
        workspace=False,
    ),
    "GET /__admin/workspaces/{name}": _about_workspaces("getWorkspace", 200, _json(schemas.WORKSPACE), 404),
    "DELETE /__admin/workspaces/{name}": _about_workspaces("removeWorkspace", 204, _NONE, 404),
    "POST /__admin/workspaces/{name}/key": _about_workspaces(
        "renewKey", 201, _json(schemas.WORKSPACE), *(404, 409), body=_IGNORED
    ),
    "DELETE /__admin/workspaces/{name}/key": _about_workspaces("revokeKey", 204, _NONE, *(404, 409)),
}
CALLS: Mapping[str, Call] = {
    **_HEALTH,
    **_SPECS,
    **_CATALOG,
    **_WORKSPACE,
    **_RULES,
    **_SCENARIOS,
    **_REQUESTS,
    **_STATE,
    **_WEBHOOKS,
    **_WORKSPACES,
}
