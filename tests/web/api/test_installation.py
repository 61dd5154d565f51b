"""Rules, plugins, connections, settings and health for programs: what the console shows, and no secret."""

from __future__ import annotations

from connector.core.rule_told import RuleGroup, RuleLine, SectionWords
from connector.engine.book import WordRow
from connector.engine.doctor.findings import tell
from connector.model import Person
from connector.plugins_host import Condition
from tests.fakes.installation import THEN, a_book, a_connection, a_file, a_plugin, a_process

from .place import RULES


def test_every_rule_is_one_sentence_in_the_language_asked_for(ask):
    english, chinese = (ask("GET", f"/rules?lang={lang}").json for lang in ("en", "zh"))
    (file,) = english["files"]

    assert (file["name"], file["mode"], english["problems"]) == ("desk", "live", [])
    lines = [rule for section in file["sections"] for group in section["groups"] for rule in group["rules"]]
    assert lines
    assert all(rule["text"] or rule["off"] for rule in lines)
    assert any(rule["line"] for rule in lines)
    assert chinese["digest"] == english["digest"]
    assert chinese["files"][0]["sections"] != file["sections"]


def test_a_rule_file_is_told_as_it_is_written(ask):
    answer = ask("GET", "/rules/desk").json

    assert (answer["name"], answer["path"].rpartition("/")[2]) == ("desk", "desk.yaml")
    assert answer["text"].splitlines() == (RULES / "desk.yaml").read_text(encoding="utf-8").splitlines()
    assert ask("GET", "/rules/_people").status_code == ask("GET", "/rules/none").status_code == 404


def test_what_stands_beside_the_rules_is_told_as_on_the_page(house, browser):
    line = RuleLine("hello", "When it is new, say this.", says=(("en", "Hello!"), ("zh", "你好！")))
    section = SectionWords("replies", (), (RuleGroup("replies", (line,)),))
    house.installation.book = a_book(
        files=(a_file(sections=(section,)),),
        people=(Person("ann", "Ann Li", teams=frozenset({"b", "a"}), ids={"gitlab": ("ann",)}),),
        tables=(("team", (WordRow("frontline", (("gitlab", ("team::frontline",)),)),)),),
        others=(a_process(id="beta/2"),),
    )

    answer = browser.get("/api/v1/rules").json

    (file,) = answer["files"]
    assert file["lists"] == {"down": ["宕机", "outage"]}
    assert file["sections"][0]["groups"][0]["rules"][0]["says"] == {"en": "Hello!", "zh": "你好！"}
    person = {"id": "ann", "name": "Ann Li", "role": "first_line", "teams": ["a", "b"], "trackers": ["gitlab"]}
    assert answer["people"] == [person]
    assert answer["names"] == [
        {"table": "team", "word": "frontline", "places": {"gitlab": ["team::frontline"]}},
    ]
    assert answer["others"] == ["beta/2"]


def test_what_sounds_like_a_secret_is_left_out_of_a_rule_file(house, browser):
    house.installation.text = "crm:\n  token: of-the-crm\n  url: https://crm.example"

    assert browser.get("/api/v1/rules/support").json["text"].splitlines()[1:] == [
        "  token: ••••",
        "  url: https://crm.example",
    ]


def test_an_unknown_language_is_refused(ask):
    assert set(ask("GET", "/rules?lang=xx").json["fields"]) == {"lang"}


def test_plugins_come_with_their_help_and_how_they_do(ask):
    found = {plugin["name"]: plugin for plugin in ask("GET", "/plugins").json}

    assert {"priority", "routing", "replies"} <= set(found)
    assert found["priority"]["help"]
    assert found["priority"]["asked_by"][0]["file"] == "desk"
    assert ask("GET", "/plugins/priority").json["digest"] == found["priority"]["digest"]
    assert ask("GET", "/plugins/no-such").status_code == 404


def test_an_admin_has_a_quarantined_plugin_tried_again_and_the_record_says_so(house, browser):
    house.installation.plugins = [
        a_plugin("vip", Condition(3, True, THEN, "propose", "vip.py:12", THEN, 3, 0.3, 0.2))
    ]

    assert browser.post("/api/v1/plugins/vip/again", json={}).json == {"name": "vip", "state": "asked"}
    assert [(row.what, row.detail) for row in house.audit.rows] == [("plugin_tried_again", {"plugin": "vip"})]


