"""The JSON Schemas of rules and scenario files, the one source for both validation and publication."""

from typing import Any

from offer_sandbox.contract.delivery import DRIBBLE, FAULTS, MAX_DELAY_MS
from offer_sandbox.contract.lifecycle import MAX_POLLS, MAX_SECONDS
from offer_sandbox.rules.mutation import KINDS

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_RULES = 200
_MAX_CALLS = 1_000_000_000
NAME = "^[a-z0-9][a-z0-9_-]{0,62}$"
SOURCES = ("body", "query", "path", "header", "args", "variables", "operationName")
OPERATORS: Schema = {
    "regex": {"type": "string", "maxLength": 1000, "description": "A pattern of linear time, found anywhere."},
    "present": {"type": "boolean"},
    "absent": {"type": "boolean"},
    "lt": {"type": "number"},
    "gt": {"type": "number"},
    "one_of": {"type": "array", "minItems": 1, "maxItems": 1000},
}
VALUE_TYPES = ["string", "number", "boolean", "null", "array", "object"]


def _milliseconds(lowest: int = 0) -> Schema:
    return {"type": "integer", "minimum": lowest, "maximum": MAX_DELAY_MS}


def _members(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _of_type(name: str, members: Schema) -> Schema:
    """Returns the schema for objects of this `type`. It accepts objects of other types unchecked."""
    condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
    return {"if": condition, "then": _members(("type", *members), type={}, **members)}


_KINDS_OF_DELAY = {
    "fixed": {"milliseconds": _milliseconds()},
    "uniform": {"lower": _milliseconds(), "upper": _milliseconds()},
    "lognormal": {
        "median": {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_DELAY_MS},
        "sigma": {"type": "number", "minimum": 0, "maximum": 10},
    },
}
_DELAY: Schema = {
    "description": "Wall time before the answer, in milliseconds; at most 600 seconds whatever is drawn.",
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": list(_KINDS_OF_DELAY)}},
    "allOf": [_of_type(name, members) for name, members in _KINDS_OF_DELAY.items()],
}
_FAULT: Schema = {
    "description": "What becomes of the connection; alone or with how long an answer dribbles.",
    "type": ["string", "object"],
    "if": {"type": "string"},
    "then": {"enum": list(FAULTS)},
    "else": {
        "type": "object",
        "required": ["type"],
        "additionalProperties": False,
        "properties": {"type": {"enum": list(FAULTS)}, "milliseconds": _milliseconds(1)},
        "dependentSchemas": {"milliseconds": {"properties": {"type": {"const": DRIBBLE}}}},
    },
}
_NEGATED: Schema = {
    "description": "Holds where there is a value and none fits: a value, or operators.",
    "type": VALUE_TYPES,
    "if": {"type": "object"},
    "then": {**_members((), **OPERATORS), "minProperties": 1},
}
_CONDITION: Schema = {
    "description": "A value that is equal, or operators that must all hold.",
    "type": VALUE_TYPES,
    "if": {"type": "object"},
    "then": {**_members((), **OPERATORS, **{"not": _NEGATED}), "minProperties": 1},
}
RULE: Schema = {
    "description": "When this operation is called and matches: this outcome, delay or fault.",
    **_members(
        ("operation",),
        operation={
            "type": "string",
            "description": "`ebay.findEligibleItems`; `ebay.*` and `*` mean each.",
            "pattern": r"^([a-z]+\.([A-Za-z]+|\*)|\*)$",
        },
        match={
            "type": "object",
            "maxProperties": 100,
            "description": "Paths into the request, such as `body.offeredItems.*.listingId`, and what is there.",
            "propertyNames": {
                "maxLength": 500,
                "pattern": rf"^(({'|'.join(SOURCES[:-1])})\.[\s\S]+|{SOURCES[-1]})$",
            },
            "additionalProperties": _CONDITION,
        },
        outcome={"type": ["string", "integer"], "description": "The last part of an outcome's id."},
        status={"type": "integer", "minimum": 400, "maximum": 599},
        delay=_DELAY,
        fault=_FAULT,
        mutate={
            "type": "array",
            "description": "Changes of the answer that a contract still allows.",
            "items": {"enum": list(KINDS)},
            "minItems": 1,
            "uniqueItems": True,
        },
        state={
            "type": "object",
            "description": "Records added, or merged by id, once the call is committed.",
            "propertyNames": {"pattern": r"^[a-z]+\.[A-Za-z]+$"},
            "additionalProperties": {"type": "array", "maxItems": 1000, "items": {"type": "object"}},
        },
        phase={"enum": ["after", "before"], "default": "after"},
        skip={"type": "integer", "minimum": 0, "maximum": _MAX_CALLS, "default": 0},
        times={
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": _MAX_CALLS,
            "description": "Absent: always.",
        },
        every={"type": "integer", "minimum": 1, "maximum": _MAX_CALLS, "default": 1},
        probability={"type": "number", "minimum": 0, "maximum": 1, "default": 1.0},
        ttl={"type": ["string", "null"], "description": "An ISO 8601 duration on the workspace's clock."},
    ),
    "not": {"required": ["outcome", "status"]},
}
SETTINGS: Schema = _members(
    (),
    progressions={
        "type": "object",
        "additionalProperties": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "progression": {"enum": ["immediate", "time", "manual"]},
                "seconds": {"type": "integer", "minimum": 0, "maximum": MAX_SECONDS},
                "polls": {"type": "integer", "minimum": 0, "maximum": MAX_POLLS},
            },
        },
    },
    contracts={"type": "object", "additionalProperties": {"type": "string"}},
    switches={"type": "object", "additionalProperties": {"type": ["string", "boolean"]}},
)
CLOCK: Schema = _members(
    (),
    mode={"enum": ["real", "frozen"]},
    now={"type": "string", "description": "An instant such as 2026-04-17T19:45:00Z."},
)
_TEXT: Schema = {"type": "string", "maxLength": 1000}
_EXPECTED: Schema = _members(
    (),
    outcome={"type": ["string", "integer"], "description": "The last part of the outcome's id."},
    status={"type": "integer", "minimum": 100, "maximum": 599},
    trigger={"enum": ["header", "rule", "magic", "natural"]},
    fault={"enum": list(FAULTS), "description": "The connection fails as that fault makes it."},
    body={"type": "object", "additionalProperties": _CONDITION, "description": "Paths into the answer's JSON."},
    header={"type": "object", "additionalProperties": _CONDITION},
    events={
        "type": "array",
        "maxItems": 1000,
        "description": "What an advance brings about, in order; each is the next event that has its members."
        " An empty list: nothing happens.",
        "items": _members((), **dict.fromkeys(("provider", "kind", "id", "from", "to", "at"), _TEXT)),
    },
)
_CALL: Schema = _members(
    ("call",),
    call={**_TEXT, "description": "An operation; its plain call of the catalogue is made."},
    like={"type": ["string", "integer"], "description": "Instead, the call that leads to this outcome of it."},
    path={
        **_TEXT,
        "pattern": "^/",
        "description": "Another path, from the server's root. In it, in query, headers and body,"
        " `{covent.offers}` is the id of that collection's record which a step made or changed last, and"
        " `{ebay.token.access_token}` what stands at that path in the last answer of that call.",
    },
    query={"type": "object", "additionalProperties": _TEXT},
    headers={"type": "object", "additionalProperties": {"type": ["string", "null"], "maxLength": 1000}},
    body={"description": "Another body."},
    times={"type": "integer", "minimum": 1, "maximum": 1000, "default": 1},
    timeout={"type": "number", "exclusiveMinimum": 0, "maximum": 600, "description": "Seconds to wait, 30."},
    note=_TEXT,
    expect=_EXPECTED,
)
_ADVANCE: Schema = _members(
    ("advance",),
    advance={**_TEXT, "description": "An ISO 8601 duration by which the clock is moved."},
    note=_TEXT,
    expect=_members((), events=_EXPECTED["properties"]["events"]),
)
SCENARIO: Schema = {
    "$schema": DIALECT,
    "title": "Offer Sandbox scenario",
    "description": "A named file of rules, settings and clock, which starts and stops as one.",
    **_members(
        ("scenario",),
        scenario={"type": "string", "pattern": NAME, "description": "Its name."},
        title=_TEXT,
        description={"type": "string", "maxLength": 10_000},
        settings=SETTINGS,
        clock=CLOCK,
        rules={"type": "array", "maxItems": MAX_RULES, "items": RULE},
        play={
            "type": "array",
            "maxItems": 1000,
            "description": "What `offer-sandbox play` does and expects, step by step, in a fresh workspace.",
            "items": {"type": "object", "if": {"required": ["advance"]}, "then": _ADVANCE, "else": _CALL},
        },
    ),
}
