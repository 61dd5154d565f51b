"""A newcomer's first minutes, from a copy of what the repository holds and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from bs4 import BeautifulSoup

from .inside import wait_for
from .outside import ROOT, Outside


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone holds; without git, what a release archive would."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "-z",
            "app.py",
            "connector",
            "plugins",
            "rules",
            "README.md",
            "Makefile",
            "pyproject.toml",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def running(checkout: Path) -> Iterator[Outside]:
    with Outside(checkout, root=checkout) as service:
        yield service


def test_it_says_what_to_open_next(running: Outside) -> None:
    said = wait_for(lambda: "docs/" in running.said and running.said)
    assert f"http://localhost:{running.port}/" in said
    assert "demo" in said
    assert requests.get(f"http://localhost:{running.port}/", timeout=10).ok


def test_nothing_is_wrong_at_the_start(running: Outside) -> None:
    assert running.ready() == {"ready": True, "warnings": []}
    assert [line for line in running.logged if line["level"] not in ("info", "debug")] == []


@pytest.mark.parametrize(
    ("title", "priority"), [("支付失败，全部用户无法登录", "urgent"), ("How do I change my logo?", "low")]
)
def test_a_typed_ticket_shows_what_became_of_it_and_why(running: Outside, title: str, priority: str) -> None:
    """How long it takes is measured in `benchmarks/typed.py`."""
    cards = _typed_and_decided(running, title).select(".headlines .card")
    assert priority in cards[0].get_text()
    assert all(re.search(r"\w{2}", card.get_text()) and card.select_one(".because") for card in cards)


def _typed_and_decided(running: Outside, title: str) -> BeautifulSoup:
    """Fill in the form as a browser would; the page that shows the decision."""
    browser = requests.Session()
    form = BeautifulSoup(browser.get(f"{running.url}/?new=1", timeout=10).text, "html.parser").select_one(
        "form[method=post]"
    )
    assert form is not None
    given = {str(field["name"]): str(field.get("value") or "") for field in form.select("input[name]")}
    answer = browser.post(f"{running.url}/tickets", data={**given, "title": title, "body": "Thanks"}, timeout=10)
    return wait_for(lambda: _decided(browser, answer.url), 10)


def test_the_demo_shows_known_customers_in_both_languages_and_its_most_urgent_ticket(running: Outside) -> None:
    done = running.command("demo")
    assert done.returncode == 0, done.stderr
    page = requests.get(done.stdout.split()[-1], timeout=10)
    decided = wait_for(lambda: _decided(requests.Session(), page.url), 10)
    assert "urgent" in decided.select_one(".headlines").text
    assert "Platinum customer" in decided.select_one(".headlines").text
    desk = requests.get(f"{running.url}/?new=1", timeout=10).text
    assert "支付失败" in desk
    assert "invoice" in desk


def test_the_data_is_for_our_eyes_alone(running: Outside, checkout: Path) -> None:
    kept = {path.name: path.stat().st_mode & 0o077 for path in (checkout / "var").iterdir()}
    assert {"pointsman.db", "secret.key"} <= kept.keys()
    assert kept["pointsman.db"] == kept["secret.key"] == 0


def _decided(browser: requests.Session, url: str) -> BeautifulSoup | None:
    page = BeautifulSoup(browser.get(url, timeout=10).text, "html.parser")
    return None if page.select_one("main[data-waiting]") else page
