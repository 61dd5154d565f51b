"""Rules are read again when they change, and the last good ones stay in force."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from connector.rulebook import Rules

from .samples import BOTH, HEAD, Catalog, write

GOOD = "applies_to: {local: [desk]}\nplugins: [language]\n"
BAD = "applies_to: {local: [desk]}\nplugins: [langage]\n"


def rules_in(folder, catalog: Catalog | None = None) -> Rules:
    return Rules(folder, catalog or Catalog(), env={}, defaults=BOTH)


def test_a_changed_file_takes_effect(tmp_path):
    rules = rules_in(write(tmp_path, team=GOOD))
    assert rules.current.file_for("local", "other") is None
    write(tmp_path, team=GOOD.replace("desk", "desk, other"))
    assert rules.refresh()
    assert rules.current.file_for("local", "other").name == "team"


def test_nothing_is_read_while_nothing_changes(tmp_path, monkeypatch):
    rules = rules_in(write(tmp_path, team=GOOD))
    before = rules.current
    assert not rules.refresh()
    assert rules.current is before


def test_mistakes_keep_the_last_good_rules_and_are_shown(tmp_path):
    rules = rules_in(write(tmp_path, team=GOOD))
    good = rules.current
    write(tmp_path, team=BAD)
    assert rules.refresh()
    assert rules.current is good
    assert [problem.text for problem in rules.problems] == ["unknown plugin `langage` (did you mean `language`?)"]
    write(tmp_path, team=GOOD + "mode: live\n")
    assert rules.refresh()
    assert rules.problems == ()
    assert rules.current.files[0].mode == "live"


def test_wrong_rules_at_the_start_apply_to_nothing_and_say_so(tmp_path):
    rules = rules_in(write(tmp_path, team=BAD))
    assert rules.problems
    assert rules.current.file_for("local", "desk") is None
    assert set(rules.current.connections) == {"local", "gitlab", "jira"}


def test_a_missing_folder_at_the_start_is_a_problem_until_it_is_there(tmp_path):
    rules = rules_in(tmp_path / "rules")
    assert "cannot be read" in rules.problems[0].text
    write(tmp_path / "rules", team=GOOD)
    assert rules.refresh()
    assert rules.problems == ()


def test_new_and_removed_files_are_noticed(tmp_path):
    rules = rules_in(write(tmp_path, team=GOOD))
    write(tmp_path, extra=GOOD.replace("desk", "extra"))
    assert rules.refresh()
    assert [file.name for file in rules.current.files] == ["extra", "team"]
    (tmp_path / "team.yaml").unlink()
    assert rules.refresh()
    assert [file.name for file in rules.current.files] == ["extra"]


def test_a_plugin_that_arrives_makes_its_rules_right_without_an_edit(tmp_path):
    catalog = Catalog(plugins=("customers", "language", "priority", "routing", "replies", "commands"))
    rules = rules_in(write(tmp_path, team=HEAD), catalog)
    assert rules.problems
    catalog.plugins = (*catalog.plugins, "vip")
    assert rules.refresh()
    assert rules.problems == ()


def test_a_forced_refresh_reads_again_and_says_whether_anything_changed(tmp_path):
    rules = rules_in(write(tmp_path, team=GOOD))
    assert not rules.refresh(force=True)


class SlowCatalog(Catalog):
    """A catalog that keeps a reader waiting until it is told to go on."""

    reading = threading.Event()
    go_on = threading.Event()
    slow = False

    def facts(self, name):
        if self.slow:
            self.reading.set()
            self.go_on.wait(10)
        return super().facts(name)


def test_while_one_thread_reads_others_go_on_with_what_is_in_force(tmp_path):
    catalog = SlowCatalog()
    rules = rules_in(write(tmp_path, team=GOOD), catalog)
    catalog.slow = True
    write(tmp_path, team=GOOD + "mode: live\n")
    reader = threading.Thread(target=rules.refresh)
    reader.start()
    assert catalog.reading.wait(10)
    assert not rules.refresh()
    assert rules.current.files[0].mode == "shadow"
    catalog.go_on.set()
    reader.join(10)
    assert rules.current.files[0].mode == "live"


def test_since_when_rules_are_in_force_and_newer_ones_wrong(tmp_path):
    times = [datetime(2026, 3, 2, 9, minute, tzinfo=UTC) for minute in range(5)]
    clock = iter(times).__next__
    write(tmp_path, team=HEAD)
    rules = Rules(tmp_path, Catalog(), env={}, clock=clock)
    assert (rules.since, rules.wrong_since) == (times[0], None)

    write(tmp_path, team=HEAD + "mode: lively\n")
    rules.refresh(force=True)
    rules.refresh(force=True)
    assert (rules.since, rules.wrong_since) == (times[0], times[1])

    write(tmp_path, team=HEAD)
    rules.refresh(force=True)
    assert (rules.since, rules.wrong_since) == (times[0], None)

    write(tmp_path, team=HEAD + "mode: live\n")
    rules.refresh(force=True)
    assert (rules.since, rules.wrong_since) == (times[2], None)
