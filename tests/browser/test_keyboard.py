"""Everything can be done with the keyboard alone, and one always sees where one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .house import TOKEN
from .pages import PAGES, path_of
from .world import URGENT

RING = """() => {
  const s = getComputedStyle(document.activeElement);
  return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
}"""
AT = """() => {
  const e = document.activeElement;
  return e === document.body ? null : [...document.querySelectorAll("*")].indexOf(e);
}"""


def test_signing_in_takes_the_token_and_enter(visit):
    stranger = visit("", extra_http_headers={"X-Forwarded-For": "192.0.2.21"})
    page = stranger.go("/parked", 401)
    stranger.tab_to("Console token")
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Parked events")).to_be_visible()


def test_the_skip_link_comes_first_is_seen_and_leads_past_the_navigation(visit):
    viewer = visit("viewer")
    page = viewer.go("/")
    page.keyboard.press("Tab")
    assert viewer.focus().inner_text() == "Skip to the content"
    expect(viewer.focus()).to_be_in_viewport()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("name", PAGES)
def test_tab_goes_through_a_page_in_the_order_of_reading_with_a_ring_that_is_seen(visit, house, name):
    page = visit("admin").go(path_of(house, name))
    places, rings = [], []
    for _ in range(25):
        page.keyboard.press("Tab")
        place = page.evaluate(AT)
        if place is None:
            break
        places.append(place)
        rings.append(page.evaluate(RING))
    assert len(places) > 5
    assert places == sorted(places)
    assert all(rings)


def test_a_ticket_is_found_and_its_why_not_opened(visit):
    viewer = visit("viewer")
    viewer.go("/")
    viewer.tab_to("Search titles and keys")
    viewer.page.keyboard.type("card payments")
    viewer.page.keyboard.press("Enter")
    expect(viewer.page.locator("tbody tr")).to_have_count(1)
    viewer.tab_to(URGENT)
    viewer.page.keyboard.press("Enter")
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text(URGENT)

    viewer.tab_to("routing")
    viewer.page.keyboard.press("Enter")

    expect(viewer.page.locator("details.whynot li", has_text="chinese")).to_be_visible()


def test_an_event_is_replayed(visit, house):
    path = house.parked("Clock of the lobby runs late")
    agent = visit("agent")
    agent.go(path)
    agent.tab_to("Replay")
    agent.page.keyboard.press("Space")

    expect(agent.page.get_by_role("status")).to_contain_text("Events replayed: 1.")
    house.settle()


def test_a_ticket_is_typed_and_the_language_switched(visit, house):
    agent = visit("agent")
    agent.go("/")
    agent.tab_to("New ticket")
    agent.page.keyboard.press("Enter")
    agent.page.wait_for_url("**/?new=1**")
    agent.tab_to("Title")
    agent.page.keyboard.type("Question about the keyboard")
    agent.page.keyboard.press("Enter")
    expect(agent.page.locator(".headlines .chip").first).to_have_text("low")

    agent.tab_to("中文")
    agent.page.keyboard.press("Enter")

    expect(agent.page.locator(".headlines dt").first).to_have_text("优先级")
    house.settle()
