"""Every benchmark runs at its smallest size, so that none can rot. No time is judged: that takes a quiet machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import keep
from benchmarks.bars import Bar, bars
from benchmarks.databases import SQLITE
from benchmarks.load import Taken, quantile
from benchmarks.report import page
from benchmarks.run import parts, run
from benchmarks.sizes import TINY
from benchmarks.webhooks import BYTES, bodies, requests

NAMES = tuple(parts(TINY, [SQLITE]))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All parts, in one run, on SQLite."""
    return run(tmp_path_factory.mktemp("bench"), TINY, [SQLITE], NAMES, quiet=True)


def test_every_part_gives_its_figures(result: dict[str, Any]) -> None:
    assert tuple(result["parts"]) == NAMES
    assert json.loads(json.dumps(result)) == result


def test_every_request_is_accepted(result: dict[str, Any]) -> None:
    for engine, rates in result["parts"]["accepts"]["engines"].items():
        for connections, one in rates.items():
            assert one["refused"] == 0, (engine, connections)
            assert one["rate"] > 0, (engine, connections)
    assert all(one["refused"] == 0 for one in result["parts"]["hostile"].values())


def test_a_decision_costs_one_read_and_the_writes_that_were_promised(result: dict[str, Any]) -> None:
    counted = [bar for bar in bars({"requests": result["parts"]["requests"]}) if not bar.held]
    assert counted == []


def test_ten_events_that_wait_together_cost_one_read(result: dict[str, Any]) -> None:
    for name, occasions in result["parts"]["requests"].items():
        assert occasions["ten events waiting together"]["reads"] == 1, name


def test_the_page_shows_every_part_and_is_kept_beside_the_figures(result: dict[str, Any], tmp_path: Path) -> None:
    keep(result, tmp_path)
    shown = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert shown == page(result)
    assert shown.count("\n## ") == 1 + len(NAMES)
    (kept,) = (tmp_path / "results").iterdir()
    assert json.loads(kept.read_text(encoding="utf-8")) == result


@pytest.mark.parametrize(
    ("bar", "held"),
    [
        (Bar("rate", 0.5, 0.5, at_least=True), True),
        (Bar("rate", 0.49, 0.5, at_least=True), False),
        (Bar("time", 1.0, 1.0), True),
        (Bar("time", 1.01, 1.0), False),
    ],
)
def test_a_bar_is_held_up_to_its_limit(bar: Bar, held: bool) -> None:
    assert bar.held is held


def test_quantiles_are_values_that_were_seen() -> None:
    waits = [float(n) for n in range(1, 101)]
    assert [quantile(waits, part) for part in (0.0, 0.5, 0.99, 1.0)] == [1.0, 50.0, 99.0, 100.0]
    assert quantile([], 0.5) == 0.0
    assert Taken(seconds=2.0, waits=waits).rate == 50.0


def test_webhooks_have_the_size_that_is_promised_and_ids_of_their_own() -> None:
    contents = bodies(3)
    assert {len(body) for body in contents} == {BYTES}
    assert sorted(json.loads(body)["object_attributes"]["iid"] for body in contents) == [1, 2, 3]
    stream = requests(contents)
    ids = {next(line for line in next(stream).split(b"\r\n") if line.startswith(b"webhook-id")) for _ in range(10)}
    assert len(ids) == 10
