"""The main job once more, against trackers that were written from the facts alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.settings import Settings
from tests.engine.line import write_rules

from .far import NAMES, PEOPLE, RULES
from .inside import Inside
from .stub_gitlab import GitLabStub
from .stub_jira import JiraStub
from .stubs import Stub

SECRET = "hook-secret"


@contextmanager
def serving(folder: Path, stub: GitLabStub | JiraStub) -> Iterator[Inside]:
    there: dict[str, Any]
    if isinstance(stub, GitLabStub):
        scope = "{gitlab: [acme/support]}"
        there = {"gitlab_url": stub.url, "gitlab_token": "glpat-stub", "gitlab_webhook_secret": (SECRET,)}
    else:
        scope = f"{{jira: [{stub.project}]}}"
        flavor = "cloud" if stub.cloud else "dc"
        there = {"jira_url": stub.url, "jira_token": "jira-stub", "jira_flavor": flavor}
        there["jira_webhook_secret"] = (SECRET,)
    rules = RULES.replace("{gitlab: [acme/support], jira: [SUP, HELP], jira-dc: [SUP, HELP]}", scope)
    files = {"support.yaml": rules, "_names.yaml": NAMES, "_people.yaml": PEOPLE}
    folder_of_rules = write_rules(folder / "rules", files)
    settings = Settings(
        data_dir=folder / "var", rules_dir=folder_of_rules, reconcile_every=timedelta(hours=1), **there
    )
    with Inside(settings) as running:
        yield running


STUBS = {
    "gitlab": GitLabStub,
    "cloud": lambda: JiraStub(cloud=True, service=False),
    "cloud-service": lambda: JiraStub(cloud=True, service=True),
    "dc": lambda: JiraStub(cloud=False, service=False),
    "dc-service": lambda: JiraStub(cloud=False, service=True),
}


@pytest.fixture(params=STUBS)
def stub(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = STUBS[request.param]()
    yield made
    made.close()
    assert made.mistakes == []


def deliver(running: Inside, stub: Any, *deliveries: tuple[dict[str, str], bytes]) -> None:
    path = "gitlab" if isinstance(stub, GitLabStub) else f"jira/{SECRET}"
    for headers, body in deliveries:
        assert running.post(path, body, headers).status_code in (202, 204)
    running.settle()


def writes(stub: Stub) -> list[str]:
    """Every write, as `VERB tail-of-path`."""
    places = r"/rest/api/2/issue/10042|/api/v4/projects/7/issues/3"
    return [re.sub(places, "", asked) for asked in stub.asked if not asked.startswith("GET")]


def test_a_new_ticket_is_written_once_with_exactly_these_bodies_and_its_echoes_die_out(tmp_path, stub) -> None:
    with serving(tmp_path, stub) as running:
        deliver(running, stub, stub.opened())
        first = writes(stub)
        echoes, stub.hooks = stub.hooks, []
        assert echoes
        deliver(running, stub, *echoes, *reversed(echoes))
        assert writes(stub) == first
        assert stub.hooks == []
    if isinstance(stub, GitLabStub):
        assert first == ["PUT ", "POST /notes", "POST /notes", "POST /notes"]
        assert stub.bodies[0] == {
            "add_labels": "Priority::1,team::frontline",
            "remove_labels": "team::backend",
            "assignee_ids": [11],
        }
        assert [(c["body"].splitlines()[0], c["internal"]) for c in stub.comments] == [
            ("We have your request.", False),
            ("Look at the logs first.", True),
            ("Pointsman · why", True),
        ]
        return
    edit = stub.bodies[0]
    assert edit["fields"] == {
        "priority": {"name": "Highest"},
        "assignee": {"accountId" if stub.cloud else "name": "ann"},
    }
    assert edit["update"]["labels"] == [{"add": "team-frontline"}, {"remove": "team-backend"}]
    assert [entry["key"] for entry in edit["properties"]] == ["pointsman"]
    assert set(edit["properties"][0]["value"]) == {"plan", "said"}
    if stub.service:
        assert first == ["PUT ", "POST /comment", "POST /comment", "POST /comment"]
        assert [c["public"] for c in stub.comments] == [True, False, False]
    else:
        assert first == ["PUT "]
        assert len(edit["update"]["comment"]) == 3
    assert "<!--" not in "".join(c["body"] for c in stub.comments)


def test_a_person_who_changes_our_label_keeps_it(tmp_path, stub) -> None:
    with serving(tmp_path, stub) as running:
        deliver(running, stub, stub.opened())
        deliver(running, stub, *stub.hooks)
        stub.hooks.clear()
        before = len(writes(stub))
        if isinstance(stub, GitLabStub):
            stub.labels = [name for name in stub.labels if not name.startswith("Priority")] + ["priority::2"]
            told = stub.hook("issue", "bo", action="update")
            stub.tell(told)
        else:
            item = stub.changed("priority", "High")
            issue = stub.shown({"summary", "project", "priority", "updated"})
            body = {"user": stub.user("bo"), "issue": issue, "changelog": {"id": "900", "items": [item]}}
            stub.tell("jira:issue_updated", body)
        deliver(running, stub, *stub.hooks)
        assert len(writes(stub)) == before
