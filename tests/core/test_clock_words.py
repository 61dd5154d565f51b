"""A clock in a few words, in both languages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import connector.web
from connector.core.clock_words import METRICS, STATES, due_line, metric_name
from connector.core.sla import Metric


def test_notes_and_pages_call_metrics_and_states_the_same():
    texts = tomllib.loads((Path(connector.web.__file__).parent / "texts" / "zh.toml").read_text())
    assert texts["metric"] == dict(METRICS)
    assert {word: texts["clock_state"].get(word, told) for word, told in STATES.items()} == dict(STATES)


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_has_a_name_in_chinese(metric: Metric):
    assert metric_name(metric.value, "zh") != metric.value
    assert metric_name(metric.value) == metric.value


def test_a_deadline_is_told_in_both_languages():
    assert due_line("resolution", "2026-03-02 18:00 UTC") == "resolution due 2026-03-02 18:00 UTC"
    assert due_line("resolution", "2026-03-02 18:00 UTC", "zh") == "解决截止 2026-03-02 18:00 UTC"
