"""The counters and measurements of the server in the text format of Prometheus."""

import os
import struct
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from offer_sandbox import __version__
from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.imports import IMPORTING
from offer_sandbox.world.clock import pause, real_now

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's variable: the folder with the counts of all processes
_TRIES = 20
_MOMENT = 0.005
_EXCHANGES, _EXCHANGES_TOLD = "offer_sandbox_exchanges", "Calls on provider paths."
_SECONDS = "offer_sandbox_exchange_seconds"
_SECONDS_TOLD = "Processing time of a call, without intentional delays."
_LABELS = ("provider", "operation", "outcome", "trigger")
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


def forget_process(folder: Path, process: int) -> None:
    """Removes the gauges of a process that has ended. Its counters remain."""
    for file in folder.glob(f"gauge_live*_{process}.db"):
        file.unlink(missing_ok=True)


class Metrics:
    """The metrics of a server. If SHARED_FOLDER is set, they cover all of its processes.

    Unless SHARED_FOLDER is set, the first `load` imports the Prometheus library, so that the start does not wait
    for it. `gauges` returns further values when the metrics are requested, each with its help text.
    """

    def __init__(self) -> None:
        self.gauges: Callable[[], Mapping[str, tuple[str, float]]] = dict
        self._lock = threading.Lock()
        self._meters: _Meters | None = None
        self._exchanges: _Tally | _SharedTally = _SharedTally() if os.environ.get(SHARED_FOLDER) else _Tally()

    def load(self) -> "_Meters":
        """Returns the library's meters. The first call imports the library and creates them."""
        with self._lock:
            if self._meters is None:
                self._meters = _Meters()
        return self._meters

    def exchange(self, record: CallRecord) -> None:
        """Counts an exchange."""
        self._exchanges.add(record)

    def dropped(self, number: int) -> None:
        """Counts entries that the journal has dropped."""
        self.load().dropped.inc(number)

    def store_failed(self, _: object) -> None:
        """Counts a failure of the store."""
        self.load().failures.inc()

    def parked(self, number: int) -> None:
        """Changes the number of waiting calls by `number`."""
        self.load().parked.inc(number)

    def text(self, accept: str) -> tuple[bytes, str]:
        """Returns all metrics in a format that the client accepts, and the content type."""
        with IMPORTING:
            from prometheus_client import exposition

        meters = self.load()
        encode, content_type = exposition.choose_encoder(accept)
        for _ in range(_TRIES):
            try:
                return encode(meters.registry(self._exchanges, self.gauges())), content_type
            except (struct.error, ValueError):  # another process is creating its file at this moment
                pause(_MOMENT)
        return encode(meters.registry(self._exchanges, self.gauges())), content_type


@dataclass
class _Seconds:
    """The duration of an operation's calls: the number of calls in each bucket, and the sum in seconds."""

    created: float
    buckets: list[int] = field(default_factory=lambda: [0] * (len(_BUCKETS) + 1))
    sum: float = 0.0


