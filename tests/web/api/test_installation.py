"""Rules, plugins, connections, settings and health for programs: what the console shows, and no secret."""

from __future__ import annotations


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


def test_an_unknown_language_is_refused(ask):
    assert set(ask("GET", "/rules?lang=xx").json["fields"]) == {"lang"}


def test_plugins_come_with_their_help_and_how_they_do(ask):
    found = {plugin["name"]: plugin for plugin in ask("GET", "/plugins").json}

    assert {"priority", "routing", "replies"} <= set(found)
    assert found["priority"]["help"]
    assert found["priority"]["asked_by"][0]["file"] == "desk"
    assert ask("GET", "/plugins/priority").json["digest"] == found["priority"]["digest"]
    assert ask("GET", "/plugins/no-such").status_code == 404


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
