"""From the form to the reason on the page, through the real store, the shipped rules and the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import app
from connector.engine.work import Engine
from connector.settings import Settings
from connector.web import create_web

from .conftest import Browser

RULES = Path(app.__file__).parent / "rules"


@pytest.fixture
def services(tmp_path):
    built = app.build_services(Settings(data_dir=tmp_path, rules_dir=RULES))
    yield built
    built.host.close()
    built.store.close()


@pytest.fixture
def browser(services):
    return Browser(create_web(services))


def work(services):
    """Work everything that waits, here and now."""
    for lane in services.store.inbox.claim("test", 10):
        Engine(services).handle(lane, services.store.inbox.waiting(lane))
        services.store.inbox.release(lane)


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def typed(browser, **form):
    return browser.post("/tickets", data={**form, "csrf": browser.token()})


def test_a_newcomer_types_a_ticket_and_sees_what_became_of_it_and_why(services, browser):
    answer = typed(browser, title="支付失败，全部用户无法登录", body="请尽快处理", email="li@kehu.example")
    page = answer.headers["Location"]
    assert soup(browser.get(page)).select_one("main[data-waiting]")

    work(services)

    html = soup(browser.get(page))
    priority, team, assignee = html.select(".headlines .card")
    assert not html.select_one("main[data-waiting]")
    assert priority.select_one(".chip").text == "urgent"
    assert "全部用户" in priority.select_one(".because").text
    assert team.select_one(".big").text.strip()
    assert assignee.select_one(".big").text.strip()
    assert {chip.text for chip in html.select(".effects .chip")} == {"written"}
    assert html.select("details.whynot li")


def test_the_desk_then_shows_the_most_urgent_ticket_first(services, browser):
    typed(browser, title="Question about colours", body="No hurry at all")
    typed(browser, title="Outage: payment fails for all users", body="502")

    work(services)

    titles = [link.text for link in soup(browser.get("/")).select("tbody a")]
    assert titles == ["Outage: payment fails for all users", "Question about colours"]


def test_both_languages_show_the_page(services, browser):
    page = typed(browser, title="支付失败").headers["Location"]
    work(services)

    assert "优先级" in browser.get(f"{page}&lang=zh").text
    assert "Priority" in browser.get(f"{page}&lang=en").text


def test_the_note_stays_inside(services, browser):
    typed(browser, title="Payment fails for all users")
    work(services)

    notes = [row for row in services.store.issues.comments("1") if "Pointsman" in row["text"]]
    assert [row["audience"] for row in notes] == ["internal"]


@pytest.mark.parametrize(
    ("path", "status"), [("/hooks/local", 401), ("/hooks/local/guess", 401), ("/hooks/nobody", 404)]
)
def test_a_tracker_without_a_secret_accepts_nothing(services, browser, path, status):
    assert browser.post(path, data=b"{}").status_code == status
    assert services.store.inbox.depth().waiting == 0


def test_a_running_instance_is_ready(browser):
    assert browser.get("/readyz").json["ready"] is True


def test_the_signing_key_is_kept_where_only_we_read_it(services, browser, tmp_path):
    [key] = tmp_path.glob("*.key")

    assert key.stat().st_mode & 0o077 == 0
    assert browser.get("/").status_code == 200