class _Tally:
    """Counts the exchanges of one process. The library's own counters take ten times as long for each call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str | None, ...], list[float]] = {}
        self._seconds: dict[tuple[str | None, ...], _Seconds] = {}

    def add(self, record: CallRecord) -> None:
        """Counts an exchange."""
        key = (record.provider, record.operation, record.outcome, record.trigger)
        seconds = (record.milliseconds or 0.0) / 1000
        with self._lock:
            counted = self._counts.get(key)
            if counted is None:
                counted = self._counts[key] = [0, real_now().timestamp()]
            counted[0] += 1
            taken = self._seconds.get(key[:2])
            if taken is None:
                taken = self._seconds[key[:2]] = _Seconds(counted[1])
            taken.buckets[bisect_left(_BUCKETS, seconds)] += 1
            taken.sum += seconds

    def collect(self) -> "Iterable[Metric]":
        """Yields the figures in the form that the library's own meters use."""
        with IMPORTING:
            from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        with self._lock:
            counts = {key: (*value,) for key, value in self._counts.items()}
            seconds = {key: replace(value, buckets=[*value.buckets]) for key, value in self._seconds.items()}
        exchanges = CounterMetricFamily(_EXCHANGES, _EXCHANGES_TOLD, labels=_LABELS)
        for key, (number, created) in counts.items():
            exchanges.add_metric([_last(text) for text in key], number, created)
        yield exchanges
        histogram = HistogramMetricFamily(_SECONDS, _SECONDS_TOLD, labels=_LABELS[:2])
        for key, taken in seconds.items():
            labels = [_last(text) for text in key]
            totals = accumulate(taken.buckets)
            bounds = [*map(str, _BUCKETS), "+Inf"]
            histogram.add_metric(labels, list(zip(bounds, map(float, totals), strict=True)), taken.sum)
            named = dict(zip(_LABELS, labels, strict=False))
            histogram.add_sample(f"{_SECONDS}_created", named, taken.created)
        yield histogram


class _SharedTally:
    """Counts exchanges in files that all processes of the server share."""

    def __init__(self) -> None:
        with IMPORTING:
            from prometheus_client import CollectorRegistry, Counter, Histogram

        own = CollectorRegistry()
        self._exchanges = Counter(_EXCHANGES, _EXCHANGES_TOLD, _LABELS, registry=own)
        self._seconds = Histogram(_SECONDS, _SECONDS_TOLD, _LABELS[:2], buckets=_BUCKETS, registry=own)

    def add(self, record: CallRecord) -> None:
        """Counts an exchange."""
        labels = [_last(text) for text in (record.provider, record.operation, record.outcome, record.trigger)]
        self._exchanges.labels(*labels).inc()
        self._seconds.labels(*labels[:2]).observe((record.milliseconds or 0.0) / 1000)

    def collect(self) -> "Iterable[Metric]":
        """Returns no figures, because the library reads them from the files of the processes."""
        return ()


def _last(name: str | None) -> str:
    """Returns the last part of a name. Returns an empty string for None."""
    return (name or "").rpartition(".")[2]


class _Meters:
    """The library's meters."""

    def __init__(self) -> None:
        with IMPORTING:
            from prometheus_client import CollectorRegistry, Counter, Gauge

        self._own: CollectorRegistry = CollectorRegistry()
        self.dropped: Counter = Counter(
            "offer_sandbox_journal_dropped", "Journal entries that were dropped or lost.", registry=self._own
        )
        self.failures: Counter = Counter(
            "offer_sandbox_store_errors", "Failures of the store.", registry=self._own
        )
        self.parked: Gauge = Gauge(
            "offer_sandbox_parked",
            "Calls that are waiting now: delays, faults, long polls and streams.",
            registry=self._own,
            multiprocess_mode="livesum",
        )

    def registry(
        self, exchanges: _Tally | _SharedTally, gauges: Mapping[str, tuple[str, float]]
    ) -> "CollectorRegistry":
        """Returns the metrics to print now: those of this process, or of all processes that share a folder."""
        with IMPORTING:
            from prometheus_client import CollectorRegistry, multiprocess, process_collector

        found: CollectorRegistry = CollectorRegistry()
        if os.environ.get(SHARED_FOLDER):
            multiprocess.MultiProcessCollector(found)  # type: ignore[no-untyped-call]  # it has no types
        else:
            found.register(exchanges)
            found.register(self._own)
            process_collector.ProcessCollector(registry=found)
        found.register(_Gauges(gauges))
        return found


class _Gauges:
    """Figures that are read when the metrics are requested."""

    def __init__(self, gauges: Mapping[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> "Iterable[Metric]":
        with IMPORTING:
            from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        yield InfoMetricFamily("offer_sandbox", "The version of the sandbox.", {"version": __version__})
        for name, (description, value) in self._gauges.items():
            yield GaugeMetricFamily(f"offer_sandbox_{name}", description, value)
