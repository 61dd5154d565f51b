"""Jira's administrative side, Cloud and Data Center, against the strict fake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connector.errors import TrackerError
from connector.model import Kind
from connector.trackers.admin import shown
from connector.trackers.facts import Operation, WantedHook
from connector.trackers.jira.admin import JiraAdmin
from connector.trackers.jira.facts import HOOKS, NEEDED, OLD_HOOKS, WANTED_EVENTS, covers, limited_to, widened
from connector.trackers.jira.reader import read
from connector.words import Words
from tests.fakes.jira_server import FakeJira

WANTED = WantedHook("https://desk.example/hooks/jira", "a-fresh-secret")
FLAVOURS = ("cloud", "dc", "dc-9")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=FLAVOURS)
def fake(request: pytest.FixtureRequest) -> Iterator[FakeJira]:
    with FakeJira(request.param.partition("-")[0]) as fake:
        if request.param == "dc-9":
            fake.admin.version = "9.12.4"
        yield fake
        assert fake.violations == []


@pytest.fixture
def admin(fake: FakeJira) -> JiraAdmin:
    return JiraAdmin(fake.connection(), clock=now)


def test_the_server_tells_flavour_version_and_clock(admin: JiraAdmin, fake: FakeJira) -> None:
    server = admin.server()
    assert (server.flavor, server.url) == (fake.flavor, fake.url)
    assert server.major == {"1001.0.0-SNAPSHOT": 1001, "10.3.0": 10, "9.12.4": 9}[fake.admin.version]
    assert server.at


@pytest.mark.parametrize("operation", list(Operation))
def test_a_permission_that_is_missing_is_named_for_what_needs_it(
    admin: JiraAdmin, fake: FakeJira, operation: Operation
) -> None:
    fake.admin.permissions.discard(NEEDED[operation][0])
    if operation is Operation.READ:
        assert admin.project("SUP") is None
        return
    lacking = {right.operation: right.grant for right in admin.rights("SUP") if right.has is False}
    assert operation in lacking
    assert "permission" in lacking[operation]


def test_in_a_service_project_internal_comments_take_an_agent(admin: JiraAdmin, fake: FakeJira) -> None:
    fake.admin.permissions.discard("SERVICEDESK_AGENT")
    lacking = {right.operation: right.grant for right in admin.rights("HELP") if not right.has}
    assert set(lacking) == {Operation.INTERNAL}
    assert "agents" in lacking[Operation.INTERNAL]


def test_projects_are_found_by_a_part_of_their_key(admin: JiraAdmin) -> None:
    assert [(p.key, p.service) for p in admin.projects("hel")] == [("HELP", True)]
    assert admin.project("NONE") is None


def test_a_webhook_is_made_where_this_release_has_them_and_removed(admin: JiraAdmin, fake: FakeJira) -> None:
    id = admin.made(admin.send(admin.make_hook("SUP", WANTED)))
    (hook,) = admin.hooks("SUP")
    assert (hook.id, hook.enabled, hook.events) == (id, True, frozenset(WANTED_EVENTS))
    assert covers(hook.scope, "SUP") is True
    assert fake.requests[-1].path == (HOOKS if fake.admin.version.startswith("10.") else OLD_HOOKS)
    # Cloud signs; Data Center has the secret in the path.
    assert (hook.url == WANTED.url) is fake.cloud
    assert hook.url in (WANTED.url, f"{WANTED.url}/{WANTED.secret}")
    assert (hook.signed is True) is fake.cloud
    admin.send(admin.remove_hook("SUP", id))
    assert admin.hooks("SUP") == ()


def test_a_webhook_gets_another_project_and_keeps_its_secret(admin: JiraAdmin, fake: FakeJira) -> None:
    admin.send(admin.make_hook("SUP", WANTED))
    (hook,) = admin.hooks("SUP")
    admin.send(admin.mend_hook("HELP", hook, None))
    (mended,) = admin.hooks("SUP")
    assert (mended.url, mended.signed) == (hook.url, hook.signed)
    assert covers(mended.scope, "SUP")
    assert covers(mended.scope, "HELP")


@pytest.mark.parametrize(
    ("scope", "covered", "after"),
    [
        ("", True, ""),
        (limited_to(["SUP"]), True, limited_to(["SUP"])),
        (limited_to(["A", "B"]), False, limited_to(["A", "B", "SUP"])),
        ("labels = x", None, "labels = x"),
    ],
)
def test_only_a_jql_of_ours_is_widened(scope: str, covered: bool | None, after: str) -> None:
    assert covers(scope, "SUP") is covered
    assert widened(scope, "SUP") == after


def test_webhooks_take_the_global_permission_to_administer(admin: JiraAdmin, fake: FakeJira) -> None:
    assert admin.account().admin is True
    fake.admin.permissions.discard("ADMINISTER")
    assert admin.account().admin is False
    with pytest.raises(TrackerError) as caught:
        admin.hooks("SUP")
    assert caught.value.status == 403


def test_no_secret_is_in_a_call_that_is_shown(admin: JiraAdmin) -> None:
    assert WANTED.secret not in shown(admin.make_hook("SUP", WANTED))


def test_a_property_touched_is_an_event_about_the_ticket_and_any_other_property_is_none(
    admin: JiraAdmin, fake: FakeJira
) -> None:
    ticket = fake.add(project="SUP", title="An outage")
    line = admin.issue("SUP-1")
    assert line
    assert line.ticket == ticket
    call = admin.touch(line)
    assert call
    admin.send(call)
    issue = fake.world.issues[ticket]
    assert "pointsman-setup" in issue.properties
    event = read(fake.admin.property_event(issue, "pointsman-setup"), Words(), tracker="jira")
    assert event
    assert (event.ticket, event.kind, event.project) == (ticket, Kind.UPDATED, "SUP")
    assert read(fake.admin.property_event(issue, "pointsman"), Words(), tracker="jira") is None
    back = admin.untouch(line)
    assert back
    admin.send(back)
    assert issue.properties == {}


def test_what_the_project_offers_is_listed(admin: JiraAdmin, fake: FakeJira) -> None:
    fake.person("ann", name="Ann", email="ann@desk.example")
    ticket = fake.add(project="SUP", title="An outage")
    assert {"To Do", "Done"} <= set(admin.statuses("SUP"))
    assert "Highest" in admin.priorities()
    assert "Frontline" in admin.components("SUP")
    assert "Severity" in {field.name for field in admin.fields()}
    fake.admin.off_screen.add("duedate")
    screen = {field.id: field for field in admin.screen(ticket)}
    assert "duedate" not in screen
    assert "High" in screen["priority"].options
    assert "Service Desk Team" in admin.roles("SUP")
    assert admin.group_exists("helpers") is True
    assert admin.group_exists("nobody") is False
    assert "Relates" in admin.link_types()
    assert [person.account for person in admin.people("ann")] == ["ann"]
    assert [person.account for person in admin.people("ann@desk.example")] == ["ann"]
    assert admin.assignable("SUP", "ann") is True
    assert admin.assignable("SUP", "nobody") is False
    assert [line.key for line in admin.issues("SUP")] == ["SUP-1"]
