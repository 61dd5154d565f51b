"""Whatever the pages show runs: rules load, JSON parses, commands exist and print what is shown."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import shlex
from pathlib import Path

import pytest

import connector
from app import WIRING
from connector.cli import main
from connector.model import Verdict
from connector.rulebook import load
from connector.rulebook.sections import SECTIONS
from connector.settings import READERS, Settings
from connector.testing import a_ticket
from tests.rulebook.samples import BOTH, Catalog

from .pages import PAGES, ROOT, Block, blocks, quoted, rows, section, text_of

BLOCKS = [block for page in PAGES for block in blocks(page)]
HELP = ("render", "reason", "choose", "neutral", "own_words", "plain_words", "orders_in", "nearest")
ENV = {"GL_EU": "a", "GL_EU_HOOK": "b", "J": "c", "JH": "d"}
CLI = text_of("docs/command-line.md")
TARGETS = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))


def of_kind(kind: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind == kind]


def run(*arguments: str) -> tuple[int, str]:
    """The command's exit code and what it printed, errors included."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main(arguments, WIRING)
        except SystemExit as end:
            code = int(end.code or 0)
    return code, said.getvalue()


def help_of(command: str) -> str:
    code, said = run(command, "--help")
    assert code == 0
    return said


COMMANDS = re.findall(r"^    ([a-z]+) ", run("--help")[1], re.MULTILINE)


def test_no_fence_is_left_open():
    for page in PAGES:
        assert page.read_text(encoding="utf-8").count("```") == 2 * len(blocks(page)), page


@pytest.mark.parametrize("block", of_kind("json"), ids=str)
def test_json_parses(block: Block):
    assert json.loads(block.text)


@pytest.mark.parametrize("block", of_kind("python"), ids=str)
def test_python_compiles(block: Block):
    assert ast.parse(block.text).body


def test_the_help_for_plugin_authors_can_be_called_as_shown():
    ticket = a_ticket(requester="dana@x.example", body="It broke\n> quoted")
    names = {**vars(connector), "ticket": ticket, "rule": {"because": ""}}
    calls = re.findall(rf"`((?:{'|'.join(HELP)})\(.*?\))`", text_of("docs/plugins/writing.md"))
    said = {call.partition("(")[0]: eval(call, names) for call in calls}
    assert set(said) == set(HELP)
    assert said["choose"] == ("en", "Hello")
    assert (said["reason"], said["nearest"], said["own_words"]) == ("rule night", "high", "It broke")
    assert said["orders_in"] == (connector.Order("escalate", "now"),)


# Rules.


def load_folder(folder: Path, files: dict[str, str]):
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load(folder, Catalog(plugins=tuple(SECTIONS)), env=ENV, defaults=BOTH)


def test_the_rules_of_the_readme_load(tmp_path: Path):
    (example,) = [b for b in blocks(ROOT / "README.md") if b.kind == "yaml"]
    names = 'team: {frontline: {}, payments-cn: {}}\nfields: {component: {jira: component, gitlab: "component::*"}}\n'
    customers = '- {match: "*@x.example", tier: gold}\n'
    files = {
        "support.yaml": example.text,
        "_names.yaml": names,
        "_customers.yaml": customers,
        "_calendars.yaml": 'cn-office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}\n',
        "_people.yaml": "people: {bo: {teams: [frontline]}}\nteams: {frontline: {lead: bo}}\n",
    }
    book = load_folder(tmp_path, files)
    assert book.file_for("jira", "SUP").mode == "shadow"
    assert book.file_for("gitlab", "acme/support").plugins == (
        *("customers", "language", "priority", "routing", "sla", "escalation", "replies", "commands"),
    )


def test_the_connections_of_the_page_load(tmp_path: Path):
    (example,) = [b for b in blocks(ROOT / "docs" / "connecting.md") if b.kind == "yaml"]
    found = load_folder(tmp_path, {"_trackers.yaml": example.text}).connections
    assert found["gitlab-eu"].secrets == ("b",)
    assert (found["help"].flavor, found["help"].options["internal_visibility"]) == ("dc", "role Developers")


def test_every_key_of_a_connection_is_explained():
    table = section(text_of("docs/connecting.md"), "## More than one")
    shown = {name for cells in rows(table) for name in quoted(cells[0])}
    source = text_of("connector/rulebook/connections.py")
    assert shown == set(re.findall(r'^            "(\w+)": ', source, re.MULTILINE))


# Commands.


def shell_lines() -> list[tuple[str, list[str]]]:
    """Every line of an example without a language, split into words, comments left out."""
    found = []
    for block in of_kind(""):
        for line in block.text.splitlines():
            with contextlib.suppress(ValueError):
                found.append((str(block), shlex.split(line, comments=True)))
    return found


