"""`assign`, `need_skills` and `need_languages`: what they become, what is refused, what is warned of."""

from __future__ import annotations

import pytest

from connector.core.assigning import DEFAULTS

from .samples import book, problems, warnings

HEAD = "applies_to: {local: [desk]}\nplugins: [routing, sla, replies]\n"
PEOPLE = """\
people:
  ann: {teams: [desk], skills: {db: 2}, languages: [en]}
  bo: {teams: [desk, night], skills: [golf]}
"""
ROUTING = "routing:\n  - {id: a, team: desk}\n"
SLA = "sla:\n  - {id: s, targets: {resolution: 8h 24x7}}\n"
OPEN = {"assigns": True}


def section(tmp_path, body: str, **files: str):
    """The section `routing` of a file in which people may be chosen."""
    return book(tmp_path, **OPEN, team=HEAD + body, _people=PEOPLE, **files).files[0].sections["routing"]


def refused(tmp_path, body: str, **files: str) -> list[str]:
    return problems(tmp_path, **OPEN, team=HEAD + body, _people=PEOPLE, **files)


def test_the_section_of_routing_has_all_that_people_are_chosen_by(tmp_path):
    found = section(tmp_path, ROUTING + SLA + "assign: {}\n")

    assert [rule["id"] for rule in found["rules"]] == ["a"]
    assert [policy["id"] for policy in found["policies"]] == ["s"]
    assert found["assign"] == DEFAULTS


def test_what_assign_says_comes_before_the_defaults(tmp_path):
    body = """\
assign:
  method: round_robin
  prefer: [longest_idle]
  effort: {urgent: 3}
  waiting_weight: 0.5
  min_presence: 1h30m
  if_nobody: {team: night, say: nobody}
replies:
  - {id: nobody, on: [assign_failed, moved], say: {en: "Nobody is free."}}
"""
    assert section(tmp_path, ROUTING + body)["assign"] == {
        "method": "round_robin",
        "prefer": ("longest_idle",),
        "effort": {"default": 1, "urgent": 3},
        "waiting_weight": 0.5,
        "min_presence": 5400,
        "if_nobody": {"team": "night", "say": "nobody"},
    }


def test_one_number_is_the_effort_of_every_ticket(tmp_path):
    assert section(tmp_path, ROUTING + "assign: {effort: 2}\n")["assign"]["effort"] == {"default": 2}


def test_without_assign_the_section_is_its_rules(tmp_path):
    assert [rule["id"] for rule in section(tmp_path, ROUTING)] == ["a"]


def test_needs_are_least_levels(tmp_path):
    rule = '{id: a, team: desk, need_skills: ["db>=2", golf], need_languages: en}'
    (found,) = section(tmp_path, f"routing:\n  - {rule}\nassign: {{}}\n")["rules"]

    assert found["need_skills"] == {"db": 2, "golf": 1}
    assert found["need_languages"] == ("en",)


MISTAKES = [
    ("method: balance", "5:18 unknown method `balance` (did you mean `balanced`?)"),
    ("prefer: [fewest]", "5:19 unknown preference `fewest` (did you mean `fewest_open`?)"),
    ("effort: {urgnt: 3}", "5:19 unknown priority `urgnt` (did you mean `urgent`?)"),
    ("effort: {urgent: -3}", "5:27 `-3` is out of range: at least 0"),
    ("effort: much", "5:18 a number is wanted here, not the text `much`"),
    ("waiting_weight: 2", "5:26 `2` is out of range: from 0 to 1"),
    ("min_presence: long", "5:24 `long` is no length of time: write 15m, 4h, 3d or 1h30m"),
    ("if_nobody: {team: nihgt}", "5:28 unknown team `nihgt` (did you mean `night`?)"),
    ("if_nobody: {say: sorry}", "5:27 there is no reply `sorry`: write one under `replies` with `on: assign_failed`"),
    ("if_none: {}", "5:10 unknown key `if_none`"),
]


@pytest.mark.parametrize(("told", "expected"), MISTAKES, ids=[told for told, _ in MISTAKES])
def test_a_mistake_in_assign_is_one_line(tmp_path, told, expected):
    (line,) = refused(tmp_path, f"{ROUTING}assign: {{{told}}}\n")

    assert line.startswith(f"team.yaml:{expected}")


NEEDS = [
    ('need_skills: ["db>3"]', "`db>3` is no skill: write its name, or the least level like `payments>=2`"),
    ('need_skills: ["db>=3"]', "nobody of the team `desk` has `db` at level 3: the best has 2"),
    ("need_skills: dbs", "nobody of the team `desk` has the skill `dbs` (did you mean `db`?)"),
    (
        "need_skills: chess",
        "nobody of the team `desk` has the skill `chess`: add it to somebody's `skills` in `_people.yaml`",
    ),
]


