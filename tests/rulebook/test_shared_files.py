"""Names, people, customers, calendars and trackers: what they become and what is refused."""

from __future__ import annotations

import pytest

from connector.words import Place, PlaceKind

from .samples import HEAD, NAMES, PEOPLE, book, problems, warnings


def label(value: str) -> Place:
    return Place(PlaceKind.LABEL, value)


def test_a_word_lives_where_the_tracker_keeps_it(tmp_path):
    words = book(tmp_path, _names=NAMES, _people=PEOPLE).words
    assert words["gitlab"].priority["urgent"] == (label("prio::1"),)
    assert words["jira"].priority["urgent"] == (Place(PlaceKind.NAME, "Highest"),)
    assert words["jira"].team["helpers"] == (Place(PlaceKind.COMPONENT, "Helpers"),)
    assert words["jira"].team["cashiers"] == (label("team-cash"),)
    assert words["jira"].status["done"] == (Place(PlaceKind.NAME, "Done"), Place(PlaceKind.NAME, "Closed"))
    assert words["jira"].fields["environment"] == Place(PlaceKind.FIELD, "*", "Environment")
    assert words["jira"].fields["component"] == Place(PlaceKind.COMPONENT)
    assert words["gitlab"].fields["environment"] == label("env::*")
    assert words["jira"].people == {"mia": ("mia@desk.example",), "tom": ("tom",)}
    assert words["gitlab"].people == {"mia": ("mia",)}
    assert words["gitlab"].names["mia"] == "Mia Ode"
    assert words["gitlab"].teams == {"helpers", "cashiers", "lawyers"}


def test_a_label_is_read_before_the_state_that_every_issue_has(tmp_path):
    status = book(tmp_path, _names=NAMES).words["gitlab"].status
    assert list(status) == ["done", "pending", "triaged", "open"]
    assert status["open"] == (Place(PlaceKind.STATE, "opened"),)


def test_two_of_our_words_for_one_of_theirs_are_a_warning(tmp_path):
    names = "status:\n  new: {gitlab: opened}\n  open: {gitlab: opened}\n"
    assert warnings(tmp_path, _names=names) == [
        "_names.yaml:3:18 `opened` under `status` stands for `new` too: what `gitlab` has is read as `new`"
    ]


def test_severity_is_a_label_unless_a_line_says_otherwise(tmp_path):
    names = "severity:\n  1: {jira: 'field \"Severity\" = Critical'}\n"
    words = book(tmp_path, _names=names).words
    assert words["gitlab"].severity[1] == (label("severity::1"),)
    assert words["jira"].severity[1] == (Place(PlaceKind.FIELD, "Critical", "Severity"),)
    assert words["jira"].severity[2] == (label("severity::2"),)


def test_the_local_tracker_uses_our_words(tmp_path):
    words = book(tmp_path, _names=NAMES, _people=PEOPLE).words["local"]
    assert words.team["lawyers"] == (Place(PlaceKind.NAME, "lawyers"),)
    assert words.priority["high"] == (Place(PlaceKind.NAME, "high"),)
    assert set(words.status) == {"new", "open", "pending", "on_hold", "done", "triaged"}
    assert words.person_of("mia") == "mia"


def test_a_connections_own_name_comes_before_its_kind(tmp_path):
    trackers = "eu: {kind: gitlab, url: https://eu.example}\nus: {kind: gitlab, url: https://us.example}\n"
    names = 'team:\n  helpers: {gitlab: "team::helpers", eu: "eu-helpers"}\n'
    people = "people:\n  mia: {ids: {gitlab: mia, eu: mia.eu}, teams: helpers}\n"
    words = book(tmp_path, _trackers=trackers, _names=names, _people=people).words
    assert words["eu"].team["helpers"] == (label("eu-helpers"),)
    assert words["us"].team["helpers"] == (label("team::helpers"),)
    assert words["eu"].people == {"mia": ("mia.eu",)}
    assert words["us"].people == {"mia": ("mia",)}


