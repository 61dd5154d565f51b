"""`pointsman doctor` and `check --online` as people type them, and what /readyz tells without being asked."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

import app
from tests.engine.doctor.clinic import FLAVORS, PUBLIC, Clinic, Stub, a_clinic
from tests.engine.line import write_rules

from .inside import Inside, wait_for
from .outside import command, quick


@pytest.fixture
def flavor() -> str:
    return "gitlab"


@pytest.fixture
def clinic(tmp_path: Path, flavor: str) -> Iterator[Clinic]:
    """A healthy installation whose public address is answered, as far as `/healthz` goes."""
    with a_clinic(flavor, tmp_path) as opened, Stub(body=b'{"alive": true}') as us:
        opened.set(public_url=us.url)
        opened.hook.given["url"] = opened.hook.given["url"].replace(PUBLIC, us.url)
        yield opened


def env(clinic: Clinic) -> dict[str, str]:
    """The settings as an operator writes them."""
    write_rules(clinic.folder / "rules", clinic.files)
    wired, here = clinic.connection, clinic.settings
    prefix = "GITLAB" if clinic.gitlab else "JIRA"
    trackers = {f"{prefix}_URL": wired.url, f"{prefix}_TOKEN": wired.token}
    trackers[f"{prefix}_WEBHOOK_SECRET"] = ",".join(wired.secrets)
    if not clinic.gitlab:
        trackers |= {"JIRA_USER": wired.user, "JIRA_FLAVOR": wired.flavor}
    return {
        **trackers,
        "DATA_DIR": str(here.data_dir),
        "RULES_DIR": str(here.rules_dir),
        "PUBLIC_URL": here.public_url,
        "CONSOLE_TOKEN": here.console_token,
    }


def doctor(clinic: Clinic, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return quick("doctor", *arguments, **{**env(clinic), **more})


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {each["code"]: each for each in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize("flavor", FLAVORS)
def test_where_all_is_well_it_says_so_and_ends_with_zero(clinic: Clinic):
    done = doctor(clinic)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✗" not in done.stdout
    assert "!" not in done.stdout
    assert re.search(r"nothing has to be mended\.$|^Nothing to mend\.$", done.stdout.strip(), re.MULTILINE)


def test_a_problem_stands_in_its_group_with_its_remedy_and_what_to_do_next(clinic: Clinic):
    clinic.hook.alert = "disabled"
    done = doctor(clinic)
    assert done.returncode == 1
    group = done.stdout.partition("\ngitlab\n")[2]
    assert "  ✗ the webhook of acme/support is disabled" in group
    assert "[hook_disabled]\n      mend what it failed on, then press `Test`" in group
    assert re.search(r"^1 problem.*\. Next: gitlab: mend what it failed on", done.stdout, re.MULTILINE)


def test_a_warning_alone_ends_with_zero(clinic: Clinic):
    clinic.fake.admin.expires = "2020-01-01"
    assert doctor(clinic).returncode == 1
    clinic.hook.given["enable_ssl_verification"] = False
    clinic.fake.admin.expires = "2099-01-01"
    done = doctor(clinic)
    assert done.returncode == 0
    assert re.search(r"^1 warning.*Next: gitlab: tick `SSL verification`", done.stdout, re.MULTILINE)


def test_the_same_as_json(clinic: Clinic):
    clinic.edit("_names.yaml", "team::backend", "team::backnd")
    said = json.loads(doctor(clinic, "--json").stdout)
    assert (said["problems"], said["warnings"]) == (0, 1)
    (finding,) = [each for each in said["findings"] if each["level"] == "warning"]
    assert finding["code"] == "label_missing"
    assert finding["where"] == "gitlab"
    assert finding["project"] == "acme/support"
    assert re.search(r"_names\.yaml:\d+:\d+$", finding["spot"])


def test_only_looks_at_what_is_named(clinic: Clinic):
    done = doctor(clinic, "--only", "store", "--only", "rules")
    assert [line for line in done.stdout.splitlines() if line and not line.startswith(" ")][:2] == ["store", "rules"]
    assert clinic.fake.requests == []
    wrong = doctor(clinic, "--only", "gitlb")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean `gitlab`" in wrong.stderr


def test_a_wrong_setting_is_found_and_its_secret_is_not_shown(clinic: Clinic):
    done = doctor(clinic, "--json", PORT="many", SECRET_KEYS="hidden")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"] == 2
    assert "settings_wrong" in findings(done)
    assert "hidden" not in done.stdout + done.stderr


def test_without_a_database_the_rest_is_looked_at(clinic: Clinic):
    done = doctor(clinic, "--json", DATABASE_URL="postgresql+psycopg://desk:hidden@127.0.0.1:9/desk")
    found = findings(done)
    assert done.returncode == 1
    assert found["store_unwritable"]["level"] == "problem"
    assert found["hook"]["level"] == "ok"
    assert "hidden" not in done.stdout + done.stderr


def test_a_database_address_that_is_none_is_told(clinic: Clinic):
    found = findings(doctor(clinic, "--json", DATABASE_URL="nonsense"))
    assert "sqlite:///" in found["store_unwritable"]["text"]


def test_before_the_first_start_nothing_is_made(clinic: Clinic, tmp_path: Path):
    fresh = tmp_path / "fresh"
    done = doctor(clinic, "--json", DATA_DIR=str(fresh))
    assert findings(done)["schema_behind"]["level"] == "hint"
    assert not fresh.exists()


def test_rules_that_do_not_load_are_found_and_the_connection_is_looked_at(clinic: Clinic):
    clinic.edit("support.yaml", "mode: live", "mode: alive")
    found = findings(doctor(clinic, "--json"))
    assert re.search(r"support\.yaml:\d+:\d+$", found["rules_broken"]["spot"])
    assert found["reachable"]["level"] == "ok"


def test_no_secret_is_printed(clinic: Clinic):
    clinic.hook.alert = "disabled"
    done = doctor(clinic)
    for secret in (clinic.fake.token, clinic.fake.secret, clinic.settings.console_token):
        assert secret not in done.stdout + done.stderr


def test_it_runs_as_a_command_of_its_own(clinic: Clinic):
    done = command("doctor", "--only", "gitlab", **env(clinic))
    assert done.returncode == 0, done.stderr
    assert "✓ GitLab 19.2.1-ee" in done.stdout


# check --online


@pytest.mark.parametrize("flavor", FLAVORS)
def test_check_online_finds_nothing_where_all_words_are_known(clinic: Clinic):
    given = {name: value for name, value in env(clinic).items() if name not in ("PUBLIC_URL", "CONSOLE_TOKEN")}
    done = quick("check", "--online", **given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("1 rule file, no problems.\n")


@pytest.mark.parametrize(
    ("flavor", "file", "old", "new", "said", "code"),
    [
        (
            "gitlab",
            "_names.yaml",
            "team::backend",
            "team::backnd",
            r"_names.yaml:\d+:\d+ .*team::backnd.*\(warning\)",
            0,
        ),
        ("cloud", "_names.yaml", "Highest", "Hihgest", r"_names.yaml:\d+:\d+ there is no priority `Hihgest`", 1),
        ("dc", "_names.yaml", "component Frontline", "component Frontlin", r"_names.yaml:\d+:\d+ .*`Frontlin`", 1),
        ("dc", "_people.yaml", "jira: [bo]", "jira: [boo]", r"_people.yaml:\d+:\d+ jira does not know bo", 0),
        (
            "gitlab",
            "support.yaml",
            "acme/support",
            "acme/suport",
            r"support.yaml:3:\d+ there is no project acme/sup",
            1,
        ),
    ],
)
def test_check_online_tells_the_place_of_what_the_tracker_does_not_know(
    clinic: Clinic, file: str, old: str, new: str, said: str, code: int
):
    clinic.edit(file, old, new)
    done = quick("check", "--online", **env(clinic))
    assert re.search(said, done.stdout), done.stdout
    assert done.returncode == code


@pytest.mark.parametrize("flavor", ["cloud"])
def test_check_online_leaves_out_what_no_rule_file_can_mend(clinic: Clinic):
    clinic.fake.admin.permissions.discard("ASSIGN_ISSUES")
    assert "right_missing" in findings(doctor(clinic, "--json"))
    done = quick("check", "--online", **env(clinic))
    assert (done.returncode, done.stdout.count("\n")) == (0, 2)


def test_check_without_online_asks_nobody(clinic: Clinic):
    assert quick("check", **env(clinic)).returncode == 0
    assert clinic.fake.requests == []


# Without being asked


@pytest.fixture
def warned(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], list[str]]]:
    """The texts of /readyz under a code, from a running service that looks after its connections all the time."""
    monkeypatch.setattr(app, "EXAMINE_EVERY", timedelta(milliseconds=200))
    write_rules(clinic.folder / "rules", clinic.files)
    wired = clinic.connection
    settings = replace(
        clinic.settings, gitlab_url=wired.url, gitlab_token=wired.token, gitlab_webhook_secret=wired.secrets
    )
    with Inside(settings) as running:

        def texts(code: str) -> list[str]:
            sent = {"Authorization": f"Bearer {settings.console_token}"}
            answer: dict[str, Any] = requests.get(f"{running.url}/readyz", headers=sent, timeout=10).json()
            return [each["text"] for each in answer["warnings"] if each["code"] == code]

        texts.url = running.url  # type: ignore[attr-defined]
        yield texts


def test_a_webhook_that_is_turned_off_appears_in_readyz_and_vanishes_when_healed(
    clinic: Clinic, warned: Callable[[str], list[str]]
):
    assert warned("hook") == []
    clinic.hook.alert = "disabled"
    (text,) = wait_for(lambda: warned("hook"))
    assert "the webhook of acme/support is disabled" in text
    assert "press `Test`" in text
    clinic.hook.alert = "executable"
    wait_for(lambda: not warned("hook"))


def test_a_token_about_to_expire_appears_in_readyz(clinic: Clinic, warned: Callable[[str], list[str]]):
    clinic.fake.admin.expires = "2020-01-01"
    (text,) = wait_for(lambda: warned("token"))
    assert "the token expired on 2020-01-01" in text


def test_other_problems_are_counted_in_readyz(clinic: Clinic, warned: Callable[[str], list[str]]):
    clinic.fake.admin.about["acme/support"] = {"archived": True}
    (text,) = wait_for(lambda: warned("doctor"))
    assert text.startswith("1 problem with gitlab; see `pointsman doctor`: acme/support is archived")


def test_a_stranger_reads_no_project_in_readyz(clinic: Clinic, warned: Callable[[str], list[str]]):
    clinic.hook.alert = "disabled"
    wait_for(lambda: warned("hook"))
    answer = requests.get(f"{warned.url}/readyz", timeout=10)  # type: ignore[attr-defined]
    assert "hook" in {each["code"] for each in answer.json()["warnings"]}
    assert "acme" not in answer.text
