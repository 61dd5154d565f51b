"""What is refused: each mistake once, with its place and the likely remedy, all files at once."""

from __future__ import annotations

import pytest

from connector.errors import RulesError
from connector.rulebook import load

from .samples import CUSTOMERS, HEAD, NAMES, PEOPLE, Catalog, problems, warnings

LINE = HEAD.count("\n") + 1


def refused(tmp_path, body: str) -> list[str]:
    return problems(tmp_path, team=HEAD + body, _names=NAMES, _people=PEOPLE, _customers=CUSTOMERS)


TEN = """\
applies_to: {local: [desk]}
mode: lve
plugins: [customers, prioritty, routing, replies]
explain: yes please
priority:
  levels: {urgent: 80, hgih: 50, low: 0}
  signals:
    - {id: a, when: {tittle: {contains_any: [x]}}, score: 10}
    - {id: a, when: {customer.tier: glod}, score: 10}
    - {id: b, when: {severity: "<= 9"}, score: 1O}
routing:
  - {id: rest, team: helprs}
"""


def test_ten_mistakes_are_ten_lines_with_position_and_remedy(tmp_path):
    assert problems(tmp_path, team=TEN, _names=NAMES, _people=PEOPLE) == [
        "team.yaml:2:7 unknown mode `lve` (did you mean `live`?)",
        "team.yaml:3:22 unknown plugin `prioritty` (did you mean `priority`?)",
        "team.yaml:4:10 unknown value of `explain` `yes please`: choose `note` or `off`",
        "team.yaml:6:24 unknown priority `hgih` (did you mean `high`?)",
        "team.yaml:8:22 unknown condition `tittle` (did you mean `title`?)",
        "team.yaml:9:12 the id `a` is taken: a rule on line 8 has it already",
        "team.yaml:9:37 no customer has `customer.tier` `glod` (did you mean `gold`?)",
        "team.yaml:10:32 `severity` lies between 1 and 4, so 9 makes no sense",
        "team.yaml:10:48 a number is wanted here, not the text `1O`",
        "team.yaml:12:22 unknown team `helprs` (did you mean `helpers`?)",
    ]


def test_mistakes_of_all_files_are_shown_at_once_in_order(tmp_path):
    found = problems(
        tmp_path,
        _names="priority:\n  urgnt: {jira: Highest}\n",
        _people="people:\n  ann: {teems: [a]}\n",
        a="applies_to: {local: [desk]}\nplugins: [prioritty]\n",
        b="applies_to: {local: [other]}\nplugins: [routng]\n",
    )
    assert [line.partition(" ")[0] for line in found] == [
        "_names.yaml:2:3",
        "_people.yaml:2:9",
        "a.yaml:2:11",
        "b.yaml:2:11",
    ]


