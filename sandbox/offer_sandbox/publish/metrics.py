"""What the server counts and measures, in the text form of Prometheus; decides nothing by it."""

import os
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from offer_sandbox import __version__
from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.world.clock import pause

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's variable: where processes add up what they count
_MAX_EARLY = 100
_TRIES = 20
_MOMENT = 0.005
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


def forget_process(folder: Path, process: int) -> None:
    """Removes what a process that has ended had told of its present; what it has counted stays."""
    for file in folder.glob(f"gauge_live*_{process}.db"):
        file.unlink(missing_ok=True)


class _Fact(NamedTuple):
    provider: str
    operation: str
    outcome: str
    trigger: str
    seconds: float


class Metrics:
    """The counters of a server; of all its processes together where SHARED_FOLDER is set.

    The library is loaded by `load`, when somebody asks, or when a hundred exchanges wait to be counted: a start
    does not pay for it. `gauges` gives further figures when somebody asks, each with its help text.
    """

    def __init__(self) -> None:
        self.gauges: Callable[[], Mapping[str, tuple[str, float]]] = dict
        self._lock = threading.Lock()
        self._early: list[_Fact] = []
        self._meters: _Meters | None = None
        if os.environ.get(SHARED_FOLDER):
            self.load()

    def load(self) -> "_Meters":
        """Loads what counting takes, and counts what has waited."""
        with self._lock:
            if self._meters is None:
                self._meters = _Meters()
            waiting, self._early = self._early, []
        for fact in waiting:
            self._meters.count(fact)
        return self._meters

    def exchange(self, record: CallRecord) -> None:
        """Counts an exchange."""
        fact = _Fact(
            record.provider or "",
            (record.operation or "").rpartition(".")[2],
            (record.outcome or "").rpartition(".")[2],
            record.trigger or "",
            (record.milliseconds or 0.0) / 1000,
        )
        if self._meters is not None:
            self._meters.count(fact)
            return
        with self._lock:
            self._early.append(fact)
        if len(self._early) >= _MAX_EARLY:
            self.load()

    def dropped(self, number: int) -> None:
        """Counts entries that the journal has dropped."""
        self.load().dropped.inc(number)

    def store_failed(self, _: object) -> None:
        """Counts a failure of the store."""
        self.load().failures.inc()

    def parked(self, number: int) -> None:
        """Moves the number of calls that are kept waiting."""
        self.load().parked.inc(number)

    def text(self, accept: str) -> tuple[bytes, str]:
        """All of it in a form that is accepted, and its content type."""
        from prometheus_client import exposition

        meters = self.load()
        encode, content_type = exposition.choose_encoder(accept)
        for _ in range(_TRIES):
            try:
                return encode(meters.registry(self.gauges())), content_type
            except (struct.error, ValueError):  # another process is just making its file
                pause(_MOMENT)
        return encode(meters.registry(self.gauges())), content_type


class _Meters:
    """The library's meters."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._own: CollectorRegistry = CollectorRegistry()
        names = ("provider", "operation", "outcome", "trigger")
        self._exchanges: Counter = Counter(
            "offer_sandbox_exchanges", "Calls on provider paths.", names, registry=self._own
        )
        self._seconds: Histogram = Histogram(
            "offer_sandbox_exchange_seconds",
            "How long the sandbox itself took for a call, without what it waited on purpose.",
            names[:2],
            buckets=_BUCKETS,
            registry=self._own,
        )
        self.dropped: Counter = Counter(
            "offer_sandbox_journal_dropped", "Entries of the journal that made room for newer.", registry=self._own
        )
        self.failures: Counter = Counter(
            "offer_sandbox_store_errors", "Failures of the store.", registry=self._own
        )
        self.parked: Gauge = Gauge(
            "offer_sandbox_parked",
            "Calls that are kept waiting now: delays, faults, long polls, streams.",
            registry=self._own,
            multiprocess_mode="livesum",
        )

    def count(self, fact: _Fact) -> None:
        self._exchanges.labels(fact.provider, fact.operation, fact.outcome, fact.trigger).inc()
        self._seconds.labels(fact.provider, fact.operation).observe(fact.seconds)

    def registry(self, gauges: Mapping[str, tuple[str, float]]) -> "CollectorRegistry":
        """What is to be printed now: this process's, or that of all which share a folder."""
        from prometheus_client import CollectorRegistry, multiprocess, process_collector

        found: CollectorRegistry = CollectorRegistry()
        if os.environ.get(SHARED_FOLDER):
            multiprocess.MultiProcessCollector(found)  # type: ignore[no-untyped-call]  # the library's
        else:
            found.register(self._own)
            process_collector.ProcessCollector(registry=found)
        found.register(_Gauges(gauges))
        return found


class _Gauges:
    """Figures that are read when somebody asks."""

    def __init__(self, gauges: Mapping[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> "Iterable[Metric]":
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        yield InfoMetricFamily("offer_sandbox", "The program.", {"version": __version__})
        for name, (description, value) in self._gauges.items():
            yield GaugeMetricFamily(f"offer_sandbox_{name}", description, value)
