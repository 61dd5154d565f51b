"""Every command as people type it: what it prints, what it says about mistakes, how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.store import PlanRow, Share, Store
from tests.trackers.gitlab.samples import issue_hook, note_hook
from tests.trackers.jira.samples import SAMPLES

from .inside import wait_for
from .outside import ROOT, Outside, command, quick

RULES = """
version: 1
applies_to: {local: [desk], gitlab: [acme/support]}
mode: live
plugins: [customers, language, priority, routing, commands]
priority:
  levels: {urgent: 80, high: 45, normal: 15, low: 0}
  signals:
    - {id: tier-platinum, when: {customer.tier: platinum}, score: 30, because: "Platinum customer"}
    - {id: incident, when: {type: incident}, score: 25, because: "Production incident"}
    - {id: down-words, when: {text: {contains_any: [支付失败, outage]}}, score: 25, because: "Text says: {hits}"}
    - {id: old, when: {age: ">= 2d"}, score: 15, because: "Waiting for {age}"}
routing:
  - {id: rest, team: frontline}
"""
PEOPLE = """
people:
  ann: {name: Ann, ids: {local: [ann]}, teams: [frontline]}
"""
CUSTOMERS = '- {match: "*@bigbank.example", tier: platinum, name: Big Bank}\n'
STUBBORN = """
from connector import hookimpl


@hookimpl
def propose(ticket):
    raise ValueError("no")
"""
TEN_MISTAKES = """version: 1
applies_to: {gitlab: [acme/support]}
mode: alive
plugins: [priority, roting]
lists: {down: []}
priority:
  levels: {urgent: 50, hgih: 25, low: 0}
  signals:
    - {id: a, when: {titel: {contains_any: ["x"]}}, score: 50}
    - {id: a, when: {priority: urgnt}, score: many}
    - {id: b, when: {text: {matches: "("}}, score: 5}
