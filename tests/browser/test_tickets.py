"""Finding a ticket, and reading why it stands where it stands, and why not elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .world import CHINESE, LAB_SEEDS, URGENT


def titles(page):
    return page.locator("tbody .c-title a").all_inner_texts()


def test_a_ticket_is_found_by_a_word_of_its_title(visit):
    page = visit("viewer").go("/")
    page.get_by_role("searchbox").fill("card payments")
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Remove the filter Search: card payments")).to_be_visible()
    assert titles(page) == [URGENT]


def test_a_ticket_is_found_by_a_word_of_a_title_in_chinese(visit):
    page = visit("viewer").go("/")
    page.get_by_role("searchbox").fill("支付")
    page.get_by_role("button", name="Filter").click()

    expect(page.locator("tbody tr")).to_have_count(1)
    assert titles(page) == [CHINESE]


def test_tickets_are_narrowed_by_filters_and_widened_by_taking_them_away(visit):
    page = visit("viewer").go("/")
    before = len(titles(page))
    page.get_by_label("Team").select_option("security")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert titles(page) == ["Customer data leaked through the export link"]

    page.get_by_role("link", name="Remove the filter Team: security").click()

    expect(page.locator("tbody tr")).to_have_count(before)


def test_rarer_filters_are_one_click_away(visit):
    page = visit("viewer").go("/")
    page.get_by_text("More filters").click()
    page.get_by_label("Mode").select_option("shadow")
    page.get_by_role("button", name="Filter").click()

    expect(page.locator("tbody tr")).to_have_count(3)
    assert sorted(titles(page)) == sorted(seed.title for seed in LAB_SEEDS)


def test_the_page_says_why(visit):
    page = visit("viewer").go("/")
    page.get_by_role("link", name=URGENT).click()

    card = page.locator(".headlines .card").first
    expect(card.locator(".chip")).to_have_text("urgent")
    expect(card.locator(".because")).to_contain_text("Sounds like an outage: outage, all users (+50)")


def test_the_page_says_why_not_with_field_wanted_and_seen(visit, house):
    page = visit("viewer").go(house.page_of(URGENT))
    rules = page.locator("details.whynot", has_text="routing")
    line = rules.locator("li", has_text="chinese")
    expect(line).to_be_hidden()

    rules.locator("summary").click()

    expect(line).to_be_visible()
    assert " ".join(line.inner_text().split()) == "chinese language wanted zh is en"


@pytest.mark.parametrize("title", [seed.title for seed in LAB_SEEDS])
def test_a_plugin_that_is_asked_no_more_is_told_where_it_is_missing(visit, house, title):
    page = visit("viewer").go(house.page_of(title))

    expect(page.get_by_text("Shadow mode: decided and recorded, nothing is written.")).to_be_visible()
    expect(page.locator(".t-plugin")).to_contain_text("The plugin forecast is not asked any more")


def test_a_mistake_in_a_rule_file_is_told_on_its_page_and_at_its_tickets(visit, house):
    with house.rules_with_a_mistake():
        viewer = visit("viewer")
        expect(viewer.go("/rules").get_by_role("alert")).to_contain_text("The newest rule files have mistakes")
        expect(viewer.page.get_by_role("alert")).to_contain_text("priorty")
        expect(viewer.go(house.page_of(LAB_SEEDS[0].title)).locator(".t-rules")).to_be_visible()


def test_the_language_is_switched_and_stays(visit, house):
    viewer = visit("viewer")
    viewer.go("/?team=payments").get_by_role("link", name="中文").click()
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text("工作台")
    assert "team=payments" in viewer.at(), "the filter is lost"

    viewer.go(house.page_of(CHINESE))

    assert viewer.page.locator("html").get_attribute("lang") == "zh-Hans"
    expect(viewer.page.locator(".headlines dt").first).to_have_text("优先级")
    viewer.page.get_by_role("link", name="EN").click()
    expect(viewer.page.locator(".headlines dt").first).to_have_text("Priority")


def test_a_typed_ticket_shows_its_decision_without_a_reload(visit, house):
    agent = visit("agent")
    page = agent.go("/?new=1")
    page.get_by_label("Title", exact=True).fill("Outage of the shop: nobody can pay")
    page.get_by_label("Details").fill("Since nine o'clock.")
    page.get_by_role("button", name="Send").click()

    expect(page.locator(".headlines .chip").first).to_have_text("high")
    loads = [url for url in agent.asked if url.startswith(f"{house.url}/tickets/") and "typed" in url]
    assert loads
    house.settle()


def test_without_scripts_a_ticket_is_typed_and_its_decision_read(visit, house):
    page = visit("agent", java_script_enabled=False).go("/?new=1")
    page.get_by_label("Title", exact=True).fill("请问发票怎么开？")
    page.get_by_role("button", name="Send").click()

    expect(page.locator(".headlines .chip").first).to_have_text("low")
    page.locator("details.whynot summary").first.click()
    expect(page.locator("details.whynot li").first).to_be_visible()
    house.settle()


def test_reduced_motion_is_respected(visit):
    page = visit("viewer").go("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<span class=pulse></span>')")

    assert page.locator(".pulse").evaluate("e => getComputedStyle(e).animationName") == "none"


def test_dark_is_dark_and_light_is_light(visit):
    grounds = []
    for scheme in ("light", "dark"):
        page = visit("viewer", color_scheme=scheme).go("/")
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        grounds.append(sum(map(int, ground[4:-1].split(","))))
    assert grounds[0] > 600
    assert grounds[1] < 150
