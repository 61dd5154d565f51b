"""Every rule of every file that loads has a sentence of its own, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.conditions import conditions_in
from connector.core.phrases import LANGUAGES
from connector.core.rule_words import section_words
from connector.core.sentences import Speech
from connector.errors import RulesError
from connector.rulebook.rule_lines import rule_lines

from .samples import CUSTOMERS, HEAD, NAMES, PEOPLE, book
from .test_broken_files import FILES, PIECES, TEAM, WORDS

OPERATORS = re.compile(r"contains_|has_a|whole_words|at_least|at_most|\w_ticket|[<>=]{1,2} ?\d|Condition|None")


@pytest.fixture
def files(tmp_path):
    def load(text):
        return book(tmp_path, team=HEAD + text, _names=NAMES, _people=PEOPLE, _customers=CUSTOMERS)

    return load


def told(rules, language="en"):
    """Plugin → its section in words."""
    [file] = rules.files
    speech = Speech(language, rules.schema.fields, file.lists)
    return {
        name: section_words(name, section, speech, file.disabled.get(name, ()))
        for name, section in file.sections.items()
    }


def lines(words):
    return [line for group in words.groups for line in group.lines]


def sentences(rules, plugin, language="en"):
    words = told(rules, language)[plugin]
    return [*words.settings, *(line.text for line in lines(words))]


def test_how_people_are_chosen_is_told_in_both_languages(tmp_path):
    body = """\
applies_to: {local: [desk]}
plugins: [routing, replies]
routing:
  - {id: db, team: helpers, need_skills: ["db>=2"], need_languages: [zh]}
assign:
  method: round_robin
  prefer: [previous_assignee, longest_idle]
  effort: {urgent: 3}
  min_presence: 1h
  if_nobody: {team: lawyers, say: sorry}
replies:
  - {id: sorry, on: assign_failed, say: {en: "Nobody is free."}}
"""
    people = PEOPLE.replace("teams: [helpers]", "teams: [helpers], skills: {db: 3}")
    rules = book(tmp_path, team=body, _people=people, assigns=True)

    assert sentences(rules, "routing") == [
        "A ticket that nobody holds goes to the person of its team whose turn it is.",
        "Among equals the first difference decides: who had it before, who got none for longest.",
        "Of a person's capacity a ticket takes 1 unless said otherwise, 3 if urgent.",
        "While it waits for its customer it weighs 0.25 of that.",
        "Whoever gets it works 1 hour or more before it is due.",
        "If nobody can take it, the team “lawyers” does.",
        "If nobody can take it, the reply “sorry” is said.",
        "In every case, the team “helpers” takes it: somebody with “db” at level 2 or more, Chinese.",
    ]
    assert sentences(rules, "routing", "zh") == [
        "无人负责的工单交给团队中轮到的人。",
        "条件相同时按先后比较：曾负责的人、最久没有接单的人。",
        "每个工单占用的容量：默认 1、紧急 3。",
        "等待客户期间只按 0.25 倍计算。",
        "接单者在截止前至少在岗 1 小时。",
        "无人可接单时转给团队“lawyers”。",
        "无人可接单时回复“sorry”。",
        "任何情况下，由团队“helpers”处理，要求“db”等级不低于 2、中文。",
    ]


def test_rungs_and_targets_are_told_in_both_languages(tmp_path):
    body = """\
applies_to: {local: [desk]}
plugins: [sla, escalation]
sla:
  - id: rest
    pause_when: {status: pending}
    targets: {resolution: {urgent: 4h 24x7, default: 8h 24x7}}
    warn_at: [50%]
    escalate:
      - {at: 80%, add_label: late, raise_priority: 1, notify: [assignee, mia], in_quiet_hours: true}
      - {at: 150%, metrics: [resolution], team: helpers, return_to_team: true, set_status: open, say: "Late."}
escalation: {quiet_outside: 24x7}
"""
    rules = book(tmp_path, team=body, _names=NAMES, _people=PEOPLE)
    assert sentences(rules, "sla") == [
        "In every case, these targets hold: resolution urgent 4h 24x7, else 8h 24x7; the clock stands while"
        " the status is pending; it is looked at again at 50%."
    ]
    assert sentences(rules, "escalation") == [
        "A ticket goes back from a silent assignee at most 3 times.",
        "Notices wait until “24x7” is open.",
        "By the policy “rest”, at 80% of each metric: the label “late” is added, the priority is raised by 1,"
        " a notice goes to the assignee, “mia”, at any hour.",
        "By the policy “rest”, at 150% of resolution: the team “helpers” takes it, it goes back to its team,"
        " its status becomes open, the team is told, internally (any other language).",
    ]
    assert "按策略“rest”，解决用到 150% 时：由团队“helpers”处理" in sentences(rules, "escalation", "zh")[-1]


def test_signals_add_and_overrides_bound(files):
    rules = files(
        """\
lists: {down: [宕机, outage]}
priority:
  levels: {urgent: 80, low: 0}
  signals:
    - {id: a, when: {text: {contains_any: "@down"}, customer.tier: gold}, score: 80, because: "Says {hits}"}
    - {id: b, score: -2.5}
  overrides:
    - {id: c, when: {labels: {has: security}}, at_least: high}
    - {id: d, at_least: low, at_most: high}
