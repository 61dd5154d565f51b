"""The settings: where each comes from and what it means, for admins alone, and no secret on any page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from connector.engine.installation import GROUPS
from connector.settings import SECRET, read_settings
from connector.web.language import load_texts
from tests.fakes.installation import a_process

ROWS = re.findall(
    r"^\| ((?:`[A-Z_]+` ?)+)\| .* \| (.*) \|$",
    (Path(__file__).parents[2] / "docs" / "running.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def page(browser, path="/settings?lang=en"):
    answer = browser.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def rows(html):
    """Setting → value and where it comes from, as shown."""
    found = html.select(".setting .about > div")
    return {row.dt.text: " ".join(row.dd.text.split()) for row in found}


def test_the_page_and_the_documentation_group_and_explain_settings_alike():
    texts = load_texts()["en"]

    documented = {tuple(re.findall(r"[a-z_]+", names.lower())): _plain(meaning) for names, meaning in ROWS}

    assert documented == {group: texts(f"setting.{group[0]}") for group in GROUPS}


def _plain(markdown):
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown).replace("`", "")


def test_each_setting_shows_its_value_and_whether_it_was_set(house, browser):
    house.installation.settings = read_settings({"POINTSMAN_PORT": "8080", "POINTSMAN_TRUSTED_PROXIES": "10.0.0.0/8"})

    found = rows(page(browser))

    assert found["PORT"] == "8080 set"
    assert found["HOST"] == "127.0.0.1 default"
    assert found["TRUSTED_PROXIES"] == "10.0.0.0/8 set"
    assert found["PLUGINS_DIR"] == "not set default"
    assert found["CONSOLE_TOKEN"] == "not set default"


def test_of_a_secret_only_whether_it_is_set_is_shown(house, browser):
    house.installation.settings = read_settings({f"POINTSMAN_{name.upper()}": "canary1234" for name in SECRET})

    html = page(browser)

    assert "canary" not in str(html)
    assert {rows(html)[name.upper()] for name in SECRET} == {"set, not shown set"}


def test_versions_and_processes_are_shown(house, browser):
    house.installation.processes = (a_process(), a_process(id="beta/2", role="worker"))

    text = " ".join(page(browser).get_text(" ").split())

    assert "Pointsman 1.2" in text
    assert "SQLite 3.45" in text
    assert "beta/2 work 1.2 30 min 30 min" in text
    assert "No process works tickets" not in text


def test_pages_without_a_worker_say_so(house, browser):
    house.installation.processes = (a_process(role="web"),)

    assert "No process works tickets" in page(browser).text


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("act", 403), ("admin", 200)])
def test_settings_are_for_admins(house, scope, status):
    browser = house.client(console_token="t")
    headers = {"Authorization": f"Bearer {house.tokens.grant('one', scope)}"}

    assert browser.get("/settings", headers=headers).status_code == status
