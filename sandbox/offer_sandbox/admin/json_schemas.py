"""The JSON Schemas of rules, scenarios and settings, with their names in the control API's document."""

from typing import Any

from offer_sandbox.admin.call import JsonSchema
from offer_sandbox.rules.schema import CLOCK, RULE, SCENARIO, SETTINGS


def text_of(description: str) -> JsonSchema:
    """Returns the schema of a response that is text."""
    return JsonSchema("", {"type": "string", "description": description})


RULE_WRITTEN = JsonSchema("Rule", RULE)
MATCH = JsonSchema("Match", RULE["properties"]["match"])
CONDITION = JsonSchema("Condition", RULE["properties"]["match"]["additionalProperties"])
RECORD_EXAMPLE = {
    "id": "off_123",
    "listing_id": "lst_123",
    "individual_id": "ind_123",
    "amount": 372_000,
    "status": "submitted",
    "terms": {"inspection_period_days": 7, "close_of_escrow_days": 14},
    "notes": "Cash close, no financing contingency.",
    "expires_at": None,
    "accepted_at": None,
    "rejected_at": None,
    "reason": None,
    "history": [{"type": "created", "at": "2026-04-17T19:45:00Z"}],
    "created_at": "2026-04-17T19:45:00Z",
    "updated_at": "2026-04-17T19:45:00Z",
    "sandbox": {"fate": None, "magic": False, "decision": None, "polls": None},
}
RECORD = JsonSchema(
    "Record",
    {
        "type": "object",
        "description": "A stored record. It has the fields of its provider's schema, and often `sandbox`, with"
        " values that the sandbox needs and the provider does not show.",
        "examples": [RECORD_EXAMPLE],
    },
)
_TARGET: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "The target of one provider's webhooks. Fields that you omit keep their values.",
    "properties": {
        "url": {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The URL that receives the webhooks, on the loopback or on a host of `serve"
            " --allow-webhook-host`. If it is null, webhooks are kept and not sent.",
            "examples": ["http://127.0.0.1:8000/hooks"],
        },
        "secret": {
            "type": ["string", "null"],
            "description": "The secret that signs the webhooks. Null for none, and for a provider that documents"
            " no signature.",
            "examples": ["whsec_demo"],
        },
    },
}
_TARGETS = {
    "type": "object",
    "description": "The targets of the providers' webhooks, by provider.",
    "additionalProperties": _TARGET,
    "examples": [{"sibi": {"url": "http://127.0.0.1:8000/hooks", "secret": "whsec_demo"}}],
}
SETTINGS_OF_WORKSPACE = JsonSchema(
    "Settings", {**SETTINGS, "properties": {**SETTINGS["properties"], "webhooks": _TARGETS}}
)
# Schemas that are part of others, where the document refers to them by name.
NAMED = (
    RULE_WRITTEN,
    MATCH,
    CONDITION,
    RECORD,
    SETTINGS_OF_WORKSPACE,
    JsonSchema("Delay", RULE["properties"]["delay"]),
    JsonSchema("Fault", RULE["properties"]["fault"]),
    JsonSchema("ScenarioClock", CLOCK),
    JsonSchema("ScenarioSettings", SETTINGS),
    JsonSchema("Play", SCENARIO["properties"]["play"]),
)