def test_a_plugin_in_no_quarantine_is_left_alone(ask):
    answer = ask("POST", "/plugins/priority/again", "admin")

    assert (answer.status_code, answer.json) == (200, {"name": "priority", "state": "not_quarantined"})
    assert ask("POST", "/plugins/no-such/again", "admin").status_code == 404


def test_the_doctor_looks_at_a_connection_when_asked_to(ask, place):
    assert ask("POST", "/connections/gitlab/check", "act").json == {"name": "gitlab", "state": "done"}
    assert place.checked == ["gitlab"]
    for name in ("local", "no-such"):
        assert ask("POST", f"/connections/{name}/check", "act").status_code == 404
    assert place.checked == ["gitlab"]


def test_a_connection_tells_its_options_and_whether_it_was_reached(house, browser):
    options = (("internal_visibility", "role Agents"),)
    house.installation.connections = [a_connection("jira", options=options), a_connection(reached=False)]

    items = browser.get("/api/v1/connections").json["items"]

    assert [(each["options"], each["reached"]) for each in items] == [(dict(options), True), ({}, False)]


def test_what_the_doctor_found_is_told_in_the_language_asked_for(house, browser):
    lacking = tell("hook_missing", "gitlab", key="acme/support", here="https://desk.example/hooks/gitlab", do="x")
    house.installation.connections = [a_connection(findings=(lacking,), found_at=THEN)]

    for language in ("en", "zh"):
        (found,) = browser.get(f"/api/v1/connections?lang={language}").json["items"][0]["findings"]
        told = lacking.told(language)
        assert (found["text"], found["remedy"], told.language) == (told.text, told.remedy, language)


def test_changes_can_be_those_of_people(house, browser):
    house.audit.add("pointsman", "parked")
    house.audit.add("ann@desk.example", "replayed")

    assert [each["what"] for each in browser.get("/api/v1/changes?by=people").json["items"]] == ["replayed"]
    assert browser.get("/api/v1/changes?by=robots").status_code == 422


def test_connections_tell_their_state(ask):
    answer = ask("GET", "/connections").json

    assert {each["name"]: each["kind"] for each in answer["items"]}["local"] == "local"
    assert answer["missing"] == []


def test_settings_tell_of_a_secret_only_that_it_is_set(ask):
    answer = ask("GET", "/settings", "admin").json
    token = next(each for each in answer["settings"] if each["name"] == "CONSOLE_TOKEN")

    assert (token["secret"], token["present"], token["value"]) == (True, True, "")
    assert answer["about"]["schema"] == answer["about"]["newest"]


def test_ready_has_what_readyz_has_with_details(ask):
    answer = ask("GET", "/ready").json

    assert answer["ready"] is True
    assert {"code", "text", "detail"} == set(answer["warnings"][0])
    assert "parked" in {warning["code"] for warning in answer["warnings"]}


def test_a_decision_without_consequences_is_what_was_decided(ask, place):
    page = ask("GET", "/tickets/local/DESK-1").json
    plans = len(page["why"])
    fresh = {name: page["document"][name] for name in ("project", "title", "body", "requester")}

    tried = ask("POST", "/try", "act", json={"ticket": fresh}).json

    wanted = {d["slot"]: d["value"] for d in tried["decisions"] if d["verdict"] == "apply"}
    assert wanted["priority"] == page["ticket"]["priority"]
    assert len(ask("GET", "/tickets/local/DESK-1/why").json) == plans


def test_the_document_of_a_ticket_can_be_tried_as_it_is(ask):
    document = ask("GET", "/tickets/local/DESK-1").json["document"]

    tried = ask("POST", "/try", "act", json={"ticket": document, "event": {"kind": "commented", "text": "Hello?"}})

    assert (tried.status_code, tried.json["applies"]) == (200, "desk")


def test_a_ticket_of_a_project_without_rules_applies_to_nothing(ask):
    assert ask("POST", "/try", "act", json={"ticket": {"project": "elsewhere"}}).json == {"applies": None}


def test_every_mistake_in_a_ticket_is_named(ask):
    answer = ask("POST", "/try", "act", json={"ticket": {"titel": "x", "priority": "hgih"}})

    assert answer.status_code == 422
    assert [("did you mean" in said) for said in answer.json["fields"]["ticket"]] == [True, True]
