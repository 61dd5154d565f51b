"""The installation as the pages ask for it, in memory: a rule book, plugins, connections, settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connector.core.rule_told import RuleGroup, RuleLine, SectionWords
from connector.engine.book import BookWords, FileWords
from connector.engine.checking import Checked
from connector.engine.connections import ConnectionWords, Served
from connector.engine.installation import About, setting_groups
from connector.engine.plugin_words import AskedBy, InProcess, PluginWords
from connector.engine.presence import Process
from connector.plugins_host import Condition
from connector.settings import Settings

THEN = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


def a_process(**more: Any) -> Process:
    given = {"id": "alpha/7", "host": "alpha", "pid": 7, "role": "all", "started": THEN, "seen": THEN}
    return Process(**{**given, "version": "1.2", **more})


def a_file(**more: Any) -> FileWords:
    line = RuleLine("vip", "If the type is “x”, add 5 to the score.", "Says {hits}")
    section = SectionWords("priority", ("Scores add up.",), (RuleGroup("signals", (line,)),))
    given = {
        "name": "support",
        "path": "rules/support.yaml",
        "mode": "shadow",
        "projects": (("gitlab", ("acme/support",)),),
        "plugins": ("priority",),
        "sections": (section,),
        "lists": (("down", ("宕机", "outage")),),
        "note": True,
        "release_on": ("command",),
        "digest": "f" * 64,
        "lines": {("priority", "vip"): 2, ("priority", ""): 1},
    }
    return FileWords(**{**given, **more})


def a_book(**more: Any) -> BookWords:
    given = {
        "files": (a_file(),),
        "problems": (),
        "warnings": (),
        "since": THEN,
        "wrong_since": None,
        "folder": "rules",
        "digest": "d" * 64,
        "people": (),
        "teams": (("frontline", 0),),
        "tables": (),
        "customers": 3,
    }
    return BookWords(**{**given, **more})


def a_plugin(name: str = "priority", condition: Condition | None = None, **more: Any) -> PluginWords:
    given = {
        "name": name,
        "origin": "built-in",
        "path": f"plugins/{name}.py",
        "digest": "a" * 64,
        "hooks": ("propose",),
        "facts": (),
        "help": f"What {name} does.\n\nMore of it.",
        "problem": "",
        "asked_by": (AskedBy("support", 1, 1),),
        "conditions": (InProcess(a_process(), condition),) if condition else (),
    }
    return PluginWords(**{**given, **more})


def a_connection(name: str = "gitlab", **more: Any) -> ConnectionWords:
    given = {
        "name": name,
        "kind": name,
        "url": f"https://{name}.example",
        "flavor": "",
        "user": "",
        "has_token": True,
        "has_secret": True,
        "options": (),
        "hook_address": f"https://desk.example/hooks/{name}",
        "served": (Served("acme/support", "support", "shadow"),),
        "trouble": "",
        "reached": True,
        "last_webhook": THEN,
        "reconciled": THEN,
    }
    return ConnectionWords(**{**given, **more})


class FakeInstallation:
    """What there is; `asked` and `checked` are what pages wanted done."""

    def __init__(self) -> None:
        self.book = a_book()
        self.text = "priority:\n  signals: [{id: vip, score: 5}]\n"
        self.plugins = [a_plugin()]
        self.connections = [a_connection()]
        self.missing: list[tuple[str, str]] = []
        self.settings = Settings()
        self.processes = (a_process(),)
        self.asked: list[str] = []
        self.checked: list[str] = []
        self.outcome = Checked.DONE

    def rule_file(self, name: str) -> tuple[FileWords, str] | None:
        return next(((file, self.text) for file in self.book.files if file.name == name), None)

    def ask_again(self, name: str) -> bool:
        self.asked.append(name)
        return any(each.quarantined for each in self.plugins if each.name == name)

    def check(self, name: str) -> Checked:
        self.checked.append(name)
        return self.outcome

    def about(self) -> About:
        where = {"data_dir": "/data", "rules_dir": "/rules", "plugins_dir": ""}
        versions = {"version": "1.2", "python": "3.12", "system": "Linux", "database": "SQLite"}
        schema = {"database_version": "3.45", "schema": "r1", "newest": "r1"}
        return About(**versions, **schema, **where, processes=self.processes)

    def flows(self) -> dict[str, Any]:
        """The fields of `Flows` that are about the installation."""
        return {
            "book": lambda language: self.book,
            "rule_file": self.rule_file,
            "plugins": lambda: self.plugins,
            "ask_again": self.ask_again,
            "connections": lambda: self.connections,
            "missing_connections": lambda: self.missing,
            "check": self.check,
            "setting_groups": lambda: setting_groups(self.settings),
            "about": self.about,
        }
