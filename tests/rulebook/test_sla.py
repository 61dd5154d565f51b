"""`sla:` as an admin writes it: what is read, and each mistake once, with its place and the likely remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from .samples import NAMES, PEOPLE, Catalog, book, problems, warnings

HEAD = "applies_to: {local: [desk]}\nplugins: [sla]\n"
LINE = HEAD.count("\n") + 1
HOURS = """\
office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}
two-days: {tz: Asia/Shanghai, week: {}, dates: {2026-12-24: ["09:00-10:00"], 2027-12-24: ["09:00-10:00"]}}
"""
SLA = Catalog(plugins=("sla",))


def files(body: str) -> dict[str, str]:
    return {"team": HEAD + body, "_names": NAMES, "_people": PEOPLE, "_calendars": HOURS}


def one(key: str) -> str:
    return f"sla: [{{id: a, targets: {{resolution: 8h office}}, {key}}}]\n"


def targets(text: str) -> str:
    return f"sla: [{{id: a, targets: {text}}}]\n"


def test_a_policy_is_read_with_its_targets_in_seconds(tmp_path: Path):
    body = """\
sla:
  - id: premium
    pause_when: [{status: [pending, open]}, {labels: {has: blocked}}]
    on_change: {resolution: recount}
    reopen: restart
    breach_sticky: false
    targets:
      first_response: {urgent: 15m 24x7, default: 1h30m office}
      resolution: 8h office
    warn_at: [50%, 80%]
"""
    (rule,) = book(tmp_path, SLA, **files(body)).file_for("local", "desk").sections["sla"]
    assert rule["targets"] == {
        "first_response": {
            "urgent": {"seconds": 900, "calendar": "24x7", "text": "15m 24x7"},
            "default": {"seconds": 5400, "calendar": "office", "text": "1h30m office"},
        },
        "resolution": {"default": {"seconds": 28_800, "calendar": "office", "text": "8h office"}},
    }
    assert rule["pause_when"] == ({"status": ("pending", "open")}, {"labels": ("blocked",)})
    assert (rule["on_change"], rule["reopen"], rule["breach_sticky"]) == ({"resolution": "recount"}, "restart", False)
    assert rule["warn_at"] == ("50%", "80%")


MISTAKES = [
    ("sla: {id: a}\n", "6 here stands a map, but a list of rules is wanted, each beginning with `-`"),
    ("sla: [{id: a}]\n", "7 an SLA policy lacks `targets`"),
    (targets("{}"), "24 there are no targets: write at least one, like `{resolution: 8h 24x7}`"),
    (targets("{resoluton: 8h office}"), "25 unknown metric `resoluton` (did you mean `resolution`?)"),
    (
        targets("{first_reply_time: 8h office}"),
        "25 unknown metric `first_reply_time`: here it is called `first_response`",
    ),
    (targets("{resolution: 8h}"), "37 `8h` is no target: write a time and a calendar, like `4h 24x7`"),
    (
        targets("{resolution: soon office}"),
        "37 `soon` is no length of time: write 15m, 4h, 3d or 1h30m; a target is a time and a calendar",
    ),
    (
        targets("{resolution: 9000000h office}"),
        "37 `9000000h` is longer than 100 years; a target is a time and a calendar",
    ),
    (targets("{resolution: 0m office}"), "37 `0m office` leaves no time at all: write at least one minute"),
    (targets("{resolution: 8h ofice}"), "37 unknown calendar `ofice` (did you mean `office`?)"),
    (targets("{resolution: 8h moon}"), "37 unknown calendar `moon`: define it in `_calendars.yaml`, or write `24x7`"),
    (
        targets("{resolution: 3h two-days}"),
        "37 `3h two-days` can never be used up: `two-days` has not that much open time in 50 years; write",
    ),
    (
        targets("{resolution: {urgent: 8h office}}"),
        "37 no target for `high`, `normal` and `low`: add it, or a `default`",
    ),
    (
        targets("{resolution: {urgnt: 8h office, default: 9h office}}"),
        "38 unknown priority `urgnt` (did you mean `urgent`?)",
    ),
    (one("warn_at: [180%]"), "59 `180%` is no warning: it must lie from 1% to 99% of the target"),
    (one("warn_at: [80]"), "59 `80` is no part of a target: write it like `80%`"),
    (one("warn_at: [half]"), "59 `half` is no part of a target: write it like `80%`"),
    (one("on_change: forget"), "60 unknown value of `on_change` `forget`"),
    (one("reopen: {resolution: again}"), "70 unknown value of `reopen` `again`"),
    (one("breach_sticky: 3"), "64 true or false is wanted here, not the number `3`"),
    (one("pause_when: {status: pendng}"), "62 `status` has no value `pendng` (did you mean `pending`?)"),
    (
        one("pause_when: {title: x}"),
        "62 unknown condition `title`: a clock is paused by `status`, `labels`, `team` or",
    ),
    (one("pause_when: {}"), "61 nothing pauses the clock here: name a status, like `{status: pending}`"),
    (
        one("pause_when: {labels: {matches: x}}"),
        "70 a clock is paused by words: write one, a list, or `{has: blocked}`",
    ),
    (
        one("escalate: [{at: 80%, add_label: x}]"),
        "49 `escalate` has no effect: add `escalation` to `plugins`, or remove it",
    ),
]


@pytest.mark.parametrize(("body", "expected"), MISTAKES, ids=[body.strip()[5:60] for body, _ in MISTAKES])
def test_a_mistake_is_one_line_at_its_place(tmp_path: Path, body: str, expected: str):
    (line,) = problems(tmp_path, SLA, **files(body))
    assert line.startswith(f"team.yaml:{LINE}:{expected}"), line


def test_days_of_a_calendar_that_closes_at_night_are_warned_of(tmp_path: Path):
    told = warnings(tmp_path / "days", SLA, **files(targets("{resolution: 3d office}")))
    assert any("`3d office` is 72h of open time, more than so many days of `office`" in line for line in told)
    assert not warnings(tmp_path / "always", SLA, **files(targets("{resolution: 3d 24x7}")))


def test_a_list_without_a_policy_for_the_rest_and_one_that_is_never_reached_are_warned_of(tmp_path: Path):
    some = "sla:\n  - {id: a, when: {type: incident}, targets: {resolution: 8h office}}\n"
    assert any("no policy catches the rest" in line for line in warnings(tmp_path / "some", SLA, **files(some)))
    all_ = "sla:\n  - {id: a, targets: {resolution: 8h office}}\n  - {id: b, targets: {resolution: 9h office}}\n"
    assert any(
        "never reached: the policy on line 4" in line for line in warnings(tmp_path / "all", SLA, **files(all_))
    )
