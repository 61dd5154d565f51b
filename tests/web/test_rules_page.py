"""The rule book: sentences with their lines, what is wrong with newer files, and each file as it is in force."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from connector.core.rule_told import RuleGroup, RuleLine, SectionWords
from connector.engine.book import WordRow
from connector.errors import Problem
from connector.model import Person
from tests.fakes.installation import THEN, a_book, a_file, a_process

PROBLEM = Problem("rules/support.yaml", 17, 11, "unknown condition `tittle` (did you mean `title`?)")


def page(browser, path="/rules?lang=en"):
    answer = browser.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


def test_each_rule_is_a_sentence_with_its_reason_and_its_line(browser):
    html = page(browser)

    [rule] = html.select(".sentences li")
    assert words(rule) == "If the type is “x”, add 5 to the score. Reason shown: Says {hits} vip line 2"
    assert rule.select_one(".source a")["href"] == "/rules/support#L2"


def test_a_file_says_what_it_is_for_and_what_its_mode_means(browser):
    told = words(page(browser).select_one(".rulefile .about"))

    assert "Applies to gitlab : acme/support" in told
    assert "Mode Decisions are made and recorded, nothing is written." in told
    assert "until somebody orders its release" in told


def test_newer_files_with_mistakes_stand_on_top_with_place_and_remedy(house, browser):
    house.installation.book = a_book(problems=(PROBLEM,), wrong_since=THEN)

    said = words(page(browser).select_one(".notice.bad"))

    assert "rules/support.yaml:17:11 unknown condition `tittle` (did you mean `title`?)" in said
    assert "The last good rules go on, since 2026-11-21 11:30 UTC" in said
    assert "A process that starts now would have no rules" in said


def test_without_any_good_rules_nothing_is_said_to_go_on(house, browser):
    house.installation.book = a_book(files=(), problems=(PROBLEM,), since=None, wrong_since=THEN)

    html = page(browser)

    assert "no rules are in force since 2026-11-21 11:30 UTC" in words(html.select_one(".notice.bad"))
    assert "No rule file is in force." in html.text


def test_warnings_and_processes_with_other_rules_are_told(house, browser):
    house.installation.book = a_book(warnings=(PROBLEM,), others=(a_process(id="beta/2", role="worker"),))

    said = [words(each) for each in page(browser).select(".notice.warn")]

    assert said[0].startswith("Warnings about the rules in force: 1 rules/support.yaml:17:11")
    assert "beta/2 · work" in said[1]


def test_a_rule_that_is_switched_off_says_why(house, browser):
    section = SectionWords("priority", (), (RuleGroup("disabled", (RuleLine("old", off="nobody needs it"),)),))
    house.installation.book = a_book(files=(a_file(sections=(section,)),))

    assert "Switched off: nobody needs it old" in words(page(browser).select_one(".sentences li"))


def test_shared_tables_name_people_and_words_without_their_accounts(house, browser):
    ann = Person("ann", "Ann Li", teams=frozenset({"frontline"}), ids={"gitlab": ("ann.li",)})
    rows = (WordRow("urgent", (("gitlab", ("prio::1",)), ("jira", ("Highest",)))),)
    house.installation.book = a_book(people=(ann,), tables=(("priority", rows),))

    text = words(page(browser).select_one("[aria-labelledby=shared]"))

    assert "Ann Li ann frontline first_line gitlab" in text
    assert "ann.li" not in text
    assert "urgent gitlab: prio::1 jira: Highest" in text
    assert "Lines about customers: 3." in text


def test_the_file_is_shown_as_it_is_in_force_without_what_sounds_secret(house, browser):
    house.installation.text = "priority:\n  x: <b>\nvip: {api_token: canary, seats: 1}\n"

    html = page(browser, "/rules/support?lang=en")

    assert [line.text.strip() for line in html.select(".source-lines li")] == [
        "priority:",
        "x: <b>",
        "vip: {api_token: ••••, seats: 1}",
    ]
    assert html.select_one("#L2")


@pytest.mark.parametrize("name", ["_people", "none", "..%2f..%2fetc%2fpasswd", "%00", "x" * 3000])
def test_no_other_file_is_shown(browser, name):
    assert browser.get(f"/rules/{name}").status_code == 404


def test_what_others_wrote_is_shown_as_text(house, browser):
    line = RuleLine("<i>x</i>", "If “<script>1</script>”.", "<img src=x onerror=alert(1)>", (("en", "<b>hi</b>"),))
    section = SectionWords("<u>", ("<s>",), (RuleGroup("<em>", (line,)),))
    house.installation.book = a_book(files=(a_file(sections=(section,), lists=(("<q>", ("<a>",)),)),))

    assert not page(browser).select("main script, main img, main b, main i, main u, main s, main em, main q")


def test_the_page_speaks_chinese(browser):
    html = page(browser, "/rules?lang=zh")

    assert html.select_one("h1").text == "规则"
    assert "只做决定并记录，不写入任何内容。" in html.text
