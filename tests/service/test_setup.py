"""`pointsman setup`: from nothing to the first decision, at every kind of tracker; safe to repeat, and taken back."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.engine.setup.record import Record
from connector.env_file import values_in
from tests.fakes.jira_server import FakeJira
from tests.soak.service import free_port

from .outside import Outside, quick
from .setting_up import FLAVOURS, SettingUp, setting_up


@pytest.fixture(params=FLAVOURS)
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SettingUp]:
    with setting_up(request.param, tmp_path, monkeypatch) as desk:
        yield desk


@pytest.fixture
def gitlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SettingUp]:
    with setting_up("gitlab", tmp_path, monkeypatch) as desk:
        yield desk


@pytest.fixture
def jira(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SettingUp]:
    with setting_up("cloud", tmp_path, monkeypatch) as desk:
        yield desk


def secret_of(desk: SettingUp) -> str:
    return values_in(desk.env_file)[f"POINTSMAN_{desk.kind.upper()}_WEBHOOK_SECRET"]


def test_one_command_leads_from_nothing_to_the_first_decision(desk: SettingUp) -> None:
    done = desk.run("--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the first decision" in done.stdout
    first = desk.plans()[-1].row
    assert (first.mode, first.tracker) == ("shadow", desk.kind)
    assert "priority = urgent" in done.stdout
    assert len(desk.hooks()) == 1
    assert {"priority::1", "team::frontline"} <= desk.labels() or desk.kind == "jira"
    assert desk.is_private(".env")
    assert secret_of(desk) not in done.stdout + done.stderr
    assert desk.fake.token not in done.stdout + done.stderr + "".join(desk.files.values())


def test_in_shadow_mode_nothing_is_written_on_an_issue(desk: SettingUp) -> None:
    desk.run("--yes")
    about = ("/notes", "/comment", "/transitions")
    assert not [call for call in desk.changes if call.endswith(about)]
    assert not [call for call in desk.changes if call.startswith("PUT") and "/properties/" not in call]
    if desk.kind == "jira":
        assert desk.fake.world.find("SUP-1").properties == {}, "the touched property is removed again"


def test_run_again_it_makes_nothing_twice_and_proves_it_anew(desk: SettingUp) -> None:
    desk.run("--yes")
    files, hooks, before = desk.files, desk.hooks(), len(desk.changes)
    again = desk.run("--yes")
    assert again.returncode == 0
    assert (desk.files, desk.hooks()) == (files, hooks)
    assert all("/test/" in call or "/properties/" in call for call in desk.changes[before:])


def test_a_dry_run_shows_every_request_and_sends_reads_only(desk: SettingUp) -> None:
    before = desk.files
    shown = desk.run("--dry-run")
    assert shown.returncode == 0
    assert desk.changes == []
    assert desk.files == before
    assert not (desk.place / "var" / "setup").exists()
    desk.run("--yes")
    sent = {call.replace("/api/v4", "") for call in desk.changes if "/test/" not in call}
    missing = [call for call in sent if call.replace("%3A%3A", "::") not in shown.stdout]
    assert missing == []


def test_taken_back_everything_is_as_it_was(desk: SettingUp) -> None:
    before = desk.files
    desk.run("--yes")
    assert desk.files != before
    back = desk.run("--undo", "--yes")
    assert back.returncode == 0, back.stderr
    assert (desk.files, desk.hooks(), desk.labels()) == (before, [], set())
    again = desk.run("--undo", "--yes")
    assert "made nothing that is still there" in again.stdout


def test_what_people_use_or_changed_stays_and_is_said(gitlab: SettingUp) -> None:
    gitlab.run("--yes")
    gitlab.fake.add(project="acme/support", title="Another", labels=["priority::2"])
    rules = gitlab.place / "rules" / "acme-support.yaml"
    rules.write_text(rules.read_text() + "# ours now\n")
    (gitlab.place / ".env").write_text("MINE=1\n" + gitlab.env_file)
    back = gitlab.run("--undo", "--yes")
    assert "label priority::2 stays: issues have it" in back.stdout
    assert "rules rules/acme-support.yaml stays: it was changed since" in back.stdout
    assert "connection gitlab stays: rules/acme-support.yaml names it" in back.stdout
    assert gitlab.labels() == {"priority::2"}
    assert gitlab.command("check").returncode == 0, "what is left is whole"
    assert "MINE=1" in gitlab.env_file


def test_a_line_of_the_environment_file_that_somebody_changed_stays(gitlab: SettingUp) -> None:
    gitlab.run("--yes", "--wait", "0")
    path = gitlab.place / ".env"
    path.write_text(path.read_text().replace(gitlab.public_url, "https://desk.example"))
    back = gitlab.run("--undo", "--yes")
    assert "env POINTSMAN_PUBLIC_URL stays: it was changed since" in back.stdout
    assert values_in(gitlab.env_file) == {"POINTSMAN_PUBLIC_URL": "https://desk.example"}


def test_the_address_that_another_connection_needs_stays(gitlab: SettingUp) -> None:
    gitlab.run("--yes", "--wait", "0")
    (gitlab.place / "var" / "setup" / "jira.json").write_text('{"url": "https://jira.example", "items": []}')
    back = gitlab.run("--undo", "--yes")
    assert "env POINTSMAN_PUBLIC_URL stays: jira needs it" in back.stdout
    assert values_in(gitlab.env_file) == {"POINTSMAN_PUBLIC_URL": gitlab.public_url}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("flavour", ["gitlab", "cloud", "dc"])
@pytest.mark.parametrize("saved", [False, True])
def test_killed_at_any_step_it_is_continued_or_taken_back(
    flavour: str, saved: bool, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed just before, or just after, each note in the record: before and after every single thing it does."""
    keep, dying = Record._keep, [0]

    def kept(record: Record, items: Any) -> None:
        dying[0] -= 1
        if dying[0] == 0 and not saved:
            raise Killed
        keep(record, items)
        if dying[0] == 0:
            raise Killed

    monkeypatch.setattr(Record, "_keep", kept)
    monkeypatch.setattr("connector.cli.setup.prove", lambda *_: True)  # its own tests prove it
    for moment in (1, 2, 4, 7, 9, 11, 40):
        for after in ("--yes", "--undo"):
            with monkeypatch.context() as patch, setting_up(flavour, tmp_path_factory.mktemp("d"), patch) as desk:
                before = desk.files
                dying[0] = moment
                with contextlib.suppress(Killed):
                    desk.run("--yes", "--wait", "0")
                dying[0] = 0
                if after == "--yes":
                    continued = desk.run("--yes")
                    assert continued.returncode == 0, (moment, continued.stdout)
                    assert len(desk.hooks()) == 1
                desk.run("--undo", "--yes")
                assert (desk.files, desk.hooks(), desk.labels()) == (before, [], set()), (moment, after)


