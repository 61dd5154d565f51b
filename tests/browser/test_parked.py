"""What was given up: seen by everybody, replayed and discarded by agents."""

from __future__ import annotations

from playwright.sync_api import expect


def row(page, title):
    return page.get_by_role("row", name=title)


def test_an_agent_replays_an_event_once_its_cause_is_mended(visit, house):
    path = house.parked("Door of the archive stays shut")
    agent = visit("agent")
    expect(agent.go(path).locator(".t-parked")).to_contain_text("our account lacks a right")
    agent.page.get_by_role("link", name="See it among the parked events").click()
    row(agent.page, "Door of the archive").get_by_role("button", name="Replay").click()
    expect(agent.page.get_by_role("status")).to_have_text(
        "Events replayed: 1. A running worker takes them up at once."
    )
    house.settle()

    agent.go(path)

    expect(agent.page.locator(".t-parked")).to_have_count(0)
    expect(agent.page.locator(".headlines .big").nth(1)).to_have_text("frontline")


def test_an_agent_discards_an_event_with_a_reason_that_stands_in_the_changes(visit, house):
    house.parked("Chair of room 12 squeaks")
    agent = visit("agent")
    row(agent.go("/parked"), "Chair of room 12").get_by_role("link", name="Discard").click()
    agent.page.get_by_label("Reason").fill("the room is closed")
    agent.page.get_by_role("button", name="Discard for good").click()
    expect(agent.page.get_by_role("status")).to_contain_text("Discarded.")
    expect(row(agent.page, "Chair of room 12")).to_have_count(0)

    agent.go("/changes")

    newest = agent.page.locator("tbody tr").first
    expect(newest).to_contain_text("agent@desk.example")
    expect(newest).to_contain_text("the room is closed")


def test_no_reason_no_discard(visit, house):
    house.parked("Bin of the yard is full")
    agent = visit("agent")
    row(agent.go("/parked"), "Bin of the yard").get_by_role("link", name="Discard").click()
    agent.page.get_by_role("button", name="Discard for good").click()
    assert agent.page.evaluate("document.querySelector('[name=reason]').validity.valueMissing")

    agent.page.get_by_role("link", name="Keep it").click()

    expect(row(agent.page, "Bin of the yard")).to_have_count(1)


def test_a_viewer_reads_all_of_it_and_finds_no_button(visit, house):
    path = house.parked("Tap of the kitchen drips")
    viewer = visit("viewer")
    for where in ("/", "/parked", path):
        page = viewer.go(where)
        expect(page.locator("main")).to_contain_text("Tap of the kitchen")
        assert page.locator("main form[method=post]").count() == 0, where
        assert page.get_by_role("link", name="New ticket").count() == 0
        assert page.get_by_role("link", name="Discard").count() == 0
