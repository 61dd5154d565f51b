"""The plugins: how they do in every process, their help, and trying one again."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from connector import Fact
from connector.plugins_host import Condition
from tests.fakes.installation import THEN, a_plugin

WELL = Condition(calls=4, seconds=0.008, longest=0.005)
ILL = Condition(3, True, THEN, "propose", "vip.py:12 KeyError", THEN, 3, 0.3, 0.2)


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


@pytest.mark.parametrize(
    ("plugin", "state"),
    [
        (a_plugin(), "not asked yet"),
        (a_plugin(condition=WELL), "in order"),
        (a_plugin(condition=Condition(in_a_row=1, calls=5)), "failed last time"),
        (a_plugin(condition=ILL), "quarantined"),
        (a_plugin(problem="no hook"), "cannot be loaded"),
    ],
)
def test_the_list_says_how_each_does(house, browser, plugin, state):
    house.installation.plugins = [plugin]

    [row] = page(browser, "/plugins?lang=en").select("tbody tr")

    assert words(row.select_one(".badge")) == state
    assert "What priority does." in words(row)
    assert "support: 1 of 1" in words(row)


def test_times_are_shown_for_one_call(house, browser):
    house.installation.plugins = [a_plugin(condition=WELL)]

    assert words(page(browser, "/plugins?lang=en").select_one("td.num")) == "2 ms"


def test_a_plugin_shows_help_hooks_and_facts(house, browser):
    house.installation.plugins = [a_plugin(facts=(Fact("vip.level", values=("red", "black")),))]

    html = page(browser, "/plugins/priority?lang=en")

    assert html.select_one(".help").text == "What priority does.\n\nMore of it."
    assert "vip.level word black, red" in words(html.select_one("[aria-labelledby=facts]"))
    assert "propose" in words(html.select_one(".about"))
    assert not html.select("main form")


def test_a_quarantine_says_since_when_and_where_it_failed(house, browser):
    house.installation.plugins = [a_plugin("vip", ILL)]

    html = page(browser, "/plugins/vip?lang=en")

    assert "failed 3 times in a row" in words(html.select_one(".notice.bad"))
    told = words(html.select_one("[aria-labelledby=health] tbody"))
    assert "alpha/7 pages and work quarantined since 2026-11-21 11:30 UTC" in told
    assert "propose vip.py:12 KeyError" in told


def test_an_admin_has_it_tried_again_and_that_is_recorded(house, browser):
    house.installation.plugins = [a_plugin("vip", ILL)]
    form = {"csrf": browser.token("/plugins/vip")}

    answer = browser.post("/plugins/vip/again", data=form)

    assert answer.status_code == 303
    assert house.installation.asked == ["vip"]
    assert [(row.actor, row.what, row.detail) for row in house.audit.rows] == [
        ("loopback", "plugin_tried_again", {"plugin": "vip"})
    ]
    assert "It is asked again" in page(browser, answer.headers["Location"]).text


def test_trying_a_healthy_one_again_changes_and_records_nothing(house, browser):
    house.installation.plugins = [a_plugin("vip", ILL)]
    form = {"csrf": browser.token("/plugins/vip")}
    house.installation.plugins = [a_plugin("vip", WELL)]

    answer = browser.post("/plugins/vip/again", data=form)

    assert "not_quarantined" in answer.headers["Location"]
    assert house.audit.rows == []


@pytest.mark.parametrize(("scope", "may"), [("read", False), ("act", False), ("admin", True)])
def test_only_admins_may_have_it_tried_again(house, scope, may):
    house.installation.plugins = [a_plugin("vip", ILL)]
    browser = house.client(console_token="t")
    headers = {"Authorization": f"Bearer {house.tokens.grant('one', scope)}"}

    shown = BeautifulSoup(browser.get("/plugins/vip", headers=headers).text, "html.parser")
    answer = browser.post("/plugins/vip/again", headers=headers)

    assert bool(shown.select("form[action$=again]")) is may
    assert answer.status_code == (303 if may else 403)
    assert bool(house.installation.asked) is may


@pytest.mark.parametrize("name", ["nobody", "%00", "<b>"])
def test_an_unknown_plugin_is_404(house, browser, name):
    token = browser.token("/")

    assert browser.get(f"/plugins/{name}").status_code == 404
    assert browser.post(f"/plugins/{name}/again", data={"csrf": token}).status_code == 404
    assert house.installation.asked == []


def test_what_a_plugin_says_of_itself_is_shown_as_text(house, browser):
    hostile = "<script>1</script>\u202e<b>"
    house.installation.plugins = [a_plugin("vip", help=hostile, problem=hostile, path=hostile)]

    html = page(browser, "/plugins/vip")

    assert not html.select("main script, main b")
    assert "\u202e" not in html.text
