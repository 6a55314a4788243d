"""The JSON Schemas of rules and scenario files, the one source for both validation and publication."""

from typing import Any

from offer_sandbox.contract.delivery import DRIBBLE, FAULTS, MAX_DELAY_MS
from offer_sandbox.contract.lifecycle import MAX_POLLS, MAX_SECONDS
from offer_sandbox.rules.mutation import KINDS
from offer_sandbox.schemas.fields import described

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_RULES = 200
_MAX_CALLS = 1_000_000_000
NAME = "^[a-z0-9][a-z0-9_-]{0,62}$"
SOURCES = ("body", "query", "path", "header", "args", "variables", "operationName")
# The meaning of each value of the enumerations, for the published descriptions.
TRIGGER_VALUES = {
    "header": "A header or query parameter of the request, such as `X-Sandbox-Outcome`.",
    "rule": "A rule.",
    "magic": "A magic value, in this call or an earlier one.",
    "natural": "Validation, stored state or the clock.",
}
FAULT_VALUES = {
    "CONNECTION_RESET_BY_PEER": "The connection is reset (RST) before any byte of the response.",
    "EMPTY_RESPONSE": "The connection is closed normally before any byte of the response.",
    "TRUNCATED_BODY": "The status, the headers and half of the body. Then the connection is closed.",
    "MALFORMED_RESPONSE_CHUNK": "The status, the headers and one valid chunk, followed by an invalid one.",
    "RANDOM_DATA_THEN_CLOSE": "256 bytes that are not HTTP. Then the connection is closed.",
    "HANG": "Nothing until the client disconnects, or for 600 seconds. Then the connection is closed.",
    "GATEWAY_HTML": "A 502 with the HTML page of a proxy. The connection stays open.",
    "DRIBBLE": "The complete response in up to 50 pieces, within one second or `milliseconds`.",
}
WEBHOOK_FAULTS = {
    "DUPLICATE": "The webhook is sent twice.",
    "LATE": "The webhook is sent 60 seconds later by the workspace's clock, or `seconds` later.",
    "OUT_OF_ORDER": "The webhook is sent right after the next one of the provider, or an hour later without one.",
    "WRONG_SIGNATURE": "The webhook has a signature of other content.",
    "NEVER": "The webhook is not sent. The inbox of the workspace lists it.",
}
LATE, NO_FAULT = "LATE", "NONE"
PHASE_VALUES = {
    "after": "The call is carried out, then the delay and the fault follow.",
    "before": "The delay precedes the call. A fault replaces the call, which is then not carried out.",
}
CLOCK_VALUES = {
    "real": "The clock runs.",
    "frozen": "The clock stands still until a call sets or advances it.",
}
_MUTATION_VALUES = {
    "extra_field": "Adds undocumented fields, at the top level and in nested objects.",
    "unknown_enum_value": "Replaces up to three enumeration values with undocumented ones.",
    "reorder": "Changes the order of object members and list items.",
    "null_optional": "Sets up to three nullable fields to null.",
}
_PROGRESSION_VALUES = {
    "immediate": "The step completes immediately.",
    "time": "The step completes after `seconds` on the workspace's clock.",
    "manual": "The step completes after the record was read `polls` times.",
}
OPERATORS: Schema = {
    "regex": {
        "type": "string",
        "maxLength": 1000,
        "description": "A regular expression that matches anywhere in the text. `^` and `$` anchor it."
        " Back-references and look-around are not supported.",
        "examples": ["^EBAY_"],
    },
    "present": {
        "type": "boolean",
        "description": "`true` holds if there is a value, `false` if there is none.",
        "examples": [True],
    },
    "absent": {
        "type": "boolean",
        "description": "`true` holds if there is no value, `false` if there is one.",
        "examples": [True],
    },
    "lt": {
        "type": "number",
        "description": "Holds if the number, or the numeric text, is less than this.",
        "examples": [5],
    },
    "gt": {
        "type": "number",
        "description": "Holds if the number, or the numeric text, is greater than this.",
        "examples": [5],
    },
    "one_of": {
        "type": "array",
        "minItems": 1,
        "maxItems": 1000,
        "items": {},
        "description": "Holds if the value equals one of these.",
        "examples": [["EBAY_US", "EBAY_GB"]],
    },
}
VALUE_TYPES = ["string", "number", "boolean", "null", "array", "object"]


