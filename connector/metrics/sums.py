"""Numbers by their keys: read from the page of a process, added up, and turned into what Prometheus reads."""

from __future__ import annotations

import json
import math
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import Metric as Family
from prometheus_client.mmap_dict import mmap_key
from prometheus_client.utils import floatToGoString

from .names import ALL, Kind, Metric

ROOM = 2**20
"""Bytes of a page, some thousand series. It never grows: so many names do not come from honest settings."""

Sums = dict[str, float]
Labels = tuple[tuple[str, str], ...]
BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in ALL}


class Unreadable(Exception):
    """A file that is none of ours, or is torn."""


def key_of(metric: Metric, sample: str, labels: tuple[str, ...], le: str = "") -> str:
    """The name of one number in a page."""
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} has the labels {metric.labels}")
    names, values = list(metric.labels), list(labels)
    if le:
        names, values = [*names, "le"], [*values, le]
    return str(mmap_key(metric.name, sample, names, values, ""))


def bounds(metric: Metric) -> tuple[str, ...]:
    """The values of `le` of a histogram, the smallest first."""
    return tuple(map(str, map(floatToGoString, (*metric.buckets, math.inf))))


def read_page(path: Path) -> Sums:
    """The numbers of one page that this release knows; raise `Unreadable`, or `OSError`."""
    with path.open("rb") as file:
        page = file.read(ROOM + 1)
    if len(page) != ROOM:
        raise Unreadable(f"{path.name} has not the size of a page")
    try:
        return keys_of(dict(_entries(page)))
    except (struct.error, ValueError) as error:
        raise Unreadable(f"{path.name} is torn") from error


def keys_of(numbers: Any) -> Sums:
    """`numbers` without what this release does not count; raise `Unreadable` if they are no numbers at all."""
    if not isinstance(numbers, Mapping):
        raise Unreadable("no numbers")
    known: Sums = {}
    for key, value in numbers.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise Unreadable("no number")
        if _taken(key) is not None:
            known[key] = float(value)
    return known


def add(sums: Sums, more: Mapping[str, float]) -> None:
    """Add `more` to `sums`; of a gauge the greatest stays."""
    for key, value in more.items():
        gauge = _is_gauge(key)
        sums[key] = max(value, sums.get(key, value)) if gauge else sums.get(key, 0.0) + value


def lasting(sums: Mapping[str, float]) -> Sums:
    """What stays when the process is gone: all but its gauges."""
    return {key: value for key, value in sums.items() if not _is_gauge(key)}


def families(sums: Mapping[str, float]) -> list[Family]:
    """Every metric that processes count, with its samples; one without labels shows 0 before it is met."""
    found: dict[str, dict[Labels, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for key, value in sums.items():
        taken = _taken(key)
        if taken is not None:
            metric, sample, labels = taken
            own = tuple((name, labels[name]) for name in metric.labels)
            found[metric.name][own][labels.get("le", sample)] = value
    return [_family(metric, found[metric.name]) for metric in ALL]


def _family(metric: Metric, found: dict[Labels, dict[str, float]]) -> Family:
    family = Family(metric.name, metric.help, metric.kind.value)
    if not metric.labels:
        found.setdefault((), {})
    for labels, numbers in sorted(found.items()):
        if metric.kind is Kind.HISTOGRAM:
            _histogram(family, metric, dict(labels), numbers)
        else:
            sample = sample_of(metric)
            family.add_sample(sample, dict(labels), numbers.get(sample, 0.0))
    return family


def sample_of(metric: Metric) -> str:
    """The name that a counter's or gauge's number is shown by."""
    return f"{metric.name}_total" if metric.kind is Kind.COUNTER else metric.name


def _histogram(family: Family, metric: Metric, labels: dict[str, str], numbers: Mapping[str, float]) -> None:
    so_far = 0.0
    for le in bounds(metric):
        so_far += numbers.get(le, 0.0)
        family.add_sample(f"{metric.name}_bucket", {**labels, "le": le}, so_far)
    family.add_sample(f"{metric.name}_count", labels, so_far)
    family.add_sample(f"{metric.name}_sum", labels, numbers.get(f"{metric.name}_sum", 0.0))


def _entries(page: bytes) -> Iterator[tuple[str, float]]:
    """Length, key, padding to eight bytes, value, an instant that we leave empty. Nothing in it is believed."""
    (used,) = struct.unpack_from("i", page, 0)
    if used == 0:
        return  # Its process has counted nothing yet.
    if not 8 <= used <= len(page):
        raise ValueError("longer than the page")
    at = 8
    while at < used:
        (length,) = struct.unpack_from("i", page, at)
        end = at + 4 + length + (8 - (length + 4) % 8)
        if length <= 0 or end + 16 > used:
            raise ValueError("longer than what is used")
        (value,) = struct.unpack_from("d", page, end)
        yield page[at + 4 : at + 4 + length].decode("utf-8"), value
        at = end + 16


def _taken(key: Any) -> tuple[Metric, str, dict[str, str]] | None:
    """Metric, sample and labels of a key; None for one that this release does not count, or not so."""
    try:
        name, sample, labels, _ = json.loads(key)
        metric = BY_NAME[name]
        given = {str(label): str(value) for label, value in labels.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    histogram = metric.kind is Kind.HISTOGRAM
    bucket = histogram and sample == f"{name}_bucket" and given.get("le") in bounds(metric)
    if given.keys() != {*metric.labels, *(["le"] if bucket else [])}:
        return None
    right = bucket or sample == (f"{name}_sum" if histogram else sample_of(metric))
    return (metric, sample, given) if right else None


def _is_gauge(key: str) -> bool:
    taken = _taken(key)
    return taken is not None and taken[0].kind is Kind.GAUGE
