"""The dashboard, the alerts and the page name metrics and labels that exist, and leave out none."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from connector.core.causes import WORDS
from connector.engine.accept import ADDRESS, REFUSALS
from connector.engine.measures import REMEMBERED
from connector.metrics.names import ALL, SHOWN, Kind
from connector.metrics.sums import ROOM
from connector.web.visitor import SCOPES

from .pages import ROOT, blocks, quoted, rows, section, text_of
from .test_references import anchors

MONITORING = ROOT / "docs" / "monitoring"
PAGE = text_of("docs/metrics.md")
GIVEN_BY_PROMETHEUS = {"job", "instance", "le"}


def series() -> dict[str, set[str]]:
    """Every name that a scrape can show, with its labels."""
    found = {metric.name: set(metric.labels) for metric in SHOWN}
    for metric in ALL:
        labels = set(metric.labels)
        match metric.kind:
            case Kind.COUNTER:
                found[f"{metric.name}_total"] = labels
            case Kind.GAUGE:
                found[metric.name] = labels
            case Kind.HISTOGRAM:
                found |= {f"{metric.name}_{part}": labels for part in ("sum", "count")}
                found[f"{metric.name}_bucket"] = labels | {"le"}
    return found


SERIES = series()


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


BOARD = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
TARGETS = [part for part in walk(BOARD["panels"]) if "expr" in part]
RULES = [
    rule
    for group in YAML(typ="safe").load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
EXPRESSIONS = [target["expr"] for target in TARGETS] + [rule["expr"] for rule in RULES]


def metrics_in(expression: str) -> dict[str, set[str]]:
    """The metrics of an expression, each with the labels that select its series."""
    found: dict[str, set[str]] = {}
    for name, selector in re.findall(r"\b(pointsman_\w+)\b(?:\{([^}]*)\})?", expression):
        found.setdefault(name, set()).update(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
    return found


def grouped_by(expression: str) -> set[str]:
    return {label.strip() for found in re.findall(r"\bby \(([^)]*)\)", expression) for label in found.split(",")}


def balanced(expression: str) -> bool:
    plain = re.sub(r'"[^"]*"', "", expression)
    return all(plain.count(a) == plain.count(b) for a, b in ("()", "[]", "{}"))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_metrics_and_labels_that_exist(expression: str):
    found = metrics_in(expression)
    assert found, "it asks for nothing of ours"
    assert balanced(expression)
    for name, labels in found.items():
        assert name in SERIES, name
        assert labels <= SERIES[name] | GIVEN_BY_PROMETHEUS, name
        assert grouped_by(expression) <= SERIES[name] | GIVEN_BY_PROMETHEUS, name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_counter_is_asked_for_its_growth_and_what_every_host_shows_is_not_summed(expression: str):
    for name in metrics_in(expression):
        if name.endswith(("_total", "_bucket")):
            assert re.search(rf"(rate|increase)\({name}", expression), name
        if name in {metric.name for metric in SHOWN}:
            assert re.search(rf"(min|max|count|absent)( by \(\w+(, \w+)*\) )?\({name}", expression), name


def test_every_metric_is_on_the_dashboard():
    shown = {name for target in TARGETS for name in metrics_in(target["expr"])}
    for metric in (*ALL, *SHOWN):
        assert any(name.startswith(metric.name) for name in shown), metric.name


def test_a_legend_shows_labels_that_its_expression_keeps():
    for target in TARGETS:
        assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= grouped_by(target["expr"]), target


def test_the_dashboard_asks_whichever_prometheus_is_chosen():
    assert BOARD["schemaVersion"] >= 36
    assert {"source", "job"} == {variable["name"] for variable in BOARD["templating"]["list"]}
    for target in TARGETS:
        assert target["datasource"]["uid"] == "${source}"
        assert 'job=~"$job"' in target["expr"]


def test_no_two_panels_share_a_number_or_a_place():
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
        assert panel["type"] == "row" or panel["description"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_where_to_read_on(rule: dict[str, Any]):
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Pointsman[A-Z]\w+", rule["alert"])
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "runbook"}
    named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert named <= grouped_by(rule["expr"])
    page, _, heading = rule["annotations"]["runbook"].partition("#")
    assert (ROOT / page).exists()
    assert not heading or heading in anchors(ROOT / page)


def test_alerts_cover_what_people_must_know_of():
    asked = {name for rule in RULES for name in metrics_in(rule["expr"])}
    assert {
        "pointsman_ready",
        "pointsman_events_accepted_total",
        "pointsman_webhooks_refused_total",
        "pointsman_oldest_event_seconds",
        "pointsman_parked",
        "pointsman_tracker_requests_total",
        "pointsman_plugin_quarantined",
        "pointsman_timer_lateness_seconds_bucket",
    } <= asked
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_the_values_that_alerts_select_exist():
    selected = re.findall(r'(\w+)(?:=|!=|=~|!~)"([^"]*)"', "\n".join(rule["expr"] for rule in RULES))
    codes = {quoted(cells[0])[0] for cells in rows(section(text_of("docs/operations.md"), "## What to watch"))}
    known = {"reason": {*REFUSALS.values(), ADDRESS}, "outcome": {"done", "retried", "parked"}, "code": codes}
    for label, value in selected:
        if label in known:
            assert set(value.split("|")) <= known[label], value


def test_the_page_has_every_reason_for_a_refusal():
    table = rows(section(PAGE, "## Why webhooks are refused"))
    reasons = {quoted(cells[0])[0]: cells[1] for cells in table}
    answered = {reason: str(status) for status, reason in REFUSALS.items()}
    assert reasons == {**answered, ADDRESS: "401", "other": ""}


def test_the_page_has_every_cause_of_a_retry():
    line = next(line for line in PAGE.splitlines() if "pointsman_retries_total" in line)
    assert tuple(quoted(line)[2:]) == WORDS


def test_the_numbers_of_the_page_are_those_of_the_code():
    assert f"a file of {ROOM // 2**20} MB" in PAGE
    assert f"at most every {REMEMBERED:g} seconds" in PAGE
    assert SCOPES["metrics"] is None


def test_the_configuration_of_prometheus_is_the_one_on_the_page():
    whole = YAML(typ="safe").load((MONITORING / "prometheus.yaml").read_text(encoding="utf-8"))
    (shown,) = (b for b in blocks(ROOT / "docs/metrics.md") if b.kind == "yaml")
    (job,) = YAML(typ="safe").load(shown.text)["scrape_configs"]
    first = whole["scrape_configs"][0]
    assert {name: first[name] for name in ("job_name", "authorization")} == {
        name: job[name] for name in ("job_name", "authorization")
    }
    assert job["static_configs"][0] in first["static_configs"]
    assert whole["rule_files"] == ["alerts.yaml"]


def test_the_page_has_every_span_with_its_attributes():
    made: dict[str, set[str | None]] = {}
    for path in (ROOT / "connector").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            whose, named = ast.unparse(node.func), {keyword.arg for keyword in node.keywords} - {"outward"}
            if whose == "traces.span":
                assert isinstance(node.args[0], ast.Constant)
                assert made.setdefault(node.args[0].value, named) == named
            elif whose == "mark.note":
                made.setdefault(path.name, set()).update(named)
    made["webhook"] |= made.pop("accept.py")
    made["request"] |= made.pop("counting.py")
    table = rows(section(PAGE, "## Traces"))
    assert {quoted(cells[0])[0]: set(quoted(cells[2])) for cells in table} == made
