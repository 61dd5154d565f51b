"""The page of a ticket says when it was a backfill that asked, and that in shadow nothing was written."""

from __future__ import annotations

from connector.engine.why import Moment

from .conftest import NOW
from .test_pages import a_decision, a_page, a_plan, shown


def test_a_plan_of_a_backfill_in_shadow_is_told_as_that(house, browser):
    plan = a_plan(a_decision(), mode="shadow", event={"kind": "reconciled", "at": None, "actor": None, "backfill": 3})
    page = a_page(plan, timeline=(Moment(NOW, "decided", "shadow", value="shadow", plan=7),))

    html = shown(house, browser, page)

    assert "backfill 3 asked what the rules would do; nothing is written" in html.select_one("p.notice").text
    assert "backfill 3 · shadow" in " ".join(html.select_one(".timeline > li").text.split())


def test_shadow_without_a_backfill_names_none(house, browser):
    html = shown(house, browser, a_page(a_plan(a_decision(), mode="shadow", event={"kind": "created"})))

    assert html.select_one("p.notice").text == "Shadow mode: decided and recorded, nothing is written."