@pytest.mark.parametrize(("told", "expected"), NEEDS, ids=[told for told, _ in NEEDS])
def test_a_need_that_nobody_of_the_team_meets_is_refused(tmp_path, told, expected):
    (line,) = refused(tmp_path, f"routing:\n  - {{id: a, team: desk, {told}}}\nassign: {{}}\n")

    assert line.endswith(f" {expected}")


def test_a_language_that_nobody_of_the_team_works_in_is_refused(tmp_path):
    people = PEOPLE.replace("skills: [golf]", "languages: [zh]")
    rule = "routing:\n  - {id: a, team: desk, need_languages: [zh-Hant, fr]}\nassign: {}\n"

    assert problems(tmp_path, **OPEN, team=HEAD + rule, _people=people) == [
        "team.yaml:4:51 nobody of the team `desk` works in `fr`: look at their `languages`"
    ]


def test_needs_have_no_effect_where_nobody_is_chosen(tmp_path):
    (line,) = refused(tmp_path, "routing:\n  - {id: a, team: desk, need_skills: db}\n")

    assert line.startswith("team.yaml:4:25 `need_skills` has no effect: add the section `assign`")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plugins: [sla]\n" + SLA, "has no effect: add `routing` to `plugins`, or remove it"),
        ("plugins: [routing]\n", "has no effect: no rule of `routing` names a team"),
    ],
)
def test_assign_has_no_effect_without_routing(tmp_path, text, expected):
    (line,) = problems(tmp_path, **OPEN, team=f"applies_to: {{local: [desk]}}\n{text}assign: {{}}\n")

    assert line.endswith(expected)


def test_the_reply_for_nobody_is_said_when_nobody_is_found(tmp_path):
    body = ROUTING + 'assign: {if_nobody: {say: sorry}}\nreplies:\n  - {id: sorry, on: created, say: {en: "Wait."}}\n'
    (line,) = refused(tmp_path, body)

    assert line.endswith("`if_nobody` says `sorry`: add `assign_failed` to its `on`")


def test_a_team_without_people_is_a_warning(tmp_path):
    names = 'team:\n  ghosts: {gitlab: "team::ghosts"}\n'
    body = "routing:\n  - {id: a, team: ghosts}\nassign: {}\n"

    assert warnings(tmp_path, **OPEN, team=HEAD + body, _people=PEOPLE, _names=names) == [
        "team.yaml:4:19 nobody is in the team `ghosts`: its tickets find no person"
    ]


CALENDARS = """\
early: {tz: Europe/Berlin, week: {mon-thu: ["08:00-16:00"], fri: ["08:00-12:00"]}}
late: {tz: Europe/Berlin, week: {mon-fri: ["14:00-24:00"]}}
china: {tz: Asia/Shanghai, week: {mon-sun: ["07:00-15:00"]}}
"""


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (
            "  ann: {teams: [desk], calendar: early}\n  bo: {teams: [desk], calendar: late}\n",
            "2:3 nobody of the team `desk` works mon-thu 00:00-08:00; fri 00:00-08:00, 12:00-14:00 (Europe/Berlin): "
            "its tickets wait",
        ),
        (
            "  ann: {teams: [desk], calendar: early}\n  bo: {teams: [desk], calendar: late}\n"
            "  cem: {teams: [desk], calendar: china}\nteams: {desk: {lead: bo}}\n",
            "5:9 nobody of the team `desk` works fri 12:00-14:00 (Europe/Berlin): its tickets wait",
        ),
        ("  ann: {teams: [desk], calendar: early}\n  bo: {teams: [desk]}\n", None),
        ("  ann: {teams: [desk], calendar: early}\n  bo: {teams: [desk], rota: bo.ics}\n", None),
    ],
    ids=["two", "three zones", "always there", "rota"],
)
def test_a_team_that_is_empty_at_some_hour_of_a_working_day_is_a_warning(tmp_path, people, expected):
    (tmp_path / "bo.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n", encoding="utf-8")
    files = {"team": HEAD + ROUTING + "assign: {}\n", "_people": f"people:\n{people}", "_calendars": CALENDARS}

    assert warnings(tmp_path, **OPEN, **files) == ([f"_people.yaml:{expected}"] if expected else [])


def test_hours_are_no_matter_where_nobody_is_chosen(tmp_path):
    people = "people:\n  ann: {teams: [desk], calendar: early}\n"

    assert warnings(tmp_path, **OPEN, team=HEAD + ROUTING, _people=people, _calendars=CALENDARS) == []


@pytest.mark.parametrize(
    "body",
    [
        ROUTING + "assign: {}\n",
        "routing:\n  - {id: a, team: desk, need_skills: db}\n",
        "routing:\n  - {id: a, team: desk, need_languages: en}\n",
        ROUTING + 'replies:\n  - {id: a, on: assign_failed, say: {en: "No."}}\n',
    ],
)
def test_what_is_not_to_be_used_yet_is_refused(tmp_path, body):
    (line,) = problems(tmp_path, assigns=False, team=HEAD + body, _people=PEOPLE)

    assert "comes with the choice of an assignee; it is not in this version" in line
