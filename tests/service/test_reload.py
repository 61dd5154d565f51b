"""Rules and plugins change under a running service: mistakes, misbehaviour, and what goes on regardless."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connector.engine.why import plan_shown
from connector.store import Store

from .inside import wait_for
from .outside import Outside
from .test_cli import PEOPLE, TEN_MISTAKES

RULES = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [priority, %s routing]
priority:
  levels: {urgent: 50, high: 25, normal: 10, low: 0}
  signals:
    - {id: down, when: {title: {contains_any: [outage]}}, score: 50}
routing:
  - {id: rest, team: frontline}
"""
HEAD = '"""A plugin of the test."""\nimport os, sys, time\nfrom connector import AddLabel, hookimpl\n\n@hookimpl\n'
WELL = HEAD + 'def propose(ticket):\n    yield AddLabel("%s", because="it works")\n'
MISBEHAVIOUR = {
    "raises": HEAD + 'def propose(ticket):\n    raise ValueError("what the customer wrote")\n',
    "sleeps": HEAD + "def propose(ticket):\n    time.sleep(3600)\n",
    "loops": HEAD + "def propose(ticket):\n    while True:\n        pass\n",
    "returns rubbish": HEAD + 'def propose(ticket):\n    return ["urgent", 7, None]\n',
    "exits": HEAD + "def propose(ticket):\n    os._exit(3)\n",
    "asks for the way out": HEAD + "def propose(ticket):\n    sys.exit(3)\n",
}


class Bench:
    """A running service whose rules and drop-ins are at hand."""

    def __init__(self, folder: Path, patience: str = "0.5") -> None:
        self.rules, self.plugins = folder / "rules", folder / "plugins"
        self.rules.mkdir()
        self.plugins.mkdir()
        (self.rules / "_people.yaml").write_text(PEOPLE, encoding="utf-8")
        self.ask("")
        self.running = Outside(
            folder, RULES_DIR=self.rules, PLUGINS_DIR=self.plugins, PLUGIN_SECONDS=patience, RECONCILE_EVERY="1h"
        )

    def ask(self, names: str, more: str = "") -> None:
        """From now on the rules ask these plugins too, a list that ends in a comma."""
        self.write("support.yaml", RULES % names + more)

    def write(self, name: str, text: str) -> None:
        (self.rules / name).write_text(text, encoding="utf-8")

    def drop(self, name: str, text: str) -> None:
        (self.plugins / f"{name}.py").write_text(text, encoding="utf-8")

    def plan(self, title: str = "An outage of the shop") -> Mapping[str, Any]:
        """Type a ticket; the plan of its creation."""
        return self.plan_of(self.running.type(title))

    def plan_of(self, key: str) -> Mapping[str, Any]:
        return wait_for(lambda: self.plan_now(key), 30)  # type: ignore[no-any-return]

    def plan_now(self, key: str) -> Mapping[str, Any] | None:
        store = Store.open(f"sqlite:///{self.running.settings['DATA_DIR']}/pointsman.db", migrate=False)
        try:
            row = store.tickets.find("local", key)
            found = [plan_shown(plan) for plan in store.plans.of_ticket("local", row.id)] if row else []
            return next((p for p in found if p["event"]["kind"] == "created" and _carried(p)), None)
        finally:
            store.close()


def _carried(plan: Mapping[str, Any]) -> bool:
    return all(effect["state"] != "pending" for effect in plan["effects"])