def _milliseconds(text: str, example: int, lowest: int = 0) -> Schema:
    bounds = {"minimum": lowest, "maximum": MAX_DELAY_MS}
    return {"type": "integer", **bounds, "description": text, "examples": [example]}


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
    kind = {"description": f"Always `{name}`."}
    return {"if": condition, "then": _members(("type", *members), type=kind, **members)}


_KINDS_OF_DELAY = {
    "fixed": {"milliseconds": _milliseconds("Duration in milliseconds.", 800)},
    "uniform": {
        "lower": _milliseconds("Shortest duration in milliseconds.", 100),
        "upper": _milliseconds("Longest duration in milliseconds, not less than `lower`.", 400),
    },
    "lognormal": {
        "median": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": MAX_DELAY_MS,
            "description": "Median of the durations in milliseconds. Half of them are longer.",
            "examples": [90],
        },
        "sigma": {
            "type": "number",
            "minimum": 0,
            "maximum": 10,
            "description": "Standard deviation of the duration's natural logarithm. A greater value spreads the"
            " durations more, and with 0 all are equal.",
            "examples": [0.6],
        },
    },
}
_DELAY_VALUES = {
    "fixed": "Always `milliseconds`.",
    "uniform": "Any duration from `lower` to `upper`, with equal probability.",
    "lognormal": "Usually near `median`, sometimes much longer. `sigma` sets the spread.",
}
_DELAY: Schema = {
    "description": "Time to wait before the response, in milliseconds of real time. A random delay is at most 600"
    " seconds, and depends on the workspace's seed.",
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": list(_KINDS_OF_DELAY), **described("Kind of delay.", values=_DELAY_VALUES)}},
    "allOf": [_of_type(name, members) for name, members in _KINDS_OF_DELAY.items()],
    "examples": [
        {"type": "fixed", "milliseconds": 800},
        {"type": "uniform", "lower": 100, "upper": 400},
        {"type": "lognormal", "median": 90, "sigma": 0.6},
    ],
}
_FAULT: Schema = {
    "description": "The fault of the connection: its name, or an object that can also set the time of `DRIBBLE`.",
    "type": ["string", "object"],
    "if": {"type": "string"},
    "then": {"enum": list(FAULTS), **described("The name of the fault.", values=FAULT_VALUES)},
    "else": {
        "type": "object",
        "required": ["type"],
        "additionalProperties": False,
        "properties": {
            "type": {"enum": list(FAULTS), **described("The name of the fault.", values=FAULT_VALUES)},
            "milliseconds": _milliseconds(
                "Time in which `DRIBBLE` sends the response, in milliseconds. The default is 1,000. No other fault"
                " can have it.",
                5_000,
                lowest=1,
            ),
        },
        "dependentSchemas": {"milliseconds": {"properties": {"type": {"const": DRIBBLE}}}},
    },
    "examples": ["EMPTY_RESPONSE", {"type": "DRIBBLE", "milliseconds": 5_000}],
}
_WEBHOOK: Schema = {
    "description": "The fault of matching webhooks: its name, or an object that can also set the delay of `LATE`."
    " Such a rule concerns webhooks and no calls. Its `operation` is a topic such as `sibi.offer.updated`, all of"
    " a provider (`sibi.*`) or all (`*`). Its conditions concern the `body` of the webhook. It has no other"
    " effect.",
    "type": ["string", "object"],
    "if": {"type": "string"},
    "then": {"enum": list(WEBHOOK_FAULTS), **described("The name of the fault.", values=WEBHOOK_FAULTS)},
    "else": {
        "type": "object",
        "required": ["type"],
        "additionalProperties": False,
        "properties": {
            "type": {
                "enum": list(WEBHOOK_FAULTS),
                **described("The name of the fault.", values=WEBHOOK_FAULTS),
            },
            "seconds": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_SECONDS,
                "description": "The delay of `LATE`, in seconds of the workspace's clock. The default is 60. No"
                " other fault can have it.",
                "examples": [300],
            },
        },
        "dependentSchemas": {"seconds": {"properties": {"type": {"const": LATE}}}},
    },
    "examples": ["DUPLICATE", {"type": "LATE", "seconds": 300}],
}
_NEGATED: Schema = {
    "description": "A value or operators. Holds if there is a value, and no value meets them.",
    "type": VALUE_TYPES,
    "items": {},
    "if": {"type": "object"},
    "then": {**_members((), **OPERATORS), "minProperties": 1},
    "examples": ["EBAY_US", {"lt": 5}],
}
_CONDITION: Schema = {
    "description": "A value that must be equal, or an object of operators that must all hold. Values are"
    ' compared as JSON (`5` is not `"5"`). In the query, the path and headers, they are compared as text.',
    "type": VALUE_TYPES,
    "items": {},
    "if": {"type": "object"},
    "then": {**_members((), **OPERATORS, **{"not": _NEGATED}), "minProperties": 1},
    "examples": ["EBAY_US", {"gt": 5, "lt": 50}, {"one_of": ["EBAY_US", "EBAY_GB"]}],
}
RULE: Schema = {
    "description": "Makes matching calls return an outcome, wait, or break the connection. A rule needs at least"
    " one of `outcome`, `status`, `delay`, `fault`, `mutate`, `state` and `webhook`, and cannot have both"
    " `outcome` and `status`.",
    **_members(
        ("operation",),
        operation={
            "type": "string",
            "description": "The calls that the rule concerns: an operation such as `ebay.findEligibleItems`, all"
            " of a provider (`ebay.*`) or all (`*`). With `webhook`, a topic such as `sibi.offer.updated`.",
            "pattern": r"^([a-z]+\.([A-Za-z]+(\.[a-z]+)*|\*)|\*)$",
            "examples": ["ebay.findEligibleItems", "ebay.*"],
        },
        match={
            "type": "object",
            "maxProperties": 100,
            "description": "Conditions on the request by path. All of them must hold. Without any, every call of"
            " the operation matches. A path begins with `body`, `query`, `path`, `header`, `args`, `variables`"
            " or `operationName` (the last three are GraphQL's). A dot selects a field, a number an item of a"
            " list, and `*` any item. Write `\\.` for a dot in a name.",
            "propertyNames": {
                "maxLength": 500,
                "pattern": rf"^(({'|'.join(SOURCES[:-1])})\.[\s\S]+|{SOURCES[-1]})$",
            },
            "additionalProperties": _CONDITION,
            "examples": [
                {
                    "body.offeredItems.*.listingId": "110000000001",
                    "header.x-ebay-c-marketplace-id": {"regex": "^EBAY_"},
                }
            ],
        },
        outcome={
            "type": ["string", "integer"],
            "description": "The outcome that matching calls return: the last part of its id, or the complete id."
            " Every operation that the rule concerns must have it. An error is returned whatever the body is."
            " Any other outcome needs a valid call.",
            "examples": ["150022"],
        },
        status={
            "type": "integer",
            "minimum": 400,
            "maximum": 599,
            "description": "The error status that matching calls return. Selects the operation's first outcome"
            " with this status. If it has none, the response is a generic error with this status.",
            "examples": [503],
        },
        delay=_DELAY,
        fault=_FAULT,
        mutate={
            "type": "array",
            "description": "Random changes to the response that the contract allows. They depend on the"
            " workspace's seed. The stored record does not change.",
            "items": {"enum": list(KINDS), **described("A kind of change.", values=_MUTATION_VALUES)},
            "minItems": 1,
            "uniqueItems": True,
            "examples": [["extra_field", "reorder"]],
        },
        state={
            "type": "object",
            "description": "Records to write when the rule fires, by `provider.collection`. The fields replace"
            " those of the record with the same id. A record with a new id is added.",
            "propertyNames": {"pattern": r"^[a-z]+\.[A-Za-z]+$"},
            "additionalProperties": {
                "type": "array",
                "maxItems": 1000,
                "description": "The records of one collection.",
                "items": {
                    "type": "object",
                    "description": "A record, or the fields of it to replace, with its id.",
                },
            },
            "examples": [{"estateprime.offers": [{"id": 54, "status": "accepted"}]}],
        },
        webhook=_WEBHOOK,
        phase={
            "enum": ["after", "before"],
            "default": "after",
            **described("Whether delay and fault precede or follow the call.", values=PHASE_VALUES),
        },
        skip={
            "type": "integer",
            "minimum": 0,
            "maximum": _MAX_CALLS,
            "default": 0,
            "description": "Number of matching calls to let through before the rule fires.",
            "examples": [2],
        },
        times={
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": _MAX_CALLS,
            "description": "Maximum number of times that the rule fires. Unlimited if null or absent.",
            "examples": [2],
        },
        every={
            "type": "integer",
            "minimum": 1,
            "maximum": _MAX_CALLS,
            "default": 1,
            "description": "3 fires on the third, the sixth, and so on, of the matching calls after `skip`.",
            "examples": [3],
        },
        probability={
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 1.0,
            "description": "Chance to fire on each of these calls, from 0 to 1. The draw depends on the"
            " workspace's seed, so a new workspace repeats it.",
            "examples": [0.2],
        },
        ttl={
            "type": ["string", "null"],
            "description": "Time after which the rule expires by the workspace's clock, as an ISO 8601 duration"
            " of at most `P3650D`. Unlimited if null or absent.",
            "examples": ["PT10M"],
        },
    ),
    "not": {"required": ["outcome", "status"]},
    "examples": [{"operation": "ebay.*", "outcome": "rate_limited", "times": 2}],
}
SETTINGS: Schema = {
    "description": "Settings of a workspace. `GET /__admin/settings` lists all names with the values in force.",
    **_members(
        (),
        progressions={
            "type": "object",
            "description": "The pace of the providers' asynchronous steps, by name.",
            "additionalProperties": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "description": "The pace of one step. Fields that you omit keep their values. Null turns the"
                " step off, if the provider allows that.",
                "properties": {
                    "progression": {
                        "enum": ["immediate", "time", "manual"],
                        **described(
                            "When the step completes. Required if the step is turned off.",
                            values=_PROGRESSION_VALUES,
                        ),
                    },
                    "seconds": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": MAX_SECONDS,
                        "description": "Duration of a `time` step in seconds, on the workspace's clock.",
                        "examples": [25],
                    },
                    "polls": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": MAX_POLLS,
                        "description": "Number of reads for which a `manual` step stays incomplete, 1 by default.",
                        "examples": [3],
                    },
                },
            },
            "examples": [{"opendoor.evaluation": {"progression": "time", "seconds": 25}}],
        },
        contracts={
            "type": "object",
            "description": "The version of a provider's contract, by provider.",
            "additionalProperties": {"type": "string", "description": "A version that the provider has."},
            "examples": [{"ebay": "1.1.2"}],
        },
        switches={
            "type": "object",
            "description": "The providers' switches, by name.",
            "additionalProperties": {
                "type": ["string", "boolean"],
                "description": "A value that the switch has.",
            },
            "examples": [{"sibi.absent": "omit"}],
        },
        limits={
            "type": "object",
            "description": "The providers' limits, by name. Null turns a limit off.",
            "additionalProperties": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": 1_000_000,
                "description": "The highest number, or null for no limit.",
            },
            "examples": [{"ebay.offers_per_listing": 10}],
        },
    ),
}
CLOCK: Schema = {
    "description": "A change of the workspace's clock. Fields that you omit keep their values.",
    **_members(
        (),
        mode={"enum": ["real", "frozen"], **described("Whether the clock runs.", values=CLOCK_VALUES)},
        now={
            "type": "string",
            "description": "An ISO 8601 timestamp with a time zone, from 1970 to the year 9000.",
            "examples": ["2026-04-17T19:45:00Z"],
        },
    ),
}