routing:
  - {id: r, team: nobody}
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    for name, text in {"support.yaml": RULES, "_people.yaml": PEOPLE, "_customers.yaml": CUSTOMERS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def written(folder: Path, name: str, value: Any) -> Path:
    file = folder / name
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    file.write_text(text, encoding="utf-8")
    return file


TICKET = {
    "tracker": "local",
    "project": "desk",
    "key": "DESK-1",
    "title": "支付失败",
    "type": "incident",
    "requester": {"email": "li@bigbank.example"},
}


# try


def attempt(rules: Path, folder: Path, ticket: Any, *more: str | Path, run: Any = quick) -> tuple[int, Any, str]:
    done = run("try", "--rules", rules, "--ticket", written(folder, "ticket.json", ticket), *more)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout, done.stderr


def test_try_prints_the_plan_with_its_reasons(rules: Path, tmp_path: Path) -> None:
    code, plan, _ = attempt(rules, tmp_path, TICKET, run=command)
    assert code == 0
    assert list(plan) == ["applies", "mode", "decisions", "facts", "failures"]
    assert (plan["applies"], plan["mode"], plan["failures"]) == ("support", "live", [])
    assert plan["facts"]["customer.tier"] == "platinum"
    assert [d for d in plan["decisions"] if d["change"] != "SetFact"] == [
        {
            "plugin": "priority",
            "rule": "down-words",
            "rules": ["tier-platinum", "incident", "down-words"],
            "slot": "priority",
            "change": "SetPriority",
            "value": "urgent",
            "because": "Platinum customer (+30); Production incident (+25); Text says: 支付失败 (+25) = 80",
            "verdict": "apply",
        },
        {
            "plugin": "routing",
            "rule": "rest",
            "rules": ["rest"],
            "slot": "team",
            "change": "RouteTo",
            "value": "frontline",
            "because": "rule rest",
            "verdict": "apply",
        },
    ]


def test_try_takes_dotted_names_and_the_time_of_the_decision(rules: Path, tmp_path: Path) -> None:
    flat = {
        "project": "desk",
        "title": "x",
        "requester.email": "li@bigbank.example",
        "created": "2026-03-01T09:00:00Z",
    }
    reasons = {}
    for now in ("2026-03-02T09:00:00Z", "2026-03-03T10:00:00+01:00"):
        _, plan, _ = attempt(rules, tmp_path, flat, "--now", now)
        [reasons[now]] = [d["because"] for d in plan["decisions"] if d["slot"] == "priority"]
    assert list(reasons.values()) == [
        "Platinum customer (+30) = 30",
        "Platinum customer (+30); Waiting for 2d (+15) = 45",
    ]


def test_try_takes_an_event_and_a_desk(rules: Path, tmp_path: Path) -> None:
    event = written(
        tmp_path,
        "event.json",
        {"kind": "commented", "by": "agent", "person": "ann", "text": "@pointsman route night"},
    )
    desk = written(tmp_path, "desk.json", {"people": {"ann": {"name": "Ann", "teams": ["night"]}}, "customers": []})
    code, plan, _ = attempt(rules, tmp_path, TICKET, "--event", event, "--desk", desk)
    last = [d for d in plan["decisions"] if d["slot"] == "team"][-1]
    assert (code, last["plugin"], last["value"], last["verdict"]) == (0, "commands", "night", "apply")
    assert "customer.tier" not in plan["facts"]


def test_try_shows_what_a_person_holds_and_what_is_so_already(rules: Path, tmp_path: Path) -> None:
    ticket = {**TICKET, "priority": "low", "team": "frontline", "ours": {"priority": "urgent"}}
    _, plan, _ = attempt(rules, tmp_path, ticket)
    verdicts = {d["slot"]: d["verdict"] for d in plan["decisions"]}
    assert (verdicts["priority"], verdicts["team"]) == ("a person changed it since", "already so")


def test_try_where_no_file_applies_prints_null(rules: Path, tmp_path: Path) -> None:
    assert attempt(rules, tmp_path, {**TICKET, "project": "elsewhere"})[:2] == (0, {"applies": None})


MISTAKES = {
    "an unknown key": ({"titel": "x", "project": "desk"}, "`titel`", "did you mean `title`?"),
    "an unknown word": ({"priority": "urgnt", "project": "desk"}, "urgnt", "urgent"),
    "a nested unknown key": ({"requester": {"emial": "x@y.example"}}, "emial", "email"),
    "no object": ([], "object", ""),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_try_refuses_a_ticket_file_with_a_mistake(rules: Path, tmp_path: Path, what: str) -> None:
    ticket, named, remedy = MISTAKES[what]
    code, shown, said = attempt(rules, tmp_path, ticket)
    assert (code, shown) == (2, "")
    assert named in said
    assert remedy in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--event", "{folder}/nowhere.json"], "No such file"),
        (["--event", "{folder}/bad.json"], "is not JSON"),
        (["--now", "tomorrow"], "2026-03-02T09:00:00Z"),
        (["--desk", "{folder}/odd.json"], "people, teams, customers"),
        (["--event", "{folder}/odd.json"], "kind"),
    ],
)
def test_try_refuses_other_files_with_mistakes(rules: Path, tmp_path: Path, more: list[str], said: str) -> None:
    written(tmp_path, "bad.json", "{")
    written(tmp_path, "odd.json", {"knid": 1})
    code, shown, error = attempt(rules, tmp_path, TICKET, *(word.format(folder=tmp_path) for word in more))
    assert (code, shown) == (2, "")
    assert said in error
    assert "Traceback" not in error