NAME_MISTAKES = [
    ("priority:\n  urgnt: {jira: Highest}\n", "2:3 unknown priority `urgnt` (did you mean `urgent`?)"),
    ("priority:\n  urgent: {jria: Highest}\n", "2:12 unknown tracker `jria` (did you mean `jira`?)"),
    ("team:\n  a: {local: a}\n", "2:7 the local tracker uses our own words: leave `local` out"),
    (
        "team:\n  a: {jira: Payments}\n",
        "2:13 `Payments` does not say what it is on Jira: write `label x`, `component X`",
    ),
    ("team:\n  a: {jira: component}\n", "2:13 `component` says where but not which"),
    ("team:\n  a: {jira: label two words}\n", "2:13 `label two words` does not say what it is on Jira"),
    ("team:\n  a: {gitlab: 'x,y'}\n", "2:15 `x,y` has a comma, which GitLab does not take in a label"),
    ("team:\n  a: {gitlab: 'x::*'}\n", "2:15 `x::*` stands for many labels: only `fields` take a `*`"),
    ("team:\n  a: {gitlab: [x, 7]}\n", "2:19 here stands the number `7`, but a text is wanted: put it in quotes"),
    ("severity:\n  5: {gitlab: x}\n", "2:3 severity is 1 (worst) to 4, not `5`"),
    ("fields:\n  environment: {gitlab: env}\n", "2:25 `env` is no label scope: write it as `env::*`"),
    ("fields:\n  environment: {jira: label prod}\n", "2:23 `label prod` names one value, but a field takes any"),
    ("fields:\n  environment: {jira: group ops}\n", "2:23 a group is no field"),
    ("fields:\n  title: {jira: component}\n", "2:3 `title` is a field or a word of conditions already"),
    ("fields:\n  any: {jira: component}\n", "2:3 `any` is a field or a word of conditions already"),
    ("fields:\n  a b: {jira: component}\n", "2:3 `a b` cannot name a field"),
    ("teams:\n  a: {gitlab: x}\n", "1:1 unknown key `teams` (did you mean `team`?)"),
]


@pytest.mark.parametrize(("text", "expected"), NAME_MISTAKES, ids=[expected for _, expected in NAME_MISTAKES])
def test_a_mistake_in_names_is_one_line(tmp_path, text, expected):
    (line,) = problems(tmp_path, _names=text)
    assert line.startswith(f"_names.yaml:{expected}")


PEOPLE_MISTAKES = [
    ("people:\n  a: {nam: A}\n", "2:7 unknown key `nam` (did you mean `name`?)"),
    ("people:\n  a: {ids: {gitlba: a}}\n", "2:13 unknown tracker `gitlba` (did you mean `gitlab`?)"),
    ("people:\n  a: {ids: {gitlab: 7}}\n", "2:21 here stands the number `7`"),
    ("people:\n  a: {tz: Asia/Shangai}\n", "2:11 unknown time zone `Asia/Shangai` (did you mean `Asia/Shanghai`?)"),
    ("people:\n  a: {since: 2026-13-01}\n", "2:14 `2026-13-01` is no calendar day: write it like `2026-03-01`"),
    ("people:\n  a: {capacity: -1}\n", "2:17 `-1` is out of range: at least 0"),
    ("people:\n  a: {away: [{from: 2026-02-02, until: 2026-02-01}]}\n", "2:14 the absence ends before it begins"),
    ("people:\n  a: {ids: {jira: x}}\n  b: {ids: {jira: X}}\n", "3:3 `X` on `jira` is already the account of `a`"),
    (
        "people:\n  a: {teams: [x]}\nteams:\n  y: {lead: a}\n",
        "4:3 nobody is in the team `y` and `_names.yaml` lacks it",
    ),
    ("people:\n  ann: {teams: [x]}\nteams:\n  x: {lead: anm}\n", "4:13 unknown person `anm` (did you mean `ann`?)"),
    ("persons: {}\n", "1:1 unknown key `persons`"),
]


@pytest.mark.parametrize(("text", "expected"), PEOPLE_MISTAKES, ids=[expected for _, expected in PEOPLE_MISTAKES])
def test_a_mistake_in_people_is_one_line(tmp_path, text, expected):
    (line,) = problems(tmp_path, _people=text)
    assert line.startswith(f"_people.yaml:{expected}")


CALENDAR_MISTAKES = [
    ("c: never\n", "1:4 a calendar is `always` or a map with `tz` and `week`, not the text `never`"),
    ("c: {week: {}}\n", "1:4 a calendar lacks `tz`"),
    ("c: {tz: UTC}\n", "1:4 a calendar has either `week` or `versions`"),
    ("c: {tz: UTC, week: {mno: []}}\n", "1:21 unknown day `mno` (did you mean `mon`?)"),
    (
        "c: {tz: UTC, week: {mon: ['9-17']}}\n",
        "1:27 `9-17` is no span of a day: write it like `09:00-17:30`",
    ),
    (
        "c: {tz: UTC, week: {mon: ['09:00-12:00', '11:00-13:00']}}\n",
        "1:26 the spans `09:00-12:00` and `11:00-13:00` overlap",
    ),
    ("c: {tz: UTC, week: {}, dates: {2026-02-30: []}}\n", "1:32 `2026-02-30` is no calendar day"),
]


@pytest.mark.parametrize(("text", "expected"), CALENDAR_MISTAKES, ids=[expected for _, expected in CALENDAR_MISTAKES])
def test_a_mistake_in_calendars_is_one_line(tmp_path, text, expected):
    (line,) = problems(tmp_path, _calendars=text)
    assert line.startswith(f"_calendars.yaml:{expected}")


