"""`pointsman token`: made, shown once, used, revoked; and what it says about mistakes."""

from __future__ import annotations

import getpass
import os

import pytest

import app
from connector.cli.actor import actor
from connector.settings import Settings
from connector.web import create_web

from .outside import quick


@pytest.fixture
def env(tmp_path):
    (tmp_path / "rules").mkdir()
    return {"DATA_DIR": tmp_path, "RULES_DIR": tmp_path / "rules", "SECRET_KEY": "test-key"}


def ask(env, token, path="/"):
    """The status of a page for a stranger from afar who has `token`."""
    services = app.build_services(
        Settings(**{name.lower(): value for name, value in env.items()} | {"secret_key": ("k",)})
    )
    try:
        browser = create_web(services).test_client()
        far = {"REMOTE_ADDR": "192.0.2.7"}
        return browser.get(path, headers={"Authorization": f"Bearer {token}"}, environ_overrides=far).status_code
    finally:
        services.host.close()
        services.store.close()


def test_a_token_opens_what_its_scopes_say_until_it_is_revoked(env):
    made = quick("token", "make", "reports", "--scope", "read, act", **env)
    token = made.stdout.strip()

    assert made.returncode == 0
    assert token.startswith("pmt_")
    assert ask(env, token) == 200
    assert ask(env, token, "/settings") == 403
    assert quick("token", "revoke", "reports", **env).returncode == 0
    assert ask(env, token) == 401


def test_the_list_shows_no_token_but_what_became_of_each(env):
    token = quick("token", "make", "reports", "--scope", "metrics", **env).stdout.strip()
    ask(env, token)
    quick("token", "make", "old", **env)
    quick("token", "revoke", "old", **env)

    said = quick("token", "list", **env).stdout

    assert token not in said
    old, reports, total = said.splitlines()
    assert old.startswith("old")
    assert "revoked" in old
    assert "metrics" in reports
    assert "used" in reports
    assert actor() in reports
    assert total == "1 good."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["make"], "name the token"),
        (["revoke"], "name the token"),
        (["make", "two words"], "a name has up to 60 letters"),
        (["make", "x", "--scope", "reed"], "did you mean `read`?"),
        (["make", "x", "--scope", " , "], "name a scope: read, act, admin, metrics"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_made(env, words, said):
    done = quick("token", *words, **env)

    assert done.returncode == 2
    assert said in done.stderr
    assert quick("token", "list", **env).stdout.startswith("0 good.")


def test_a_name_stands_for_one_token(env):
    quick("token", "make", "reports", **env)

    again = quick("token", "make", "reports", **env)

    assert again.returncode == 1
    assert again.stdout == ""
    assert "already" in again.stderr


def test_what_is_not_there_cannot_be_revoked(env):
    assert quick("token", "revoke", "nothing", **env).returncode == 1


def test_an_account_without_a_name_has_a_number(monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)

    assert actor() == f"cli:{os.getuid()}"
