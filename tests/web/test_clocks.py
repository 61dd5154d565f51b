"""A ticket's clocks on its page and in the API: how each stands, and how its time adds up in the desk's hours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.core.calendars import compile_calendar
from connector.core.clock import clocks
from connector.core.instants import seconds_of
from connector.engine.clocks import TicketClocks
from connector.frozen import FrozenDict
from connector.store import TicketRow
from tests.web.test_pages import a_page, a_plan

ROW = TicketRow("jira", "10042", "SUP-1", title="It broke")
OFFICE = {"tz": "Asia/Shanghai", "week": {"mon-fri": ["09:00-18:00"]}}
POLICY = {
    "done_status": ["done"],
    "metrics": {
        "first_response": {"goals": [{"goal_s": 3600, "calendar": "cn-office"}]},
        "next_response": {"goals": [{"goal_s": 3600, "calendar": "cn-office"}]},
        "resolution": {
            "goals": [{"goal_s": 28800, "calendar": "cn-office"}],
            "pause_when": [{"status": ["pending"]}],
        },
    },
}
EVENTS = [
    {
        "id": "created",
        "at": "2026-03-02T02:00:00Z",
        "type": "created",
        "by": "customer",
        "fields": {"status": "open"},
    },
    {"id": "h1", "at": "2026-03-02T04:30:00Z", "type": "field", "field": "status", "value": "pending"},
]


def told(as_of: str = "2026-03-02T05:00:00Z", **more: Any) -> TicketClocks:
    at = seconds_of(as_of)
    found = clocks(POLICY, {"cn-office": compile_calendar(OFFICE, 2026, 2026)}, EVENTS, at)
    zones = FrozenDict(dict.fromkeys(found, "Asia/Shanghai"))
    return TicketClocks(ROW, "standard", at, None, found, zones, **more)


@pytest.fixture
def page(house: Any) -> Any:
    house.pages["jira", "SUP-1"] = replace(a_page(a_plan()), clocks=told())
    return house


def test_the_page_shows_each_clock_that_has_begun_in_the_hours_of_its_desk(page: Any, browser: Any) -> None:
    text = browser.get("/tickets/jira/SUP-1").text
    assert "First response" in text
    assert "overdue" in text
    assert "3h of 1h used · breached 2026-03-02 11:00 (Asia/Shanghai)" in text
    assert "2h30m of 8h used" in text
    assert "2026-03-02 10:00:00 → 2026-03-02 13:00:00</span> counted 3h (cn-office)" in text
    assert "counted 2h30m (cn-office)" in text
    assert "Next response" not in text


def test_the_page_is_complete_in_chinese(page: Any, browser: Any) -> None:
    text = browser.get("/tickets/jira/SUP-1?lang=zh", headers={"Accept-Language": "zh"}).text
    assert "首次响应" in text
    assert "已用 3小时，共 1小时 · 超时于 2026-03-02 11:00（Asia/Shanghai）" in text


def test_a_ticket_without_clocks_has_no_section_of_them(house: Any, browser: Any) -> None:
    house.pages["jira", "SUP-1"] = a_page()
    assert 'id="clocks"' not in browser.get("/tickets/jira/SUP-1").text


def test_the_api_tells_clocks_with_their_spans(house: Any, browser: Any) -> None:
    house.clocks["jira", "SUP-1"] = told(
        odd=({"id": "c7", "type": "comment", "at": seconds_of("2026-03-01T00:00:00Z")},)
    )
    answer = browser.get("/api/v1/tickets/jira/SUP-1/sla?as_of=2026-03-02T05:00:00Z")
    assert answer.status_code == 200
    found = answer.json
    assert (found["policy"], found["as_of"], found["known_at"]) == ("standard", "2026-03-02T05:00:00Z", None)
    resolution = found["metrics"]["resolution"]
    assert (resolution["state"], resolution["elapsed_s"], resolution["zone"]) == ("paused", 9000, "Asia/Shanghai")
    assert [span["pace"] for span in resolution["spans"]] == ["counting", "paused"]
    assert found["odd"] == [{"id": "c7", "type": "comment", "at": "2026-03-01T00:00:00Z"}]


@pytest.mark.parametrize("query", ["as_of=yesterday", "as_of=2026-03-02T05:00:00", "known_at=7", "until=2026-03-02"])
def test_a_wrong_instant_is_named(house: Any, browser: Any, query: str) -> None:
    answer = browser.get(f"/api/v1/tickets/jira/SUP-1/sla?{query}")
    assert (answer.status_code, set(answer.json["fields"])) == (422, {query.partition("=")[0]})


def test_an_unknown_ticket_has_no_clocks(house: Any, browser: Any) -> None:
    assert browser.get("/api/v1/tickets/jira/SUP-9/sla").status_code == 404