def invocations() -> list[tuple[str, list[str]]]:
    """Every `pointsman …` that stands anywhere: in examples and within sentences."""
    inline = [
        (str(page.relative_to(ROOT)), shlex.split(code.replace("'K: V'", "K")))
        for page in PAGES
        for code in re.findall(
            r"`((?:\.venv/bin/)?pointsman [a-z][^`]*|serve --[^`]*)`", page.read_text(encoding="utf-8")
        )
    ]
    found = []
    for where, words in [*shell_lines(), *inline]:
        while words and re.match(r"[A-Z_]+=", words[0]):
            words = words[1:]
        if words and words[0].rpartition("/")[2] in ("pointsman", "serve"):
            found.append((where, words[1:] if words[0] != "serve" else words))
    return found


def test_there_are_commands_to_check():
    assert len(invocations()) > 20


@pytest.mark.parametrize(
    ("where", "words"), invocations(), ids=lambda given: given if isinstance(given, str) else "-"
)
def test_a_command_that_is_named_exists_with_its_options(where: str, words: list[str]):
    assert words[0] in COMMANDS, f"{where}: {words}"
    known = help_of(words[0])
    for option in [word for word in words[1:] if word.startswith("--")]:
        assert option in known, f"{where}: `{words[0]}` has no option {option}"


def test_every_make_target_that_is_named_exists():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"(?:`|^)(?:[A-Z_]+=\S+ )?make ([a-z]+)", text, re.MULTILINE))
    assert {"run", "test", "install"} <= named
    assert named <= TARGETS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_its_place_on_the_page(command: str):
    assert f"| `pointsman {command}" in CLI
    for option in set(re.findall(r"--[a-z]+", help_of(command))) - {"--help"}:
        assert option in CLI, f"{command} {option}"


def test_the_readme_names_every_command():
    (line,) = re.findall(r"`(serve worker [a-z ]+)`", text_of("README.md"))
    assert set(line.split()) == set(COMMANDS)


def test_every_verdict_is_explained():
    assert [quoted(cells[0])[0] for cells in rows(section(CLI, "## try"))] == [verdict.value for verdict in Verdict]


def json_below(heading: str) -> list[str]:
    return re.findall(r"```json\n(.*?)```", section(CLI, heading), re.DOTALL)


def test_try_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    given, wanted = json_below("## try")
    (tmp_path / "ticket.json").write_text(given, encoding="utf-8")
    ticket = str(tmp_path / "ticket.json")
    code, said = run("try", "--rules", "rules", "--ticket", ticket, "--now", "2026-03-02T09:00:00Z")
    assert code == 0, said
    printed = json.loads(said)
    printed["decisions"] = [each for each in printed["decisions"] if each["plugin"] != "sla"]
    printed["facts"] = {name: value for name, value in printed["facts"].items() if not name.startswith("sla.")}
    assert printed == json.loads(wanted)


def test_read_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    given, wanted = json_below("## read")
    (tmp_path / "body.json").write_text(given, encoding="utf-8")
    code, said = run("read", "gitlab", str(tmp_path / "body.json"), "--header", "X-Gitlab-Event: Issue Hook")
    assert code == 0, said
    assert json.loads(said) == json.loads(wanted)


# Settings.


def test_the_table_of_settings_has_every_setting_and_no_other():
    table = rows(section(text_of("docs/running.md"), "## Settings"))
    assert sorted(name for cells in table for name in quoted(cells[0])) == sorted(name.upper() for name in READERS)


@pytest.mark.parametrize(
    "cells", rows(section(text_of("docs/running.md"), "## Settings")), ids=lambda cells: cells[0]
)
def test_a_default_on_the_page_is_the_default(cells: list[str]):
    names, shown = [name.lower() for name in quoted(cells[0])], quoted(cells[1])
    plain = [name for name in names if getattr(Settings(), name) not in ("", (), None)]
    if cells[1] in ("none", "made in `DATA_DIR`", "SQLite in `DATA_DIR`"):
        assert plain == []
        return
    assert len(shown) == len(plain), cells
    for name, text in zip(plain, shown, strict=True):
        assert READERS[name](text) == getattr(Settings(), name), name


def test_a_setting_that_is_named_anywhere_exists():
    for page in [*PAGES, ROOT / "compose.yaml", ROOT / "Dockerfile"]:
        for name in re.findall(r"POINTSMAN_([A-Z_]+)", page.read_text(encoding="utf-8")):
            assert name.lower() in READERS, f"{page.name}: POINTSMAN_{name}"