def test_try_with_rules_that_do_not_load_ends_with_1(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    written(broken, "support.yaml", TEN_MISTAKES)
    code, shown, _ = attempt(broken, tmp_path, TICKET)
    assert code == 1
    assert shown.splitlines()[-1] == "10 problems; nothing was loaded."


def test_try_names_a_plugin_that_failed(rules: Path, tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    written(plugins, "stubborn.py", STUBBORN)
    folder = tmp_path / "rules"
    folder.mkdir()
    written(folder, "support.yaml", RULES.replace("routing, commands", "stubborn, routing, commands"))
    written(folder, "_people.yaml", PEOPLE)
    written(folder, "_customers.yaml", CUSTOMERS)
    done = command(
        "try", "--rules", folder, "--ticket", written(tmp_path, "t.json", TICKET), PLUGINS_DIR=str(plugins)
    )
    plan = json.loads(done.stdout)
    [failure] = plan["failures"]
    assert (failure["plugin"], failure["error"]) == ("stubborn", "PluginError")
    assert "ValueError" in failure["text"]
    assert {d["slot"] for d in plan["decisions"]} >= {"priority", "team"}


# check


def test_check_prints_ten_mistakes_on_ten_lines_with_place_and_remedy(tmp_path: Path) -> None:
    written(tmp_path, "support.yaml", TEN_MISTAKES)
    done = command("check", "--rules", tmp_path)
    *lines, last = done.stdout.splitlines()
    assert (done.returncode, last) == (1, "10 problems; nothing was loaded.")
    places = [re.match(r".*support\.yaml:(\d+):(\d+) (.+)", line) for line in lines]
    assert all(places)
    assert [int(place[1]) for place in places if place] == [3, 4, 5, 7, 9, 10, 10, 10, 11, 13]
    for near in ("`live`", "`routing`", "`high`", "`title`", "`urgent`"):
        assert f"did you mean {near}?" in done.stdout


def test_check_tells_what_good_rules_apply_to(rules: Path) -> None:
    done = quick("check", RULES_DIR=str(rules))
    assert done.returncode == 0
    assert "support.yaml: live, applies to local: desk; gitlab: acme/support" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 rule file, no problems."


def test_check_of_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    done = quick("check", "--rules", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "cannot be read" in done.stdout


# read


def read(folder: Path, tracker: str, body: Any, *headers: str) -> tuple[int, str, str]:
    more = [word for header in headers for word in ("--header", header)]
    done = quick("read", tracker, written(folder, "body.json", body), *more)
    return done.returncode, done.stdout, done.stderr


def test_read_shows_a_gitlab_issue(tmp_path: Path) -> None:
    code, shown, _ = read(tmp_path, "gitlab", issue_hook("open"), "X-Gitlab-Event: Issue Hook")
    found = json.loads(shown)
    assert code == 0
    assert list(found) == ["ticket", "kind", "actor", "at", "comment"]
    assert found["ticket"] == {"id": "7/12", "key": "acme/support#12", "project": "acme/support"}
    assert (found["kind"], found["actor"]["role"], found["comment"]) == ("created", None, None)
    assert found["at"] == "2026-11-01T10:00:00Z"


def test_read_shows_a_gitlab_note_by_its_headers(tmp_path: Path) -> None:
    note = note_hook(event_type="note")
    _, shown, _ = read(tmp_path, "gitlab", note, "X-Gitlab-Event: Confidential Note Hook")
    assert json.loads(shown)["comment"] == {"id": "5001", "text": "Any news?", "audience": "internal"}
    _, shown, _ = read(tmp_path, "gitlab", note)
    assert json.loads(shown)["comment"]["audience"] == "public"


def test_read_shows_null_for_what_a_data_center_comment_does_not_say(tmp_path: Path) -> None:
    _, shown, _ = read(tmp_path, "jira", SAMPLES["dc-comment"])
    found = json.loads(shown)
    assert found["ticket"] == {"id": "10042", "key": None, "project": None}
    assert (found["kind"], found["actor"]["role"]) == ("commented", None)


def test_read_tells_a_jira_customer_from_the_body(tmp_path: Path) -> None:
    _, shown, _ = read(tmp_path, "jira", SAMPLES["cloud-created"])
    assert json.loads(shown)["actor"] == {"account": "qm:dana", "name": "Ann Li", "role": "customer"}


def test_read_shows_null_for_what_is_not_for_us(tmp_path: Path) -> None:
    done = command("read", "gitlab", written(tmp_path, "push.json", {"object_kind": "push"}))
    assert (done.returncode, done.stdout) == (0, "null\n")


@pytest.mark.parametrize(
    ("tracker", "body"), [("gitlab", "{"), ("gitlab", "[]"), ("githup", "{}"), ("jira", '{"a":')]
)
def test_read_says_what_it_cannot_read(tmp_path: Path, tracker: str, body: str) -> None:
    code, shown, said = read(tmp_path, tracker, body)
    assert (code, shown) == (2, "")
    assert said.strip()
    assert "Traceback" not in said


# What needs a running instance, or its data.


@pytest.fixture(scope="module")
def instance(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("instance")
    with Outside(folder, RULES_DIR=rules, RECONCILE_EVERY="1h") as running:
        yield running


def test_demo_types_a_day_of_tickets_that_why_explains(instance: Outside) -> None:
    done = instance.command("demo")
    assert done.returncode == 0, done.stderr
    typed = int(done.stdout.split()[0])
    assert typed >= 10
    assert re.search(r"[\u4e00-\u9fff]", (ROOT / "connector/cli/demo.py").read_text(encoding="utf-8"))
    key = done.stdout.rsplit("/", 1)[1].strip()
    why = wait_for(lambda: (d := instance.command("why", "local", key)).returncode == 0 and d.stdout, 30)
    assert re.search(r"plan \d+, \S+, after `created` \(support, live\)", why)
    assert "team = frontline: apply; rule rest" in why
    assert "priority = normal: apply; Text says: 支付失败 (+25) = 25" in why


def test_why_as_json_is_the_list_of_plans_newest_first(instance: Outside) -> None:
    key = instance.type("An outage of everything")
    shown = wait_for(lambda: (d := instance.command("why", "local", key, "--json")).returncode == 0 and d.stdout, 30)
    [plan] = [p for p in json.loads(shown) if p["event"]["kind"] == "created"]
    assert {
        "id",
        "at",
        "event",
        "rules_digest",
        "effects",
        "applies",
        "mode",
        "decisions",
        "facts",
        "failures",
    } <= set(plan)
    assert {effect["slot"] for effect in plan["effects"]} >= {"priority", "team"}


def test_why_of_a_ticket_nobody_knows_ends_with_1(instance: Outside) -> None:
    done = instance.command("why", "local", "DESK-4711")
    assert (done.returncode, done.stdout) == (1, "")
    assert "DESK-4711" in done.stderr


def test_plugins_lists_all_and_shows_the_help_of_one(instance: Outside) -> None:
    listed = instance.command("plugins")
    assert listed.returncode == 0
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    assert names >= {"customers", "language", "priority", "routing", "replies", "commands"}
    assert "routing:" in instance.command("plugins", "routing").stdout
    missing = instance.command("plugins", "routng")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "did you mean `routing`?" in missing.stderr


def test_db_shows_the_address_the_schema_and_how_much_there_is(instance: Outside, tmp_path: Path) -> None:
    shown = instance.command("db")
    assert shown.returncode == 0
    assert "pointsman.db" in shown.stdout
    assert re.search(r"^\s+inbox\s+\d+$", shown.stdout, re.MULTILINE)
    fresh = command("db", "upgrade", DATA_DIR=str(tmp_path / "new"))
    assert (fresh.returncode, "the schema is" in fresh.stdout) == (0, True)


def test_db_verify_names_the_tickets_whose_record_was_changed(tmp_path: Path) -> None:
    assert "nothing to verify" in quick("db", "verify", DATA_DIR=str(tmp_path)).stdout
    store = Store.open(f"sqlite:///{tmp_path / 'pointsman.db'}")
    try:
        with store.begin() as work:
            work.set_timer("local:1", "age", datetime(2126, 3, 2, 9, tzinfo=UTC))
            for ticket in ("1", "2"):
                work.add_plan(PlanRow("local", ticket, mode="live"), [])
        assert "next timer 2126-03-02 09:00:00 UTC" in quick("db", DATA_DIR=str(tmp_path)).stdout
        whole = quick("db", "verify", DATA_DIR=str(tmp_path))
        assert (whole.returncode, "the plans of 2 tickets" in whole.stdout) == (0, True)
        with store.begin() as work:
            work.connection.execute(sa.text("UPDATE plan SET mode = 'shadow' WHERE ticket = '2'"))
    finally:
        store.close()
    changed = quick("db", "verify", DATA_DIR=str(tmp_path))
    assert (changed.returncode, "local 2: its plans are not as they were stored" in changed.stderr) == (1, True)
    assert "local 1" not in changed.stderr


def test_db_rebuild_load_says_whose_sum_was_another_than_the_ledger_says(tmp_path: Path) -> None:
    assert "nothing to add up" in quick("db", "rebuild-load", DATA_DIR=str(tmp_path)).stdout
    store = Store.open(f"sqlite:///{tmp_path / 'pointsman.db'}")
    try:
        with store.begin() as work:
            work.put_loads({("local", "1"): Share("ann", 1250), ("local", "2"): Share("bo", 1000)})
            work.connection.execute(sa.text("UPDATE load_sum SET units = 9000, tickets = 3 WHERE person = 'ann'"))
    finally:
        store.close()
    told = quick("db", "rebuild-load", DATA_DIR=str(tmp_path))
    assert told.returncode == 0
    assert told.stdout.splitlines() == [
        "ann: 9 units on 3 tickets stood there, it is 1.25 on 1",
        "corrected: 1",
    ]
    assert quick("db", "rebuild-load", DATA_DIR=str(tmp_path)).stdout == "all sums are as the ledger says\n"


def test_demo_without_an_instance_says_how_to_start_one(tmp_path: Path) -> None:
    done = quick("demo", "--url", "http://127.0.0.1:9", DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "make run" in done.stderr


def test_an_unknown_setting_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    done = quick("db", DATA_DIR=str(tmp_path), BODY_LIMT="1 MB", PORT="http")
    assert done.returncode == 2
    assert "POINTSMAN_BODY_LIMT is no setting (did you mean POINTSMAN_BODY_LIMIT?)" in done.stderr
    assert "POINTSMAN_PORT" in done.stderr


def test_a_wrong_setting_that_is_secret_is_not_shown(tmp_path: Path) -> None:
    done = quick("db", DATA_DIR=str(tmp_path), DATABASE_URL="mysql://root:hunter2@db/x")
    assert done.returncode == 2
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize("arguments", [(), ("nothing",), ("replay",), ("try",), ("serve", "--role", "all-of-it")])
def test_a_command_typed_wrong_ends_with_2_and_helps(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = quick(*(arguments or ("--nonsense",)), DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("asked", [("replay", "9" * 20), ("replay", "-1"), ("replay", "9" * 5000)])
def test_a_number_that_no_event_can_have_is_a_mistake_in_the_command(asked: tuple[str, str], tmp_path: Path) -> None:
    found = quick(*asked, DATA_DIR=tmp_path)
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


def test_what_is_parked_can_be_listed_and_replayed(rules: Path, tmp_path: Path) -> None:
    env = {"RULES_DIR": rules, "RECONCILE_EVERY": "1h"}
    with Outside(tmp_path, "--role", "web", **env) as door:
        key = door.type("An outage of everything")
    number = _park(f"sqlite:///{tmp_path / 'var' / 'pointsman.db'}")
    with Outside(tmp_path, **env) as running:
        listed = running.command("parked")
        assert listed.returncode == 0
        assert re.search(rf"^\s*{number}\s.*local:1\s+created\s+no answer at all$", listed.stdout, re.MULTILINE)
        assert "1 parked." in listed.stdout
        assert "pointsman parked" in running.warned("parked")
        wrong = running.command("replay", "999999")
        assert (wrong.returncode, "999999 is not parked" in wrong.stderr) == (1, True)
        assert running.command("replay", str(number)).returncode == 0
        assert "plan 1" in wait_for(lambda: running.command("why", "local", key).stdout, 30)
        assert running.command("parked").stdout.startswith("0 parked.")
        assert running.warned("parked") == ""


def _park(url: str) -> int:
    """Give up the one event that waits, as a worker does after a day; its number."""
    store = Store.open(url)
    [lane] = store.inbox.claim("test", 1)
    [event] = store.inbox.waiting(lane)
    with store.fenced(lane) as work:
        work.park(event.id, "no answer at all")
    store.inbox.release(lane)
    store.close()
    return event.id
