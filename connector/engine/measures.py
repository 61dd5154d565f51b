"""What `/metrics` shows beside what processes count: read from the database when somebody asks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from .. import metrics
from ..errors import StoreUnavailable
from ..metrics import names
from ..metrics.names import Shown
from ..store.pulse import MANY
from .health import Remark
from .recount import in_force
from .services import Services

REMEMBERED = 2.0
"""For how many seconds an answer counts: several may scrape, and each look costs the database some reads."""

Ready = Callable[[], tuple[bool, list[Remark]]]
Values = Sequence[tuple[tuple[str, ...], float]]


class Measures:
    """The text of `/metrics` for this host; thread-safe.

    `ready` is asked as `/readyz` is; `tick` gives seconds that never go back.
    """

    def __init__(self, services: Services, ready: Ready, tick: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._ready = ready
        self._tick = tick
        self._lock = threading.Lock()
        self._shown: tuple[float, list[Metric]] | None = None

    def text(self) -> bytes:
        """In Prometheus' text format; without a database: what processes counted, and that we are not ready."""
        # First what is counted: in doing so the meter notices what is wrong with it, and the remarks tell.
        counted = _counted()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Given([*self._looked(), *counted]))
        return generate_latest(registry)

    def _looked(self) -> list[Metric]:
        with self._lock:
            if self._shown is None or self._tick() - self._shown[0] >= REMEMBERED:
                self._shown = (self._tick(), [_family(shown, values) for shown, values in self._look()])
            return self._shown[1]

    def _look(self) -> Iterable[tuple[Shown, Values]]:
        ready, remarks = self._ready()
        yield names.READY, _one(ready)
        yield names.WARNINGS, _by_code(remarks)
        database = "SQLite" if self._services.settings.database.startswith("sqlite") else "PostgreSQL"
        yield names.BUILD, [((version("pointsman"), database), 1.0)]
        try:
            yield from self._of_store()
        except StoreUnavailable:
            return

    def _of_store(self) -> Iterable[tuple[Shown, Values]]:
        store = self._services.store
        depth = store.inbox.depth()
        lanes, overdue = store.pulse.backlog()
        age = (self._services.clock() - depth.oldest).total_seconds() if depth.oldest else 0.0
        yield names.LANES, _one(lanes)
        yield names.WAITING, _one(depth.waiting)
        yield names.OLDEST, _one(max(0.0, age))
        yield names.PARKED, _one(store.inbox.count_parked())
        yield names.OVERDUE, _one(overdue)
        yield names.STALE, _one(store.cycles.left(in_force(self._services.rules.current), MANY))
        there, ours = store.pulse.schema()
        yield names.SCHEMA, [((there or "", ours), 1.0)]


class _Given:
    """A collector of what is known already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _counted() -> list[Metric]:
    meter = metrics.running()
    return meter.collect() if meter else []


def _family(shown: Shown, values: Values) -> Metric:
    family = GaugeMetricFamily(shown.name, shown.help, labels=shown.labels)
    for labels, value in values:
        family.add_metric(labels, value)
    return family


def _one(value: float) -> Values:
    return [((), float(value))]


def _by_code(remarks: Iterable[Remark]) -> Values:
    return [((code,), float(number)) for code, number in sorted(Counter(remark.code for remark in remarks).items())]