MISTAKES = [
    # the file's own words
    ("version: 2\n", f"{LINE}:10 `2` is out of range: from 1 to 1"),
    (
        "mode: canary\n",
        f"{LINE}:7 `canary` comes with gradual roll-out; it is not in this version: remove it for now",
    ),
    (
        "mode: canary 10%\n",
        f"{LINE}:7 `canary` comes with gradual roll-out; it is not in this version: remove it for now",
    ),
    (
        "mode: {canary: 10}\n",
        f"{LINE}:7 `canary` comes with gradual roll-out; it is not in this version: remove it for now",
    ),
    ("release_on: [comand]\n", f"{LINE}:14 unknown event `comand` (did you mean `command`?)"),
    ("prioritty: {}\n", f"{LINE}:1 unknown section `prioritty` (did you mean `priority`?)"),
    ("lists: {'@a': [b]}\n", f"{LINE}:9 write the list's name without `@` here: `a`"),
    ("lists: {a: []}\n", f"{LINE}:12 the list is empty: nothing can match it"),
    ("lists: {a: [7]}\n", f"{LINE}:13 here stands the number `7`, but a text is wanted: put it in quotes"),
    # priority
    ("priority: [a]\n", f"{LINE}:11 `priority` is a map, not a list"),
    ("priority: {levels: {}}\n", f"{LINE}:20 there are no levels: write at least one, like `{{high: 50, low: 0}}`"),
    (
        "priority: {levels: {urgent: 10, high: 50}}\n",
        f"{LINE}:33 `high` (50) must be below `urgent` (10), else it is never reached",
    ),
    ("priority: {signals: [{id: a}]}\n", f"{LINE}:22 a signal lacks `score`"),
    ("priority: {signals: [{score: 1}]}\n", f"{LINE}:22 a signal lacks `id`"),
    ("priority: {signals: [{id: 'a b', score: 1}]}\n", f"{LINE}:27 `a b` is no id: use letters, digits"),
    ("priority: {signals: {id: a, score: 1}}\n", f"{LINE}:21 here stands a map, but a list of rules is wanted"),
    (
        "priority: {signals: [{id: a, score: true}]}\n",
        f"{LINE}:37 a number is wanted here, not the truth value `true`",
    ),
    ("priority: {signals: [{id: a, score: 1, when: }]}\n", f"{LINE}:40 `when` is empty: write a value"),
    ("priority: {overrides: [{id: a}]}\n", f"{LINE}:24 an override needs `at_least` or `at_most`"),
    (
        "priority: {overrides: [{id: a, at_least: high, at_most: low}]}\n",
        f"{LINE}:24 `at_least: high` lies above `at_most: low`",
    ),
    ("priority: {overrides: [{id: a, at_least: none}]}\n", f"{LINE}:42 unknown priority `none`"),
    (
        "priority: {signals: [{id: a, score: 1}], overrides: [{id: a, at_least: low}]}\n",
        f"{LINE}:59 the id `a` is taken by a signal",
    ),
    # reasons and switched-off rules
    (
        "priority: {signals: [{id: a, score: 1, because: 'x {hitz}'}]}\n",
        f"{LINE}:49 unknown placeholder `{{hitz}}` (did you",
    ),
    (
        "priority: {signals: [{id: a, score: 1, because: 'x { hits }'}]}\n",
        f"{LINE}:49 the placeholder `{{ hits }}` has",
    ),
    ("priority: {signals: [{id: a, score: 1, because: 'x {}'}]}\n", f"{LINE}:49 `{{}}` is no placeholder"),
    ("priority: {signals: [{id: a, score: 1, disabled: true}]}\n", f"{LINE}:50 a switched-off rule says why"),
    ("priority: {signals: [{id: a, score: 1, disabled: {}}]}\n", f"{LINE}:50 `disabled` lacks `because`"),
    # routing
    ("routing: [{id: a}]\n", f"{LINE}:11 a routing rule needs a `team` or an `assignee`"),
    ("routing: [{id: a, team: helper}]\n", f"{LINE}:25 unknown team `helper` (did you mean `helpers`?)"),
    ("routing: [{id: a, team: zzz}]\n", f"{LINE}:25 unknown team `zzz`: name it under `team` in `_names.yaml`"),
    ("routing: [{id: a, assignee: mya}]\n", f"{LINE}:29 unknown person `mya` (did you mean `mia`?)"),
    ("routing: [{id: a, team: helpers, need_skills: [x]}]\n", f"{LINE}:34 `need_skills` comes with"),
    ("routing: [{id: a, team: helpers, need_languages: [zh]}]\n", f"{LINE}:34 `need_languages` comes with"),
    # replies
    ("replies: [{id: a, say: {en: x}}]\n", f"{LINE}:11 a reply lacks `on`"),
    ("replies: [{id: a, on: creatd, say: {en: x}}]\n", f"{LINE}:23 unknown event `creatd` (did you mean `created`?)"),
    ("replies: [{id: a, on: assign_failed, say: {en: x}}]\n", f"{LINE}:23 `assign_failed` comes with"),
    ("replies: [{id: a, on: created, say: hello}]\n", f"{LINE}:37 a text is said by language"),
    ("replies: [{id: a, on: created, say: {}}]\n", f"{LINE}:37 nothing to say"),
    ("replies: [{id: a, on: created, say: {english: x}}]\n", f"{LINE}:38 `english` is no language"),
    ("replies: [{id: a, on: created, say: {en: ''}}]\n", f"{LINE}:42 the text is empty"),
    (
        "replies: [{id: a, on: created, say: {en: x}, audience: pubic}]\n",
        f"{LINE}:56 unknown audience `pubic` (did you mean",
    ),
    (
        "replies: [{id: a, on: created, say: {zh: x}, audience: public}]\n",
        f"{LINE}:32 a public text needs a language",
    ),
    (
        "replies: [{id: a, on: created, say: {en: x}, once: daily}]\n",
        f"{LINE}:52 unknown value of `once` `daily`: choose",
    ),
    ("replies: [{id: note, on: created, say: {en: x}}]\n", f"{LINE}:16 the id `note` is the reasoning note's"),
    ("replies: [{id: a, on: created, say: {en: '{sla.due}'}}]\n", f"{LINE}:42 unknown placeholder"),
    # commands, language, customers
    ("commands: {handle: '@desk'}\n", f"{LINE}:20 `@desk` is no handle: write it without `@`"),
    ("commands: {allow: {prio: [mia]}}\n", f"{LINE}:20 unknown command `prio` (did you mean `priority`?)"),
    ("commands: {allow: {take: [mya]}}\n", f"{LINE}:27 nobody is called `mya` (did you mean `mia`?)"),
    ("language: {candidates: [english]}\n", f"{LINE}:25 `english` is no language"),
    ("language: {candidate: [en]}\n", f"{LINE}:12 unknown key `candidate` (did you mean `candidates`?)"),
    ("customers: [{match: a@b.example}]\n", f"{LINE}:12 `customers` has nothing to set here"),
    # what comes later
    ("assign: {method: balanced}\n", f"{LINE}:1 `assign` comes with"),
    ("tests: []\n", f"{LINE}:1 `tests` comes with"),
    ("routing: [{id: a, team: helpers, when: {open: cn-office}}]\n", f"{LINE}:47 unknown calendar `cn-office`"),
    ("routing: [{id: a, team: helpers, when: {pool.wait: '> 5m'}}]\n", f"{LINE}:41 `pool.*` comes with"),
    # conditions in a section of another plugin
    ("vip: {rules: [{when: {tittle: x}}]}\n", f"{LINE}:23 unknown condition `tittle` (did you mean `title`?)"),
]


