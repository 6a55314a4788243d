"""The JSON Schemas of rules, scenarios and settings, with their names in the control API's document."""

from typing import Any

from offer_sandbox.admin.call import JsonSchema
from offer_sandbox.rules.schema import CLOCK, RULE, SCENARIO, SETTINGS

TEXT = JsonSchema("", {"type": "string"})
RULE_WRITTEN = JsonSchema("Rule", RULE)
MATCH = JsonSchema("Match", RULE["properties"]["match"])
CONDITION = JsonSchema("Condition", RULE["properties"]["match"]["additionalProperties"])
RECORD = JsonSchema(
    "Record", {"type": "object", "description": "A stored record, which fits its provider's schema."}
)
_TARGET: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"url": {"type": ["string", "null"]}, "secret": {"type": ["string", "null"]}},
}
_TARGETS = {
    "type": "object",
    "description": "The URL that receives a provider's webhooks, and the secret that signs them. Without a URL,"
    " webhooks are kept and not sent.",
    "additionalProperties": _TARGET,
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
