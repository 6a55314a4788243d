"""`/__admin/settings`: progressions, contract versions, switches and webhook targets of a workspace."""

from typing import Any

from offer_sandbox.admin.call import Body, ControlCall, JsonSchema
from offer_sandbox.admin.http import refused
from offer_sandbox.admin.json_schemas import SETTINGS_OF_WORKSPACE
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.rules.settings import GROUPS, SettingsRefused

_EFFECTIVE = JsonSchema(
    "EffectiveSettings",
    {
        **SETTINGS_OF_WORKSPACE.schema,
        "description": "The settings in force, including the defaults.",
        "required": [*GROUPS],
    },
)
_EXAMPLE = {
    "progressions": {"opendoor.evaluation": {"progression": "time", "seconds": 5}},
    "webhooks": {"sibi": {"url": "http://127.0.0.1:8080/hooks", "secret": "whsec_demo"}},
}


@ControlCall(method="GET", path="/__admin/settings", answers={200: _EFFECTIVE})
def get_settings() -> Any:
    """Returns the settings in force, including the defaults.

    The response lists every setting that the server's providers have.
    """
    with workspace() as (_, row):
        return services().settings.effective(row.settings)


@ControlCall(
    method="PUT",
    path="/__admin/settings",
    body=Body(shape=SETTINGS_OF_WORKSPACE, example=_EXAMPLE),
    answers={200: _EFFECTIVE},
)
def change_settings(body: dict[str, Any]) -> Any:
    """Merges the given settings into those in force, leaf by leaf.

    Settings that you omit keep their values. A changed progression applies to records that are created or
    submitted afterwards. If any setting is invalid, returns 422 and changes nothing.
    """
    with workspace() as (transaction, row):
        try:
            changed = services().settings.merged(row.settings, body)
        except SettingsRefused as error:
            raise refused(error.issues) from None
        transaction.set_settings(row.id, changed)
        return services().settings.effective(changed)
