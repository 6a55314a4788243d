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
    "regex": {
        "type": "string",
        "maxLength": 1000,
        "description": "A regular expression that matches anywhere in the text. Back-references and look-around"
        " are not supported.",
    },
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
    "description": "Time to wait before the response, in milliseconds of real time. A random delay is at most 600"
    " seconds.",
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": list(_KINDS_OF_DELAY)}},
    "allOf": [_of_type(name, members) for name, members in _KINDS_OF_DELAY.items()],
}
_FAULT: Schema = {
    "description": "The fault of the connection: its name, or an object that can also set the time of `DRIBBLE`.",
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
    "description": "A value or operators. Holds if there is a value, and no value meets them.",
    "type": VALUE_TYPES,
    "if": {"type": "object"},
    "then": {**_members((), **OPERATORS), "minProperties": 1},
}
_CONDITION: Schema = {
    "description": "A value that must be equal, or operators that must all hold.",
    "type": VALUE_TYPES,
    "if": {"type": "object"},
    "then": {**_members((), **OPERATORS, **{"not": _NEGATED}), "minProperties": 1},
}
RULE: Schema = {
    "description": "Makes matching calls return an outcome, wait, or break the connection.",
    **_members(
        ("operation",),
        operation={
            "type": "string",
            "description": "An operation such as `ebay.findEligibleItems`, all of a provider (`ebay.*`)"
            " or all (`*`).",
            "pattern": r"^([a-z]+\.([A-Za-z]+|\*)|\*)$",
        },
        match={
            "type": "object",
            "maxProperties": 100,
            "description": "Conditions on the request by path, such as `body.offeredItems.*.listingId`.",
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
            "description": "Random changes to the response that the contract allows.",
            "items": {"enum": list(KINDS)},
            "minItems": 1,
            "uniqueItems": True,
        },
        state={
            "type": "object",
            "description": "Records to add, or to merge into those with the same id, after the call is committed.",
            "propertyNames": {"pattern": r"^[a-z]+\.[A-Za-z]+$"},
            "additionalProperties": {"type": "array", "maxItems": 1000, "items": {"type": "object"}},
        },
        phase={"enum": ["after", "before"], "default": "after"},
        skip={"type": "integer", "minimum": 0, "maximum": _MAX_CALLS, "default": 0},
        times={
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": _MAX_CALLS,
            "description": "Maximum number of times that the rule fires. Unlimited by default.",
        },
        every={"type": "integer", "minimum": 1, "maximum": _MAX_CALLS, "default": 1},
        probability={"type": "number", "minimum": 0, "maximum": 1, "default": 1.0},
        ttl={
            "type": ["string", "null"],
            "description": "Time after which the rule expires by the workspace's clock, as an ISO 8601 duration.",
        },
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
    now={"type": "string", "description": "A timestamp such as 2026-04-17T19:45:00Z."},
)
_TEXT: Schema = {"type": "string", "maxLength": 1000}
_EXPECTED: Schema = _members(
    (),
    outcome={"type": ["string", "integer"], "description": "The last part of the outcome's id."},
    status={"type": "integer", "minimum": 100, "maximum": 599},
    trigger={"enum": ["header", "rule", "magic", "natural"]},
    fault={"enum": list(FAULTS), "description": "The fault with which the connection must fail."},
    body={
        "type": "object",
        "additionalProperties": _CONDITION,
        "description": "Conditions on the JSON of the response, by path.",
    },
    header={"type": "object", "additionalProperties": _CONDITION},
    events={
        "type": "array",
        "maxItems": 1000,
        "description": "The events that must happen, in this order. Each needs only the given members, and other"
        " events may happen in between. An empty list means that no event may happen.",
        "items": _members((), **dict.fromkeys(("provider", "kind", "id", "from", "to", "at"), _TEXT)),
    },
)
_CALL: Schema = _members(
    ("call",),
    call={**_TEXT, "description": "An operation. The step makes its plain call from the catalogue."},
    like={
        "type": ["string", "integer"],
        "description": "An outcome of the operation. Makes the catalogue's call for this outcome instead.",
    },
    path={
        **_TEXT,
        "pattern": "^/",
        "description": "Replaces the call's path, from the server's root. In path, query, headers and body,"
        " `{covent.offers}` is the id of the record in that collection that a step created or changed last, and"
        " `{ebay.token.access_token}` is the value at that path in the last response to that call.",
    },
    query={"type": "object", "additionalProperties": _TEXT},
    headers={"type": "object", "additionalProperties": {"type": ["string", "null"], "maxLength": 1000}},
    body={"description": "Replaces the call's body."},
    times={"type": "integer", "minimum": 1, "maximum": 1000, "default": 1},
    timeout={
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 600,
        "description": "Seconds to wait for the response, 30 by default.",
    },
    note=_TEXT,
    expect=_EXPECTED,
)
_ADVANCE: Schema = _members(
    ("advance",),
    advance={**_TEXT, "description": "How far to advance the clock, as an ISO 8601 duration."},
    note=_TEXT,
    expect=_members((), events=_EXPECTED["properties"]["events"]),
)
SCENARIO: Schema = {
    "$schema": DIALECT,
    "title": "Offer Sandbox scenario",
    "description": "A named set of rules, settings and a clock, which you start and stop as a whole.",
    **_members(
        ("scenario",),
        scenario={"type": "string", "pattern": NAME, "description": "The scenario's name."},
        title=_TEXT,
        description={"type": "string", "maxLength": 10_000},
        settings=SETTINGS,
        clock=CLOCK,
        rules={"type": "array", "maxItems": MAX_RULES, "items": RULE},
        play={
            "type": "array",
            "maxItems": 1000,
            "description": "The steps that `offer-sandbox play` runs in a new workspace, and their results.",
            "items": {"type": "object", "if": {"required": ["advance"]}, "then": _ADVANCE, "else": _CALL},
        },
    ),
}
