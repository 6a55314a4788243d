"""The settings of a workspace, each with its possible values."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from offer_sandbox.admin.resources.settings import get_settings
from offer_sandbox.admin.services import services
from offer_sandbox.console import page


def show() -> Response:
    """Returns the page."""
    settings = get_settings.view()
    providers = services().providers.values()
    return page.show(
        "settings.html",
        "settings",
        progressions=[*_progressions(settings)],
        contracts=[
            (each.name, each.contracts, settings["contracts"][each.name]) for each in providers if each.contracts
        ],
        switches=[
            (name, values, settings["switches"][name])
            for each in providers
            for name, values in each.switches.items()
        ],
        limits=[*settings["limits"].items()],
        webhooks=[(each, settings["webhooks"][each.name]) for each in providers if each.topics],
    )


def _progressions(settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields each progression with its value, None while it is off, and whether it can be turned off."""
    for provider in services().providers.values():
        for name, usual in provider.progressions.items():
            yield {"name": name, "value": settings["progressions"][name], "optional": usual is None}
