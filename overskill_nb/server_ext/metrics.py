"""What is measured, for Prometheus: at the server's own ``/metrics``, to whom the server shows that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from ..protocol_metrics import LARGE_BYTES

if TYPE_CHECKING:
    from ..pipeline.metrics import Measures, Record

PREFIX = "overskill_nb"
DEPLOYMENT_BUCKETS_MS = (250.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 30_000.0, 60_000.0)


class Metrics(Collector):
    """Collects what an engine has measured. There need be none yet."""

    def __init__(self, workspace: Path, database_url: str, measures: Callable[[], Measures | None]) -> None:
        self._workspace = workspace
        self._database_url = database_url
        self._measures = measures
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="overskill_nb metrics")
        self._reading: Future[Record] | None = None
        self._record: Record | None = None

    def register(self) -> None:
        """Have ``/metrics`` show it."""
        REGISTRY.register(self)

    def close(self) -> None:
        """Take it away again."""
        REGISTRY.unregister(self)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def describe(self) -> Iterable[Metric]:
        """Asked at registration: nothing is measured for that."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Called by whoever asks for ``/metrics``."""
        # Here: a server's start does not pay for the engine.
        from ..pipeline.metrics import Measures

        measures = self._measures() or Measures()
        yield _histogram(
            "update_seconds",
            "From a change, taken in by the engine, to a preview's answer that it is on screen.",
            measures.updates_below,
            measures.updates,
            measures.updates_ms,
        )
        yield _counter("updates_failed", "Updates that previews could not show.", measures.failed_updates)
        yield _counter("connections", "Previews that came to follow an app, or came back.", measures.connections)
        yield _counter(
            "connections_dropped", "Previews whose connection was lost, and that came back.", measures.dropped
        )
        record = self._read()
        if record is None:
            return
        spent, sizes = record.deployment_ms, record.bundle_bytes
        below = {most: sum(ms <= most for ms in spent) for most in DEPLOYMENT_BUCKETS_MS}
        yield _histogram(
            "preview_deployment_seconds",
            "From a preview deployment's being asked for to its being seen at its address.",
            below,
            len(spent),
            sum(spent),
        )
        yield _gauge("bundles", "Apps as they were built for deployments.", len(sizes))
        small = sum(size <= LARGE_BYTES for size in sizes)
        yield _gauge("bundles_under_1mb", "Those with a first load of at most 1 MB, compressed.", small)

    def _read(self) -> Record | None:
        """The server waits for a file, and not for a database elsewhere: of that it tells what was read last."""
        from ..pipeline.metrics import Record

        if not self._database_url:
            return Record(self._workspace, "")
        if self._reading is not None and self._reading.done():
            self._record = self._reading.result()
            self._reading = None
        if self._reading is None:
            self._reading = self._threads.submit(Record, self._workspace, self._database_url)
        return self._record


def _histogram(name: str, text: str, below: dict[float, int], count: int, total_ms: float) -> Metric:
    buckets = [(str(most / 1000), float(number)) for most, number in below.items()]
    return HistogramMetricFamily(f"{PREFIX}_{name}", text, [*buckets, ("+Inf", count)], sum_value=total_ms / 1000)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"{PREFIX}_{name}", text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, value=value)
