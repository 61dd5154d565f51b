"""The page and the API of the SLA report: filters, figures, charts with their tables, a sheet; restated says so."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup

from connector.core.instants import seconds_of
from connector.core.sla_counting import Dimension, Judged, Span
from connector.core.sla_report import Restated
from connector.engine.sla_report import TooManyTickets
from connector.store import Only
from connector.web import charts
from connector.web.charts import Lengths, Share

DAY = 86_400
START = seconds_of("2026-11-02T09:00:00Z")
HOSTILE = '"><script>x</script>{{ 7*7 }}'


def cycle(number: int, state: str = "met", **more: Any) -> Judged:
    """Finished on the n-th day, after n business hours."""
    stopped = START + number * DAY
    given = {"goal_s": 7 * 3600, "elapsed_s": (number + 1) * 3600, "policy": "premium", "team": "支付"}
    return Judged("resolution", state, stopped - 2 * DAY, stopped, **{**given, **more})


@pytest.fixture
def seeded(house: Any) -> Any:
    house.cycles = [cycle(n, "met" if n < 7 else "missed") for n in range(10)]
    house.cycles += [cycle(3, metric) for metric in ("cancelled",)]
    house.cycles += [cycle(4, goal_s=None), cycle(5, team=HOSTILE, policy=None)]
    house.cycles += [Judged("resolution", "running", START, late_at=START + DAY, policy="premium", team="支付")]
    return house


def page(browser: Any, query: str = "", status: int = 200) -> BeautifulSoup:
    answer = browser.get(f"/reports/sla{query}")
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def words(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


def test_each_metric_has_its_headline_with_the_size_of_its_sample(seeded: Any, browser: Any) -> None:
    text = words(page(browser).select_one("section.metric .headlines"))
    assert "72.7% 8 of n = 11; the true share is 43–90% with 95 % confidence" in text
    assert "Business time, half and nine of ten within 6h · 9h" in text
    assert "4 3 finished late, 1 still open" in text
    assert "1 cancelled, 1 without a target" in text


def test_without_wishes_the_last_28_days_are_asked_for_by_policy(seeded: Any, browser: Any) -> None:
    html = page(browser)
    ((span, only, dimensions, restated),) = seeded.reports
    assert span == Span(seconds_of("2026-10-25T00:00:00Z"), seconds_of("2026-11-21T12:00:00Z"))
    assert (only, dimensions, restated) == (Only(), (Dimension.POLICY, Dimension.WEEK), False)
    assert "2026-10-25 00:00 to 2026-11-21 12:00 (UTC)" in html.text
    assert html.select_one("nav.main [aria-current=page]")["href"] == "/reports/sla"


def test_the_address_keeps_every_wish_and_the_sheet_has_the_same(seeded: Any, browser: Any) -> None:
    query = "from=2026-11-01&until=2026-11-14&by=team&metric=resolution&tracker=jira&project=a%2Fb"
    html = page(browser, f"?{query}&colour=red")
    span, only, dimensions, _ = seeded.reports[0]
    assert (span.since, span.until) == (seconds_of("2026-11-01T00:00:00Z"), seconds_of("2026-11-15T00:00:00Z"))
    assert (only, dimensions) == (Only("resolution", "jira", "a/b"), (Dimension.TEAM, Dimension.WEEK))
    (link,) = html.select("a[download]")
    assert link["href"] == f"/api/v1/reports/sla?{query}&format=csv"
    assert browser.get(link["href"]).mimetype == "text/csv"
    form = html.select_one("form.filters")
    kept = {field["name"]: field.get("value") for field in form.select("input")}
    assert kept == {"from": "2026-11-01", "until": "2026-11-14", "project": "a/b"}
    assert {each["value"] for each in form.select("option[selected]")} == {"team", "resolution", "jira", ""}


@pytest.mark.parametrize("query", ["?by=colour", "?metric=speed", "?restated=maybe", f"?by={'x' * 5000}"])
def test_a_wish_that_nobody_knows_counts_as_none(seeded: Any, browser: Any, query: str) -> None:
    page(browser, query)
    _, only, dimensions, restated = seeded.reports[0]
    assert (only, dimensions[0], restated) == (Only(), Dimension.POLICY, False)


def test_every_number_of_a_chart_stands_in_the_table_below_it(seeded: Any, browser: Any) -> None:
    html = page(browser, "?by=team")
    figures = html.select("figure")
    assert len(figures) == 2
    for figure in figures:
        drawn = {words(each) for each in figure.select("svg text.value, svg text.after")}
        assert drawn
        assert drawn <= {words(cell) for cell in figure.select("td")}
        assert figure.select_one("svg")["role"] == "img"
        assert "table below" in figure.select_one("svg")["aria-label"]
    assert [words(each) for each in figures[0].select("svg text.value")] == ["100%", "0%"]


def test_a_group_of_few_is_marked_and_one_without_a_value_is_shown(seeded: Any, browser: Any) -> None:
    rows = page(browser, "?by=policy").select("table.figures tbody tr")
    assert [words(row.th) for row in rows] == ["premium", "– few", "all"]


def test_a_team_may_be_called_as_it_likes(seeded: Any, browser: Any) -> None:
    answer = browser.get("/reports/sla?by=team")
    assert "<script>x" not in answer.text
    assert HOSTILE[:12] in BeautifulSoup(answer.text, "html.parser").text
    assert "49" not in BeautifulSoup(answer.text, "html.parser").select_one("table.figures").text
    assert " style=" not in answer.text


def test_the_page_is_complete_in_chinese(seeded: Any, browser: Any) -> None:
    html = page(browser, "?lang=zh&by=priority")
    text = words(html)
    for said in ("SLA 报告", "每周达成率", "工作时间，按优先级", "3 个超时完成，1 个仍未完成", "6小时 · 9小时"):
        assert said in text
    assert "report." not in text


def test_where_there_is_nothing_the_page_says_what_to_do(browser: Any) -> None:
    text = words(page(browser).main)
    assert "Nothing was finished or late in that time." in text
    assert "taken up by a backfill" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=yesterday", "“yesterday” is no day and no instant"),
        ("?from=2026-11-10&until=2026-11-09", "The beginning has to lie before the end"),
    ],
)
def test_what_is_no_span_is_said_above_the_form_as_it_was_typed(
    house: Any, browser: Any, query: str, said: str
) -> None:
    html = page(browser, query, 422)
    assert said in words(html.select_one("[role=alert]"))
    assert html.select_one("input[name=from]")["value"] in query
    assert house.reports == []


def test_an_instant_is_kept_in_the_form(seeded: Any, browser: Any) -> None:
    field = page(browser, "?from=2026-11-02T00:00:00Z").select_one("input[name=from]")
    assert (field["type"], field["value"]) == ("text", "2026-11-02T00:00:00Z")


def test_a_restated_report_says_so_in_every_section(seeded: Any, browser: Any) -> None:
    seeded.restated = Restated(11, {"resolution": 3}, unjudged=2)
    html = page(browser, "?restated=true&by=week")
    banner = words(html.select_one(".notice.warn"))
    assert "Restated by the rules of today: this is not what was judged." in banner
    assert "Tickets judged anew: 11." in banner
    assert "nothing is kept of their past: 2." in banner
    assert "differ from the report as judged: Resolution 3" in banner
    assert all("by the rules of today" in words(each) for each in html.select("section.metric h2"))
    assert html.select_one(".notice.warn a")["href"] == "/reports/sla?by=week&restated="
    assert "as it was judged at the time" not in words(html)
    plain = page(browser)
    assert plain.select_one(".notice.warn") is None
    assert "as it was judged at the time" in words(plain)


def test_too_many_tickets_for_a_page_are_sent_to_the_command_line(house: Any, browser: Any) -> None:
    house.answer = TooManyTickets(7000)
    html = page(browser, "?restated=true&by=team&from=2026-11-01&project=a+b", 422)
    assert "7000 tickets" in words(html.select_one("[role=alert]"))
    shown = words(html.select_one("[role=alert] code"))
    assert shown == "pointsman report sla --from 2026-11-01 --by team --project 'a b' --restated"
    answer = browser.get("/api/v1/reports/sla?restated=true")
    assert answer.status_code == 422
    assert "`pointsman report sla --restated` takes any number" in answer.json["fields"]["restated"][0]


# The API.


def test_the_api_tells_the_same_figures(seeded: Any, browser: Any) -> None:
    told = browser.get("/api/v1/reports/sla?by=team").json
    assert (told["report"], told["by"], told["from"]) == ("as judged", "team", "2026-10-25T00:00:00Z")
    assert [(each["group"], each["n"]) for each in told["groups"]] == [(HOSTILE, 1), ("支付", 10)]
    total = told["totals"][0]
    assert (total["n"], total["attainment"], total["breaches"], total["business_p90_s"]) == (11, 0.7273, 4, 9 * 3600)
    assert told["restated"] is None


def test_the_api_tells_a_restated_report_from_one_as_judged(seeded: Any, browser: Any) -> None:
    seeded.restated = Restated(11, {"resolution": 3})
    told = browser.get("/api/v1/reports/sla?restated=true").json
    assert (told["report"], told["restated"]) == (
        "restated",
        {"tickets": 11, "changed": {"resolution": 3}, "unjudged": 0},
    )


def test_a_sheet_is_a_file_that_excel_reads(seeded: Any, browser: Any) -> None:
    seeded.cycles += [cycle(6, team="=1+1")]
    answer = browser.get("/api/v1/reports/sla?by=team&format=csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=sla-team.csv"
    assert answer.data.startswith(b"\xef\xbb\xbfreport,")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert {row["group"] for row in rows} == {"", HOSTILE, "支付", "'=1+1"}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("from=yesterday", {"from"}),
        ("until=2026-02-31", {"until"}),
        ("from=2026-11-10&until=2026-11-09", {"from"}),
        ("by=colour&metric=speed&format=xml&restated=perhaps", {"by", "metric", "format", "restated"}),
        ("since=2026-11-01", {"since"}),
    ],
)
def test_every_wrong_parameter_is_named(house: Any, browser: Any, query: str, wrong: set[str]) -> None:
    answer = browser.get(f"/api/v1/reports/sla?{query}")
    assert (answer.status_code, set(answer.json["fields"])) == (422, wrong)


# Charts.


def test_columns_stand_side_by_side_within_the_picture() -> None:
    many = [Share(f"W{n}", f"{n}%", f"n {n}", n / 20, (0.0, 1.0), few=n < 5) for n in range(20)]
    chart = charts.columns(many)
    assert len(chart.bars) == charts.MOST_COLUMNS
    assert [label.text for label in chart.labels if label.kind == "value"] == [f"{n}%" for n in range(10, 20)]
    assert all(a.x + a.width <= b.x for a, b in zip(chart.bars, chart.bars[1:], strict=False))
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH for bar in chart.bars)
    heights = [bar.height for bar in chart.bars]
    assert heights == sorted(heights)
    assert {bar.y + bar.height for bar in chart.bars} == {charts.TOP + charts.PLOT}


def test_a_column_of_nothing_has_its_name_and_no_bar() -> None:
    chart = charts.columns([Share("W1", "–", "n 0", None, None), Share("W2", "0%", "n 9", 0.0, (0.0, 0.3))])
    assert (len(chart.bars), len(chart.whiskers), len(chart.labels)) == (1, 1, 6)


def test_rows_are_by_one_scale_and_their_numbers_fit_behind() -> None:
    some = [Lengths(f"team {n}", f"n {n}", (n, f"{n}s"), (2 * n, f"{2 * n}s")) for n in range(20)]
    chart = charts.rows(some)
    assert len(chart.bars) == 2 * charts.MOST_ROWS
    assert max(bar.width for bar in chart.bars) == charts.ROOM
    assert [bar.width for bar in chart.bars[2:4]] == [round(charts.ROOM / 22, 1), round(charts.ROOM / 11, 1)]
    assert all(bar.y + bar.height <= chart.height for bar in chart.bars)
    assert charts.rows([Lengths("a", "n 1", (0, "0m"), (0, "0m"))]).bars[0].width == 1