def applied(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {d["slot"]: d["value"] for d in plan["decisions"] if d["verdict"] == "apply"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    with made.running:
        yield made


def test_ten_mistakes_leave_the_last_good_rules_in_force_until_they_are_mended(bench: Bench) -> None:
    assert applied(bench.plan()) == {"priority": "urgent", "team": "frontline"}

    bench.write("support.yaml", TEN_MISTAKES)
    said = wait_for(lambda: bench.running.warned("rules"))
    assert said.startswith("10 problems in the rule files, the last good rules are in force")
    assert "support.yaml:3:7" in said
    assert bench.running.ready()["ready"] is True
    assert applied(bench.plan()) == {"priority": "urgent", "team": "frontline"}

    bench.write("support.yaml", RULES.replace("score: 50", "score: 25") % "")
    wait_for(lambda: not bench.running.warned("rules"))
    assert applied(bench.plan()) == {"priority": "high", "team": "frontline"}


def test_a_plugin_that_is_dropped_in_is_asked_and_a_changed_one_too(bench: Bench) -> None:
    bench.ask("helper,")
    assert "helper" in wait_for(lambda: bench.running.warned("rules"))

    bench.drop("helper", WELL % "first")
    wait_for(lambda: not bench.running.warned("rules"))
    assert applied(bench.plan())["label:first"] is True

    bench.drop("helper", WELL % "second")
    wait_for(lambda: "label:second" in applied(bench.plan()))


def test_a_plugin_that_misbehaves_is_named_and_hurts_nobody(bench: Bench) -> None:
    for name, text in MISBEHAVIOUR.items():
        bench.drop("bad_" + name.replace(" ", "_"), text)
    names = " ".join(f"bad_{name.replace(' ', '_')}," for name in MISBEHAVIOUR)
    bench.ask(f"{names} good,")
    bench.drop("good", WELL % "good")
    wait_for(lambda: "label:good" in applied(bench.plan()))

    plan = bench.plan()

    assert applied(plan) == {"priority": "urgent", "team": "frontline", "label:good": True}
    assert {f["plugin"] for f in plan["failures"]} == {f"bad_{name.replace(' ', '_')}" for name in MISBEHAVIOUR}
    assert all(f["text"] for f in plan["failures"])
    logged = json.dumps(bench.running.logged)
    assert "what the customer wrote" not in logged


def test_the_door_answers_while_a_plugin_thinks(tmp_path: Path) -> None:
    asked, go = tmp_path / "asked", tmp_path / "go"
    thinks = f"""def propose(ticket):
    open({str(asked)!r}, "w").close()
    while not os.path.exists({str(go)!r}):
        time.sleep(0.01)
    yield AddLabel("thought", because="done")
"""
    bench = Bench(tmp_path, patience="60")
    with bench.running:
        bench.drop("thinker", HEAD + thinks)
        bench.ask("thinker,")
        wait_for(lambda: bench.running.type("A ticket before") and asked.exists())

        key = bench.running.type("An outage of the shop")

        assert bench.plan_now(key) is None, "it was decided before the plugin had thought"
        go.touch()
        assert applied(bench.plan_of(key))["label:thought"] is True


def test_a_plugin_that_hangs_is_quarantined_until_its_file_changes(bench: Bench) -> None:
    bench.drop("sleeper", MISBEHAVIOUR["sleeps"])
    bench.ask("sleeper,")
    wait_for(lambda: any(f["plugin"] == "sleeper" for f in bench.plan()["failures"]))
    said = wait_for(lambda: bench.running.warned("plugin"))
    assert "sleeper is quarantined" in said
    [failure] = bench.plan()["failures"]
    assert failure["plugin"] == "sleeper"

    bench.drop("sleeper", WELL % "awake")

    wait_for(lambda: "label:awake" in applied(bench.plan()))
    assert bench.running.warned("plugin") == ""
    assert list(bench.plan()["failures"]) == []


def test_a_plugin_that_cannot_be_loaded_is_named_and_the_rules_go_on_without_it(bench: Bench) -> None:
    bench.drop("broken", "import nothing_of_this_name\n")
    bench.ask("broken,")
    wait_for(lambda: "`broken` cannot be loaded" in bench.running.warned("rules_hint"))
    assert "broken.py:1 ModuleNotFoundError" in bench.running.warned("plugin")
    plan = bench.plan()
    assert applied(plan) == {"priority": "urgent", "team": "frontline"}
    assert [f["plugin"] for f in plan["failures"]] == ["broken"]
