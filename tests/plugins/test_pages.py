"""Every example in the pages of the built-in plugins comes out as written, loaded and asked as the service does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from connector import SetFact
from connector.core.durations import parse_duration
from connector.core.explain import decision_json
from connector.model import Event, FieldChange, Ticket, Verdict
from connector.plan import Decision
from connector.plugins_host import PluginHost
from connector.rulebook import load
from connector.testing import a_ticket, an_event
from connector.testing.values import NOW
from plugins import commands, customers, escalation, language, priority, replies, routing, sla

from .pages import BUILT_IN, Example, examples

PLUGINS = Path(__file__).parents[2] / "plugins"
NAMES = """
team: {payments-cn: {}, security: {}, frontline: {}}
fields: {component: {jira: component, gitlab: "component::*"}}
"""
CALENDARS = 'cn-office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}\n'
PEOPLE = """
people:
  ann: {name: Ann Li, teams: [frontline]}
  bo: {name: Bo, teams: [security], role: supervisor}
  cleo: {name: Cleo, teams: [security]}
teams: {frontline: {lead: bo}}
notify: {duty: {url: "json://duty.example"}}
"""


@pytest.fixture(scope="module")
def host():
    language._model.begin().result(60)
    host = PluginHost(PLUGINS, entry_points=False)
    yield host
    host.close()


def _loaded(folder: Path, host: PluginHost, page: str, rules: str) -> Any:
    files = {"_names.yaml": NAMES, "_people.yaml": PEOPLE, "_calendars.yaml": CALENDARS}
    listed = {"escalation": "sla, escalation"}.get(page, page)
    head = f"version: 1\napplies_to: {{local: [desk]}}\nmode: live\nplugins: [{listed}]\n"
    files |= {"_customers.yaml": rules, "team.yaml": head} if page == "customers" else {"team.yaml": head + rules}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load(folder, host, env={})


def _event(changes: Sequence[dict[str, Any]] = (), **given: Any) -> Event:
    return an_event(**given, changes=tuple(FieldChange(**change, at=NOW) for change in changes))


def _ticket(age: str = "0m", **given: Any) -> Ticket:
    return a_ticket(**given, created=NOW - parse_duration(age))


def _given(decisions: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The decisions, cut to the keys that the page shows."""
    return [{key: row[key] for key in shown} for row, shown in zip(decisions, wanted, strict=True)]


@pytest.mark.parametrize("example", [e for page in BUILT_IN for e in examples(page)], ids=lambda e: f"{e.page}-{e}")
def test_a_page_says_what_the_plugin_does(example: Example, host: PluginHost, tmp_path: Path):
    book = _loaded(tmp_path, host, example.page, example.rules)
    event = _event(**example.given.get("event", {}))
    ticket = replace(_ticket(**example.given.get("ticket", {})), event=event, as_of=NOW)
    file = book.file_for("local", "desk")
    changes = host.propose(
        example.page, event=event, ticket=ticket, desk=book.desk, rules=file.sections[example.page], now=NOW
    )
    wanted = example.given["gives"]
    # A page that is about other things leaves its facts out.
    told = any(row.get("slot", "").startswith("fact:") or row.get("change") == "SetFact" for row in wanted)
    hidden = () if told or example.page not in ("sla", "escalation") else SetFact
    shown = [change for change in changes if not isinstance(change, hidden)]
    decisions = [decision_json(Decision(example.page, change, Verdict.APPLY), {}) for change in shown]
    assert len(decisions) == len(wanted), decisions
    assert _given(decisions, wanted) == wanted


@pytest.mark.parametrize("page", BUILT_IN)
def test_every_page_has_examples(page: str):
    assert len(examples(page)) >= 3


@pytest.mark.parametrize("plugin", [commands, customers, escalation, language, priority, replies, routing, sla])
def test_the_help_of_a_plugin_shows_how_it_is_listed(plugin: ModuleType, host: PluginHost, tmp_path: Path):
    name = plugin.__name__.rpartition(".")[2]
    blocks = [block for block in (plugin.__doc__ or "").split("\n\n") if block.startswith(f"    {name}:")]
    if name == "customers":
        assert "plugins: [customers]" in (plugin.__doc__ or "")
        return
    section = "\n".join(line.removeprefix("    ") for line in blocks[0].splitlines())
    assert _loaded(tmp_path, host, name, section + "\n").file_for("local", "desk").sections[name]