@pytest.mark.parametrize(("body", "expected"), MISTAKES, ids=[body.strip()[:60] for body, _ in MISTAKES])
def test_a_mistake_is_one_line_at_its_place(tmp_path, body, expected):
    (line,) = refused(tmp_path, body)
    assert line.startswith(f"team.yaml:{expected}")


HEADS = [
    ("plugins: [priority]\n", "1:1 `applies_to` is missing: write the tracker and its projects"),
    ("applies_to: [desk]\nplugins: [priority]\n", "1:13 `applies_to` is no map"),
    ("applies_to: {local: []}\nplugins: [priority]\n", "1:14 no project of `local` is named"),
    ("applies_to: {local: ['a b']}\nplugins: [priority]\n", "1:22 `a b` names no single project"),
    ("applies_to: {local: ['acme/*']}\nplugins: [priority]\n", "1:22 `acme/*` names no single project"),
    ("applies_to: {local: [desk]}\n", "1:1 `plugins` is missing: list the plugins to ask"),
    (
        "applies_to: {local: [desk]}\nplugins: priority\n",
        "2:10 `plugins` is a list like `[priority, routing]`, not the text",
    ),
    ("applies_to: {local: [desk]}\nplugins: [vip, vip]\n", "2:16 the plugin `vip` is listed twice"),
    ("applies_to: {local: [desk]}\nplugins: [intake]\n", "2:11 `intake` comes with"),
    (
        "applies_to: {local: [desk]}\nplugins: []\npriority: {}\n",
        "3:1 the section `priority` has no effect: add `priority`",
    ),
    ("", "1:1 the file is empty, but a rule file is a map"),
    ("- a\n", "1:1 here stands a list, but a rule file is a map"),
]


@pytest.mark.parametrize(("text", "expected"), HEADS, ids=[expected for _, expected in HEADS])
def test_a_file_says_where_it_applies_and_whom_it_asks(tmp_path, text, expected):
    (line,) = problems(tmp_path, team=text)
    assert line.startswith(f"team.yaml:{expected}")


def test_a_section_of_a_mistyped_plugin_is_checked_and_not_reported_twice(tmp_path):
    found = problems(
        tmp_path, team="applies_to: {local: [desk]}\nplugins: [priorty]\npriority: {levels: {hgih: 1}}\n"
    )
    assert found == [
        "team.yaml:2:11 unknown plugin `priorty` (did you mean `priority`?)",
        "team.yaml:3:21 unknown priority `hgih` (did you mean `high`?)",
    ]


def test_a_list_that_was_refused_does_not_make_its_users_wrong(tmp_path):
    body = "lists: {a: []}\npriority: {signals: [{id: s, score: 1, when: {text: {contains_any: '@a'}}}]}\n"
    assert len(refused(tmp_path, body)) == 1


def test_an_unreadable_shared_file_does_not_make_its_users_wrong(tmp_path):
    found = problems(
        tmp_path, team=HEAD + "routing: [{id: a, team: anybody, assignee: zoe}]\n", _people="people: [\n"
    )
    assert [line.partition(" ")[0] for line in found] == ["_people.yaml:2:1"]


def test_a_project_has_one_file(tmp_path):
    found = problems(
        tmp_path,
        a="applies_to: {jira: [SUP]}\nplugins: [priority]\n",
        b="applies_to:\n  jira: [OPS, sup]\nplugins: [priority]\n",
    )
    assert found == [
        "b.yaml:2:15 a.yaml:1 applies to `sup` of `jira` already: a project has one rule file, write it there"
    ]


