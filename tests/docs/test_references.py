"""Links lead somewhere, and whatever people look up is complete: log events, warnings, the plugin API, decisions."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

import app
import connector
from connector.engine import clean_up, health, notices, planning
from connector.settings import Settings
from connector.store import retention
from plugins import commands

from .pages import PAGES, ROOT, quoted, rows, section, text_of

OPERATION = text_of("docs/operations.md")
SOURCES = sorted([*(ROOT / "connector").rglob("*.py"), *(ROOT / "plugins").glob("*.py"), ROOT / "app.py"])
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def anchors(page: Path) -> set[str]:
    """The names that headings get in the pages of Git hosts."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    without_code = re.sub(r"```.*?```|`[^`\n]*`(?!\])", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", without_code)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: no such file"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


def test_every_page_can_be_reached_from_the_readme():
    met, open_ = set(), [ROOT / "README.md"]
    while open_:
        page = open_.pop()
        if page in met or page.suffix != ".md":
            continue
        met.add(page)
        for link in links(page):
            if "://" not in link:
                target = (page.parent / link.partition("#")[0]).resolve()
                open_.append(target / "README.md" if target.is_dir() else target)
    assert set(PAGES) - met == set()


def logged() -> set[str]:
    """The first argument of every call of a logger; it must be a plain name."""
    names = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "_log", "logger")):
                continue
            said = node.args[1] if node.func.attr == "log" else node.args[0]
            assert isinstance(said, ast.Constant), f"{path}:{node.lineno} logs prose"
            names.add(said.value)
    return names


def test_every_event_of_the_log_is_explained_and_no_other():
    assert {name for cells in rows(section(OPERATION, "## Logs")) for name in quoted(cells[0])} == logged()


@pytest.mark.parametrize("name", sorted(logged()))
def test_an_event_of_the_log_is_a_name_and_no_sentence(name: str):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)


def test_every_code_of_readyz_is_explained_and_no_other():
    source = text_of("connector/engine/health.py")
    codes = set(re.findall(r'Remark\(\s*"(\w+)"', source))
    for path in SOURCES:
        codes |= set(re.findall(r'notice\(\s*[\w.]+,\s*"(\w+)"', path.read_text(encoding="utf-8")))
    assert {quoted(cells[0])[0] for cells in rows(section(OPERATION, "## What to watch"))} == codes


def test_every_name_that_a_plugin_may_import_that_does_something_is_shown():
    page = text_of("docs/plugins/writing.md")
    functions = [name for name in connector.__all__ if name[0].islower()]
    assert {"render", "choose", "neutral", "reason", "nearest", "own_words", "plain_words", "orders_in"} <= set(
        functions
    )
    for name in functions:
        assert re.search(rf"\b{name}\(|@{name}\b", page), name


def test_every_command_of_a_comment_is_explained():
    page = text_of("docs/plugins/commands.md")
    shown = {re.split(r"\s+", code)[1] for cells in rows(page) for code in quoted(cells[0]) if code.startswith("@")}
    assert shown == set(commands.VERBS)


def test_every_built_in_plugin_has_a_page_and_a_test():
    for path in (ROOT / "plugins").glob("[a-z]*.py"):
        assert (ROOT / "docs" / "plugins" / f"{path.stem}.md").exists(), path.stem
        assert (ROOT / "tests" / "plugins" / f"test_{path.stem}.py").exists(), path.stem


def test_every_decision_is_listed_in_order():
    pages = sorted(p.name for p in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text_of("docs/decisions/README.md")) == pages
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    for name in pages:
        title = text_of(f"docs/decisions/{name}").splitlines()[0].removeprefix("# ")
        assert title in text_of("docs/decisions/README.md")


def test_every_part_of_the_house_has_its_place_on_the_plan():
    plan = "\n".join("|".join(cells) for cells in rows(section(text_of("docs/developing.md"), "## The house")))
    for path in sorted((ROOT / "connector").iterdir()):
        if path.suffix == ".py" or (path / "__init__.py").exists():
            assert path.name in plan, path.name


def test_the_plan_of_the_house_names_nothing_that_is_gone():
    table = rows(section(text_of("docs/developing.md"), "## The house"))
    for code in (code for cells in table for code in quoted(cells[0])):
        if code.startswith("tests"):
            assert all((ROOT / name).exists() for name in code.split()), code
            continue
        folder, _, names = code.partition("/")
        for name in names.split() or [folder]:
            assert (ROOT / folder / name if names else ROOT / name).exists(), code


def test_the_numbers_of_the_operation_page_are_those_of_the_code():
    engine = text_of("connector/store/database.py").partition("def _postgres_engine")[2]
    kept, more = (int(re.search(rf"{name}=(\d+)", engine)[1]) for name in ("pool_size", "max_overflow"))
    assert f"keeps up to {kept} more; under load it opens up to {kept + more}" in OPERATION
    assert {"gone": timedelta(days=1), "held": timedelta(hours=1)} == notices.KEPT
    assert "`gone` stands for a day, `held` for an hour" in OPERATION
    assert f"the newest {notices.MOST_SHOWN} of each" in OPERATION
    assert f"after `KEEP_EVENTS`, {Settings().keep_events.days} days" in OPERATION
    assert f"after `KEEP_PLANS`, {Settings().keep_plans.days} days" in OPERATION
    assert f"the newest {retention.NEWEST} plans of each ticket" in OPERATION
    assert f"after {clean_up.FORGET_AFTER.days} days" in OPERATION
    assert f"every {app.CLEAN_EVERY.seconds // 60} minutes" in OPERATION
    assert f"up to {clean_up.MOST_BATCHES * 500:,} events" in OPERATION
    assert f"more than {planning.BUDGET} times within an hour" in OPERATION
    assert f"older than {health.OLD.seconds // 60} minutes" in OPERATION
