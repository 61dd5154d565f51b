"""Who may knock at a door for webhooks, and with which proof."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey

import app
from connector.engine.services import Services
from connector.settings import Settings
from connector.web import create_web
from tests.engine.line import write_rules

CLIENT_SECRET = "a client secret of an app"
RULES = """
version: 1
applies_to: {jira: [SUP], gitlab: [acme/support], help: [SUP]}
plugins: []
"""
TRACKERS = "help: {kind: jira, flavor: cloud, url: https://help.example, client_secret: {env: APP_SECRET}}\n"
BODY = {
    "webhookEvent": "jira:issue_updated",
    "timestamp": 1793000000000,
    "issue": {"id": "10042", "key": "SUP-42", "fields": {"project": {"key": "SUP"}}},
    "user": {"accountId": "u1", "displayName": "Dana"},
    "changelog": {"id": "7", "items": [{"field": "summary", "fromString": "a", "toString": "b"}]},
}


class Unread:
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = readlines = __iter__ = read


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Services, FlaskClient]]:
    monkeypatch.setenv("APP_SECRET", CLIENT_SECRET)
    write_rules(tmp_path / "rules", {"team.yaml": RULES, "_trackers.yaml": TRACKERS})
    settings = Settings(
        data_dir=tmp_path / "var",
        rules_dir=tmp_path / "rules",
        gitlab_url="https://gitlab.example",
        gitlab_webhook_secret=("hook",),
        gitlab_allow_from=("192.0.2.0/24", "2001:db8::/32"),
        jira_url="https://jira.example",
        jira_client_secret=(CLIENT_SECRET,),
        jira_allow_from=("198.51.100.7/32",),
        trusted_proxies=("10.0.0.0/8",),
    )
    services = app.build_services(settings)
    assert not services.rules.problems
    yield services, create_web(services).test_client()
    services.host.close()
    services.store.close()


def knock(client: FlaskClient, tracker: str, remote: str, **headers: str) -> int:
    """The status for a request whose body must stay unread."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = {"REMOTE_ADDR": remote, "wsgi.input": Unread(), "CONTENT_LENGTH": "5"}
    return client.post(f"/hooks/{tracker}", headers=given, environ_overrides=environ).status_code


@pytest.mark.parametrize(
    ("remote", "headers"),
    [
        ("203.0.113.9", {}),
        ("192.0.3.1", {}),
        ("2001:db9::1", {}),
        ("", {}),
        ("203.0.113.9", {"X_Forwarded_For": "192.0.2.7"}),
        ("10.0.0.1", {"X_Forwarded_For": "203.0.113.9"}),
        ("10.0.0.1", {"X_Forwarded_For": "192.0.2.7, 203.0.113.9"}),
        ("10.0.0.1", {"X_Forwarded_For": "junk"}),
    ],
)
def test_from_outside_of_the_networks_nothing_is_read(house: Any, remote: str, headers: dict[str, str]) -> None:
    _, client = house
    assert knock(client, "gitlab", remote, **headers, X_Gitlab_Token="hook") == 401


@pytest.mark.parametrize(
    ("remote", "headers"),
    [
        ("192.0.2.200", {}),
        ("::ffff:192.0.2.200", {}),
        ("2001:db8:7::1", {}),
        ("10.0.0.1", {"X_Forwarded_For": "192.0.2.7"}),
        ("10.0.0.1", {"X_Forwarded_For": "203.0.113.9, 192.0.2.7, 10.0.0.2"}),
    ],
)
def test_from_the_networks_the_secret_decides(house: Any, remote: str, headers: dict[str, str]) -> None:
    _, client = house
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for secret, status in (("hook", 204), ("guess", 401)):
        sent = {**given, "X-Gitlab-Token": secret, "X-Gitlab-Event": "Push Hook"}
        answer = client.post("/hooks/gitlab", json={}, headers=sent, environ_overrides={"REMOTE_ADDR": remote})
        assert answer.status_code == status


def test_a_stranger_is_not_told_whether_it_is_the_address_or_the_secret(house: Any) -> None:
    _, client = house
    answers = [
        client.post("/hooks/gitlab", json={}, environ_overrides={"REMOTE_ADDR": remote}).get_json()["error"]
        for remote in ("203.0.113.9", "192.0.2.7")
    ]
    assert answers[0] == answers[1]


def test_an_unknown_tracker_is_404_from_everywhere(house: Any) -> None:
    _, client = house
    answer = client.post("/hooks/nobody", json={}, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 404


def test_a_connection_without_networks_is_open_to_all_who_can_prove_themselves(house: Any) -> None:
    services, client = house
    for status in (202, 202):
        answer = client.post(
            "/hooks/help", json=BODY, headers=bearer(), environ_overrides={"REMOTE_ADDR": "203.0.113.9"}
        )
        assert answer.status_code == status
    assert services.store.inbox.depth().waiting == 1


def bearer(secret: str = CLIENT_SECRET) -> dict[str, str]:
    claims = {"iat": int(time.time()), "exp": int(time.time()) + 180}
    made = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret), algorithms=["HS256"])
    return {"Authorization": f"Bearer {made}"}


def test_the_default_jira_takes_the_client_secret_of_the_settings(house: Any) -> None:
    services, client = house
    here = {"REMOTE_ADDR": "198.51.100.7"}
    wrong = client.post("/hooks/jira", json=BODY, headers=bearer("another client secret"), environ_overrides=here)
    assert wrong.status_code == 401
    right = client.post("/hooks/jira", data=json.dumps(BODY), headers=bearer(), environ_overrides=here)
    assert right.status_code == 202
    away = client.post("/hooks/jira", json=BODY, headers=bearer(), environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert away.status_code == 401
    assert services.store.inbox.depth().waiting == 1
