"""`escalate` and `escalation:` as an admin writes them: what is read, and each mistake once, with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .samples import NAMES, PEOPLE, Catalog, book, problems, warnings

HEAD = "applies_to: {local: [desk]}\nplugins: [sla, escalation]\n"
LINE = HEAD.count("\n") + 1
HOURS = 'office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}\n'
LEADS = PEOPLE + "teams:\n  helpers: {lead: tom}\nnotify:\n  duty: {url: 'json://duty.example'}\n"
BOTH = Catalog(plugins=("sla", "escalation"))


def files(body: str, people: str = LEADS, head: str = HEAD) -> dict[str, str]:
    return {"team": head + body, "_names": NAMES, "_people": people, "_calendars": HOURS}


def one(*rungs: str, targets: str = "{resolution: 8h office}") -> str:
    """A policy whose rungs stand on lines of their own, from column 11 on."""
    lines = "".join(f"        - {rung}\n" for rung in rungs)
    return f"sla:\n  - id: a\n    targets: {targets}\n    escalate:\n{lines}"


def sections(folder: Path, body: str, head: str = HEAD) -> Any:
    catalog = Catalog(plugins=("sla", "escalation", "commands"))
    return book(folder, catalog, **files(body, head=head)).file_for("local", "desk").sections


def test_a_rung_is_read_with_all_it_does(tmp_path: Path):
    body = one(
        "{at: 80%, add_label: at-risk, notify: assignee}",
        "{at: 100.50%, metrics: resolution, raise_priority: 1, notify: [team-lead, duty, mia], in_quiet_hours: true}",
        "{at: 150%, team: helpers, assign: team-lead, set_status: triaged, say: {en: Late., zh: 晚了。}}",
        "{at: 200%, return_to_team: true, say: 'Late: {title}'}",
    )
    (policy,) = sections(tmp_path, body)["sla"]
    assert policy["escalate"] == (
        {"at": "80%", "add_label": ("at-risk",), "notify": ("assignee",)},
        {
            "at": "100.5%",
            "metrics": ("resolution",),
            "raise_priority": 1,
            "notify": ("team-lead", "duty", "mia"),
            "in_quiet_hours": True,
        },
        {
            "at": "150%",
            "team": "helpers",
            "assign": "team-lead",
            "set_status": "triaged",
            "say": {"en": "Late.", "zh": "晚了。"},
        },
        {"at": "200%", "return_to_team": True, "say": {"default": "Late: {title}"}},
    )


def test_the_plugin_gets_what_it_goes_by_though_it_has_no_section(tmp_path: Path):
    head = HEAD.replace("escalation]", "escalation, commands]")
    body = one("{at: 80%, add_label: x}") + "commands: {handle: desk}\n"
    found = sections(tmp_path, body, head)
    assert found["escalation"] == {"hops": 3, "policies": found["sla"], "orders": {"handle": "desk"}}


def test_its_own_settings_are_read(tmp_path: Path):
    body = one("{at: 80%, add_label: x}") + "escalation: {quiet_outside: office, hops: 1}\n"
    found = sections(tmp_path, body)["escalation"]
    assert (found["quiet_outside"], found["hops"], found["orders"]) == ("office", 1, None)


def test_a_target_for_the_assignees_reply_brings_its_own_rung_unless_the_policy_has_one(tmp_path: Path):
    targets = "{assignee_reply: 1h office}"
    silent = {"at": "100%", "metrics": ("assignee_reply",), "return_to_team": True}
    (by_itself,) = sections(tmp_path / "a", f"sla: [{{id: a, targets: {targets}}}]\n")["sla"]
    (general,) = sections(tmp_path / "b", one("{at: 100%, add_label: x}", targets=targets))["sla"]
    (own,) = sections(tmp_path / "c", one("{at: 50%, metrics: assignee_reply, add_label: x}", targets=targets))["sla"]
    assert by_itself["escalate"] == (silent,)
    assert general["escalate"][1:] == (silent,)
    assert len(own["escalate"]) == 1


def test_who_leads_which_team_reaches_the_desk(tmp_path: Path):
    assert book(tmp_path, BOTH, **files(one("{at: 1%, add_label: x}"))).desk.leads == {"helpers": "tom"}


AT = LINE + 4
MISTAKES = [
    (one("{add_label: x}"), f"{AT}:11 a rung lacks `at`"),
    (one("{at: half, add_label: x}"), f"{AT}:16 `half` is no part of a target: write it like `80%`"),
    (one("{at: 0%, add_label: x}"), f"{AT}:16 `0%` is out of range: a rung acts from 1% to 1000% of the target"),
    (one("{at: 1001%, add_label: x}"), f"{AT}:16 `1001%` is out of range"),
    (one("{at: 80%}"), f"{AT}:11 this rung does nothing: add `add_label`, `raise_priority`, `assign`, `team`"),
    (one("{at: 80%, add_lable: x}"), f"{AT}:21 unknown key `add_lable` (did you mean `add_label`?)"),
    (one("{at: 80%, raise_priority: 4}"), f"{AT}:37 `4` is out of range: from 1 to 3"),
    (one("{at: 80%, assign: tim}"), f"{AT}:29 unknown person `tim` (did you mean `tom`?)"),
    (one("{at: 80%, team: helper}"), f"{AT}:27 unknown team `helper` (did you mean `helpers`?)"),
    (one("{at: 80%, notify: dutty}"), f"{AT}:29 nobody is called `dutty` (did you mean `duty`?)"),
    (
        one("{at: 80%, notify: moon}"),
        f"{AT}:29 nobody is called `moon`: write `assignee`, `team-lead`, a person, or a name under `notify`",
    ),
    (one("{at: 80%, set_status: triagd}"), f"{AT}:33 `status` has no value `triagd` (did you mean `triaged`?)"),
    (one("{at: 80%, metrics: [resoluton], add_label: x}"), f"{AT}:31 unknown metric `resoluton` (did you mean"),
    (
        one("{at: 80%, metrics: [ownership], add_label: x}"),
        f"{AT}:31 `ownership` has no target in this policy: add one",
    ),
    (one("{at: 80%, return_to_team: false}"), f"{AT}:37 `false` says nothing here: remove the line"),
    (
        one("{at: 80%, assign: tom, return_to_team: true}"),
        f"{AT}:34 `assign` and `return_to_team` exclude each other: keep one",
    ),
    (one("{at: 80%, add_label: x, in_quiet_hours: true}"), f"{AT}:35 nobody is notified here: add `notify`"),
    (one("{at: 80%, say: 'Late {titel}'}"), f"{AT}:26 unknown placeholder `{{titel}}` (did you mean `title`?)"),
    (
        one("{at: 80%, add_label: x}", "{at: 80.0%, add_label: y}"),
        f"{AT + 1}:16 the rung on line {AT} acts at 80.0% of `resolution` already: put both into one",
    ),
    ("escalation: {quiet_outside: ofice}\n", f"{LINE}:29 unknown calendar `ofice` (did you mean `office`?)"),
    ("escalation: {hops: -1}\n", f"{LINE}:20 `-1` is out of range: from 0 to 100"),
    ("escalation: {quiet: office}\n", f"{LINE}:14 unknown key `quiet`"),
]


@pytest.mark.parametrize(("body", "expected"), MISTAKES, ids=[expected[:60] for _, expected in MISTAKES])
def test_a_mistake_is_one_line_at_its_place(tmp_path: Path, body: str, expected: str):
    (line,) = problems(tmp_path, BOTH, **files(body))
    assert line.startswith(f"team.yaml:{expected}"), line


@pytest.mark.parametrize("rung", ["{at: 80%, notify: team-lead}", "{at: 80%, assign: team-lead}"])
def test_a_lead_whom_no_team_has_is_a_mistake(tmp_path: Path, rung: str):
    (line,) = problems(tmp_path, BOTH, **files(one(rung), people=PEOPLE))
    assert "no team has a lead: write `teams: {NAME: {lead: PERSON}}` in `_people.yaml`" in line


def test_other_metrics_at_the_same_part_are_rungs_of_their_own(tmp_path: Path):
    rungs = "{at: 80%, metrics: resolution, add_label: x}", "{at: 80%, metrics: ownership, add_label: y}"
    body = one(*rungs, targets="{resolution: 8h office, ownership: 1h office}")
    assert problems(tmp_path, BOTH, **files(body)) == []


def test_rungs_without_the_plugin_are_refused(tmp_path: Path):
    (line,) = problems(tmp_path, BOTH, **files(one("{at: 80%, add_label: x}"), head=HEAD.replace(", escalation", "")))
    assert line.endswith("`escalate` has no effect: add `escalation` to `plugins`, or remove it")


def test_a_mistyped_plugin_is_reported_once(tmp_path: Path):
    mistyped = HEAD.replace("escalation", "escalaton")
    (line,) = problems(tmp_path, BOTH, **files(one("{at: 80%, add_label: x}"), head=mistyped))
    assert "unknown plugin `escalaton` (did you mean `escalation`?)" in line


def test_a_plugin_with_no_rung_to_climb_is_warned_of(tmp_path: Path):
    found = warnings(tmp_path, BOTH, **files("sla: [{id: a, targets: {resolution: 8h office}}]\n"))
    assert [line for line in found if "`escalation` has nothing to do" in line] != []
