"""A report as JSON and as CSV: the same figures, a label on every line, and no cell that a spreadsheet obeys."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.sla_counting import Dimension, Judged, Span
from connector.core.sla_report import Report, Restated, Tally, sla_report
from connector.core.sla_report_rows import csv_of, harmless_cell, json_of

SPAN = Span(1_772_409_600, 1_774_828_800)
"""2026-03-02 to 2026-03-30."""
MET = Judged("resolution", "met", SPAN.since, SPAN.since + 7200, goal_s=3600, elapsed_s=1800, team="支付")
MISSED = MET._replace(state="missed", elapsed_s=5400, team=None)


def lines(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_of(report), newline="")))


def test_every_figure_of_a_group_stands_in_its_line() -> None:
    whole, first, second = lines(sla_report([MET, MET, MISSED], SPAN, Dimension.TEAM))
    assert (whole["by"], whole["group"], whole["n"], whole["attainment"]) == ("all", "", "3", "0.6667")
    assert (first["by"], first["group"], first["n"], first["few"]) == ("team", "支付", "2", "yes")
    assert (second["group"], second["missed"], second["breaches"], second["attainment"]) == ("–", "1", "1", "0.0")
    assert (first["report"], first["from"]) == ("as judged", "2026-03-02T00:00:00Z")
    assert (first["business_p50_s"], first["calendar_p95_s"], first["changed"]) == ("1800", "7200", "")


def test_json_has_the_same_names_and_figures() -> None:
    report = sla_report([MET, MET, MISSED], SPAN, Dimension.TEAM)
    told = json.loads(json.dumps(json_of(report)))
    assert [(group["group"], group["n"]) for group in told["groups"]] == [("支付", 2), (None, 1)]
    assert (told["report"], told["by"], told["restated"]) == ("as judged", "team", None)
    columns = set(lines(report)[0]) - {"report", "from", "until", "by", "changed"}
    assert columns == set(told["groups"][0])


def test_a_restated_report_says_so_on_every_line_and_how_much_differs() -> None:
    tally = Tally(SPAN, (Dimension.TEAM,))
    tally.add([MET, MISSED])
    report = tally.report(Dimension.TEAM, Restated(2, {"resolution": 1}, 3))
    assert {line["report"] for line in lines(report)} == {"restated"}
    assert {line["changed"] for line in lines(report)} == {"1"}
    told = json_of(report)
    assert (told["report"], told["restated"]) == (
        "restated",
        {"tickets": 2, "changed": {"resolution": 1}, "unjudged": 3},
    )


def test_what_is_not_there_is_an_empty_cell_and_null() -> None:
    report = sla_report([MET._replace(state="cancelled")], SPAN, Dimension.TEAM)
    line = lines(report)[-1]
    assert (line["n"], line["attainment"], line["business_p50_s"], line["cancelled"]) == ("0", "", "", "1")
    assert json_of(report)["groups"][0]["attainment_low"] is None


@pytest.mark.parametrize(
    "name", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"]
)
def test_a_name_that_is_a_formula_becomes_text(name: str) -> None:
    report = sla_report([MET._replace(team=name)], SPAN, Dimension.TEAM)
    assert lines(report)[-1]["group"] == f"'{name}"


@pytest.mark.parametrize("name", ["support", "支付", "a=b", "–", "", "2nd line", 'say "hi", twice'])
def test_any_other_name_stays_as_it_is(name: str) -> None:
    assert harmless_cell(name) == name


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_whatever_a_team_is_called_the_sheet_has_the_same_columns_and_no_formula(name: str) -> None:
    found: Any = list(
        csv.reader(io.StringIO(csv_of(sla_report([MET._replace(team=name)], SPAN, Dimension.TEAM)), newline=""))
    )
    assert {len(row) for row in found} == {len(found[0])}
    assert not any(cell[:1] in {*"=+-@\t\r\n"} for row in found for cell in row if cell)