def test_night_shifts_versions_and_touching_spans_are_fine(tmp_path):
    text = (
        "night: {tz: Europe/Berlin, week: {mon-fri: ['22:00-06:00']}}\n"
        "day: {tz: UTC, holidays: CN, versions: [{from: null, week: {'mon,wed': ['09:00-12:00', '12:00-24:00']}}]}\n"
    )
    assert problems(tmp_path, _calendars=text) == []


def test_secrets_come_from_the_environment_and_never_show(tmp_path):
    env = {"EU_TOKEN": "tok-123", "EU_HOOK": "new-secret, old-secret"}
    text = "eu: {kind: gitlab, url: https://eu.example/, token: {env: EU_TOKEN}, secret: {env: EU_HOOK},"
    text += " public_comments: all}\n"
    rules = book(tmp_path, env=env, _trackers=text, team=HEAD)
    eu = rules.connections["eu"]
    assert (eu.url, eu.token, eu.secrets) == ("https://eu.example", "tok-123", ("new-secret", "old-secret"))
    assert eu.options == {"public_comments": "all"}
    assert not any(secret in repr(rules) for secret in ("tok-123", "new-secret", "old-secret"))


def test_who_may_knock_and_the_client_secrets_of_an_app_are_read(tmp_path):
    text = "help: {kind: jira, url: https://x.example, client_secret: {env: APP}, "
    text += "allow_from: [192.0.2.7, '2001:db8::/32']}"
    rules = book(tmp_path, env={"APP": "newer-one, older-one"}, _trackers=text, team=HEAD)
    assert rules.connections["help"].client_secrets == ("newer-one", "older-one")
    assert rules.connections["help"].allow_from == ("192.0.2.7/32", "2001:db8::/32")
    assert "newer-one" not in repr(rules)


TRACKER_MISTAKES = [
    (
        "x: {kind: gitlab, url: https://x.example, token: hush-hush}\n",
        "1:50 a secret does not belong in a rule file: write `{env: NAME}`",
    ),
    (
        "x: {kind: gitlab, url: https://x.example, token: {env: hush-hush}}\n",
        "1:50 `env` takes the name of an environment variable",
    ),
    ("x: {kind: gitlab, url: 'https://me:hush-hush@x.example'}\n", "1:24 this is no web address of a tracker"),
    ("x: {kind: gitlab}\n", "1:4 a tracker lacks `url`"),
    ("x: {kind: github, url: https://x.example}\n", "1:11 unknown kind of tracker `github`"),
    ("x: {kind: gitlab, url: https://x.example, flavor: dc}\n", "1:43 `flavor` is for Jira alone: remove the line"),
    (
        "x: {kind: jira, url: https://x.example, flavor: server}\n",
        "1:49 unknown flavor `server`: choose `cloud` or `dc`",
    ),
    (
        "x: {kind: jira, url: https://x.example, internal_visibility: Admins}\n",
        "1:62 `Admins` names nobody: write `role",
    ),
    (
        "x: {kind: gitlab, url: https://x.example, client_secret: {env: S}}\n",
        "1:43 `client_secret` is for Jira alone: remove the line",
    ),
    (
        "x: {kind: jira, url: https://x.example, client_secret: hush-hush}\n",
        "1:56 a secret does not belong in a rule file",
    ),
    (
        "x: {kind: gitlab, url: https://x.example, allow_from: [192.0.2.0/24, 192.0.2.0/33]}\n",
        "1:70 `192.0.2.0/33` is no network: write",
    ),
    ("x: {kind: gitlab, url: https://x.example, allow_from: []}\n", "1:55 the list is empty"),
    ("local: {kind: gitlab, url: https://x.example}\n", "1:1 `local` is always there and cannot be set"),
    ("X y: {kind: gitlab, url: https://x.example}\n", "1:1 `X y` cannot name a tracker"),
]


@pytest.mark.parametrize(("text", "expected"), TRACKER_MISTAKES, ids=[expected for _, expected in TRACKER_MISTAKES])
def test_a_mistake_in_trackers_is_one_line_without_any_secret(tmp_path, text, expected):
    (line,) = problems(tmp_path, _trackers=text)
    assert line.startswith(f"_trackers.yaml:{expected}")
    assert "hush-hush" not in line


def test_a_file_may_apply_to_a_tracker_of_the_trackers_file(tmp_path):
    rules = book(
        tmp_path,
        _trackers="eu: {kind: gitlab, url: https://eu.example}\n",
        team="applies_to: {eu: [a/b]}\nplugins: []\n",
    )
    assert rules.file_for("eu", "a/b").name == "team"
    assert rules.warnings == ()


def test_a_secret_that_is_not_at_hand_warns_and_blocks_nothing(tmp_path):
    text = "x: {kind: gitlab, url: https://x.example, token: {env: NO_SUCH}}\n"
    assert "x" in book(tmp_path, _trackers=text).connections
    assert any("`NO_SUCH` is not set" in line for line in warnings(tmp_path, _trackers=text))
