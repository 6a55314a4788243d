"""The JSON Schemas of the journal: an exchange, its explanation, what describes exchanges, near misses."""

from typing import get_args

from offer_sandbox.contract.delivery import FAULTS
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.publish.admin_openapi.schemas import (
    CONDITION,
    COUNT,
    HEADERS,
    INSTANT,
    MAGIC,
    MATCH,
    NUMBER,
    OPTIONAL_INSTANT,
    OPTIONAL_TEXT,
    TEXT,
    TRUTH,
    Schema,
    array,
    mapping,
    members,
    nullable,
    only,
)
from offer_sandbox.rules.decision import Trigger

_KIND: Schema = {"enum": [*get_args(Kind), None]}
_EVIDENCE: Schema = {"enum": [*get_args(Evidence), None]}
_ANYTHING: Schema = {}
_REQUEST = members(
    {
        "method": TEXT,
        "path": TEXT,
        "query": array({**array(TEXT), "minItems": 2, "maxItems": 2}),
        "headers": HEADERS,
        "body": TEXT,
        "body_base64": TRUTH,
        "cut": {"type": "boolean", "description": "Whether it was longer than what is kept of it."},
    }
)
_RESPONSE = members(
    {"status": {"type": ["integer", "null"]}, "media_type": OPTIONAL_TEXT, "headers": HEADERS, "body": _ANYTHING}
)
_PROBLEM = {"outcome": TEXT, "field": TEXT, "reason": TEXT, "parameters": mapping(_ANYTHING)}
_VERDICT = members(
    {
        "id": TEXT,
        "operation": TEXT,
        "verdict": {
            "enum": [
                "fired",
                "overruled",
                "expired",
                "not matched",
                "skipped",
                "used up",
                "spared",
                "refused before",
                "broken before",
                "too late",
            ],
        },
    },
    {"scenario": TEXT, "matched": COUNT, "because": array(TEXT), "gave": array(TEXT)},
    "What became of an armed rule that concerned the operation.",
)
_FAULT = members({"type": {"enum": list(FAULTS)}, "phase": {"enum": ["before", "after"]}}, {"milliseconds": COUNT})
_EVENT = members({**dict.fromkeys(("kind", "id", "from", "to"), TEXT), "at": INSTANT})
_RECORD: Schema = {"type": "object"}
_CHANGE = members(
    {"provider": TEXT, "collection": TEXT, "id": TEXT, "before": nullable(_RECORD), "after": _RECORD}
)

ENTRY = members(
    {
        "id": TEXT,
        "at": {**INSTANT, "description": "Real time."},
        "workspace": TEXT,
        "provider": {**OPTIONAL_TEXT, "description": "Null where nobody owns the path."},
        "clock": {**OPTIONAL_INSTANT, "description": "The workspace's time."},
        "operation": {**OPTIONAL_TEXT, "description": "Null where the sandbox itself refused."},
        "outcome": {**OPTIONAL_TEXT, "description": "The full id."},
        "trigger": {"enum": [*get_args(Trigger), None]},
        "reason": {"type": "string", "description": "One sentence; empty unless the call was refused."},
        "kind": _KIND,
        "problems": array(members(_PROBLEM)),
        "notes": array(TEXT),
        "rules": array(_VERDICT),
        "fault": nullable(_FAULT),
        "events": {**array(_EVENT), "description": "What time brought about before the call."},
        "changes": {**array(_CHANGE), "description": "The records that were put, the first fifty."},
        "word": {"type": "string", "description": "The infrastructure outcome that the credential asked for."},
        "authorization": {"type": "string", "description": "The credential's scheme; itself it is not kept."},
        "request": _REQUEST,
        "response": _RESPONSE,
    },
    {"evidence": _EVIDENCE, "source": OPTIONAL_TEXT, "delay_ms": COUNT, "milliseconds": NUMBER},
    "An exchange, without credentials.",
)
JOURNAL = members({"requests": array(ENTRY), "meta": members({"total": COUNT, "dropped": COUNT})})

_OPERATION = members(
    {
        **dict.fromkeys(("id", "summary", "method", "path", "source"), TEXT),
        "evidence": {"enum": list(get_args(Evidence))},
    }
)
_DOCUMENTATION = members(
    {"evidence": _EVIDENCE, "source": OPTIONAL_TEXT, "links": array(TEXT), "read_on": TEXT},
)
_CHANGED = members({"record": TEXT, "before": nullable(_RECORD), "after": _RECORD}, told="What differs alone.")
_ALTERNATIVE = members(
    {
        "outcome": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "kind": {"enum": list(get_args(Kind))},
        "header": HEADERS,
        "magic": nullable(MAGIC),
    }
)
EXPLANATION = members(
    {
        "summary": TEXT,
        "operation": nullable(_OPERATION),
        "trigger": TEXT,
        "rules": array(TEXT),
        "problems": array(members(_PROBLEM, {"evidence": _EVIDENCE, "source": TEXT, "title": TEXT})),
        "documentation": nullable(_DOCUMENTATION),
        "state": array(_CHANGED),
        "alternatives": {**array(_ALTERNATIVE), "description": "The operation's other outcomes."},
    },
    told="Why an exchange went as it did.",
)
EXPLAINED: Schema = {
    **ENTRY,
    "required": [*ENTRY["required"], "explanation"],
    "properties": {**ENTRY["properties"], "explanation": EXPLANATION},
}

DESCRIPTION = only(
    {},
    {
        "operation": {"type": "string", "description": "`ebay.findEligibleItems`; `ebay.*` and `*` mean each."},
        "outcome": {"type": "string", "description": "The full id."},
        "status": {"type": "integer", "minimum": 100, "maximum": 599},
        "trigger": {"enum": list(get_args(Trigger))},
        "rule": {"type": "string", "description": "The id of one that fired."},
        "method": TEXT,
        "path": CONDITION,
        "match": MATCH,
    },
    "Exchanges for which all of this holds.",
)
COUNTED = members({"count": COUNT})

_DIFFERENCE = members(
    {"part": {"enum": ["path", "method", "request"]}, "wanted": TEXT, "found": TEXT},
    {"at": {**array(TEXT), "description": "The pieces of the path that differ."}},
)
_NEAREST = members(
    {
        "operation": TEXT,
        "method": TEXT,
        "path": TEXT,
        "distance": {"type": "number", "minimum": 0, "maximum": 1},
        "differs": array(_DIFFERENCE),
    }
)
_MISSED = members({"id": TEXT, "method": TEXT, "path": TEXT})
NEAR_MISSES = members(
    {"near_misses": array(members({"request": _MISSED, "reason": TEXT, "nearest": array(_NEAREST)}))}
)
ARCHIVE = members({"log": {"type": "object"}}, told="An HTTP archive, HAR 1.2.")
STREAM: Schema = {"type": "string", "description": "Events named `request`; the data of each is an Entry."}
JOURNAL_SCHEMAS: dict[str, Schema] = {
    "Entry": ENTRY,
    "Journal": JOURNAL,
    "Explanation": EXPLANATION,
    "ExplainedEntry": EXPLAINED,
    "Description": DESCRIPTION,
    "Counted": COUNTED,
    "NearMisses": NEAR_MISSES,
    "Archive": ARCHIVE,
}
