"""GitLab's administrative side against the strict fake: what is asked, what a change would send, what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connector.errors import TrackerError
from connector.trackers.admin import shown
from connector.trackers.facts import Operation, WantedHook
from connector.trackers.gitlab.admin import GitLabAdmin
from connector.trackers.gitlab.facts import EVENTS, hook_of, rights_of
from connector.words import Connection
from tests.fakes.gitlab_server import FakeGitLab

SIGNING = WantedHook("https://desk.example/hooks/gitlab", "whsec_c2VjcmV0")
ALL = set(Operation)


@pytest.fixture
def fake() -> Iterator[FakeGitLab]:
    with FakeGitLab() as fake:
        yield fake
        assert fake.violations == []


@pytest.fixture
def admin(fake: FakeGitLab) -> GitLabAdmin:
    return GitLabAdmin(fake.connection(), clock=lambda: datetime.now(UTC))


def test_the_server_tells_its_version_and_its_clock(admin: GitLabAdmin) -> None:
    server = admin.server()
    assert (server.kind, server.version, server.major) == ("gitlab", "19.2.1-ee", 19)
    assert server.at
    assert server.heard
    assert abs((server.at - server.heard).total_seconds()) < 5


def test_a_token_tells_scopes_and_expiry_and_an_old_release_nothing(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    fake.admin.expires = "2027-02-03"
    assert admin.token().expires == date(2027, 2, 3)
    assert admin.token().scopes == {"api"}
    fake.admin.tells_tokens = False
    assert admin.token().scopes is None


def test_a_token_that_is_not_valid_is_said_so_at_once(fake: FakeGitLab) -> None:
    wrong = GitLabAdmin(Connection("gitlab", "gitlab", fake.url, "glpat-other"), clock=lambda: datetime.now(UTC))
    with pytest.raises(TrackerError) as caught:
        wrong.account()
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("level", "scopes", "missing"),
    [
        (40, {"api"}, set()),
        (30, {"api"}, {Operation.HOOKS}),
        (10, {"api"}, ALL - {Operation.READ, Operation.COMMENT, Operation.CREATE, Operation.PEOPLE}),
        (0, {"api"}, ALL - {Operation.PEOPLE}),
        (50, {"read_api"}, ALL - {Operation.READ, Operation.PEOPLE}),
        (50, {"read_user"}, ALL),
        (40, None, set()),
    ],
)
def test_rights_follow_from_the_role_and_the_scopes(
    level: int, scopes: set[str] | None, missing: set[Operation]
) -> None:
    rights = rights_of(level, None if scopes is None else frozenset(scopes), admin=False)
    assert {right.operation for right in rights if right.has is False} == missing
    assert all(right.grant for right in rights)


def test_a_role_inherited_from_a_group_counts(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    fake.admin.about["acme/support"] = {"permissions": {"project_access": None, "group_access": None}}
    assert all(right.has for right in admin.rights("acme/support"))


def test_projects_are_found_by_a_part_of_their_path_and_a_wrong_one_is_none(admin: GitLabAdmin) -> None:
    assert [project.key for project in admin.projects("supp")] == ["acme/support"]
    known = admin.project("acme/support")
    assert known
    assert known.issues is True
    assert admin.project("acme/nothing") is None


def test_a_label_is_made_found_in_use_and_taken_away(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    call = admin.make_label("acme/support", "priority::1", "#d1242f")
    assert call
    admin.send(call)
    assert {(label.name, label.color) for label in admin.labels("acme/support")} == {("priority::1", "#d1242f")}
    assert not admin.label_used("acme/support", "priority::1")
    fake.add(project="acme/support", title="An outage", labels=["priority::1"])
    assert admin.label_used("acme/support", "priority::1")
    gone = admin.remove_label("acme/support", "priority::1")
    assert gone
    admin.send(gone)
    assert admin.labels("acme/support") == ()


def test_a_webhook_is_signed_from_release_19_on_and_has_a_plain_secret_before(
    admin: GitLabAdmin, fake: FakeGitLab
) -> None:
    id = admin.made(admin.send(admin.make_hook("acme/support", SIGNING)))
    (hook,) = admin.hooks("acme/support")
    assert (hook.id, hook.signed, hook.secret, hook.enabled, hook.events) == (
        id,
        True,
        False,
        True,
        frozenset(EVENTS),
    )
    admin.send(admin.remove_hook("acme/support", id))
    fake.admin.version = "17.11.0"
    old = GitLabAdmin(fake.connection(), clock=lambda: datetime.now(UTC))
    old.send(old.make_hook("acme/support", SIGNING))
    (hook,) = old.hooks("acme/support")
    assert (hook.signed, hook.secret) == (None, True)


def test_a_webhook_that_lacks_events_is_mended_and_keeps_its_secret(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    fake.admin.add_hook("acme/support", SIGNING.url, issues_events=True, token="plain")
    (hook,) = admin.hooks("acme/support")
    assert hook.events == {"issues_events"}
    admin.send(admin.mend_hook("acme/support", hook, None))
    (mended,) = admin.hooks("acme/support")
    assert mended.events == frozenset(EVENTS)
    assert mended.secret


def test_no_secret_is_in_a_call_that_is_shown(admin: GitLabAdmin) -> None:
    line = shown(admin.make_hook("acme/support", SIGNING))
    assert line.startswith("POST /projects/acme%2Fsupport/hooks {")
    assert "c2VjcmV0" not in line
    assert SIGNING.url in line


def test_webhooks_take_the_role_maintainer(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    fake._rest.me.level = 30
    with pytest.raises(TrackerError) as caught:
        admin.hooks("acme/support")
    assert caught.value.status == 403


def test_what_gitlab_sent_last_and_what_we_answered_is_told(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    id = fake.admin.add_hook("acme/support", "http://127.0.0.1:9/hooks/gitlab", issues_events=True)
    fake.add(project="acme/support", title="An outage")
    fake.flush()
    (delivery,) = admin.deliveries("acme/support", str(id))
    assert (delivery.status, delivery.said) == (0, "internal error")


@pytest.mark.parametrize(
    ("alert", "on"), [("executable", True), ("disabled", False), ("temporarily_disabled", False)]
)
def test_a_webhook_that_gitlab_turned_off_is_not_enabled(alert: str, on: bool) -> None:
    hook = hook_of({"id": 3, "url": "https://desk.example", "alert_status": alert}, "acme/support")
    assert hook.enabled is on


def test_people_and_issues_are_found(admin: GitLabAdmin, fake: FakeGitLab) -> None:
    fake.person("ann", name="Ann")
    fake.person("dana", name="Dana", role="customer")
    ticket = fake.add(project="acme/support", title="An outage")
    assert [person.account for person in admin.people("ann")] == ["ann"]
    assert admin.assignable("acme/support", "ann") is True
    assert admin.assignable("acme/support", "dana") is False
    assert [line.ticket for line in admin.issues("acme/support")] == [ticket]
    found = admin.issue("acme/support#1")
    assert found
    assert found.ticket == ticket
    assert admin.issue("acme/support#99") is None
