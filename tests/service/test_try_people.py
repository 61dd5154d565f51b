"""`pointsman try --desk` shows every candidate: who may take the ticket, in which order, and why not the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import WIRING
from connector.cli import main

RULES = """\
applies_to: {local: [desk]}
mode: live
plugins: [priority, routing, sla, replies, commands]
priority:
  signals: [{id: down, when: {title: {contains_any: [down]}}, score: 80}]
routing:
  - {id: db, when: {title: {contains_any: [db]}}, team: frontline, need_skills: ["db>=2"], need_languages: [zh]}
  - {id: bo, when: {title: {contains_any: [boss]}}, team: frontline, assignee: bo}
  - {id: rest, team: frontline}
assign:
  effort: {urgent: 3, default: 1}
  if_nobody: {say: nobody}
sla:
  - {id: s, targets: {first_response: 8h office}}
replies:
  - {id: nobody, on: assign_failed, say: {en: "Nobody is free."}}
"""
PEOPLE = """\
people:
  ann: {name: Ann, teams: [frontline], skills: {db: 2}, languages: [zh, en], calendar: office, capacity: 4}
  bo: {name: Bo, teams: [frontline], skills: [db], languages: [en], capacity: 2}
  cem: {name: Cem, teams: [frontline], tz: Asia/Shanghai}
  dot: {name: Dot, teams: [night]}
"""
CALENDARS = """\
office: {tz: UTC, week: {mon-fri: ["09:00-17:00"]}}
nights: {tz: UTC, week: {mon-fri: ["16:50-23:00"]}}
"""
NOW = "2026-03-02T09:00:00Z"


@pytest.fixture
def attempt(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    for name, text in {"support": RULES, "_people": PEOPLE, "_calendars": CALENDARS}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    def run(ticket: dict[str, Any], desk: dict[str, Any] | None = None, language: str = "en") -> Any:
        monkeypatch.setenv("POINTSMAN_LANGUAGE", language)
        for name, document in {"ticket": {"project": "desk", **ticket}, "desk": desk or {}}.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        given = [f"--{name}={tmp_path / f'{name}.json'}" for name in ("ticket", "desk")]
        code = main(["try", f"--rules={tmp_path}", *given, f"--now={NOW}"], WIRING)
        said = capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)

    return run


def assignee(plan: Any) -> list[str]:
    return [each["value"] for each in plan["decisions"] if each["slot"] == "assignee" and each["verdict"] == "apply"]


def test_each_candidate_has_rank_and_terms_or_what_speaks_against_them(attempt):
    plan = attempt({"title": "hello"}, {"load": {"ann": 2, "bo": 1.5}, "away": {"cem": "2026-03-04T02:00:00Z"}})
    ann, bo, cem = plan["candidates"]

    assert (ann["person"], ann["eligible"], ann["rank"], ann["against"]) == ("ann", True, 1, [])
    assert ann["terms"]["fewest_open"] == 2
    assert bo == {
        "person": "bo",
        "eligible": False,
        "against": [{"code": "full", "because": "has 1.5 of 2, and this takes 1"}],
        "terms": {},
        "rank": None,
    }
    assert cem["against"] == [{"code": "away", "because": "on leave until 2026-03-04 10:00 Asia/Shanghai"}]
    assert assignee(plan) == ["ann"]


def test_the_ticket_is_judged_as_the_plugins_before_leave_it(attempt):
    plan = attempt({"title": "all is down"}, {"load": {"ann": 1.5}})

    assert [(each["person"], [one["code"] for one in each["against"]]) for each in plan["candidates"]] == [
        ("cem", []),
        ("ann", ["full"]),
        ("bo", ["full"]),
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["has db at level 1, 2 is wanted", "does not work in zh"]),
        ("zh", ["db 等级为 1，需要 2", "不使用语言 zh"]),
    ],
)
def test_what_a_rule_needs_is_told_in_the_language_of_the_team(attempt, language, said):
    plan = attempt({"title": "db is slow"}, language=language)

    assert [one["because"] for one in plan["candidates"][1]["against"]] == said
    assert assignee(plan) == ["ann"]


def test_presence_before_the_deadline_is_told_as_a_length_of_time(attempt):
    nights = {"teams": ["frontline"], "calendar": "nights"}
    plan = attempt({"title": "hello"}, {"people": {"eve": nights}})

    assert plan["candidates"][0]["against"] == [
        {"code": "little_time", "because": "works 10m before it is due, 30m is wanted"}
    ]


def test_a_rule_that_names_the_assignee_leaves_no_choice(attempt):
    plan = attempt({"title": "the boss"})

    assert (plan["candidates"], assignee(plan)) == ([], ["bo"])


def test_without_assign_there_are_no_candidates(attempt, tmp_path):
    rules = "applies_to: {local: [desk]}\nplugins: [routing]\nrouting: [{id: a, team: frontline}]\n"
    (tmp_path / "support.yaml").write_text(rules, encoding="utf-8")

    assert "candidates" not in attempt({"title": "hello"})


def test_check_refuses_what_only_try_may_use_so_far(attempt, tmp_path, capsys):
    assert main(["check", f"--rules={tmp_path}"], WIRING) == 1
    assert "`assign` comes with the choice of an assignee" in capsys.readouterr().out
