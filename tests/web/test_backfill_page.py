"""The page of a ticket says when it was a backfill that asked, and that in shadow nothing was written."""

from __future__ import annotations

from connector.engine.why import Moment
from connector.model import Priority

from .conftest import NOW
from .test_pages import a_decision, a_page, a_plan, headlines, shown


def test_a_plan_of_a_backfill_in_shadow_is_told_as_that(house, browser):
    plan = a_plan(a_decision(), mode="shadow", event={"kind": "reconciled", "at": None, "actor": None, "backfill": 3})
    page = a_page(plan, timeline=(Moment(NOW, "decided", "shadow", value="shadow", plan=7),))

    html = shown(house, browser, page)

    assert "backfill 3 asked what the rules would do; nothing is written" in html.select_one("p.notice").text
    assert "backfill 3 · shadow" in " ".join(html.select_one(".timeline > li").text.split())


def test_shadow_without_a_backfill_names_none(house, browser):
    html = shown(house, browser, a_page(a_plan(a_decision(), mode="shadow", event={"kind": "created"})))

    assert html.select_one("p.notice").text == "Shadow mode: decided and recorded, nothing is written."


def test_what_shadow_mode_kept_from_being_written_is_nowhere_called_done(house, browser):
    plan = a_plan(a_decision(because="an outage"), mode="shadow")
    moments = (Moment(NOW, "decided", "shadow", value="shadow", plan=7),)

    html = shown(house, browser, a_page(plan, timeline=moments, priority=Priority.LOW))

    told = "Priority low not written: shadow mode The rules wanted urgent: an outage"
    assert headlines(html)[0] == told
    assert html.select_one(".decisions .verdict").text == "not written: shadow mode"
    assert html.select_one(".timeline > li").text.split()[-3:] == ["decided,", "not", "written"]


def test_shadow_mode_that_wants_what_is_there_has_nothing_to_change(house, browser):
    plan = a_plan(a_decision(verdict="already so"), mode="shadow")
    moments = (Moment(NOW, "decided", "shadow", value="shadow", plan=7),)

    html = shown(house, browser, a_page(plan, timeline=moments))

    assert html.select_one(".decisions .verdict").text == "already so"
    assert "nothing to change" in html.select_one(".timeline > li").text
