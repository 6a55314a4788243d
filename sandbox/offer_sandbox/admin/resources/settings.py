"""`/__admin/settings`: progressions, contract versions, switches and webhook targets of a workspace."""

from typing import Any

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_object, json_response
from offer_sandbox.admin.resources.rules import refused
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.rules.settings import Settings, SettingsRefused

resource = Blueprint("settings", __name__)


@resource.get("/settings")
def show() -> Response:
    """The settings in force."""
    with workspace() as (_, row):
        return json_response(services().settings.effective(row.settings))


@resource.put("/settings")
@accepts(body=True)
def change() -> Response:
    """Merges the given settings into those in force, leaf by leaf; all or none."""
    body = json_object()
    with workspace() as (transaction, row):
        changed = merged(row.settings, body)
        transaction.set_settings(row.id, changed)
        return json_response(services().settings.effective(changed))


def merged(stored: Settings, body: Any) -> Settings:
    """What a workspace has set, with the given settings over it leaf by leaf; 422 for what is not understood."""
    try:
        return services().settings.merged(stored, body)
    except SettingsRefused as error:
        raise refused(error.issues) from None
