"""What a good folder becomes."""

from __future__ import annotations

from connector import Priority, Ticket
from connector.core.conditions import ALWAYS
from connector.frozen import FrozenDict
from connector.rulebook import empty_book

from .samples import BOTH, CUSTOMERS, HEAD, NAMES, PEOPLE, Catalog, book

TEAM = (
    "applies_to: {jira: [SUP, OPS], gitlab: acme/support}\n"
    "mode: live\n"
    "plugins: [customers, priority, routing]\n"
    "lists:\n  down: [宕机, outage]\n"
    "priority:\n"
    "  levels: {urgent: 60, low: 0}\n"
    "  signals:\n"
    '    - {id: down, when: {text: {contains_any: "@down"}}, score: 70, because: "Says {hits}"}\n'
    '    - {id: old, when: {age: ">= 3d"}, score: 1, disabled: {because: too many}}\n'
    "routing:\n"
    "  - {id: rest, team: helpers}\n"
)


def test_a_file_applies_to_its_projects_whatever_their_case(tmp_path):
    rules = book(tmp_path, team=TEAM, _names=NAMES, _people=PEOPLE)
    assert rules.file_for("jira", "sup").name == "team"
    assert rules.file_for("gitlab", "Acme/Support").name == "team"
    assert rules.file_for("gitlab", "acme/other") is None
    assert rules.file_for("gitlab", None) is None
    assert rules.file_for("local", "desk") is None
    assert rules.projects("jira") == ("SUP", "OPS")
    assert rules.plugins() == {"customers", "priority", "routing"}


def test_every_when_is_a_compiled_condition_and_a_rule_without_one_always_matches(tmp_path):
    section = book(tmp_path, team=TEAM, _names=NAMES, _people=PEOPLE).files[0].sections
    (signal,) = section["priority"]["signals"]
    outage = Ticket(title="Outage in hall 3", priority=Priority.LOW)
    assert signal["when"](outage)
    assert signal["when"].hits(outage) == ("outage",)
    assert not signal["when"](Ticket(title="hello"))
    assert section["routing"][0]["when"] is ALWAYS


def test_a_switched_off_rule_is_left_out_and_listed_with_its_reason(tmp_path):
    file = book(tmp_path, team=TEAM, _names=NAMES, _people=PEOPLE).files[0]
    assert [signal["id"] for signal in file.sections["priority"]["signals"]] == ["down"]
    assert file.disabled == {"priority": ({"id": "old", "because": "too many"},)}


def test_sections_are_read_only_to_the_bottom(tmp_path):
    section = book(tmp_path, team=TEAM, _names=NAMES, _people=PEOPLE).files[0].sections["priority"]
    assert isinstance(section, FrozenDict)
    assert isinstance(section["levels"], FrozenDict)
    assert isinstance(section["signals"], tuple)


def test_a_listed_plugin_without_a_section_gets_none(tmp_path):
    assert book(tmp_path, team=TEAM, _names=NAMES, _people=PEOPLE).files[0].sections["customers"] is None


def test_a_missing_mode_is_shadow_and_the_rest_has_defaults(tmp_path):
    file = book(tmp_path, team="applies_to: {local: [desk]}\nplugins: [language]\n").files[0]
    assert (file.mode, file.explain, file.release_on) == ("shadow", True, {"command"})


def test_explain_off_needs_no_quotes(tmp_path):
    assert not book(tmp_path, team="explain: off\nrelease_on: [command, reopened]\n" + HEAD).files[0].explain


def test_agent_stands_for_all_who_may_use_a_command(tmp_path):
    rules = book(tmp_path, team=HEAD + "commands: {allow: {take: agent, route: [agent]}}\n", _people=PEOPLE)
    assert rules.files[0].sections["commands"]["allow"] == {"take": ("agent",), "route": ("agent",)}


