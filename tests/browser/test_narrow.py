"""On a phone, in dark, at twice the size: nothing is scrolled sideways, and nothing is out of reach."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .pages import ALL, path_of, ticket_of
from .visit import PHONE, overflow
from .world import HOSTILE, URGENT

NARROWEST = {"width": 320, "height": 640}
TWICE = {"width": 640, "height": 400}
"""A screen of 1280 by 800 at 200 %: that many CSS pixels are left."""


@pytest.mark.parametrize("name", ALL)
def test_no_page_is_scrolled_sideways(visit, house, name):
    status = 404 if name == "missing" else 200
    admin = visit("admin", viewport=PHONE)
    admin.go(path_of(house, name), status)
    found = {}
    for language in ("en", "zh"):
        page = admin.go(f"{path_of(house, name)}{'&' if '?' in path_of(house, name) else '?'}lang={language}", status)
        # All that can be unfolded counts as well.
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        for size in (PHONE, NARROWEST, TWICE):
            page.set_viewport_size(size)
            if wide := overflow(page):
                found[language, size["width"]] = wide
    assert found == {}


def test_on_a_phone_a_ticket_is_found_and_read(visit):
    viewer = visit("viewer", viewport=PHONE, has_touch=True, is_mobile=True)
    page = viewer.go("/")
    page.get_by_role("searchbox").fill("card payments")
    page.get_by_role("button", name="Filter").tap()
    page.get_by_role("link", name=URGENT, exact=True).tap()

    expect(page.locator(".headlines .chip").first).to_be_visible()
    expect(page.locator(".headlines .because").first).to_contain_text("Sounds like an outage")


def test_on_a_phone_an_agent_replays(visit, house):
    path = house.parked("Heater of the studio is cold")
    page = visit("agent", viewport=PHONE, has_touch=True, is_mobile=True).go(path)
    page.get_by_role("button", name="Replay").tap()

    expect(page.get_by_role("status")).to_contain_text("Events replayed: 1.")
    house.settle()


@pytest.mark.parametrize("title", HOSTILE, ids=lambda title: f"U+{ord(title[0]):04X}")
def test_hostile_titles_are_shown_as_they_are_written_and_run_nothing(visit, house, title):
    page = visit("viewer").go(ticket_of(house, title))

    heading = page.get_by_role("heading", level=1).inner_text()
    hidden = [c for c in title if c in "\u202e\u2067\u202d"]
    assert not set(hidden) & set(heading)
    assert all(f"⟨U+{ord(c):04X}⟩" in heading for c in hidden)
    if not hidden:
        assert " ".join(heading.split()) == " ".join(title.split())
    assert page.title().endswith("Pointsman")
    assert page.locator("main img, main script, main style").count() == 0


def test_a_long_title_takes_three_lines_of_the_desk_at_most(visit, house):
    for title in HOSTILE:
        ticket_of(house, title)
    page = visit("viewer").go("/")

    heights = page.eval_on_selector_all(".c-title a", "all => all.map(e => e.getBoundingClientRect().height)")
    assert max(heights) < 4 * min(heights)


def test_words_of_teams_and_people_are_not_broken(visit):
    page = visit("viewer").go("/")

    heights = page.eval_on_selector_all(
        ".c-team > *, .c-assignee > *", "all => all.map(e => Math.round(e.offsetHeight))"
    )
    assert len(heights) > 20
    assert len(set(heights)) == 1
