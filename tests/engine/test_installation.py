"""What the pages about the installation show: rules, plugins, connections, settings and processes, and no secret."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from connector.engine.addresses import shown_address
from connector.engine.book import book_words, file_text
from connector.engine.connections import connection_words, missing_connections
from connector.engine.doctor import Finding, Level, keep
from connector.engine.health import Health
from connector.engine.installation import about, all_names, setting_groups
from connector.engine.plugin_words import ask_again, one_plugin, plugin_words
from connector.engine.presence import EVERY, SILENT, Presence, processes
from connector.errors import PluginError
from connector.settings import READERS, SECRET, Settings, read_settings
from connector.testing import FakeTracker, FixedClock, a_desk, a_ticket, an_event
from connector.testing.values import NOW
from connector.words import Connection
from tests.engine.line import a_line

SHY = """\
\"\"\"Raises whenever it is asked.\"\"\"
from connector import hookimpl

@hookimpl
def propose(ticket):
    raise KeyError(ticket.title)
    yield
"""


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def line(tmp_path, clock):
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "shy.py").write_text(SHY)
    gitlab = Connection("gitlab", "gitlab", "https://u:word@gitlab.example/?k=1", "canary-t", secrets=("canary-s",))
    with a_line(
        tmp_path,
        {"local": FakeTracker()},
        clock=clock,
        plugins=tmp_path / "plugins",
        connections={"gitlab": gitlab},
    ) as made:
        yield made


def fail(services, times=3):
    given = {"event": an_event(), "ticket": a_ticket(title="Dana"), "desk": a_desk(), "rules": None, "now": NOW}
    for _ in range(times):
        with pytest.raises(PluginError):
            services.host.propose("shy", **given)


def test_a_process_is_seen_until_it_is_silent_or_leaves(line, clock):
    one = Presence(line.services, "web", "alpha", 1)
    two = Presence(line.services, "worker", "beta", 2)
    assert one.tell()
    assert two.tell()
    assert [(each.host, each.pid, each.role) for each in processes(line.services)] == [
        ("alpha", 1, "web"),
        ("beta", 2, "worker"),
    ]

    two.leave()
    assert [each.host for each in processes(line.services)] == ["alpha"]
    clock.forward(SILENT + timedelta(seconds=1))
    assert processes(line.services) == ()


def test_a_process_tells_of_itself_now_and_then_and_of_a_quarantine_at_once(line, clock):
    presence = Presence(line.services, "all", "alpha", 1)
    assert presence.tell()
    assert not presence.tell()
    clock.forward(EVERY)
    assert presence.tell()

    fail(line.services)

    assert presence.tell()
    [process] = processes(line.services)
    assert process.plugins["shy"].quarantined
    assert process.plugins["shy"].since == clock()
    assert process.plugins["shy"].last_error == "shy.py:6 KeyError"


def test_a_plugin_is_tried_again_in_every_process(line, clock):
    worker = Presence(line.services, "worker", "beta", 2)
    fail(line.services)
    worker.tell()
    assert one_plugin(line.services, "shy").quarantined
    services, other = line.services, line.services.host.health
    web = replace(services, host=FakeHost(services.host))

    clock.forward(timedelta(seconds=5))
    assert ask_again(web, "shy")
    assert other.why_not("shy")
    worker.tell()

    assert not other.why_not("shy")
    assert not one_plugin(services, "shy").quarantined
    assert not ask_again(web, "shy")
    assert not ask_again(web, "nobody")


class FakeHost:
    """The host of a process that has asked no plugin."""

    def __init__(self, host):
        self.info = host.info
        self.quarantined = dict
        self.health = type("Idle", (), {"conditions": {}, "lift": lambda self, name: None})()


def test_a_request_to_try_again_does_not_lift_a_later_quarantine(line, clock):
    fail(line.services)
    Presence(line.services, "worker", "beta", 2).tell()
    assert ask_again(line.services, "shy")
    clock.forward(timedelta(seconds=1))
    fail(line.services)

    Presence(line.services, "worker", "beta", 2).tell()

    assert line.services.host.health.why_not("shy")


def test_plugins_are_listed_in_the_order_in_which_they_are_asked(line):
    found = plugin_words(line.services)
    asked = line.services.rules.current.files[0].plugins

    assert tuple(each.name for each in found)[: len(asked)] == asked
    assert [each.name for each in found][len(asked) :] == ["escalation", "shy", "sla"], "what nobody lists comes last"
    shy = next(each for each in found if each.name == "shy")
    assert shy.first_line == "Raises whenever it is asked."
    assert (shy.origin, shy.hooks, shy.asked_by) == ("drop-in", ("propose",), ())


def test_the_book_tells_every_rule_with_its_line(line):
    book = book_words(line.services, "en")
    [file] = book.files
    text = line.services.rules.current.texts[file.path].splitlines()

    for section in file.sections:
        for rule in (rule for group in section.groups for rule in group.lines):
            assert f"id: {rule.rule}" in text[file.lines[section.plugin, rule.rule] - 1]
    assert book.since
    assert [person.id for person in book.people]


def test_only_team_files_are_shown_as_they_are(line):
    assert (
        file_text(line.services, "desk")[1]
        == line.services.rules.current.texts[line.services.rules.current.files[0].path]
    )
    assert file_text(line.services, "_people") is None


def test_other_processes_with_other_rules_are_named(line):
    Presence(line.services, "worker", "beta", 2).tell()
    assert book_words(line.services, "en").others == ()

    (line.services.rules.folder / "desk.yaml").write_text("applies_to: {local: [desk]}\nplugins: [language]\n")
    line.services.rules.refresh(force=True)

    assert [each.host for each in book_words(line.services, "en").others] == ["beta"]


def test_a_connection_shows_what_is_set_and_no_secret(line, clock):
    finding = Finding("right_missing", Level.PROBLEM, "gitlab", "may not write", "grant Reporter")
    keep(line.store, "gitlab", [finding], clock())
    line.store.meta.set("unreachable/gitlab", "GET /user: 401")

    local, gitlab = connection_words(line.services)

    assert local.local
    assert (gitlab.url, gitlab.has_token, gitlab.has_secret) == ("https://gitlab.example/", True, True)
    assert (gitlab.trouble, gitlab.worst, gitlab.findings) == ("GET /user: 401", "problem", (finding,))
    assert "canary" not in repr(connection_words(line.services))
    assert missing_connections(line.services) == ()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:word@host.example:8443/a?token=1#x", "https://host.example:8443/a"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("", ""),
        ("https://host:port", ""),
        ("word", ""),
    ],
)
def test_an_address_is_shown_without_what_opens_it(url, shown):
    assert shown_address(url) == shown


def test_every_setting_is_shown_and_of_secrets_only_whether_they_are_set():
    env = {f"POINTSMAN_{name.upper()}": "canary" for name in SECRET}
    given = read_settings({**env, "POINTSMAN_JIRA_URL": "https://u:canary@jira.example", "POINTSMAN_PORT": "8080"})
    rows = {row.name: row for group in setting_groups(given) for row in group.settings}

    assert sorted(rows) == sorted(name.upper() for name in READERS)
    assert "canary" not in repr(rows)
    assert all(rows[name.upper()].present and rows[name.upper()].given for name in SECRET)
    assert (rows["PORT"].value, rows["PORT"].given) == ("8080", True)
    assert (rows["HOST"].value, rows["HOST"].given) == ("127.0.0.1", False)
    assert rows["JIRA_URL"].value == "https://jira.example"


def test_values_are_shown_as_they_are_written():
    rows = {row.name: row.value for group in setting_groups(Settings()) for row in group.settings}

    assert (rows["BODY_LIMIT"], rows["RECONCILE_EVERY"], rows["KEEP_PLANS"], rows["PLUGIN_SECONDS"]) == (
        "25 MB",
        "5m",
        "730d",
        "2",
    )


def test_every_field_of_the_settings_has_its_place():
    assert sorted(all_names()) == sorted({field.name for field in fields(Settings)} - {"given"})


def test_versions_and_paths_are_told(line):
    found = about(line.services)

    assert (found.database, found.schema) == ("SQLite", found.newest)
    assert found.database_version
    assert found.rules_dir == str(line.services.settings.rules_dir.absolute())


def test_a_quarantine_in_another_process_is_a_warning_here(line, clock):
    fail(line.services)
    Presence(line.services, "worker", "beta", 2).tell()
    web = replace(line.services, host=FakeHost(line.services.host))

    (told,) = [each for each in Health(web).ready()[1] if each.code == "plugin"]

    assert told.text == "plugin shy is quarantined in another process; change its file, or try it again on its page"
    assert told.detail.startswith("beta/2: ")
