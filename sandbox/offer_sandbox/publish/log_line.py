"""The line that the log has for an exchange: what an operator looks for; the journal has the whole."""

import logging
from collections.abc import Mapping
from typing import Any

from offer_sandbox.world.keys import without_keys

log = logging.getLogger("offer_sandbox.exchanges")
_LONGEST_PATH = 200
_SAME = ("id", "workspace", "provider", "operation", "outcome", "trigger", "reason", "milliseconds")


def log_exchange(entry: Mapping[str, Any]) -> None:
    """One record at INFO, `exchange`, with the entry's main members as its extra ones; no body, header or
    query."""
    if not log.isEnabledFor(logging.INFO):
        return
    same = {name: entry[name] for name in _SAME if entry.get(name) not in (None, "")}
    if "reason" in same:
        same["reason"] = without_keys(same["reason"])
    fault = {"fault": entry["fault"]["type"]} if entry["fault"] else {}
    call = {"method": entry["request"]["method"], "path": without_keys(entry["request"]["path"][:_LONGEST_PATH])}
    log.info("exchange", extra={**same, **fault, **call, "status": entry["response"]["status"]})
