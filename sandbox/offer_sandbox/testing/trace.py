"""Collects the trace of a workspace from the control API of its server."""

from collections.abc import Sequence
from typing import Any

from offer_sandbox import __version__
from offer_sandbox.publish.trace import FORMAT, VERSION, Trace
from offer_sandbox.publish.trace_redaction import (
    id_without_secrets,
    path_without_credentials,
    text_without_secrets,
    value_without_secrets,
)
from offer_sandbox.testing.traced_control import TracedControl


def collected(
    control: TracedControl,
    *,
    workspace: str,
    seed: int,
    flags: Sequence[str] = (),
    test: str = "",
    phase: str = "",
    place: str = "",
    failure: str = "",
) -> Trace:
    """Returns the trace of a workspace, without secrets. See `publish.trace.Trace`. Raises ControlError, and
    OSError if the server is gone."""
    exchanges, left_out = control.exchanges()
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "test": id_without_secrets(test),
        "phase": phase,
        "place": place,
        "failure": text_without_secrets(failure),
        "workspace": workspace,
        "seed": seed,
        "flags": text_without_secrets(" ".join(flags)),
        "clock": control.call("GET", "/clock"),
        "settings": value_without_secrets(control.call("GET", "/settings")),
        "rules": value_without_secrets(control.call("GET", "/rules")["rules"]),
        "webhooks": value_without_secrets(control.call("GET", "/webhooks")["webhooks"]),
        "control": [_control_call(each) for each in control.calls],
        "exchanges": exchanges,
        "left_out": left_out,
    }


def _control_call(call: dict[str, Any]) -> dict[str, Any]:
    clean = {name: value_without_secrets(call[name]) for name in ("query", "body", "events")}
    return {**call, **clean, "path": path_without_credentials(call["path"])}
