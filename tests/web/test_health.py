"""Health for machines: open to all, and honest."""

from __future__ import annotations

from connector.web.health import TO_ANYBODY
from tests.docs.pages import quoted, rows, section, text_of


def test_the_process_lives(browser):
    assert browser.get("/healthz", remote="203.0.113.9").status_code == 200


def test_ready_with_warnings_is_still_ready(house, browser, warning):
    house.readiness = (True, [warning("rules", "2 problems in the rule files")])

    answer = browser.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {"ready": True, "warnings": [{"code": "rules", "text": "2 problems in the rule files"}]}


def test_not_ready_is_503(house, browser, warning):
    house.readiness = (False, [warning("store", "the database cannot be written")])

    answer = browser.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["ready"] is False


def test_what_a_warning_tells_is_for_those_who_may_see_the_desk(house, browser, warning):
    loud = warning("plugin", "plugin loud is quarantined", "loud.py:6 what a customer wrote")
    house.readiness = (
        True,
        [loud, warning("plugin", "plugin shy could not be loaded"), warning("parked", "7 parked")],
    )

    here, elsewhere = browser.get("/readyz"), browser.get("/readyz", remote="203.0.113.9")

    assert here.json["warnings"][0]["text"] == "plugin loud is quarantined: loud.py:6 what a customer wrote"
    assert len(here.json["warnings"]) == 3
    assert elsewhere.json["warnings"] == [
        {"code": "plugin", "text": "a plugin is quarantined, or could not be loaded"},
        {"code": "parked", "text": "events are parked"},
    ]


def test_every_warning_has_a_sentence_for_anybody_that_names_nothing():
    codes = [quoted(cells[0])[0] for cells in rows(section(text_of("docs/operations.md"), "## What to watch"))]

    assert sorted(TO_ANYBODY) == sorted(codes)
    assert not [text for text in TO_ANYBODY.values() if any(sign.isdigit() or sign in "{`" for sign in text)]
