"""What can be wrong, planted: how it is brought about, and what the doctor has to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.errors import StoreUnavailable
from connector.store import Incoming
from connector.trackers.reach import Reached, Trouble

from .clinic import FLAVORS, PUBLIC, Clinic, now

JIRA = ("cloud", "dc")
GITLAB = ("gitlab",)


@dataclass(frozen=True)
class Plant:
    """`code` must be found, `names` be in its text, and `helps` in its remedy."""

    name: str
    plant: Callable[[Clinic], Any]
    code: str
    names: str
    helps: str
    flavors: tuple[str, ...] = FLAVORS
    alone: bool = True
    """Nothing else above a hint may be found: one mistake is one finding."""


def later(**by: float) -> Callable[[Clinic], None]:
    """Our clock is wrong by so much."""

    def plant(clinic: Clinic) -> None:
        clinic.clock = lambda: now() + timedelta(**by)

    return plant


def expires(days: int) -> Callable[[Clinic], None]:
    def plant(clinic: Clinic) -> None:
        clinic.fake.admin.expires = (now() + timedelta(days=days)).date().isoformat()

    return plant


def lacks(permission: str, level: int = 10) -> Callable[[Clinic], None]:
    """The account lacks a permission (Jira), or has too low a role (GitLab)."""

    def plant(clinic: Clinic) -> None:
        if clinic.gitlab:
            clinic.fake._rest.me.level = level
        else:
            clinic.fake.admin.permissions.discard(permission)

    return plant


def about(**facts: Any) -> Callable[[Clinic], None]:
    return lambda clinic: clinic.fake.admin.about.update({clinic.project: facts})


def hook(**given: Any) -> Callable[[Clinic], None]:
    return lambda clinic: clinic.hook.given.update(given)


def edit(file: str, old: str, new: str) -> Callable[[Clinic], None]:
    return lambda clinic: clinic.edit(file, old, new)


def reached(trouble: Trouble | None, said: str = "", *addresses: str) -> Callable[[Clinic], None]:
    def plant(clinic: Clinic) -> None:
        clinic.reached = Reached(addresses or ("203.0.113.9",), trouble, said)

    return plant


def settings(**given: Any) -> Callable[[Clinic], None]:
    return lambda clinic: clinic.set(**given)


def connection(**given: Any) -> Callable[[Clinic], None]:
    return lambda clinic: clinic.connect(**given)


def no_database(clinic: Clinic) -> None:
    assert clinic.store
    clinic.closing.append(clinic.store.close)
    clinic.store, clinic.store_trouble = None, "connection refused"


def full_disk(clinic: Clinic) -> None:
    def ping() -> None:
        raise StoreUnavailable("database or disk is full")

    assert clinic.store
    clinic.store.ping = ping  # type: ignore[method-assign]


def no_worker(clinic: Clinic) -> None:
    assert clinic.store
    clinic.store.periodic.claim("reconcile", timedelta(0))
    clinic.set(reconcile_every=timedelta(seconds=1))
    clinic.clock = lambda: now() + timedelta(seconds=50)
    _ran_long_ago(clinic)


def _ran_long_ago(clinic: Clinic) -> None:
    with clinic.store._database.write() as connection:
        connection.exec_driver_sql("UPDATE periodic SET next_at = '2020-01-01 00:00:00.000000'")


def backlog(clinic: Clinic) -> None:
    clinic.store.inbox.accept(Incoming("local", "old", "local:1", "updated", {}))
    with clinic.store._database.write() as connection:
        connection.exec_driver_sql("UPDATE inbox SET received_at = '2020-01-01 00:00:00.000000'")


def parked(clinic: Clinic) -> None:
    (lane,) = clinic.store.inbox.claim("test", 1)
    (event,) = clinic.store.inbox.waiting(lane)
    with clinic.store.fenced(lane) as work:
        work.park(event.id, "TrackerError: 400")


def late_timer(clinic: Clinic) -> None:
    with clinic.store.begin() as work:
        work.set_timer("local:1", "wake", now() - timedelta(hours=1), {})


def readable_keys(clinic: Clinic) -> None:
    clinic.settings.data_dir.chmod(0o755)
    key = clinic.settings.data_dir / "secret.key"
    key.write_text("k")
    key.chmod(0o644)


def broken_plugin(clinic: Clinic) -> None:
    folder = clinic.folder / "plugins"
    folder.mkdir()
    (folder / "loud.py").write_text("import no_such_module\n")
    clinic.set(plugins_dir=folder)


def refused_token(clinic: Clinic) -> None:
    clinic.connect(token="an-old-one")


def gone_hook(clinic: Clinic) -> None:
    clinic.fake.admin.hooks.clear()


def second_hook(clinic: Clinic) -> None:
    clinic.fake.admin.hooks[99] = type(clinic.hook)(
        99, *(() if not clinic.gitlab else (clinic.hook.project,)), {**clinic.hook.given}
    )


def disabled_hook(clinic: Clinic) -> None:
    if clinic.gitlab:
        clinic.hook.alert, clinic.hook.until = "disabled", None
    else:
        clinic.hook.given["enabled" if clinic.flavor == "cloud" else "active"] = False


def backing_off(clinic: Clinic) -> None:
    clinic.hook.alert, clinic.hook.until = "temporarily_disabled", "2099-01-01T10:00:00Z"


def fewer_events(clinic: Clinic) -> None:
    if clinic.gitlab:
        clinic.hook.given["confidential_issues_events"] = False
    else:
        clinic.hook.given["events"] = [e for e in clinic.hook.given["events"] if e != "comment_created"]


def astray(clinic: Clinic) -> None:
    clinic.hook.given["url"] = clinic.hook.given["url"].replace(PUBLIC, "https://old-desk.example")


def failing(status: str) -> Callable[[Clinic], None]:
    def plant(clinic: Clinic) -> None:
        clinic.hook.tried += [
            {"id": n, "url": PUBLIC, "trigger": "issues", "response_status": status} for n in (2, 3)
        ]

    return plant


def no_secret_at_the_hook(clinic: Clinic) -> None:
    clinic.hook.given.pop("signing_token", None)
    clinic.hook.given.pop("secret", None)


def forgotten_label(clinic: Clinic) -> None:
    del clinic.fake._world.project(clinic.project).labels["team::backend"]


def moved(clinic: Clinic) -> None:
    about(path_with_namespace="acme/helpdesk")(clinic)


def left(clinic: Clinic) -> None:
    if clinic.gitlab:
        clinic.fake._world.user("bo").state = "blocked"
    else:
        clinic.fake.world.user("bo").active = False


def stranger(clinic: Clinic) -> None:
    """Known to the tracker, but no member of the project."""
    if clinic.gitlab:
        clinic.fake._world.user("bo").level = 0
    else:
        clinic.fake.admin.not_assignable.add("bo")


def twins(clinic: Clinic) -> None:
    clinic.edit("_people.yaml", "jira: [bo]", "jira: [twin@desk.example]")
    for account in ("bo-1", "bo-2"):
        clinic.fake.person(account, name=account, email="twin@desk.example")


def other_flavor(clinic: Clinic) -> None:
    clinic.connect(flavor="dc" if clinic.flavor == "cloud" else "cloud")


PLANTS = (
    Plant("a database out of reach", no_database, "store_unwritable", "connection refused", "POINTSMAN_DATABASE_URL"),
    Plant("a full disk under the database", full_disk, "store_unwritable", "disk is full", "make room"),
    Plant("nobody works", no_worker, "worker_silent", "no worker", "pointsman worker"),
    Plant("a backlog", backlog, "backlog", "2 events wait", "is a worker running"),
    Plant("a parked event", parked, "parked", "1 event", "pointsman replay ID"),
    Plant("a timer that did not fire", late_timer, "timers_late", "a timer was due", "pointsman worker"),
    Plant("keys that others can read", readable_keys, "data_dir_open", "secret.key", "chmod 600"),
    Plant("a key without effect", settings(encryption_key=("k",)), "encryption_no_effect", "ENCRYPTION_KEY", "disk"),
    Plant("nobody has to sign in", settings(console_token=""), "console_open", "PUBLIC_URL", "CONSOLE_TOKEN"),
    Plant("no public address", settings(public_url=""), "public_unset", "PUBLIC_URL", "reach this service"),
    Plant(
        "a public name unknown",
        reached(Trouble.NAME, "`desk.example` has no address"),
        "public_unresolved",
        PUBLIC,
        "DNS",
    ),
    Plant(
        "a wrong certificate of ours",
        reached(Trouble.TLS, "its certificate"),
        "public_tls",
        PUBLIC,
        "valid certificate",
    ),
    Plant(
        "another service there", reached(Trouble.STRANGER, "it answered 404"), "public_not_us", "404", "proxy's route"
    ),
    Plant(
        "no answer there",
        reached(Trouble.SILENT, "ConnectTimeout"),
        "public_silent",
        PUBLIC,
        "is the service running",
    ),
    Plant(
        "a mistake in a rule file",
        edit("support.yaml", "team: backend", "team: backnd"),
        "rules_broken",
        "backnd",
        "mend",
        alone=False,
    ),
    Plant(
        "a tracker that is not connected",
        edit("support.yaml", "applies_to: {", "applies_to: {gitlab-eu: [a/b], "),
        "not_connected",
        "gitlab-eu",
        "_trackers.yaml",
    ),
    Plant("a plugin that does not load", broken_plugin, "plugin_broken", "loud", "loud.py"),
    Plant("no token", connection(token=""), "token_missing", "no token", "_TOKEN"),
    Plant("a refused token", refused_token, "token_refused", "refuses our token", "_TOKEN"),
    Plant(
        "nobody at the address", connection(url="http://127.0.0.1:9"), "tracker_unreachable", "127.0.0.1:9", "curl"
    ),
    Plant("a token about to expire", expires(9), "token_expires", "in 9 days", "POINTSMAN_GITLAB_TOKEN", GITLAB),
    Plant("an expired token", expires(-2), "token_expired", "expired on", "POINTSMAN_GITLAB_TOKEN", GITLAB),
    Plant(
        "a token that only reads",
        lambda c: setattr(c.fake.admin, "scopes", ["read_api"]),
        "scope_missing",
        "nothing can be written",
        "`api`",
        GITLAB,
        alone=False,
    ),
    Plant(
        "the wrong flavour",
        other_flavor,
        "flavor_wrong",
        "the server says",
        "POINTSMAN_JIRA_FLAVOR",
        JIRA,
        alone=False,
    ),
    Plant("a clock two minutes off", later(minutes=2), "clock_skew", "seconds apart", "NTP", alone=False),
    Plant("a clock ten minutes off", later(minutes=10), "clock_far_off", "seconds apart", "NTP", alone=False),
    Plant(
        "hardly any requests left",
        lambda c: c.fake.headers.update({"RateLimit-Limit": "2000", "RateLimit-Remaining": "17"}),
        "limit_low",
        "17 of 2000",
        "Raise its limit",
        GITLAB,
    ),
    Plant(
        "hardly any requests left at Jira",
        lambda c: c.fake.headers.update({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "3"}),
        "limit_low",
        "3 of 100",
        "Raise its limit",
        JIRA,
    ),
    Plant(
        "a project misspelt",
        edit("support.yaml", "acme/support", "acme/suport"),
        "project_missing",
        "did you mean `acme/support`",
        "applies_to",
        GITLAB,
        alone=False,
    ),
    Plant(
        "a project misspelt at Jira",
        edit("support.yaml", "[SUP]", "[SUPP]"),
        "project_missing",
        "did you mean `SUP`",
        "Browse projects",
        JIRA,
        alone=False,
    ),
    Plant("a project that moved", moved, "project_moved", "acme/helpdesk", "`acme/helpdesk`", GITLAB, alone=False),
    Plant("an archived project", about(archived=True), "project_archived", "archived", "unarchive", ("gitlab", "dc")),
    Plant(
        "issues switched off", about(issues_enabled=False), "issues_disabled", "switched off", "Visibility", GITLAB
    ),
    Plant("a role too low", lacks("", 10), "right_missing", "change labels", "Reporter", GITLAB, alone=False),
    Plant("no right to assign", lacks("ASSIGN_ISSUES"), "right_missing", "assign issues", "Assign issues", JIRA),
    Plant("no right to edit", lacks("EDIT_ISSUES"), "right_missing", "edit issues", "Edit issues", JIRA),
    Plant("no right to comment", lacks("ADD_COMMENTS"), "right_missing", "comment", "Add comments", JIRA),
    Plant(
        "no right to move",
        lacks("TRANSITION_ISSUES"),
        "right_missing",
        "change the status",
        "Transition issues",
        JIRA,
    ),
    Plant(
        "no secret of ours",
        connection(secrets=()),
        "secret_missing",
        "no webhook secret",
        "WEBHOOK_SECRET",
        ("gitlab", "cloud"),
    ),
    Plant("no webhook", gone_hook, "hook_missing", "no webhook", "pointsman setup"),
    Plant("the webhook twice", second_hook, "hook_double", "2 webhooks", "all but one"),
    Plant("a webhook turned off", disabled_hook, "hook_disabled", "disabled", "Webhooks", GITLAB),
    Plant("a webhook turned off at Jira", disabled_hook, "hook_disabled", "disabled", "enable it", JIRA),
    Plant("a webhook that backs off", backing_off, "hook_disabled", "until 2099-01-01 10:00 UTC", "Test", GITLAB),
    Plant("a trigger not ticked", fewer_events, "hook_events", "confidential_issues_events", "tick", GITLAB),
    Plant("an event not chosen", fewer_events, "hook_events", "comment_created", "tick", JIRA),
    Plant("a webhook to the old address", astray, "hook_path", "old-desk.example", "POINTSMAN_PUBLIC_URL"),
    Plant("a webhook template", hook(custom_webhook_template="{}"), "hook_template", "body", "template", GITLAB),
    Plant("a webhook without body", hook(excludeBody=True), "hook_template", "body", "exclude", JIRA),
    Plant(
        "a webhook without secret",
        no_secret_at_the_hook,
        "hook_unsigned",
        "no secret",
        "secret that we know",
        ("gitlab", "cloud"),
    ),
    Plant(
        "an old secret in the address",
        hook(url=f"{PUBLIC}/hooks/jira/an-older-one"),
        "hook_secret",
        "none that we know",
        "put the secret",
        ("dc",),
    ),
    Plant(
        "certificates not verified",
        hook(enable_ssl_verification=False),
        "hook_unverified",
        "does not verify",
        "SSL verification",
        GITLAB,
    ),
    Plant(
        "a webhook for another project",
        hook(filters={"issue-related-events-section": 'project in ("HELP")'}),
        "hook_scope",
        "does not name SUP",
        "JQL",
        JIRA,
    ),
    Plant("deliveries refused", failing("401"), "hook_failing", "401", "the secret differs", GITLAB),
    Plant("deliveries without answer", failing("internal error"), "hook_failing", "no answer", "PUBLIC_URL", GITLAB),
    Plant("a label that is not there", forgotten_label, "label_missing", "team::backend", "pointsman setup", GITLAB),
    Plant(
        "a label misspelt",
        edit("_names.yaml", "team::frontline", "team::fronline"),
        "label_missing",
        "did you mean `team::frontline`",
        "correct the line",
        GITLAB,
    ),
    Plant(
        "a priority that is not there",
        edit("_names.yaml", "jira: Highest", "jira: Hihgest"),
        "word_missing",
        "did you mean `Highest`",
        "correct the line",
        JIRA,
    ),
    Plant(
        "a component that is not there",
        edit("_names.yaml", "component Frontline", "component Frontlin"),
        "word_missing",
        "did you mean `Frontline`",
        "its components",
        JIRA,
    ),
    Plant(
        "a field that is not there",
        edit("_names.yaml", '"Environment"', '"Environmnt"'),
        "field_missing",
        "did you mean `Environment`",
        "as Jira shows it",
        JIRA,
    ),
    Plant(
        "a field on no screen",
        lambda c: c.fake.admin.off_screen.add("components"),
        "field_unwritable",
        "`components`",
        "Screens",
        JIRA,
    ),
    Plant(
        "a status that is not there",
        edit("_names.yaml", "jira: To Do", "jira: Todo"),
        "status_missing",
        "`Todo`",
        "as the tracker shows it",
        JIRA,
        alone=False,
    ),
    Plant(
        "a status without a word",
        edit("_names.yaml", ", Waiting for vendor", ""),
        "status_unmapped",
        "`Waiting for vendor`",
        "under `status`",
        JIRA,
    ),
    Plant(
        "a person unknown",
        edit("_people.yaml", "gitlab: [bo], jira: [bo]", "gitlab: [boo], jira: [boo]"),
        "person_unknown",
        "boo",
        "_people.yaml",
    ),
    Plant(
        "a mail address at GitLab",
        edit("_people.yaml", "gitlab: [bo]", "gitlab: [bo@desk.example]"),
        "person_unknown",
        "bo@desk.example",
        "user name",
        GITLAB,
    ),
    Plant("a person who left", left, "person_inactive", "bo", "reactivate"),
    Plant("two with one address", twins, "person_ambiguous", "2 accounts", "the account's id", JIRA),
    Plant("somebody who cannot be assigned", stranger, "person_not_assignable", "bo", "name somebody else"),
    Plant(
        "somebody without an account there",
        edit("_people.yaml", "ids: {gitlab: [bo], jira: [bo]}, ", ""),
        "person_unmapped",
        "bo",
        "ids",
    ),
    Plant(
        "readers that are not there",
        lambda c: c.connect(options={"internal_visibility": "role Agents"}),
        "visibility_unknown",
        "Agents",
        "Administrators",
        JIRA,
    ),
    Plant(
        "a group that is not there",
        lambda c: c.connect(options={"internal_visibility": "group agents"}),
        "visibility_unknown",
        "agents",
        "group",
        JIRA,
    ),
)