def _text(text: str, *examples: str) -> Schema:
    return {"type": "string", "maxLength": 1000, "description": text, "examples": list(examples)}


_NOTE = _text("A remark, which `play` prints behind the step.", "the offer is open")
_EXPECTED: Schema = {
    "description": "The expected result. Anything that it omits may have any value, but a fault that it omits"
    " must not occur.",
    **_members(
        (),
        outcome={
            "type": ["string", "integer"],
            "description": "The last part of the outcome's id.",
            "examples": ["150019"],
        },
        status={
            "type": "integer",
            "minimum": 100,
            "maximum": 599,
            "description": "The HTTP status.",
            "examples": [409],
        },
        trigger={
            "enum": ["header", "rule", "magic", "natural"],
            **described("What decided the outcome.", values=TRIGGER_VALUES),
        },
        fault={
            "enum": list(FAULTS),
            **described("The fault with which the connection must fail.", values=FAULT_VALUES),
        },
        body={
            "type": "object",
            "additionalProperties": _CONDITION,
            "description": "Conditions on the JSON of the response, by path.",
            "examples": [{"offers.0.offerStatus": "PENDING"}],
        },
        header={
            "type": "object",
            "additionalProperties": _CONDITION,
            "description": "Conditions on the headers of the response, by name.",
            "examples": [{"retry-after": "1"}],
        },
        events={
            "type": "array",
            "maxItems": 1000,
            "description": "The events that must happen, in this order. Each needs only the given members, and"
            " other events may happen in between. An empty list means that no event may happen.",
            "items": {
                "description": "A state change of a record.",
                **_members(
                    (),
                    provider=_text("The provider's name.", "ebay"),
                    kind=_text("The record's collection.", "offers"),
                    id=_text("The record's id.", "6267943803"),
                    **{"from": _text("The state before.", "PENDING")},
                    to=_text("The state after.", "EXPIRED"),
                    at=_text("The time of the change by the workspace's clock.", "2026-04-19T19:45:00.000Z"),
                ),
            },
        },
    ),
}
_EXPECTED["properties"]["webhooks"] = {
    "type": "array",
    "maxItems": 1000,
    "description": "The webhooks that the step must cause, in this order. Each needs only the given members, and"
    " there may be others in between. An empty list means that there may be none.",
    "items": {
        "description": "A webhook.",
        **_members(
            (),
            topic=_text("The name of the event.", "offer.updated"),
            record=_text("The record's id.", "offer-123"),
            fault={
                "enum": [*WEBHOOK_FAULTS, NO_FAULT],
                **described(
                    "The fault that a rule gave the webhook.", values={**WEBHOOK_FAULTS, NO_FAULT: "No fault."}
                ),
            },
        ),
    },
}
_CALL: Schema = {
    "description": "A step that calls an operation.",
    **_members(
        ("call",),
        call=_text(
            "An operation. The step makes its plain call from the catalogue.", "ebay.sendOfferToInterestedBuyers"
        ),
        like={
            "type": ["string", "integer"],
            "description": "An outcome of the operation. Makes the catalogue's call for this outcome instead.",
            "examples": ["150022"],
        },
        path={
            **_text(
                "Replaces the call's path, from the server's root. In path, query, headers and body,"
                " `{covent.offers}` is the id of the record in that collection that a step created or changed"
                " last, and `{ebay.token.access_token}` is the value at that path in the last response to that"
                " call.",
                "/api/v1/offers/{covent.offers}",
            ),
            "pattern": "^/",
        },
        query={
            "type": "object",
            "additionalProperties": _text("The parameter's value."),
            "description": "Query parameters to add, by name.",
            "examples": [{"limit": "10"}],
        },
        headers={
            "type": "object",
            "additionalProperties": {
                "type": ["string", "null"],
                "maxLength": 1000,
                "description": "The header's value. Null removes the header from the call.",
            },
            "description": "Headers to add or to replace, by name.",
            "examples": [{"X-Sandbox-Delay": "300"}],
        },
        body={
            "description": "Replaces the call's body, with any JSON value.",
            "examples": [{"offeredItems": [{"listingId": "110000000001", "discountPercentage": "10"}]}],
        },
        times={
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 1,
            "description": "Number of times to make the call.",
            "examples": [2],
        },
        timeout={
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 600,
            "description": "Seconds to wait for the response, 30 by default.",
            "examples": [0.5],
        },
        note=_NOTE,
        expect=_EXPECTED,
    ),
}
_ADVANCE: Schema = {
    "description": "A step that advances the clock.",
    **_members(
        ("advance",),
        advance=_text("How far to advance the clock, as an ISO 8601 duration of at most `P3650D`.", "P2D"),
        note=_NOTE,
        expect={
            "description": "The expected result.",
            **_members((), events=_EXPECTED["properties"]["events"], webhooks=_EXPECTED["properties"]["webhooks"]),
        },
    ),
}
SCENARIO: Schema = {
    "$schema": DIALECT,
    "title": "Offer Sandbox scenario",
    "description": "A named set of rules, settings and a clock, which you start and stop as a whole.",
    **_members(
        ("scenario",),
        scenario={
            "type": "string",
            "pattern": NAME,
            "description": "The scenario's name: 1 to 63 of a-z, 0-9, `_` and `-`, beginning with a letter or"
            " digit.",
            "examples": ["ebay-busy"],
        },
        title=_text("One line about the scenario.", "eBay refuses two calls, then accepts the offer"),
        description={
            "type": "string",
            "maxLength": 10_000,
            "description": "A longer explanation.",
            "examples": ["Shows how a client that retries copes with a busy provider."],
        },
        settings=SETTINGS,
        clock=CLOCK,
        rules={
            "type": "array",
            "maxItems": MAX_RULES,
            "items": RULE,
            "description": "Rules to arm, in this order. The last one is the newest and has precedence.",
        },
        play={
            "type": "array",
            "maxItems": 1000,
            "description": "The steps that `offer-sandbox play` runs in a new workspace, and their results."
            " Starting the scenario does not run them.",
            "items": {
                "type": "object",
                "description": "A call, or an advance of the clock.",
                "if": {"required": ["advance"]},
                "then": _ADVANCE,
                "else": _CALL,
            },
        },
    ),
}
