"""The page about the doctor: every code with its level, its groups, its numbers, and the JSON it prints."""

from __future__ import annotations

import json

from connector.cli.doctor import SIGNS
from connector.engine.doctor import CODES, EXAMINE_EVERY, GROUPS, findings, patient
from connector.engine.doctor.account_checks import SKEW, SOON
from connector.engine.doctor.findings import from_json
from connector.engine.doctor.kept import OLD
from connector.engine.doctor.watch import OF_WORDS, WORDS_EVERY

from .pages import ROOT, blocks, quoted, rows, section, text_of

PAGE = text_of("docs/doctor.md")


def test_every_code_is_explained_with_its_level_and_no_other():
    told = {quoted(cells[0])[0]: cells[1] for cells in rows(PAGE) if len(cells) == 4}
    assert told == {code: level.word for code, level in CODES.items()}


def test_every_sign_is_explained():
    intro = PAGE.partition("## As JSON")[0]
    assert {cells[0]: quoted(cells[1])[0] for cells in rows(intro)} == {s: level.word for level, s in SIGNS.items()}


def test_every_group_is_named():
    (line,) = [line for line in PAGE.splitlines() if line.startswith("`--only` takes")]
    assert set(GROUPS) <= set(quoted(line))


def test_the_json_shown_is_what_a_finding_prints():
    (example,) = [block for block in blocks(ROOT / "docs" / "doctor.md") if block.kind == "json"]
    (row,) = json.loads(example.text)["findings"]
    assert from_json(row).as_json() == row
    assert CODES[row["code"]].word == row["level"]
    assert set(row) == set(findings.Finding.__dataclass_fields__) - {"zh"}


def test_what_is_looked_at_less_often_is_what_stands_under_words_and_people():
    told = rows(section(PAGE, "## Words and people"))
    assert {quoted(cells[0])[0] for cells in told} == OF_WORDS
    assert f"every {WORDS_EVERY.seconds // 3600} hours" in section(PAGE, "## Without being asked")


def test_the_numbers_of_the_page_are_those_of_the_code():
    assert f"every {EXAMINE_EVERY.seconds // 60} minutes" in section(PAGE, "## Without being asked")
    assert f"longer than {patient.PATIENCE:.0f} seconds" in PAGE
    assert f"within {SOON.days} days" in PAGE
    assert SKEW.seconds == 60
    assert OLD.seconds == 3600
