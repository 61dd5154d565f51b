"""The page for plugin authors: its examples run, and its numbers are those of the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import connector
from connector import AddLabel, Change, Priority, SetFact, SetPriority
from connector.changes import CHANGES
from connector.core.conditions import compile_when
from connector.core.fields import Schema
from connector.frozen import FrozenDict, frozen
from connector.hooks import HOOKS
from connector.plugins_host import PluginHost, ask, child, health, lookups, process, sandbox, shape
from connector.testing import a_ticket

from .conftest import ask as asked

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "plugins"
PAGE = (FOLDER / "writing.md").read_text(encoding="utf-8")
EXAMPLES = {m[1]: m[2] for m in re.finditer(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL)}
PLUGINS = sorted(name for name in EXAMPLES if not name.startswith("test_"))


@pytest.fixture
def host(write, start, tmp_path) -> PluginHost:
    for name in PLUGINS:
        (tmp_path / "extra" / f"{name}.py").write_text(EXAMPLES[name], encoding="utf-8")
    (tmp_path / "extra" / "caretaker.py").write_text((FOLDER / "template.py").read_text(encoding="utf-8"))
    return start(seconds=5.0)


def test_every_example_is_a_plugin_that_loads(host):
    assert PLUGINS == ["crm", "escort", "once", "vip"]
    assert {info.name: info.problem for info in host.info()} == dict.fromkeys([*PLUGINS, "caretaker"])


def test_the_first_example_does_what_the_page_says(host):
    ticket = a_ticket(requester="dana@bigbank.example")
    (change,) = asked(host, "vip", ticket=ticket, rules=frozen({"domains": ["bigbank.example"]}))
    assert change == SetPriority(Priority.HIGH, because="bigbank.example is a VIP customer")
    assert host.check_rules("vip", None) == ("`domains` is empty: list at least one mail domain",)


def test_the_look_up_and_the_condition_do_what_the_page_says(host):
    contracts = frozen({"contracts": [{"domain": "x.example", "tier": "gold"}]})
    facts = host.enrich("crm", ticket=a_ticket(requester="dana@x.example"), rules=contracts)
    assert facts == (SetFact("customer.tier", "gold", because="CRM"),)
    rule = FrozenDict(when=compile_when({"text": {"contains_any": ["退款"]}}, Schema()), label="refund")
    (label,) = asked(host, "escort", ticket=a_ticket(title="我要退款"), rules=(rule,))
    assert label == AddLabel("refund", because="text says: 退款")


def test_the_template_works_in_the_service_as_in_its_test(host):
    rules = frozen([{"id": "bank", "domains": ["bigbank.example"], "label": "key-account"}])
    changes = asked(host, "caretaker", ticket=a_ticket(requester="dana@bigbank.example"), rules=rules)
    assert [change.slot for change in changes] == ["label:key-account", "priority"]
    assert host.check_rules("caretaker", rules) == ()
    assert host.check_rules("caretaker", None) == ("the section is a list of rules, each with an `id` and a `label`",)


def test_the_tests_that_authors_are_shown_pass(tmp_path):
    for name in ("vip", "test_vip"):
        (tmp_path / f"{name}.py").write_text(EXAMPLES[name], encoding="utf-8")
    for name in ("template.py", "test_template.py"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
    )
    assert "7 passed" in done.stdout, done.stdout + done.stderr


def test_every_hook_has_its_heading_with_its_arguments():
    headings = re.findall(r"^### (\w+)\((.*)\)$", PAGE, re.MULTILINE)
    assert {hook: tuple(filter(None, names.split(", "))) for hook, names in headings} == dict(HOOKS)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_is_shown_as_it_is_called(change: type[Change]):
    (call,) = re.findall(rf"`({change.__name__}\(.*?\))`(?! takes)", PAGE)[:1]
    names = {**vars(connector), "at": __import__("datetime").datetime(2026, 1, 1)}
    assert isinstance(eval(call, names), change)


def test_the_numbers_are_those_of_the_code():
    flat = " ".join(PAGE.split())
    assert f"{health.STRIKES} such failures of one hook in a row" in flat
    assert f"more than {ask.MOST_ANSWERS} changes, or a text of more than {shape.LONGEST:,} characters" in flat
    assert f"more than {child.MEMORY >> 30} GiB of memory" in flat
    assert f"loading may take {sandbox.LOAD_FACTOR} times the limit" in flat
    assert f"kept for {lookups.FRESH / 60:.0f} minutes" in flat
    assert lookups.STALE == 24 * 3600
    assert f"`{' '.join(process._INHERITED)}`" in flat
