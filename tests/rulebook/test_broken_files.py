"""However a rule file is broken, loading it gives rules or problems, and never another exception."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import Problem, RulesError

from .samples import CUSTOMERS, HEAD, NAMES, PEOPLE, book

TEAM = (
    HEAD
    + """\
mode: live
explain: note
release_on: [command]
lists:
  down: [宕机, outage]
priority:
  levels: {urgent: 60, low: 0}
  signals:
    - {id: a, when: {text: {contains_any: "@down"}, severity: "<= 2"}, score: 70, because: "Says {hits}"}
    - {id: b, when: {any: [{age: ">= 3d"}, {not: {labels: {has: x}}}]}, score: 1, disabled: {because: off duty}}
  overrides:
    - {id: c, when: {customer.tier: gold}, at_least: high}
routing:
  - {id: d, when: {component: pay, status: [new, open]}, team: cashiers, assignee: mia}
  - {id: e, team: helpers}
replies:
  - {id: f, on: [created, reopened], audience: public, once: every, say: {zh: "好 {requester.name}", en: hello}}
commands: {handle: desk, allow: {priority: [supervisor, mia]}, language: zh}
language: {candidates: [zh, en]}
vip: {domains: [a.example]}
"""
)
TRACKERS = "eu: {kind: gitlab, url: https://eu.example, token: {env: T}, public_comments: all}\n"
CALENDARS = "c: {tz: UTC, week: {mon-fri: ['09:00-12:00']}, dates: {2026-12-25: []}}\n"
FILES = {
    "team": TEAM,
    "_names": NAMES,
    "_people": PEOPLE,
    "_customers": CUSTOMERS,
    "_trackers": TRACKERS,
    "_calendars": CALENDARS,
}
# What stands in for a piece of the file: other types, other shapes, nothing.
PIECES = ["", "~", "7", "-1.5", "true", "[]", "{}", "[[]]", "{a: b}", "x", '""', '"@down"', "@", "no", "17:00"]
PIECES += ["&a", "*a", ":", "- "]

WORDS = re.compile(r"[\w.@>=<\"']+|[\[{][^\[\]{}]*[\]}]")


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_broken_file_is_refused_and_never_crashes(data):
    name = data.draw(st.sampled_from(sorted(FILES)), label="file")
    text = FILES[name]
    for _ in range(data.draw(st.integers(1, 3))):
        start, end = data.draw(st.sampled_from([found.span() for found in WORDS.finditer(text)] or [(0, 0)]))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    with tempfile.TemporaryDirectory() as folder:
        found = refused(Path(folder), {**FILES, name: text})
    assert all(problem.line >= 1 and problem.column >= 1 and problem.text for problem in found)


def refused(folder: Path, files: dict[str, str]) -> tuple[Problem, ...]:
    try:
        book(folder, env={"T": "t"}, **files)
    except RulesError as error:
        return error.problems
    return ()


def test_the_unbroken_files_load(tmp_path):
    assert book(tmp_path, env={"T": "t"}, **FILES).files[0].name == "team"
