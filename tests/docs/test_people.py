"""The page on people has every key and every code, and its examples load and come out as shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import WIRING
from connector.cli import main
from connector.core.assigning import DEFAULTS
from connector.core.candidates import Code, Method, Prefer
from connector.rulebook.agents import person
from tests.rulebook.samples import book

from .pages import ROOT, blocks, quoted, rows, section, text_of

PAGE = text_of("docs/people.md")
ROUTING = text_of("docs/plugins/routing.md")
LEAVE = "BEGIN:VCALENDAR\nEND:VCALENDAR\n"
CALENDARS = 'cn-office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}\n'


def shown(kind: str) -> list[str]:
    return [block.text for block in blocks(ROOT / "docs" / "people.md") if block.kind == kind]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "_people.yaml").write_text(shown("yaml")[0], encoding="utf-8")
    (tmp_path / "_calendars.yaml").write_text(CALENDARS, encoding="utf-8")
    for name in ("ann.ics", "nights.ics"):
        (tmp_path / name).write_text(LEAVE, encoding="utf-8")
    return tmp_path


def test_every_key_of_a_person_is_explained_and_shown(folder):
    keys = {name for cells in rows(PAGE.partition("\n## ")[0]) for name in quoted(cells[0])}

    assert keys == set(person((), {}).keys)
    assert all(f"{key}:" in shown("yaml")[0] for key in keys)
    assert set(book(folder).desk.people) == {"ann", "bo", "chen"}


def test_every_reason_against_somebody_is_explained():
    codes = [name for cells in rows(section(PAGE, "## Who may take a ticket")) for name in quoted(cells[0])]

    assert codes == [code.value for code in Code]


def test_the_desk_file_gives_the_candidates_that_stand_below(folder, capsys):
    desk, wanted = shown("json")
    team = "applies_to: {local: [desk]}\nplugins: [routing]\nrouting: [{id: a, team: frontline}]\nassign: {}\n"
    (folder / "team.yaml").write_text(team, encoding="utf-8")
    (folder / "desk.json").write_text(desk, encoding="utf-8")
    (folder / "ticket.json").write_text('{"project": "desk"}', encoding="utf-8")
    files = [f"--{name}={folder / f'{name}.json'}" for name in ("desk", "ticket")]

    assert main(["try", f"--rules={folder}", *files, "--now=2026-03-02T03:00:00Z"], WIRING) == 0
    assert json.loads(capsys.readouterr().out)["candidates"] == json.loads(wanted)


def test_the_example_of_assign_loads_and_every_key_and_word_is_explained(folder):
    (example,) = [b.text for b in blocks(ROOT / "docs" / "plugins" / "routing.md") if b.kind == "text"]
    people = "people:\n  li: {teams: [payments-cn, frontline], skills: {payments: 2}}\n"
    head = "applies_to: {local: [desk]}\nplugins: [routing, replies]\n"
    reply = 'replies: [{id: no-agent, on: assign_failed, say: {en: "Nobody is free."}}]\n'
    found = book(folder, assigns=True, team=head + example + reply, _people=people).files[0].sections["routing"]
    table = {quoted(cells[0])[0]: cells for cells in rows(section(ROUTING, "## Assign"))}

    assert set(found["assign"]) == set(table) == {*DEFAULTS, "if_nobody"}
    assert set(Method) <= set(quoted(table["method"][1]))
    assert [word for each in quoted(table["prefer"][1]) for word in each.split()] == list(Prefer)