@pytest.mark.parametrize("fault", ["500-before", "500-after", "cut-after", "429"])
def test_a_tracker_that_fails_midway_is_said_and_the_same_command_goes_on(desk: SettingUp, fault: str) -> None:
    desk.fake.faults.script(fault)
    failed = desk.run("--yes", "--wait", "1")
    assert failed.returncode == 1
    assert "run the same again" in failed.stdout + failed.stderr or "does not answer" in failed.stderr
    ticked = [line for line in failed.stdout.splitlines() if line.startswith("✓ ")]
    assert [f"✓ {step}" for row in desk.audit() for step in row.detail["steps"]] == ticked
    done = desk.run("--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(desk.hooks()) == 1
    desk.run("--undo", "--yes")
    assert (desk.hooks(), desk.labels()) == ([], set())


def test_a_service_that_runs_already_takes_the_event_without_a_restart(gitlab: SettingUp) -> None:
    with Outside(gitlab.place, cwd=gitlab.place, RULES_DIR=gitlab.place / "rules") as service:
        gitlab.port, gitlab.settings["PORT"] = service.port, str(service.port)
        settings = {name: value for name, value in gitlab.settings.items() if name != "GITLAB_TOKEN"}
        (gitlab.place / ".env").write_text(f"POINTSMAN_GITLAB_TOKEN={gitlab.fake.token}\n")
        done = quick("setup", *gitlab.arguments(), "--yes", **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "no service runs" not in done.stdout
        renewed = quick("setup", *gitlab.arguments(), "--yes", "--rotate", **settings)
        assert renewed.returncode == 0, renewed.stdout + renewed.stderr


def test_a_port_that_something_else_holds_is_said_and_the_same_command_goes_on(gitlab: SettingUp) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", gitlab.port))
        done = gitlab.run("--yes")
    assert done.returncode == 1, done.stderr
    assert f"✗ cannot listen on 127.0.0.1:{gitlab.port}" in done.stdout
    assert "run the same again" in done.stdout
    assert gitlab.run("--yes").returncode == 0


def test_all_that_is_missing_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind, wanted in {
        "gitlab": ("--url", "--project", "--public-url", "POINTSMAN_GITLAB_TOKEN", "--yes"),
        "jira": ("--url", "--project", "--public-url", "POINTSMAN_JIRA_TOKEN", "--issue", "--yes"),
    }.items():
        done = quick("setup", kind, RULES_DIR=str(tmp_path), DATA_DIR=str(tmp_path / "var"))
        assert done.returncode == 2
        assert all(each in done.stderr for each in wanted), done.stderr
    done = quick("setup", "jira", "--url", "https://acme.atlassian.net", "--public-url", "http://desk.example")
    assert "--user" in done.stderr
    assert "https only" in done.stderr
    assert "gitlab or jira" in quick("setup").stderr
    assert "--name: a-z" in quick("setup", "gitlab", "--name", "local").stderr


def test_a_name_that_stands_for_another_tracker_is_not_taken_over(gitlab: SettingUp) -> None:
    (gitlab.place / "rules" / "_trackers.yaml").write_text("gitlab: {kind: gitlab, url: https://gitlab.example}\n")
    done = gitlab.run("--yes")
    assert (done.returncode, gitlab.changes) == (1, [])
    assert "connected to gitlab at https://gitlab.example already: choose another --name" in done.stderr


def test_on_a_terminal_it_asks_for_what_is_missing_and_whether_to_go_on(
    gitlab: SettingUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"kind": "gitlab", "address of gitlab": gitlab.fake.url, "project": gitlab.project}
    answers |= {"reaches us": gitlab.public_url, "do this": "y"}
    hidden: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda asked: next(a for q, a in answers.items() if q in asked))
    monkeypatch.setattr("getpass.getpass", lambda asked: hidden.append(asked) or gitlab.fake.token)
    settings = {name: value for name, value in gitlab.settings.items() if name != "GITLAB_TOKEN"}
    done = quick("setup", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(hidden) == 1
    assert values_in(gitlab.env_file)["POINTSMAN_GITLAB_TOKEN"] == gitlab.fake.token
    answers["do this"] = "n"
    settings |= {"DATA_DIR": str(gitlab.place / "other")}
    assert quick("setup", "--name", "second", **settings).returncode == 1
    assert len(gitlab.hooks()) == 1


def wrong_token(desk: SettingUp) -> dict[str, str]:
    desk.fake.token = "another"
    return {}


def archived(desk: SettingUp) -> dict[str, str]:
    desk.fake.admin.about[desk.project] = {"archived": True}
    return {}


@pytest.mark.parametrize(
    ("flavour", "spoil", "more", "said"),
    [
        ("gitlab", wrong_token, (), "does not accept the token of POINTSMAN_GITLAB_TOKEN: make one in the project"),
        ("cloud", wrong_token, (), "does not accept the token of POINTSMAN_JIRA_TOKEN: Cloud: make one"),
        (
            "gitlab",
            None,
            ("--project", "acme/suport"),
            "(did you mean `acme/support`?); our account sees acme/support",
        ),
        ("dc", None, ("--project", "SUPP"), "(did you mean `SUP`?)"),
        ("gitlab", archived, (), "acme/support is archived"),
        ("dc", archived, (), "SUP is archived"),
        ("cloud", None, ("--issue", "SUP-99"), "no issue `SUP-99` is visible"),
        ("gitlab", None, ("--url", "http://127.0.0.1:9"), "does not answer"),
    ],
)
def test_what_is_in_the_way_is_named_with_its_remedy(
    flavour: str,
    spoil: Any,
    more: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with setting_up(flavour, tmp_path, monkeypatch) as desk:
        if spoil:
            spoil(desk)
        before = desk.files
        done = desk.run(*more, "--yes")
        assert done.returncode == 1
        assert said in done.stderr
        assert (desk.changes, desk.files) == ([], before)


def test_a_project_whose_issues_are_turned_off_is_refused(gitlab: SettingUp) -> None:
    gitlab.fake.admin.about["acme/support"] = {"issues_enabled": False}
    assert "issues are turned off in acme/support" in gitlab.run("--yes").stderr


def test_a_token_without_the_scope_is_told_what_will_not_work_and_what_to_grant(gitlab: SettingUp) -> None:
    gitlab.fake.admin.scopes = ["read_api"]
    shown = gitlab.run("--dry-run")
    assert "! it may not edit: give it the scope api for the token" in shown.stdout


@pytest.mark.parametrize("flavour", ["gitlab", "cloud", "dc"])
def test_without_the_right_to_webhooks_the_lines_to_type_are_printed_and_the_rest_is_done(
    flavour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with setting_up(flavour, tmp_path, monkeypatch) as desk:
        if flavour == "gitlab":
            desk.fake._rest.me.level = 30
        else:
            desk.fake.admin.permissions.discard("ADMINISTER")
        done = desk.run("--yes", "--wait", "0")
        assert done.returncode == 1
        assert f"URL     {desk.public_url}/hooks/{desk.kind}" in done.stdout
        assert f"POINTSMAN_{desk.kind.upper()}_WEBHOOK_SECRET in .env" in done.stdout
        assert "Add new webhook" in done.stdout or "Create a WebHook" in done.stdout
        assert ("issues_events" if flavour == "gitlab" else "jira:issue_created") in done.stdout
        assert secret_of(desk) not in done.stdout
        assert "_trackers.yaml" in desk.files


def test_an_address_that_the_tracker_cannot_reach_is_said(gitlab: SettingUp) -> None:
    gitlab.settings["PORT"] = str(free_port())  # the service is elsewhere than --public-url says
    done = gitlab.run("--yes", "--wait", "1")
    assert done.returncode == 1
    assert "does not answer from here" in done.stdout
    assert f"could not deliver to {gitlab.public_url}/hooks/gitlab" in done.stdout


def test_a_jira_that_sends_nothing_is_told_from_an_event_that_came(jira: SettingUp) -> None:
    jira.fake.admin.deliver = lambda hook, body: None
    done = jira.run("--yes", "--wait", "1")
    assert done.returncode == 1
    assert "no event came within 1 seconds" in done.stdout
    assert jira.fake.world.find("SUP-1").properties == {}


def test_a_gitlab_project_without_an_issue_is_told_to_make_one(gitlab: SettingUp) -> None:
    gitlab.fake._world.project("acme/support").issues.clear()
    done = gitlab.run("--yes", "--wait", "0")
    assert "now open an issue of acme/support, or change one, in the tracker" in done.stdout


@pytest.mark.parametrize("flavour", ["gitlab", "cloud", "dc"])
def test_a_webhook_that_leads_here_already_is_mended_and_stays_when_all_is_taken_back(
    flavour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with setting_up(flavour, tmp_path, monkeypatch) as desk:
        url = f"{desk.public_url}/hooks/{desk.kind}"
        home = () if desk.kind == "jira" else ("acme/support",)
        desk.fake.admin.add_hook(*home, url)
        done = desk.run("--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "change webhook" in done.stdout
        assert len(desk.hooks()) == 1
        desk.run("--undo", "--yes")
        assert len(desk.hooks()) == 1, "it was not made by setup"


def test_labels_that_are_there_stay_as_they_are(gitlab: SettingUp) -> None:
    project = gitlab.fake._world.project("acme/support")
    project.labels["Priority::1"], project.colors["Priority::1"] = 7, "#000000"
    done = gitlab.run("--yes")
    assert "the label priority::1" not in done.stdout
    assert project.colors["Priority::1"] == "#000000"
    gitlab.run("--undo", "--yes")
    assert gitlab.labels() == {"Priority::1"}


def test_a_fresh_secret_takes_the_place_of_the_old_one_which_stays_valid(desk: SettingUp) -> None:
    desk.run("--yes")
    old = secret_of(desk)
    done = desk.run("--yes", "--rotate")
    assert done.returncode == 0, done.stdout + done.stderr
    new, kept = secret_of(desk).split(",")
    assert kept == old != new
    assert len(desk.hooks()) == 1
    assert new in json.dumps(desk.hooks())
    assert "the old secret is valid still" in done.stdout
    (desk.place / ".env").write_text(desk.env_file.replace(f",{old}", ""))
    assert "WEBHOOK_SECRET is gone" in desk.run("--undo", "--yes").stdout


def test_a_secret_that_the_environment_sets_cannot_be_renewed_in_a_file(gitlab: SettingUp) -> None:
    done = gitlab.run("--yes", "--rotate", GITLAB_WEBHOOK_SECRET="whsec_b2xk")
    assert done.returncode == 1
    assert "POINTSMAN_GITLAB_WEBHOOK_SECRET is set in the environment" in done.stderr


def test_a_second_project_of_jira_joins_the_webhook_and_leaves_it_to_the_first(jira: SettingUp) -> None:
    jira.run("--yes")
    jira.fake.add(project="HELP", title="A question", by="dana")
    done = jira.run("--yes", "--project", "HELP", "--issue", "HELP-1")
    assert done.returncode == 0, done.stdout + done.stderr
    (hook,) = jira.hooks()
    assert '"SUP", "HELP"' in json.dumps(hook["filters"]).replace("\\", "")
    back = jira.run("--undo", "--yes", "--project", "HELP")
    assert back.returncode == 0
    assert len(jira.hooks()) == 1
    assert "sup.yaml" in jira.files
    assert "help.yaml" not in jira.files
    jira.run("--undo", "--yes", "--project", "SUP")
    assert jira.hooks() == []
    assert "_trackers.yaml" not in jira.files


def test_a_further_connection_has_a_name_and_secrets_of_its_own(
    gitlab: SettingUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_EU_TOKEN", gitlab.fake.token)
    done = gitlab.run("--yes", "--name", "gitlab-eu")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gitlab-eu: {kind: gitlab" in gitlab.files["_trackers.yaml"]
    assert "GITLAB_EU_WEBHOOK_SECRET" in values_in(gitlab.env_file)
    assert "applies_to: {gitlab-eu:" in gitlab.files["acme-support.yaml"]


def test_comments_of_a_trackers_file_stay(gitlab: SettingUp) -> None:
    file = gitlab.place / "rules" / "_trackers.yaml"
    text = "# our trackers\nother: {kind: jira, url: https://jira.example} # the old one"
    file.write_text(text)
    gitlab.run("--yes")
    assert file.read_text().startswith(text + "\n")
    gitlab.run("--undo", "--yes")
    assert file.read_text() == text + "\n"


def test_rule_files_with_mistakes_are_to_be_mended_first(gitlab: SettingUp) -> None:
    (gitlab.place / "rules" / "desk.yaml").write_text("version: 1\nmode: lve\n")
    done = gitlab.run("--yes")
    assert done.returncode == 1
    assert "desk.yaml:" in done.stdout
    assert gitlab.changes == []


def test_what_was_set_up_and_by_whom_is_in_the_record_of_changes(gitlab: SettingUp) -> None:
    gitlab.run("--yes")
    gitlab.run("--undo", "--yes")
    rows = gitlab.audit()
    assert [row.what for row in rows if row.actor.startswith("cli:")] == ["setup undone", "setup"]
    assert "whsec_" not in repr(rows)


def test_the_doctor_finds_account_rights_and_webhook_well_after_it(jira: SettingUp) -> None:
    assert isinstance(jira.fake, FakeJira)
    jira.run("--yes")
    found = json.loads(jira.command("doctor", "--only", "jira", "--json").stdout)["findings"]
    well = {each["code"] for each in found if each["level"] == "ok"}
    assert {"reachable", "account", "rights", "hook", "delivery"} <= well
