"""Changes as requests: how few, with which bodies, and what is refused with a sentence."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft4Validator

from connector import mention
from connector.changes import (
    AddLabel,
    AssignTo,
    DueBy,
    Link,
    MoveTo,
    Notify,
    RemoveLabel,
    RouteTo,
    Say,
    SetFact,
    SetField,
    SetPriority,
    SetSeverity,
)
from connector.core.neutral import JOINER
from connector.model import Audience, Priority
from connector.plan import jsonable
from connector.trackers import NoteWrite

from .desk import Known, a_ticket, composed
from .payloads import shared

LINES = ("Pointsman · why", "- team payments: rule rest")
HELLO = Say(key="hello", text="We are on it.", audience=Audience.PUBLIC)
HINT = Say(key="hint", text="look at the logs")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def only_body(result):
    assert result.refused == {}
    [call] = result.calls
    return jsonable(call.body)


@pytest.mark.parametrize(
    ("change", "body"),
    [
        (SetPriority(Priority.URGENT), {"fields": {"priority": {"name": "Highest"}}}),
        (SetSeverity(1), {"update": {"labels": [{"add": "sev-1"}]}}),
        (RouteTo("payments"), {"update": {"components": [{"add": {"name": "Payments"}}]}}),
        (RouteTo("security"), {"update": {"labels": [{"add": "team-security"}]}}),
        (RouteTo("search"), {"fields": {"customfield_1": {"value": "Search"}}}),
        (AssignTo("ann"), {"fields": {"assignee": {"accountId": "557058:ann"}}}),
        (AssignTo("bo"), {"fields": {"assignee": {"accountId": "557058:bo"}}}),
        (AssignTo("557058:dee"), {"fields": {"assignee": {"accountId": "557058:dee"}}}),
        (AddLabel("billing"), {"update": {"labels": [{"add": "billing"}]}}),
        (DueBy("resolve", NOON), {"fields": {"duedate": "2026-12-01"}}),
        (SetField("environment", "prod"), {"fields": {"environment": "prod"}}),
        (SetField("affected", 12), {"fields": {"customfield_2": 12}}),
        (SetField("affected", "12.5"), {"fields": {"customfield_2": 12.5}}),
        (SetField("regions", ("eu", "cn")), {"fields": {"customfield_3": [{"value": "eu"}, {"value": "cn"}]}}),
        (SetField("regions", "eu"), {"fields": {"customfield_3": [{"value": "eu"}]}}),
        (
            SetField("due_at", "2026-03-02T18:00:00+08:00"),
            {"fields": {"customfield_5": "2026-03-02T10:00:00.000+0000"}},
        ),
        (SetField("due_at", NOON), {"fields": {"customfield_5": f"{NOON:%Y-%m-%dT%H:%M:%S}.000+0000"}}),
        (SetField("owner", "bo@desk.example"), {"fields": {"customfield_4": {"accountId": "557058:bo"}}}),
        (SetField("tier", "gold"), {"update": {"labels": [{"add": "tier-gold"}]}}),
        (SetField("component", "Billing"), {"update": {"components": [{"add": {"name": "Billing"}}]}}),
    ],
)
def test_each_change_has_its_place_in_the_edit(change, body):
    sent = only_body(composed(a_ticket(), change))

    assert sent.pop("properties") == [{"key": "pointsman", "value": {"plan": "p1", "said": []}}]
    assert sent == body


def test_data_center_takes_users_by_name():
    sent = only_body(composed(a_ticket(), AssignTo("bo"), known=Known(cloud=False)))

    assert sent["fields"] == {"assignee": {"name": "bo"}}


@pytest.mark.parametrize(
    ("text", "cloud", "body"),
    [
        (f"{mention('ann')}, look", True, "[~accountid:557058:ann], look"),
        (f"{mention('bo')}, look", True, "[~accountid:557058:bo], look"),
        (f"{mention('bo')}, look", False, "[~bo], look"),
        (f"{mention('cy')} and {mention('557058:dee')}", True, "Cy and 557058:dee"),
        (f"[~{mention('cy')}]", True, f"\\[{JOINER}~Cy]"),
        (f"[{mention('bo')}|https://elsewhere.example]", False, f"\\[{JOINER}[~bo]|https://elsewhere.example]"),
    ],
)
def test_a_mention_is_the_account_of_the_person_or_their_name(text, cloud, body):
    sent = only_body(composed(a_ticket(), Say(key="hello", text=text), known=Known(cloud=cloud)))

    assert sent["update"]["comment"] == [{"add": {"body": body}}]


def test_an_account_id_is_used_without_asking_for_the_address():
    known = Known()
    composed(a_ticket(), AssignTo("ann"), known=known)

    assert known.asked == []


def test_everything_on_a_plain_project_is_one_request():
    changes = (SetPriority(Priority.HIGH), RouteTo("payments"), AssignTo("ann"), AddLabel("a"), HELLO, HINT)

    result = composed(a_ticket(), *changes, note=NoteWrite("n", LINES), said=("hello", "hint"))

    [call] = result.calls
    assert (call.method, call.path, call.what) == ("PUT", "/rest/api/2/issue/10042", "fields")
    assert set(call.covers) == {*(change.slot for change in changes), "n"}
    assert [step["add"]["body"] for step in call.body["update"]["comment"]] == [
        "We are on it.",
        "look at the logs",
        "\n".join(LINES),
    ]
    assert call.body["properties"][0]["value"] == {"plan": "p1", "said": ("hello", "hint", "note")}
    assert call.fields["comment"] == ("say:hello", "say:hint", "n")
    assert set(call.digests) == {"say:hello", "say:hint", "n"}


def test_internal_texts_of_a_plain_project_are_restricted_where_the_connection_says_so():
    note = NoteWrite("n", LINES)
    sent = only_body(composed(a_ticket(), HELLO, HINT, note=note, visibility="role Developers"))

    public, internal, why = [step["add"] for step in sent["update"]["comment"]]
    assert "visibility" not in public
    assert internal["visibility"] == why["visibility"] == {"type": "role", "value": "Developers"}


def test_an_unreadable_restriction_lets_nothing_internal_out():
    result = composed(a_ticket(), HELLO, HINT, note=NoteWrite("n", LINES), said=("hello", "hint"), visibility="all")

    assert set(result.refused) == {"say:hint", "n"}
    [call] = result.calls
    assert call.covers == ("say:hello",)
    assert call.body["properties"][0]["value"]["said"] == ("hello",)


def test_a_service_project_gets_the_fields_in_one_request_and_each_text_in_its_own():
    result = composed(
        a_ticket(service=True, said=("earlier",)),
        SetPriority(Priority.HIGH),
        HELLO,
        HINT,
        note=NoteWrite("n", LINES),
        said=("earlier", "hello", "hint"),
    )

    fields, hello, hint, note = result.calls
    assert "comment" not in fields.body.get("update", {})
    assert fields.body["properties"][0]["value"]["said"] == ("earlier",)
    assert [call.what for call in result.calls] == ["fields", "say", "say", "note"]
    marks = [{p["key"]: p["value"] for p in call.body["properties"]} for call in (hello, hint, note)]
    assert [m["sd.public.comment"]["internal"] for m in marks] == [False, True, True]
    assert [m["pointsman"]["said"] for m in marks] == [("hello",), ("hint",), ("note",)]


@pytest.mark.parametrize("change", [HELLO, HINT])
def test_where_the_kind_of_project_is_unknown_it_is_asked_for_before_a_text_is_sent(change):
    known = Known(service=True)

    [call] = composed(a_ticket(service=None), change, known=known).calls

    assert known.asked == ["project SUP"]
    assert any(entry["key"] == "sd.public.comment" for entry in call.body["properties"])


def test_a_new_team_takes_the_marks_of_other_teams_off_and_nothing_else():
    ticket = a_ticket(components=[{"name": "Frontline"}, {"name": "Billing"}], labels=["team-security", "vip"])

    sent = only_body(composed(ticket, RouteTo("payments")))

    assert sent["update"] == {
        "components": [{"add": {"name": "Payments"}}, {"remove": {"name": "Frontline"}}],
        "labels": [{"remove": "team-security"}],
    }


def test_a_field_kept_as_a_label_has_one_value():
    sent = only_body(composed(a_ticket(labels=["tier-free", "vip"]), SetField("tier", "gold")))

    assert sent["update"]["labels"] == [{"add": "tier-gold"}, {"remove": "tier-free"}]


def test_none_empties_a_field():
    ticket = a_ticket(labels=["tier-free"], environment="prod")

    sent = only_body(composed(ticket, SetField("tier", None), SetField("environment", None)))

    assert sent["update"]["labels"] == [{"remove": "tier-free"}]
    assert sent["fields"] == {"environment": None}


def test_the_component_field_replaces_its_own_component_and_leaves_teams_alone():
    ticket = a_ticket(components=[{"name": "Frontline"}, {"name": "Billing"}])
    assert ticket.fields["component"] == "Billing"

    sent = only_body(composed(ticket, SetField("component", "Search")))

    assert sent["update"]["components"] == [{"add": {"name": "Search"}}, {"remove": {"name": "Billing"}}]


def test_nobody_may_be_assigned():
    ticket = a_ticket(assignee={"accountId": "557058:ann", "displayName": "Ann"})

    assert only_body(composed(ticket, AssignTo(None)))["fields"] == {"assignee": None}


def test_the_earliest_of_several_due_dates_is_shown():
    later = NOON.replace(day=5)

    assert only_body(composed(a_ticket(), DueBy("a", later), DueBy("b", NOON)))["fields"] == {"duedate": "2026-12-01"}


def test_what_is_so_already_costs_nothing():
    ticket = a_ticket(labels=["billing"], components=[{"name": "Payments"}])

    result = composed(ticket, AddLabel("billing"), RouteTo("payments"), SetPriority(Priority.NORMAL))

    assert (result.calls, result.refused) == ((), {})


def test_no_writes_are_no_request():
    assert composed(a_ticket()).calls == ()


def test_a_transition_is_a_call_of_its_own_and_the_last():
    result = composed(a_ticket(), MoveTo("done"), SetPriority(Priority.HIGH))

    assert [call.what for call in result.calls] == ["fields", "move"]
    move = result.calls[-1]
    assert (move.path, move.body) == ("/rest/api/2/issue/10042/transitions", {"transition": {"id": "41"}})


def test_a_transition_leads_to_another_name_of_the_status_where_the_first_is_out_of_reach():
    [move] = composed(a_ticket(), MoveTo("open")).calls

    assert move.body == {"transition": {"id": "11"}}


@pytest.mark.parametrize(
    ("kind", "inward", "outward", "type"),
    [
        ("relates_to", "SUP-42", "SUP-1", "Relates"),
        ("blocks", "SUP-42", "SUP-1", "Blocks"),
        ("is_blocked_by", "SUP-1", "SUP-42", "Blocks"),
    ],
)
def test_a_link_says_which_issue_blocks_which(kind, inward, outward, type):
    [call] = composed(a_ticket(), Link(kind, "SUP-1")).calls

    assert call.what == "link"
    assert jsonable(call.body) == {
        "type": {"name": type},
        "inwardIssue": {"key": inward},
        "outwardIssue": {"key": outward},
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (SetPriority(Priority.NONE), "no Jira word for priority none"),
        (SetSeverity(4), "no Jira word for severity 4"),
        (RouteTo("unheard"), "no Jira word for team unheard"),
        (RouteTo("night"), "group"),
        (AssignTo("cy"), "no Jira account for `cy`"),
        (AssignTo("nobody-we-know"), "nobody"),
        (AddLabel("two words"), "without spaces"),
        (SetField("unheard", "x"), "no Jira place"),
        (SetField("affected", "many"), "takes numbers"),
        (SetField("environment", ("a", "b")), "one value"),
        (SetField("owner", "zed@desk.example"), "knows nobody"),
        (SetField("tier", "very gold"), "without spaces"),
        (MoveTo("pending"), "no Jira word for status pending"),
        (MoveTo("new"), "no way from `Blocked` to To Do"),
        (Link("clones", "SUP-1"), "not `clones`"),
        (Say(key="empty", text="  \n"), "empty"),
        (Notify(key="n", to="duty", text="x"), "not written"),
        (SetFact("language", "zh"), "not written"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_changes_nothing(change, words):
    result = composed(a_ticket(status={"name": "Blocked"}), change)

    assert words in result.refused[change.slot]
    assert result.calls == ()


def test_a_refused_change_leaves_no_trace_in_the_edit_of_the_others():
    ticket = a_ticket(labels=["tier-free"])

    sent = composed(ticket, SetField("tier", "very gold"), SetPriority(Priority.HIGH))

    assert set(sent.refused) == {"field:tier"}
    [call] = sent.calls
    assert set(call.body) == {"fields", "properties"}


def note_comment(id="700", body="Pointsman · why\n- team frontline: rule rest"):
    user = {"accountId": "us", "displayName": "Pointsman", "active": True}
    return {"id": id, "author": user, "body": body, "created": "2026-11-20T09:00:00.000+0000"}


def with_note(**more):
    return a_ticket(comment={"comments": [note_comment()], "total": 1}, said=("note",), **more)


def test_the_note_is_found_by_the_property_its_author_and_its_heading():
    assert with_note().note_id == "700"
    assert a_ticket(comment={"comments": [note_comment()], "total": 1}).note_id == ""


def test_the_note_is_edited_in_the_same_request():
    sent = only_body(composed(with_note(), AddLabel("a"), note=NoteWrite("n", LINES, "700")))

    assert sent["update"]["comment"] == [{"edit": {"id": "700", "body": "\n".join(LINES)}}]


def test_the_note_of_a_service_project_is_edited_by_a_call_of_its_own_and_stays_internal():
    call = composed(with_note(service=True), note=NoteWrite("n", LINES, "700")).calls[-1]

    assert (call.method, call.path, call.what) == ("PUT", "/rest/api/2/issue/10042/comment/700", "note")
    assert {"key": "sd.public.comment", "value": {"internal": True}} in jsonable(call.body)["properties"]


def test_a_deleted_note_is_made_anew():
    sent = only_body(composed(a_ticket(comment={"comments": [], "total": 0}), note=NoteWrite("n", LINES, "700")))

    assert sent["update"]["comment"] == [{"add": {"body": "\n".join(LINES)}}]


def test_a_note_that_reads_so_already_is_left_alone():
    same = ("Pointsman · why", "- team frontline: rule rest")

    assert composed(with_note(), note=NoteWrite("n", same, "700")).calls == ()


def test_where_properties_are_refused_the_edit_goes_without():
    assert "properties" not in only_body(composed(a_ticket(), AddLabel("a"), properties=False))


def test_a_long_list_of_said_texts_is_cut_to_what_a_property_holds_and_keeps_the_new_ones():
    many = tuple(f"old-{n:05}" for n in range(5000))

    sent = only_body(composed(a_ticket(said=many), HELLO, said=(*many, "hello")))

    value = sent["properties"][0]["value"]
    assert "hello" in value["said"]
    assert len(json.dumps(value)) < 32_768


def test_customers_words_in_a_text_cannot_mention_anybody():
    text = Say(key="t", text="Dear [~bo], {code}x{code}", audience=Audience.PUBLIC)

    [step] = only_body(composed(a_ticket(), text))["update"]["comment"]

    assert "[~" not in step["add"]["body"]
    assert "{code" not in step["add"]["body"].replace("\\{", "")


def everything(service):
    changes = (
        *(SetPriority(Priority.HIGH), SetSeverity(2), RouteTo("payments"), AssignTo("ann"), AddLabel("a")),
        *(RemoveLabel("b"), DueBy("resolve", NOON), SetField("environment", "prod"), SetField("affected", 3)),
        *(HELLO, HINT, MoveTo("done"), Link("blocks", "SUP-1")),
    )
    ticket = a_ticket(service=service, labels=["b", "sev-1"])
    return composed(
        ticket, *changes, note=NoteWrite("n", LINES), said=("hello", "hint"), visibility="role Developers"
    )


@pytest.mark.parametrize("service", [False, True])
def test_every_body_is_one_that_the_vendors_description_allows(service):
    packed = shared("openapi", "jira-cloud-platform-v3.json.gz").read_bytes()
    components = json.loads(gzip.decompress(packed))["components"]
    schemas = {"fields": "IssueUpdateDetails", "move": "IssueUpdateDetails", "link": "LinkIssueRequestJsonBean"}

    result = everything(service)

    assert result.refused == {}
    checked = [call for call in result.calls if call.what in schemas]
    assert {call.what for call in checked} == set(schemas)
    for call in checked:
        schema = {"$ref": f"#/components/schemas/{schemas[call.what]}", "components": components}
        errors = list(Draft4Validator(schema).iter_errors(json.loads(json.dumps(jsonable(call.body)))))
        assert errors == []


@pytest.mark.parametrize("service", [False, True])
def test_no_edit_breaks_the_rules_that_the_description_states(service):
    for call in everything(service).calls:
        body = jsonable(call.body)
        assert not set(body.get("fields", {})) & set(body.get("update", {}))
        for steps in body.get("update", {}).values():
            assert all(len(step) == 1 for step in steps)
        if service and call.what in ("say", "note"):
            assert any(entry["key"] == "sd.public.comment" for entry in body["properties"])