def test_a_project_is_named_once(tmp_path):
    found = problems(tmp_path, a="applies_to: {jira: [SUP, sup]}\nplugins: [priority]\n")
    assert found == ["a.yaml:1:26 a.yaml:1 applies to `sup` of `jira` already: name it once"]


def test_what_a_plugin_finds_wrong_stands_at_the_key_it_names(tmp_path):
    catalog = Catalog(sentences={"vip": ("`domains` is empty: list at least one mail domain",)})
    found = problems(tmp_path, catalog, team=HEAD + "vip:\n    level: 3\n    domains: []\n")
    assert found == [f"team.yaml:{LINE + 2}:5 vip: `domains` is empty: list at least one mail domain"]


def test_a_plugin_whose_check_fails_is_named(tmp_path):
    found = problems(tmp_path, Catalog(sentences={"vip": ("raise",)}), team=HEAD + "vip: {a: 1}\n")
    assert found == [f"team.yaml:{LINE}:6 vip: its own check of this section failed: KeyError: 'domains'"]


def test_a_sentence_of_a_plugin_stays_one_line_without_control_characters(tmp_path):
    catalog = Catalog(sentences={"vip": ("bad\n\x1b[31mthing" + "x" * 1000,)})
    (line,) = problems(tmp_path, catalog, team=HEAD + "vip: {a: 1}\n")
    assert line.isprintable()
    assert len(line) < 500


@pytest.mark.parametrize("name", ["_intake", "_forms"])
def test_shared_files_of_later_versions_are_refused_with_a_sentence(tmp_path, name):
    assert problems(tmp_path, **{name: "a: 1\n"}) == [
        f"{name}.yaml:1:1 `{name}.yaml` comes with mail and forms; it is not in this version: remove it for now"
    ]


def test_an_unknown_shared_file_is_refused_with_the_nearest_name(tmp_path):
    assert problems(tmp_path, _poeple="{}") == [
        "_poeple.yaml:1:1 unknown shared file `_poeple.yaml` (did you mean `_people`?)"
    ]


def test_a_missing_folder_is_a_problem_and_no_crash(tmp_path):
    with pytest.raises(RulesError, match="the rules folder cannot be read"):
        load(tmp_path / "nowhere", Catalog(), env={})


def test_a_file_that_is_not_utf8_says_on_which_line(tmp_path):
    (tmp_path / "team.yaml").write_bytes(b"a: 1\nb: \xff\n")
    assert problems(tmp_path) == ["team.yaml:2:1 the file is not UTF-8 here: save it as UTF-8"]


WARNINGS = [
    (
        "applies_to: {jira-eu: [SUP]}\nplugins: [language]\n",
        "1:14 the tracker `jira-eu` is not connected (did you mean `jira`?)",
    ),
    (HEAD + "routing: [{id: a, team: helpers, when: {type: x}}]\n", f"{LINE}:10 no rule catches the rest"),
    (
        HEAD + "routing: [{id: a, team: helpers}, {id: b, team: helpers}]\n",
        f"{LINE}:35 never reached: the rule on line {LINE}",
    ),
    (
        HEAD + "priority: {levels: {urgent: 9, low: 0}, signals: [{id: a, score: 5}]}\n",
        f"{LINE}:21 no sum reaches `urgent`: all signals together score 5, it takes 9",
    ),
    (
        "applies_to: {local: [d]}\nplugins: [routing]\n"
        "routing: [{id: a, when: {language: zh}, team: helpers}, {id: b, team: helpers}]\n",
        "3:25 `language` comes from the plugin `language`: add it to `plugins`",
    ),
    (
        "applies_to: {gitlab: [a/b]}\nplugins: [routing]\nrouting: [{id: b, team: lawyers}]\n",
        "1:23 `gitlab` has no word for `lawyers` under `team` in `_names.yaml`",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WARNINGS, ids=[expected for _, expected in WARNINGS])
def test_a_warning_does_not_block(tmp_path, text, expected):
    (line,) = warnings(tmp_path, team=text, _names=NAMES, _people=PEOPLE)
    assert line.startswith(f"team.yaml:{expected}")


def test_a_plugin_that_cannot_be_loaded_is_a_warning_since_the_others_go_on(tmp_path):
    catalog = Catalog(broken={"vip": "vip.py:3: no module named `x`"})
    (line,) = warnings(tmp_path, catalog, team=HEAD + "vip: {a: 1}\n")
    assert line == "team.yaml:2:70 the plugin `vip` cannot be loaded: vip.py:3: no module named `x`"
    assert "vip" not in catalog.asked
