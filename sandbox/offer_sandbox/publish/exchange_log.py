"""The log line of an exchange."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.world.keys import without_keys

log = logging.getLogger("offer_sandbox.exchanges")
EVENT = "exchange"
_MAX_PATH = 200


class ExchangeLog:
    """Logs each exchange at INFO with the message `exchange`. The details are extra members of the log record,
    without any body, header or query. A server that writes its log itself sets `sink`, which then receives the
    exchanges directly."""

    sink: Callable[["LoggedExchange"], None] | None = None

    def __call__(self, record: CallRecord) -> None:
        """Logs one exchange."""
        if not log.isEnabledFor(logging.INFO):
            return
        if self.sink is not None:
            self.sink(LoggedExchange(record))
        else:
            log.info(EVENT, extra=LoggedExchange(record).members())


class LoggedExchange:
    """A log line whose members are computed only when it is written."""

    __slots__ = ("_record",)

    def __init__(self, record: CallRecord) -> None:
        self._record = record

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
            "reason": without_keys(record.reason) if record.reason else "",
            "milliseconds": None if record.milliseconds is None else round(record.milliseconds, 3),
            "fault": record.fault.type if record.fault else None,
        }
        return {
            **{name: value for name, value in members.items() if value not in (None, "")},
            "method": record.request.method,
            "path": without_keys(record.request.path[:_MAX_PATH]),
            "status": record.status if record.answered else None,
        }
