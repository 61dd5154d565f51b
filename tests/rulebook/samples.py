"""Rule files for tests, and a catalog of plugins that says what it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector import Fact, FactType
from connector.errors import PluginError, RulesError
from connector.frozen import EMPTY
from connector.rulebook import Rulebook, load
from connector.rulebook.later import ASSIGNS
from connector.words import Connection
from plugins import sla

BUILT_IN = ("customers", "language", "priority", "routing", "sla", "escalation", "replies", "commands")
GITLAB = Connection("gitlab", "gitlab", "https://gitlab.example")
JIRA = Connection("jira", "jira", "https://jira.example")
BOTH = {"gitlab": GITLAB, "jira": JIRA}

HEAD = "applies_to: {local: [desk]}\nplugins: [customers, language, priority, routing, replies, commands, vip]\n"

NAMES = """\
priority:
  urgent: {jira: Highest, gitlab: "prio::1"}
  high: {jira: High, gitlab: "prio::2"}
  normal: {jira: Medium, gitlab: "prio::3"}
  low: {jira: Low, gitlab: "prio::4"}
team:
  helpers: {jira: component Helpers, gitlab: "team::helpers"}
  cashiers: {jira: label team-cash, gitlab: "team::cash"}
status:
  new: {jira: [To Do, Backlog]}
  open: {jira: In Progress, gitlab: opened}
  pending: {jira: Waiting, gitlab: "status::waiting"}
  done: {jira: [Done, Closed], gitlab: closed}
  triaged: {jira: Triaged, gitlab: "status::triaged"}
fields:
  environment: {jira: 'field "Environment"', gitlab: "env::*"}
  component: {jira: component, gitlab: "component::*"}
"""

PEOPLE = """\
people:
  mia: {name: Mia Ode, ids: {gitlab: [mia], jira: [mia@desk.example]}, teams: [helpers]}
  tom: {name: Tom, ids: {jira: tom}, teams: [helpers, lawyers], role: supervisor}
"""

CUSTOMERS = """\
- {match: "*@mill.example", tier: gold, seats: 40}
- {match: "boss@mill.example", tier: platinum, seats: 1}
"""


@dataclass
class Catalog:
    """Plugins by name; `facts_by`, `sentences` and `broken` say what each declares, finds wrong, or suffers from."""

    plugins: tuple[str, ...] = (*BUILT_IN, "vip")
    facts_by: Mapping[str, tuple[Fact, ...]] = field(
        default_factory=lambda: {
            "language": (Fact("language"),),
            "customers": (Fact("customer.tier"), Fact("customer.seats", FactType.NUMBER)),
            "sla": tuple(sla.facts()),
            "vip": (Fact("vip.level", values=("red", "black")),),
        }
    )
    sentences: Mapping[str, tuple[str, ...]] = EMPTY
    broken: Mapping[str, str] = EMPTY
    asked: dict[str, Any] = field(default_factory=dict)

    def names(self) -> frozenset[str]:
        return frozenset(self.plugins)

    def facts(self, name: str) -> tuple[Fact, ...]:
        return self.facts_by.get(name, ())

    def check_rules(self, name: str, section: Any) -> tuple[str, ...]:
        self.asked[name] = section
        if name in self.sentences and self.sentences[name] == ("raise",):
            raise PluginError(name, "check_rules", "KeyError: 'domains'")
        return self.sentences.get(name, ())

    def problem(self, name: str) -> str | None:
        return self.broken.get(name)


def write(folder: Path, **files: str) -> Path:
    """`folder` with the given files; `team` stands for `team.yaml`, `_customers_csv` for `_customers.csv`."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / (name.replace("_csv", ".csv") if name.endswith("_csv") else f"{name}.yaml")
        path.write_text(text, encoding="utf-8")
    return folder


def book(
    folder: Path,
    catalog: Catalog | None = None,
    env: Mapping[str, str] = EMPTY,
    *,
    assigns: bool = ASSIGNS,
    **files: str,
) -> Rulebook:
    """The rulebook of these files."""
    return load(write(folder, **files), catalog or Catalog(), env=env, defaults=BOTH, assigns=assigns)


def problems(
    folder: Path,
    catalog: Catalog | None = None,
    env: Mapping[str, str] = EMPTY,
    *,
    assigns: bool = ASSIGNS,
    **files: str,
) -> list[str]:
    """What is refused about these files, without the folder's name; empty if nothing is."""
    try:
        book(folder, catalog, env, assigns=assigns, **files)
    except RulesError as error:
        return [str(problem).removeprefix(f"{folder.as_posix()}/") for problem in error.problems]
    return []


def warnings(folder: Path, catalog: Catalog | None = None, *, assigns: bool = ASSIGNS, **files: str) -> list[str]:
    """What is only warned about."""
    found = book(folder, catalog, EMPTY, assigns=assigns, **files).warnings
    return [str(warning).removeprefix(f"{folder.as_posix()}/") for warning in found]
