"""The reference is what the code says today, and what it says of conditions can be asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import connector
from connector.cli import grammar
from connector.core.fields import BUILT_IN
from connector.hooks import HOOKS
from connector.metrics.names import ALL, SHOWN
from docs.reference import PAGES
from docs.reference.markdown import plain, rows_of, said_of, table

from .pages import ROOT, quoted, rows, section, text_of
from .test_examples import load_folder

FOLDER = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says_today(name: str):
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "write it anew with `make reference`"


def test_every_page_is_listed_and_no_other_lies_there():
    assert {path.name for path in FOLDER.glob("*.md")} == {*PAGES, "README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", text_of("docs/reference/README.md"))) == set(PAGES)


def test_every_argument_of_a_command_says_what_it_means():
    text = text_of("docs/reference/command-line.md")
    assert [cells for cells in rows(text) if not cells[1]] == []
    for name in re.findall(r"\{([a-z,]+)\}", grammar().format_usage()):
        assert section(text, f"## {name}")


def test_everything_a_plugin_may_import_has_its_place():
    page = text_of("docs/reference/plugin-api.md")
    for name in {*connector.__all__, *HOOKS}:
        assert re.search(rf"`@?{name}\b|^### {name}$", page, re.MULTILINE), name


def test_every_change_word_value_and_function_makes_a_claim():
    page = text_of("docs/reference/plugin-api.md")
    assert [
        cells for heading in ("## Changes", "## Words") for cells in rows(section(page, heading)) if not cells[-1]
    ] == []
    for heading in re.findall(r"^### (\w+)$", page, re.MULTILINE):
        assert re.match(r"\s*(`.*`\s+)?\S.*[.;:]", section(page, f"### {heading}")), heading


def test_every_field_has_a_row():
    page = section(text_of("docs/reference/conditions.md"), "## Fields")
    assert [quoted(cells[0])[0] for cells in rows(page)] == list(BUILT_IN)


EXAMPLE = {"word": "type", "number": "customer.seats", "set": "labels", "instant": "created", "duration": "age"}
TEXT = {"contains_any": "[a]", "contains_all": "[a, b]", "matches": '"a+"', "whole_words": "true, contains_any: [a]"}
SET = {"has": "a", "has_any": "[a]", "has_all": "[a, b]"}


def asked() -> list[str]:
    """One condition for each operator of each type, and each example of the page."""
    found = []
    for kind, how, operators in rows(section(text_of("docs/reference/conditions.md"), "## What may be asked")):
        field = EXAMPLE.get(quoted(kind)[0], "text" if "text" in kind else "")
        if not field:
            continue  # No field that is built in is a `bool`; facts of plugins are.
        found += [shown.replace("{name}", field) for shown in quoted(how) if "{name}" in shown]
        for name in quoted(operators):
            if name == ">= <= > <":
                value = {"number": "5", "instant": "2026-01-31", "duration": "3d"}[quoted(kind)[0]]
                found += [f'{field}: "{sign} {value}"' for sign in name.split()]
            else:
                value = {"empty": "true", "open": "24x7", **(TEXT if field == "text" else SET)}[name]
                found.append(f"{field}: {{{name}: {value}}}")
    return found


@pytest.mark.parametrize("line", asked())
def test_what_the_page_says_may_be_asked_may_be_asked(tmp_path: Path, line: str):
    rule = f"{{id: a, when: {{{line}}}, team: frontline}}"
    text = f"applies_to: {{gitlab: [a/b]}}\nplugins: [customers, routing]\nrouting:\n  - {rule}\n"
    book = load_folder(tmp_path, {"_names.yaml": "team: {frontline: {}}\n", "desk.yaml": text})
    assert book.file_for("gitlab", "a/b").mode == "shadow"


def test_every_metric_has_a_row_and_a_counter_ends_as_a_scraper_sees_it():
    names = [quoted(cells[0])[0] for cells in rows(text_of("docs/reference/metrics.md"))]
    assert [name.removesuffix("_total") for name in names] == [metric.name for metric in (*ALL, *SHOWN)]


def test_signs_of_markdown_in_a_docstring_mean_themselves():
    assert plain("a * b `c * d|e` <f>\n  g") == "a \\* b `c * d\\|e` \\<f\\> g"
    assert table(["a"], [["b"]]) == "| a |\n| --- |\n| b |\n"
    assert said_of(test_every_metric_has_a_row_and_a_counter_ends_as_a_scraper_sees_it) == ""
    assert rows_of("running.md")[0] == ["name", "default", "meaning"]
