"""What a meter shows, read as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from connector.metrics import Meter

ROOT = Path(__file__).resolve().parents[2]
Sample = tuple[str, frozenset[tuple[str, str]]]


class Given:
    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = list(families)

    def collect(self) -> list[Metric]:
        return self.families


def samples(text: str) -> Mapping[Sample, float]:
    """Every sample of a scrape, by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"{key} is shown twice"
            found[key] = sample.value
    return found


def text_of_meter(meter: Meter) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Given(meter.collect()))
    return generate_latest(registry).decode()


def counted(meter: Meter, name: str, **labels: str) -> float:
    """One number; 0 for a series that is not there."""
    return samples(text_of_meter(meter)).get((name, frozenset(labels.items())), 0.0)
