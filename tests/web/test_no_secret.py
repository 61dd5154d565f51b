"""No secret of a setting or a connection is on any page or in any answer, whoever asks and whatever goes wrong."""

from __future__ import annotations

import itertools

import pytest

import app
from connector.settings import SECRET, read_settings
from tests.engine.line import NAMES, PEOPLE, RULES, write_rules

from .conftest import Browser

CANARY = "canary7f3a"
TRACKERS = """\
eu: {kind: gitlab, url: "https://eu.example", token: {env: EU_TOKEN}, secret: {env: EU_SECRET}}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    files = {"desk.yaml": RULES, "_names.yaml": NAMES, "_people.yaml": PEOPLE, "_trackers.yaml": TRACKERS}
    write_rules(folder / "rules", files)
    unlike = itertools.count()
    env = {f"POINTSMAN_{name.upper()}": f"{CANARY}{next(unlike)}" for name in sorted(SECRET)}
    env |= {
        "POINTSMAN_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
        "POINTSMAN_DATA_DIR": str(folder),
        "POINTSMAN_RULES_DIR": str(folder / "rules"),
        "POINTSMAN_GITLAB_URL": f"http://someone:{CANARY}@127.0.0.1:9",
        "POINTSMAN_JIRA_URL": f"http://127.0.0.1:9/?token={CANARY}",
        "POINTSMAN_PUBLIC_URL": f"https://someone:{CANARY}@desk.example",
        "EU_TOKEN": f"{CANARY}-eu-token",
        "EU_SECRET": f"{CANARY}-eu-secret",
    }
    patch = pytest.MonkeyPatch()
    for name, value in env.items():
        patch.setenv(name, value)
    services = app.build_services(read_settings(env))
    try:
        yield services, app.build_web(services), env
    finally:
        services.store.close()
        services.host.close()
        patch.undo()


def addresses(web):
    """Every page without parameters, one below each that has some, and what is wrong in several ways."""
    simple = sorted(
        {
            str(rule)
            for rule in web.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not rule.arguments and "static" not in str(rule)
        }
    )
    below = ["/rules/desk", "/plugins/priority", "/tickets/local/DESK-1", "/tickets/eu/1", "/nothing", "/tickets"]
    below += ["/api/v1/rules/desk", "/api/v1/plugins/priority"]
    return [*simple, *below, "/?lang=zh", "/connections?done=done&name=eu", "/api/v1/nothing"]


@pytest.mark.parametrize("signed_in", [True, False], ids=["admin", "stranger"])
def test_no_answer_holds_a_secret(installed, signed_in):
    services, web, env = installed
    assert set(services.rules.current.connections) == {"local", "gitlab", "jira", "eu"}
    token = env["POINTSMAN_CONSOLE_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"} if signed_in else {}
    browser = Browser(web)
    paths = addresses(web)
    assert {"/settings", "/connections", "/rules", "/plugins", "/parked"} <= set(paths)

    shown = {}
    for path in paths:
        answer = browser.get(path, headers=headers)
        shown[path] = answer.status_code
        assert CANARY not in answer.text, path
        assert CANARY not in str(answer.headers), path
    assert (shown["/settings"], shown["/connections"]) == ((200, 200) if signed_in else (401, 401))


@pytest.mark.parametrize("name", ["gitlab", "jira"])
def test_a_check_that_fails_keeps_no_secret(installed, name):
    services, web, env = installed
    browser = Browser(web)
    headers = {"Authorization": f"Bearer {env['POINTSMAN_CONSOLE_TOKEN']}"}

    assert browser.post(f"/connections/{name}/check", headers=headers).status_code == 303

    page = browser.get("/connections", headers=headers).text
    assert "127.0.0.1:9" in page
    assert CANARY not in page
    assert CANARY not in (services.store.meta.get(f"doctor/{name}"))


def test_an_unforeseen_failure_holds_none_either(installed, monkeypatch):
    services, web, env = installed

    def fail(*_):
        raise RuntimeError(f"connecting with {CANARY}")

    monkeypatch.setattr(type(services.store.pulse), "schema", fail)
    web.config["PROPAGATE_EXCEPTIONS"] = False
    answer = Browser(web).get("/settings", headers={"Authorization": f"Bearer {env['POINTSMAN_CONSOLE_TOKEN']}"})

    assert answer.status_code == 500
    assert CANARY not in answer.text
