"""Signing in and out, by the token and by way of a provider, as a person does it."""

from __future__ import annotations

import re

from .house import GROUPS, TOKEN
from .visit import Visit


def from_address(visit, last, **context):
    """A stranger from an address of their own, so that nobody else's wrong guesses count."""
    return visit("", extra_http_headers={"X-Forwarded-For": f"192.0.2.{last}"}, **context)


def fill_in(page, token):
    page.get_by_label("Console token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_a_wrong_token_is_told_and_the_right_one_leads_to_the_page_one_wanted(visit):
    stranger = from_address(visit, 1)
    page = stranger.go("/parked", 401)
    fill_in(page, "wrong")
    page.get_by_role("alert").filter(has_text="This is not the console token.").wait_for()

    fill_in(page, TOKEN)

    page.get_by_role("heading", name="Parked events").wait_for()
    assert stranger.at() == "/parked"


def test_who_guesses_too_often_has_to_wait_and_is_told_how_long(visit):
    stranger = from_address(visit, 2)
    stranger.refusals |= {401, 429}
    page = stranger.go("/sign-in")
    for guess in range(5):
        fill_in(page, f"guess {guess}")
        page.get_by_role("alert").filter(has_text="not the console token").wait_for()

    fill_in(page, TOKEN)

    said = page.get_by_role("alert")
    said.filter(has_text="Too many wrong tries").wait_for()
    assert re.search(r"wait \d+ seconds", said.inner_text())


def test_who_signs_out_is_a_stranger_again_also_by_going_back(visit):
    stranger = from_address(visit, 3)
    fill_in(stranger.go("/sign-in"), TOKEN)
    stranger.page.get_by_role("button", name="Sign out").click()
    stranger.page.get_by_label("Console token").wait_for()

    stranger.refusals.add(401)
    stranger.page.go_back()

    stranger.page.get_by_label("Console token").wait_for()
    assert stranger.page.get_by_role("link", name="Parked").count() == 0


def test_a_member_of_a_group_comes_in_by_way_of_the_provider_and_where_they_wanted_to(chromium, house):
    house.provider.account = {"sub": "ann", "email": "ann@desk.example", "email_verified": True}
    house.provider.told = {"sub": "ann", "groups": [GROUPS["agent"]]}
    visit = Visit(chromium, house, also=(house.provider.url,))
    page = visit.go("/rules", 401)

    page.get_by_role("link", name="Sign in with").click()

    page.get_by_role("heading", name="Rules", exact=True).wait_for()
    assert visit.at() == "/rules"
    assert page.get_by_role("link", name="Settings").count() == 0
    visit.leave()


def test_who_is_in_no_group_is_told_as_whom_they_came(chromium, house):
    house.provider.account = {"sub": "eve", "email": "eve@desk.example", "email_verified": True}
    house.provider.told = {"sub": "eve", "groups": ["acme/elsewhere"]}
    visit = Visit(chromium, house, also=(house.provider.url,))
    visit.refusals.add(403)

    visit.go("/sign-in").get_by_role("link", name="Sign in with").click()

    visit.page.get_by_role("alert").filter(has_text="eve@desk.example").wait_for()
    visit.leave()


def test_a_link_in_the_tracker_leads_in_and_spoils_no_form_that_is_open_elsewhere(visit, house):
    path = house.parked("Lamp of the hall flickers")
    agent = visit("agent")
    first = agent.go("/parked")
    second = agent.context.new_page()
    # Another site: the tracker is at 127.0.0.1, we are at localhost.
    body = f'<a href="{house.url}{path}">why</a>'
    second.route("**/issue", lambda route: route.fulfill(content_type="text/html", body=body))
    agent.allow(house.gitlab.url)
    second.goto(f"{house.gitlab.url}/issue")
    second.get_by_role("link", name="why").click()
    second.get_by_role("heading", name="Lamp of the hall flickers").wait_for()

    first.get_by_role("row", name="Lamp of the hall").get_by_role("button", name="Replay").click()

    first.get_by_role("status").filter(has_text="Events replayed: 1.").wait_for()
