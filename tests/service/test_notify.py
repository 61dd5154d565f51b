"""Notices from end to end: the command that tries an address, and a service that tells its people."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.engine.line import RULES
from tests.engine.test_delivery import PLUGIN
from tests.notices.receiver import a_receiver

from .inside import wait_for
from .outside import Outside, quick

DESK = "version: 1\napplies_to: {local: [desk]}\nmode: live\nplugins: [priority]\n"


def a_folder(folder: Path, notify: str, desk: str = DESK) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "desk.yaml").write_text(desk, encoding="utf-8")
    (folder / "_people.yaml").write_text(f"people: {{ann: {{name: Ann Li}}}}\nnotify:\n{notify}", encoding="utf-8")
    return folder


@pytest.mark.parametrize(("language", "title"), [("en", "Pointsman · test"), ("zh", "Pointsman · 测试")])
def test_a_test_notice_arrives_at_every_address_and_the_command_says_so(tmp_path, language, title):
    with a_receiver() as receiver:
        rules = a_folder(tmp_path, f"  duty: {{url: ['{receiver.url}', '{receiver.url}?x=1']}}\n")
        done = quick("notify", "duty", RULES_DIR=rules, DATA_DIR=tmp_path / "var", LANGUAGE=language)

    assert (done.returncode, done.stdout) == (0, "duty by json: sent\nduty by json: sent\n")
    assert [told["title"] for told in receiver.told] == [title] * 2
    assert "`duty`" in receiver.told[0]["message"]


@pytest.mark.parametrize(
    ("status", "why"),
    [(404, "it was refused (404): is the address still valid there?"), (503, "it answered 503: try again later")],
)
def test_what_did_not_arrive_is_told_with_the_likely_cause_and_without_the_address(tmp_path, status, why):
    with a_receiver() as receiver:
        receiver.status = status
        rules = a_folder(tmp_path, f"  duty: {{url: '{receiver.url}'}}\n")
        done = quick("notify", "duty", RULES_DIR=rules, DATA_DIR=tmp_path / "var")

    assert (done.returncode, done.stdout) == (1, f"duty by json: not sent, {why}\n")
    assert "SECRET" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("dutty", 1, "this is no name under `notify:` in _people.yaml (did you mean `duty`?)"),
        ("lead", 1, "this is no name under `notify:` in _people.yaml: `duty`"),
        ("duty", 1, "duty has no address: `pointsman check` says which environment variable is not set"),
    ],
)
def test_a_name_without_an_address_is_told_what_to_do(tmp_path, name, code, told):
    rules = a_folder(tmp_path, "  duty: {url: {env: NOT_SET_HERE}}\n")

    done = quick("notify", name, RULES_DIR=rules, DATA_DIR=tmp_path / "var")

    assert (done.returncode, (done.stdout + done.stderr).strip()) == (code, told)


def test_a_service_tells_the_one_on_duty_and_no_log_has_the_address(tmp_path):
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "page.py").write_text(PLUGIN, encoding="utf-8")
    rules = a_folder(
        tmp_path / "rules", "  duty: {url: {env: DUTY}}\n", RULES.replace("commands]", "commands, page]")
    )
    (rules / "_names.yaml").write_text("team: {frontline: {}, backend: {}}\n", encoding="utf-8")
    given = {"RULES_DIR": rules, "PLUGINS_DIR": plugins, "LOG_LEVEL": "debug"}
    with a_receiver() as receiver:
        (tmp_path / ".env").write_text(f"DUTY={receiver.url}\n", encoding="utf-8")
        with Outside(tmp_path, cwd=tmp_path, **given) as service:
            key = service.type("outage")
            wait_for(lambda: bool(receiver.told), 20)
            wait_for(lambda: any(line["event"] == "notice_sent" for line in service.logged), 20)
            pages = requests.get(f"{service.url}/tickets/local/{key}", timeout=10).text
            why = requests.get(f"{service.url}/api/v1/tickets/local/{key}/why", timeout=10).text
            service.stop()

    (told,) = receiver.told
    assert told["title"] == f"{key} outage"
    assert told["message"].startswith("Ann Li, look: outage")
    assert "Ann Li, look: outage" in pages
    assert "SECRET" not in f"{service.logged}{service.said}{pages}{why}"