"""
    )

    assert sentences(rules, "priority") == [
        "Scores of all signals that match add up: urgent from 80, low from 0.",
        "If the text contains any of “宕机”, “outage” (list down)"
        " and the customer's tier is “gold”, add 80 to the score.",
        "In every case, take 2.5 off the score.",
        "If the labels include “security”, the priority is at least high.",
        "In every case, the priority is at least low and at most high.",
    ]
    assert sentences(rules, "priority", "zh") == [
        "所有成立的信号分数相加：80 分起为紧急、0 分起为低。",
        "如果文本包含“宕机”、“outage”（词表 down）中的任意一个，且客户等级为“gold”，加 80 分。",
        "任何情况下，减 2.5 分。",
        "如果标签中有“security”，优先级至少为高。",
        "任何情况下，优先级至少为低，至多为高。",
    ]
    assert [line.because for line in lines(told(rules)["priority"])] == ["Says {hits}", "", "", ""]


def test_levels_that_no_section_names_are_those_of_the_plugin(files):
    from plugins.priority import LEVELS

    rules = files("priority: {signals: [{id: a, score: 1}]}\n")

    steps = ", ".join(f"{word} from {n}" for word, n in LEVELS.items())
    assert sentences(rules, "priority")[0] == f"Scores of all signals that match add up: {steps}."


def test_routes_name_team_and_person(files):
    rules = files(
        """\
routing:
  - {id: a, when: {language: zh}, team: cashiers, assignee: mia}
  - {id: b, when: {type: x}, assignee: tom}
  - {id: c, team: helpers}
"""
    )

    assert sentences(rules, "routing") == [
        "If the language is Chinese, the team “cashiers” takes it, assigned to “mia”.",
        "If the type is “x”, it is assigned to “tom”.",
        "In every case, the team “helpers” takes it.",
    ]


def test_replies_say_when_to_whom_and_how_often(files):
    rules = files(
        """\
replies:
  - {id: a, on: created, audience: public, say: {zh: 好, en: hello}}
  - {id: b, on: [commented, reopened], when: {priority: urgent}, once: every, say: {default: look}}
"""
    )

    assert sentences(rules, "replies") == [
        "When the ticket is created, the customer is told (Chinese, English), once for each ticket.",
        "When somebody comments or the ticket is reopened, and if the priority is urgent,"
        " the team is told, internally (any other language), every time.",
    ]
    assert lines(told(rules)["replies"])[0].says == (("zh", "好"), ("en", "hello"))


def test_settings_without_rules_are_told_too(files):
    rules = files(
        "language: {candidates: [en, de]}\ncommands: {handle: desk, allow: {priority: [supervisor, agent]}}\n"
    )

    assert sentences(rules, "language") == ["The language of the text is told; Latin letters may be English or “de”."]
    assert sentences(rules, "commands") == [
        "Comments order by lines that begin with @desk.",
        "“priority” is for “supervisor”, every agent.",
        "Every other command is for every agent.",
    ]


def test_a_plugin_of_ones_own_is_told_by_its_keys(files):
    rules = files(
        """\
lists: {big: [a, b]}
vip:
  domains: "@big"
  rules:
    - {id: boss, when: {vip.level: black}, score: 5, because: "The boss"}
    - {id: idle, disabled: {because: not now}}
  deep: {steps: [{id: x, to: {team: y, at: 2}}]}
  api_token: hunter2
"""
    )

    assert sentences(rules, "vip") == [
        "“domains” is (“a”, “b”).",
        "“api_token” is •••• (not shown).",
        "If “vip.level” is “black”, “score” is 5.",
        "In every case, “to” is (“team” is “y”, “at” is 2).",
        "",
    ]
    assert lines(told(rules)["vip"])[-1].off == "not now"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listed_plugin_without_a_section_says_what_that_means(files, language):
    assert all(
        len(sentences(files(""), plugin, language)) >= 1 for plugin in ("priority", "routing", "replies", "vip")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_rules_have_no_operator_in_their_sentences(language):
    from connector.plugins_host import PluginHost
    from connector.rulebook import load

    root = Path(__file__).parents[2]
    host = PluginHost(root / "plugins", entry_points=False)
    try:
        rules = load(root / "rules", host, env={})
    finally:
        host.close()
    found = [sentence for plugin in rules.files[0].plugins for sentence in sentences(rules, plugin, language)]

    assert len(found) > 25
    assert len(found) == len(set(found))
    assert not [sentence for sentence in found if OPERATORS.search(sentence)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_loads_has_a_sentence_for_every_rule_in_both_languages(tmp_path_factory, data):
    text = TEAM
    for _ in range(data.draw(st.integers(0, 2))):
        start, end = data.draw(st.sampled_from([found.span() for found in WORDS.finditer(text)]))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    try:
        rules = book(tmp_path_factory.mktemp("rules"), **{**FILES, "team": text})
    except RulesError:
        return

    for language in LANGUAGES:
        words = told(rules, language)
        for plugin, section in rules.files[0].sections.items():
            told_rules = lines(words[plugin])
            assert words[plugin].settings or told_rules
            assert all(line.text or line.off for line in told_rules)
            assert len(told_rules) >= len(list(conditions_in(section)))


def test_every_rule_has_its_line():
    found = rule_lines("rules/team.yaml", TEAM)

    for name, rule in (("priority", "a"), ("priority", "b"), ("routing", "e"), ("replies", "f")):
        assert f"id: {rule}" in TEAM.splitlines()[found[name, rule] - 1]
    assert TEAM.splitlines()[found["commands", ""] - 1].startswith("commands:")