def test_replies_may_wait_for_a_reopening_or_for_time_to_pass(tmp_path):
    text = HEAD + "replies: [{id: a, on: [reopened, timer], say: {en: x}}]\n"
    assert book(tmp_path, team=text).files[0].sections["replies"][0]["on"] == ("reopened", "timer")


def test_a_missing_shared_file_is_empty(tmp_path):
    rules = book(tmp_path, team="applies_to: {local: [desk]}\nplugins: [language]\n")
    assert rules.desk.people == {}
    assert rules.desk.customers == ()
    assert set(rules.connections) == {"local", "gitlab", "jira"}


def test_texts_and_digests_follow_the_files(tmp_path):
    one = book(tmp_path / "a", team=TEAM, _names=NAMES, _people=PEOPLE)
    same = book(tmp_path / "b", team=TEAM, _names=NAMES, _people=PEOPLE)
    other = book(tmp_path / "c", team=TEAM + "# one more line\n", _names=NAMES, _people=PEOPLE)
    assert one.digest == same.digest != other.digest
    assert one.texts[one.files[0].path] == TEAM
    assert one.files[0].digest == same.files[0].digest != other.files[0].digest


def test_the_desk_knows_people_teams_and_customers(tmp_path):
    desk = book(tmp_path, team=TEAM, _names=NAMES, _people=PEOPLE, _customers=CUSTOMERS).desk
    assert desk.people["tom"].role == "supervisor"
    assert desk.people["mia"].role == "first_line"
    assert desk.people["mia"].ids == {"gitlab": ("mia",), "jira": ("mia@desk.example",)}
    assert desk.teams == {"helpers", "cashiers", "lawyers"}
    assert [customer.match for customer in desk.customers] == ["*@mill.example", "boss@mill.example"]


def test_conditions_may_use_declared_fields_columns_and_facts(tmp_path):
    rules = (
        HEAD
        + "priority:\n  signals:\n"
        + "    - id: a\n      score: 1\n"
        + "      when: {environment: prod, customer.seats: '>= 20', vip.level: red, status: triaged}\n"
    )
    rulebook = book(tmp_path, team=rules, _names=NAMES, _customers=CUSTOMERS)
    condition = rulebook.files[0].sections["priority"]["signals"][0]["when"]
    assert condition(
        Ticket(
            status="triaged",
            fields=FrozenDict({"environment": "prod"}),
            facts=FrozenDict({"customer.seats": 40, "vip.level": "red"}),
        )
    )
    assert "vip.level" in rulebook.schema.fields


def test_a_section_of_another_plugin_keeps_its_shape_with_whens_and_lists_filled_in(tmp_path):
    catalog = Catalog()
    text = (
        HEAD
        + "lists: {big: [mill.example, yard.example]}\n"
        + "vip:\n"
        + '  domains: "@big"\n'
        + "  handle: '@nobody'\n"
        + "  steps:\n"
        + "    - {when: {type: incident}, go: 1}\n"
        + "    - {go: 2, disabled: {because: later}}\n"
    )
    section = book(tmp_path, catalog, team=text).files[0].sections["vip"]
    assert section["domains"] == ("mill.example", "yard.example")
    assert section["handle"] == "@nobody"
    assert [step["go"] for step in section["steps"]] == [1]
    assert section["steps"][0]["when"](Ticket(type="incident"))
    assert catalog.asked["vip"] == section


def test_other_endings_and_hidden_files_are_no_rules(tmp_path):
    (tmp_path / "notes.txt").write_text("applies_to")
    (tmp_path / ".team.yaml.swp").write_text("{")
    (tmp_path / ".hidden.yaml").write_text("{")
    assert book(tmp_path, team=HEAD).files[0].name == "team"


def test_the_empty_book_applies_to_nothing_and_has_every_connection():
    rules = empty_book(BOTH)
    assert rules.file_for("local", "desk") is None
    assert set(rules.words) == {"local", "gitlab", "jira"}
