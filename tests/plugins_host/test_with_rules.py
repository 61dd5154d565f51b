"""A third-party plugin and its section, from the rule file to the process it runs in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connector import AddLabel
from connector.errors import RulesError
from connector.plugins_host import BUILTIN, PluginHost
from connector.rulebook import load
from connector.testing import a_ticket

from .conftest import ask

ROOT = Path(__file__).parents[2]
SECTION = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [caretaker]
caretaker:
  - {id: night, when: {text: {contains_any: [宕机, outage]}}, label: night-watch}
"""


@pytest.fixture
def rules(tmp_path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "desk.yaml").write_text(SECTION, encoding="utf-8")
    return tmp_path / "rules"


@pytest.fixture
def host(start, tmp_path):
    shutil.copy(ROOT / "docs" / "plugins" / "template.py", tmp_path / "extra" / "caretaker.py")
    return start(seconds=5.0)


def test_its_when_is_compiled_and_works_where_it_runs(host, rules):
    section = load(rules, host, env={}).files[0].sections["caretaker"]
    (label,) = ask(host, "caretaker", ticket=a_ticket(title="服务器宕机"), rules=section)
    assert label == AddLabel("night-watch", because="rule night", rule="night")
    assert ask(host, "caretaker", ticket=a_ticket(title="all is well"), rules=section) == ()


def test_its_own_mistakes_stop_the_rules_like_any_other(host, rules):
    (rules / "desk.yaml").write_text(SECTION.replace("label: night", "labell: night"), encoding="utf-8")
    with pytest.raises(RulesError, match="rule 1 has no `label`"):
        load(rules, host, env={})


def test_the_built_in_plugins_load_through_the_same_door():
    host = PluginHost(ROOT / "plugins", entry_points=False)
    infos = {info.name: info for info in host.info() if info.origin == "built-in"}
    host.close()
    assert set(infos) == BUILTIN
    assert all(info.problem is None and info.help and "propose" in info.hooks for info in infos.values())
