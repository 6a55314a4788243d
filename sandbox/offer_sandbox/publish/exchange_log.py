"""The log line of an exchange."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.exchange.redaction import path_without_secrets

log = logging.getLogger("offer_sandbox.exchanges")
EVENT = "exchange"
_MAX_PATH = 200


class ExchangeLog:
    """Logs each exchange at INFO with the message `exchange`. The details are extra members of the log record,
    without any body, header or query. A server that writes its log itself sets `sink`, which then receives the
    exchanges directly. `clean` returns a text without live keys."""

    sink: Callable[["LoggedExchange"], None] | None = None

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean

    def __call__(self, record: CallRecord) -> None:
        """Logs one exchange."""
        if not log.isEnabledFor(logging.INFO):
            return
        if self.sink is not None:
            self.sink(LoggedExchange(record, self._clean))
        else:
            log.info(EVENT, extra=LoggedExchange(record, self._clean).members())


class LoggedExchange:
    """A log line whose members are computed only when it is written."""

    __slots__ = ("_clean", "_record")

    def __init__(self, record: CallRecord, clean: Callable[[str], str]) -> None:
        self._record = record
        self._clean = clean

    @property
    def at(self) -> datetime:
        """The real time at which the exchange ended."""
        return self._record.at

    def members(self) -> dict[str, Any]:
        """Returns the members of the log line in their order."""
        record = self._record
        members = {
            "id": record.id,
            "workspace": record.workspace,
            "provider": record.provider,
            "operation": record.operation,
            "outcome": record.outcome,
            "trigger": record.trigger,
            "reason": self._clean(path_without_secrets(record.reason)) if record.reason else "",
            "milliseconds": None if record.milliseconds is None else round(record.milliseconds, 3),
            "fault": record.fault.type if record.fault else None,
        }
        return {
            **{name: value for name, value in members.items() if value not in (None, "")},
            "method": record.request.method,
            "path": self._clean(path_without_secrets(record.request.path))[:_MAX_PATH],
            "status": record.status if record.answered else None,
        }
