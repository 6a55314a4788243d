"""The JSON Schemas of what control calls take and give, but for the journal's; a schema found in another is
published once and referred to."""

from collections.abc import Mapping
from typing import Any, get_args

from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.rules.schema import CLOCK, NAME, RULE, SCENARIO, SETTINGS
from offer_sandbox.world.outbox import DELIVERED, FAILED, KEPT, PENDING

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
OPTIONAL_INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}
RECORD: Schema = {"type": "object", "description": "A record as the sandbox keeps it, by its provider's schema."}
HEADERS: Schema = {"type": "object", "additionalProperties": TEXT}


def members(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, told: str | None = None
) -> Schema:
    """The schema of an object with these members, and perhaps others."""
    described = {"description": told} if told else {}
    properties = {**required, **(optional or {})}
    return {**described, "type": "object", "required": list(required), "properties": properties}


def only(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, told: str | None = None
) -> Schema:
    """The schema of an object with these members and no other."""
    return {**members(required, optional, told), "additionalProperties": False}


def array(items: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    """The schema of an object with any names."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


PROBLEM = members(
    {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "`urn:offer-sandbox:problem:` and a stable word.",
        },
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
    },
    {
        "known": {"type": "array", "description": "What would have been understood."},
        "problems": array(
            {
                "anyOf": [
                    TEXT,
                    only({"field": TEXT, "detail": TEXT}),
                    only({"line": COUNT, "column": COUNT, "detail": TEXT}),
                ]
            }
        ),
    },
    "A problem document, RFC 9457.",
)
HEALTH = members({"status": {"const": "ok"}, "version": TEXT})
OPENAPI = {"type": "object", "required": ["openapi", "info", "paths"], "description": "An OpenAPI 3.1 document."}

_SEED: Schema = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
NEW_WORKSPACE = only(
    {},
    {"name": {"type": "string", "pattern": NAME}, "seed": _SEED},
    told="A workspace to be made; a name is found where none is given, the seed is the server's.",
)
WORKSPACE = members(
    {
        "name": TEXT,
        "seed": _SEED,
        "key": {
            "type": ["string", "null"],
            "description": "Its key; where keys are issued it is shown when it is, and never again.",
        },
        "made": INSTANT,
        "used": {**INSTANT, "description": "About when it was last called."},
        "records": {**COUNT, "description": "How many records it has, tokens and rules among them."},
    },
    told="A workspace; instants are real time.",
)
WORKSPACES = members({"workspaces": array(WORKSPACE)})
_STEP = members(
    {
        "method": TEXT,
        "path": TEXT,
        "headers": HEADERS,
        "body": {"description": "JSON, a text, or null without one."},
    }
)
MAGIC = members({"field": TEXT, "value": TEXT})
_TRIGGERS = members({"header": nullable(HEADERS), "rule": nullable(HEADERS), "magic": nullable(MAGIC)})
OUTCOME = members(
    {
        "id": {"type": "string", "description": "`provider.operation.outcome`"},
        **dict.fromkeys(("provider", "operation", "outcome", "title"), TEXT),
        "kind": {"enum": list(get_args(Kind))},
        "status": {"type": "integer"},
        "evidence": {"enum": list(get_args(Evidence))},
        "source": TEXT,
        "triggers": _TRIGGERS,
        "steps": array(_STEP),
    },
    told="A documented result of an operation, and how it is had.",
)
OUTCOMES = members({"outcomes": array(OUTCOME)})

SHOWN_CLOCK = {**CLOCK, "required": ["mode", "now"]}
ADVANCE = only({"by": {"type": "string", "description": "An ISO 8601 duration, at most P3650D, such as `P8D`."}})
EVENT = members(
    {**dict.fromkeys(("provider", "kind", "id", "from", "to"), TEXT), "at": INSTANT},
    told="A record went from one state to another; `kind` is its collection.",
)
ADVANCED = members({"now": INSTANT, "events": array(EVENT)})

_TARGETS = {
    "type": "object",
    "description": "Where a provider's webhooks go (null: they are kept), and what signs them.",
    "additionalProperties": only({}, {"url": OPTIONAL_TEXT, "secret": OPTIONAL_TEXT}),
}
WORKSPACE_SETTINGS: Schema = {**SETTINGS, "properties": {**SETTINGS["properties"], "webhooks": _TARGETS}}
SHOWN_SETTINGS: Schema = {**WORKSPACE_SETTINGS, "required": list(WORKSPACE_SETTINGS["properties"])}

_COUNTERS = {
    "matched": COUNT,
    "hits": COUNT,
    "scenario": OPTIONAL_TEXT,
    "expires_at": OPTIONAL_INSTANT,
    "expired": TRUTH,
}
_COMPLETED = ("phase", "skip", "every", "probability")
ARMED_RULE: Schema = {
    **RULE,
    "description": "A rule with its defaults in place, and its counters.",
    "required": ["id", "operation", *_COMPLETED, *_COUNTERS],
    "properties": {"id": TEXT, **RULE["properties"], **_COUNTERS},
}
BUILTIN_RULE = members(
    {"id": TEXT, "builtin": {"const": True}, "operation": TEXT, "match": {"type": "object"}, "outcome": TEXT},
    told="A magic value that a provider ships, written as a rule.",
)
RULES = members({"rules": array({"anyOf": [ARMED_RULE, BUILTIN_RULE]})})

_LISTED: dict[str, Schema] = {
    "name": TEXT,
    "title": TEXT,
    "providers": array(TEXT),
    "ready": {"type": "boolean", "description": "Whether it comes with the sandbox."},
    "started": {"type": "boolean", "description": "Whether it runs."},
}
LISTED_SCENARIO = members(_LISTED)
SCENARIOS = members({"scenarios": array(LISTED_SCENARIO)})
WRITTEN_SCENARIO: Schema = {name: value for name, value in SCENARIO.items() if name != "$schema"}
UNNAMED_SCENARIO: Schema = {
    **WRITTEN_SCENARIO,
    "description": "A scenario; left out, its name is the one in the address.",
    "required": [],
}
SHOWN_SCENARIO: Schema = {
    **WRITTEN_SCENARIO,
    "description": "A scenario as it was written, and how it is listed.",
    "required": [*_LISTED, "scenario"],
    "properties": {**SCENARIO["properties"], **_LISTED},
}

RECORDS: Schema = {
    "type": "object",
    "description": "One member, the collection: its records in order of insertion.",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": array(RECORD),
}
STORED = members({"stored": COUNT, "total": COUNT})
_STORED_CLOCK = only(
    {"mode": {"enum": ["real", "frozen"]}, "offset": {"type": "integer"}, "at": {"type": "integer"}},
    told="In milliseconds: by how much a real one is moved, and since 1970 at what instant a frozen one stands.",
)
SNAPSHOT = only(
    {
        "format": {"const": "offer-sandbox/snapshot"},
        "version": {"const": 1},
        "seed": COUNT,
        "clock": _STORED_CLOCK,
        "settings": WORKSPACE_SETTINGS,
        "seeded": {**array(TEXT), "description": "The providers whose fixtures are in it."},
        "ordinals": mapping(COUNT),
        "collections": mapping(mapping(array(RECORD))),
    },
    told="A whole workspace but its journal.",
)
RESTORED = members({"workspace": TEXT, "restored": mapping(COUNT)})
_SCOPES = array({"enum": ["state", "rules", "clock", "settings", "journal"]})
RESET = only({}, {"scope": {**_SCOPES, "description": "Left out: all of them."}})
HAS_RESET = members({"workspace": TEXT, "reset": _SCOPES})

_ATTEMPT = members({"at": INSTANT, "status": {"type": ["integer", "null"]}, "error": TEXT, "milliseconds": NUMBER})
_SENT = members({"method": {"const": "POST"}, "url": OPTIONAL_TEXT, "headers": HEADERS, "body": TEXT})
WEBHOOK = members(
    {
        "id": TEXT,
        "provider": TEXT,
        "topic": TEXT,
        "kind": TEXT,
        "record": TEXT,
        "at": INSTANT,
        "status": {"enum": [PENDING, KEPT, DELIVERED, FAILED]},
        "redelivers": {"type": ["string", "null"], "description": "The event that this one repeats."},
        "request": _SENT,
        "attempts": array(_ATTEMPT),
        "next_attempt_at": OPTIONAL_INSTANT,
    },
    told="An event about a record of the collection `kind`, and what became of it.",
)
WEBHOOKS = members({"webhooks": array(WEBHOOK)})
FIRE = only(
    {"provider": TEXT, "id": {"type": "string", "description": "The record's."}},
    {"topic": {"type": "string", "description": "Left out: the provider's first."}},
)
NOTHING = only({}, told="Nothing is asked for yet.")
ANYTHING: Schema = {"type": "object", "description": "Nothing in it is looked at."}

_RULE = RULE["properties"]
CONDITION: Schema = _RULE["match"]["additionalProperties"]
MATCH: Schema = _RULE["match"]
SCHEMAS: dict[str, Schema] = {
    "Problem": PROBLEM,
    "Health": HEALTH,
    "OpenApi": OPENAPI,
    "Workspace": WORKSPACE,
    "NewWorkspace": NEW_WORKSPACE,
    "Outcome": OUTCOME,
    "Outcomes": OUTCOMES,
    "Clock": CLOCK,
    "ShownClock": SHOWN_CLOCK,
    "Advance": ADVANCE,
    "Advanced": ADVANCED,
    "Event": EVENT,
    "ScenarioSettings": SETTINGS,
    "Settings": WORKSPACE_SETTINGS,
    "ShownSettings": SHOWN_SETTINGS,
    "Rule": RULE,
    "Match": MATCH,
    "Condition": CONDITION,
    "Delay": _RULE["delay"],
    "Fault": _RULE["fault"],
    "ArmedRule": ARMED_RULE,
    "BuiltinRule": BUILTIN_RULE,
    "Rules": RULES,
    "Scenario": WRITTEN_SCENARIO,
    "UnnamedScenario": UNNAMED_SCENARIO,
    "ShownScenario": SHOWN_SCENARIO,
    "Play": SCENARIO["properties"]["play"],
    "ListedScenario": LISTED_SCENARIO,
    "Scenarios": SCENARIOS,
    "Record": RECORD,
    "Records": RECORDS,
    "Stored": STORED,
    "Snapshot": SNAPSHOT,
    "Restored": RESTORED,
    "Reset": RESET,
    "HasReset": HAS_RESET,
    "Webhook": WEBHOOK,
    "Webhooks": WEBHOOKS,
    "Fire": FIRE,
}
