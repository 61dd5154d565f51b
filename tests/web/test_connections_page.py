"""The connections: what is known of each without asking it, and having the doctor look now."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from connector.engine import doctor
from connector.engine.checking import Checked, Checking
from connector.engine.doctor import Finding, Level
from connector.engine.doctor.findings import tell
from connector.errors import StoreUnavailable
from connector.rulebook import Rulebook
from connector.settings import Settings
from connector.words import Connection
from tests.fakes.installation import THEN, a_connection

FINDING = Finding(
    "hook_missing", Level.PROBLEM, "gitlab", "no webhook in acme/support", "add it: pointsman setup gitlab"
)


def page(browser, path="/connections?lang=en"):
    answer = browser.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


def card(browser, house, **more):
    house.installation.connections = [a_connection(**more)]
    return page(browser).select_one(".connection")


def test_a_connection_shows_what_is_known(house, browser):
    told = words(card(browser, house, name="jira", user="bot@desk.example", flavor="dc"))

    assert "jira Jira reachable not looked at yet" in told
    assert "Address https://jira.example" in told
    assert "Kind of Jira Data Center" in told
    assert "Token set Webhook secret set" in told
    assert "Address for its webhook https://desk.example/hooks/jira" in told
    assert "Last webhook 2026-11-21 11:30 UTC (30 min)" in told
    assert "acme/support rule file support · shadow" in told


def test_findings_stand_with_their_remedies(house, browser):
    told = card(browser, house, findings=(FINDING,), found_at=THEN)

    assert words(told.select_one(".findings li")) == (
        "problem no webhook in acme/support → add it: pointsman setup gitlab"
    )
    assert "as of 2026-11-21 11:30 UTC" in words(told)
    assert [words(badge) for badge in told.select("h2 .badge")] == ["reachable", "problem"]


def test_findings_are_told_in_the_language_of_the_page(house, browser):
    lacking = tell("hook_missing", "gitlab", key="acme/support", here="https://desk.example/hooks/gitlab", do="x")
    house.installation.connections = [a_connection(findings=(lacking, FINDING), found_at=THEN)]

    new, old = page(browser, "/connections?lang=zh").select(".findings li > div")

    assert words(new).startswith("acme/support 没有指向 https://desk.example/hooks/gitlab 的 webhook")
    assert not new.has_attr("lang")
    assert words(old).startswith("no webhook in acme/support")
    assert old["lang"] == "en"


def test_a_tracker_out_of_reach_says_so(house, browser):
    told = card(browser, house, trouble="GET /user: 401", reached=False, reconciled=None, last_webhook=None)

    assert "At the last look it could not be reached: GET /user: 401." in words(told.select_one(".notice.bad"))
    assert "Last asked for what was missed not yet" in words(told)


def test_a_tracker_that_does_not_answer_is_told_in_chinese_too(house, browser):
    house.installation.connections = [a_connection(trouble="GET /user: no answer")]

    notice = page(browser, "/connections?lang=zh").select_one(".connection .notice.bad")

    assert words(notice).startswith("上次访问失败：GET /user: 没有应答。")


def test_what_is_not_set_says_what_that_means(house, browser):
    told = words(card(browser, house, has_token=False, has_secret=False, hook_address="/hooks/gitlab", served=()))

    assert "not set: nothing can be read or written" in told
    assert "not set: every webhook is refused" in told
    assert "POINTSMAN_PUBLIC_URL is not set" in told
    assert "No rule file applies to any of its projects" in told


def test_a_connection_that_rules_name_and_nobody_set_up_is_told(house, browser):
    house.installation.missing = [("jira", "support")]

    assert "support applies to projects of jira, which is not connected" in words(
        page(browser).select_one(".notice.warn")
    )


def test_the_built_in_desk_has_nothing_to_check(house, browser):
    told = card(browser, house, name="local")

    assert not told.select("form")
    assert "They exist nowhere else." in told.text


@pytest.mark.parametrize(
    ("outcome", "said"), [(Checked.DONE, "has just been looked at"), (Checked.RUNNING, "still being looked at")]
)
def test_checking_now_says_what_came_of_it(house, browser, outcome, said):
    house.installation.outcome = outcome

    answer = browser.post("/connections/gitlab/check", data={"csrf": browser.token("/connections")})

    assert house.installation.checked == ["gitlab"]
    assert answer.status_code == 303
    assert said in page(browser, answer.headers["Location"].partition("#")[0]).text


def test_a_form_from_elsewhere_checks_nothing(house, browser):
    assert browser.post("/connections/gitlab/check").status_code == 403
    assert house.installation.checked == []


def test_an_unknown_connection_is_404(house, browser):
    assert browser.post("/connections/nobody/check", data={"csrf": browser.token("/connections")}).status_code == 404
    assert house.installation.checked == []


@pytest.mark.parametrize(("scope", "may"), [("read", False), ("act", True)])
def test_a_viewer_cannot_have_it_checked(house, scope, may):
    browser = house.client(console_token="t")
    headers = {"Authorization": f"Bearer {house.tokens.grant('one', scope)}"}

    shown = BeautifulSoup(browser.get("/connections", headers=headers).text, "html.parser")

    assert bool(shown.select("form[action$=check]")) is may
    assert browser.post("/connections/gitlab/check", headers=headers).status_code == (303 if may else 403)


def test_what_trackers_and_rule_files_say_is_shown_as_text(house, browser):
    hostile = "<script>1</script>"
    found = Finding("x", Level.HINT, "gitlab", hostile, hostile)
    html = card(
        browser, house, url="https://h.example/<b>", user=hostile, trouble=hostile, findings=(found,), found_at=THEN
    )

    assert not html.select("script, b")


class Patient:
    """An installation whose one tracker hangs until it is told to answer."""

    store = None

    def __init__(self) -> None:
        self.asked = 0
        self.answered = threading.Event()

    @property
    def connections(self):
        return {"gitlab": self}


def test_a_page_does_not_wait_for_a_slow_tracker_nor_ask_it_twice(monkeypatch):
    patient = Patient()
    checking = Checking(patient, patience=0.05)

    def slowly(name):
        patient.asked += 1
        patient.answered.wait(10)

    monkeypatch.setattr(checking, "_examine", slowly)

    assert checking.check("gitlab") is Checked.RUNNING
    assert checking.check("gitlab") is Checked.RUNNING
    assert patient.asked == 1
    assert checking.check("nobody") is Checked.UNKNOWN
    patient.answered.set()
    checking._under_way["gitlab"].join(10)
    assert checking.check("gitlab") is Checked.DONE


def test_findings_that_cannot_be_stored_are_not_told_as_done(monkeypatch):
    rules = SimpleNamespace(current=Rulebook(connections={"gitlab": Connection("gitlab", "gitlab")}))
    patient = doctor.Patient(Settings(), object(), "", rules, None, None, None, lambda: THEN)
    monkeypatch.setattr("connector.engine.checking.examine_connection", lambda *_: [])
    answers = iter((StoreUnavailable("the database is away"), None))

    def keep(*_):
        if answer := next(answers):
            raise answer

    monkeypatch.setattr("connector.engine.checking.keep", keep)
    checking = Checking(patient)
    assert checking.check("gitlab") is Checked.FAILED
    assert checking.check("gitlab") is Checked.DONE
