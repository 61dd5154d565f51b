"""The quick starts lead where they say, at each tracker: every command in order, and what is shown of its answer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.setting_up import SettingUp, setting_up

from .pages import ROOT, Block, blocks

PAGES = {"gitlab": "gitlab", "jira-cloud": "cloud", "jira-data-center": "dc"}

ANY = re.compile(r"plan \d+, \d{4}-\d\d-\d\dT[\d:.]+Z|\b(written|already so)$", re.MULTILINE)
"""What differs from run to run. Reconcile may come first and write what the backfill then finds written already."""


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def desk(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SettingUp]:
    with setting_up(PAGES[page], tmp_path, monkeypatch) as desk:
        yield desk


def examples(page: str) -> list[Block]:
    return blocks(ROOT / "docs" / "quickstart" / f"{page}.md")


def rule_file(page: str) -> str:
    (name,) = set(re.findall(r"Change one line of `rules/([\w-]+\.yaml)`", _text(page)))
    return name


def _text(page: str) -> str:
    return (ROOT / "docs" / "quickstart" / f"{page}.md").read_text(encoding="utf-8")


def commands(page: str) -> list[tuple[list[str], list[str]]]:
    """Each `pointsman …` that ends by itself, and the lines that are shown of its answer."""
    found: list[tuple[list[str], list[str]]] = []
    for block in examples(page):
        words = shlex.split(block.text) if block.kind == "" else []
        if words and words[0] == "pointsman":
            found.append((words[1:], []))
        elif block.kind == "text":
            found[-1][1].extend(block.text.splitlines())
    return found


def in_order(lines: list[str], said: str) -> None:
    """Each of `lines` is said, after the one before; what is `ANY` is any."""
    lines, said, at = [ANY.sub("…", line) for line in lines], ANY.sub("…", said), 0
    for line in lines:
        assert line in said[at:], f"{line}\nis not said, or not in this place:\n{said}"
        at = said.index(line, at) + len(line)


def test_the_page_leads_from_nothing_to_a_written_decision(page: str, desk: SettingUp):
    (setup, shown), (why, reasons), (check, nothing), (backfill, report) = commands(page)
    assert (setup[0], why[0], check, nothing, backfill[0]) == ("setup", "why", ["check"], [], "backfill")
    told = dict(zip(setup[2::2], setup[3::2], strict=True))
    given = desk.arguments()
    assert (setup[1], told["--project"]) == (given[0], desk.project)
    assert set(told) == {word for word in given if word.startswith("--")}

    done = desk.run("--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    in_order([line.replace(told["--public-url"], desk.public_url) for line in shown], done.stdout)

    in_order(reasons, desk.command(*why).stdout)

    file, changes = desk.place / "rules" / rule_file(page), len(desk.changes)
    (live,) = [block.text.strip() for block in examples(page) if block.kind == "yaml"]
    file.write_text(file.read_text(encoding="utf-8").replace("mode: shadow", live), encoding="utf-8")
    assert desk.command(*check).returncode == 0

    done = desk.command(*backfill, "--yes")
    assert done.returncode == 0, done.stderr
    in_order(report, done.stdout)
    assert any(call.startswith("PUT ") for call in desk.changes[changes:]), "live is written at the tracker"


def test_the_setting_that_holds_the_token_is_the_one_that_setup_reads(page: str, desk: SettingUp):
    (line,) = [block.text.strip() for block in examples(page) if "TOKEN=" in block.text and "serve" not in block.text]
    assert line.partition("=")[0] == f"POINTSMAN_{desk.kind.upper()}_TOKEN"
