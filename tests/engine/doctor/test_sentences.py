"""What the doctor says: every finding in English and in Chinese, with the same values, and nothing left over."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from connector.engine import doctor
from connector.engine.doctor import CODES, Finding, Level, examine, keep, kept
from connector.engine.doctor.findings import LONGEST, from_json, tell
from connector.engine.doctor.hook_checks import _ANSWERS, _LOSES
from connector.engine.doctor.project_checks import FAILS
from connector.engine.doctor.sentences import Said, advice, listed, near, phrase, say, sentences
from connector.store import Store
from connector.trackers.gitlab import facts as gitlab
from connector.trackers.jira import facts as jira

from .chinese import CHINESE, english_in
from .clinic import a_clinic, now

FOUND, PARTS, PHRASES = (sentences()[name] for name in ("found", "say", "phrase"))
SOURCES = {path.name: path.read_text() for path in Path(doctor.__file__).parent.glob("*.py")}
HOLE = re.compile(r"\{\w+\}")


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_has_sentences_and_no_sentence_is_without_a_code():
    assert CODES.keys() <= FOUND.keys()
    assert [form for form in FOUND if not any(form == code or form.startswith(f"{code}_") for code in CODES)] == []


@pytest.mark.parametrize("form", FOUND)
def test_text_and_remedy_stand_in_both_languages_with_the_same_values(form: str):
    both = FOUND[form]
    assert set(both) == {"en", "zh"}
    for en, zh in zip(both["en"], both["zh"], strict=True):
        assert values(en) == values(zh)
        assert en
        assert zh == en if HOLE.fullmatch(zh) else CHINESE.search(zh)
        assert not CHINESE.search(en)
        assert not english_in(zh)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_stands_in_both_languages_with_the_same_values(part: str):
    both = PARTS[part]
    assert set(both) == {"en", "zh"}
    assert values(both["en"]) == values(both["zh"])
    assert not CHINESE.search(both["en"])
    assert not english_in(both["zh"])
    assert both["zh"] != both["en"] or not re.search("[a-z]", HOLE.sub("", both["en"]))


def test_every_sentence_that_a_check_names_is_there():
    asked = {part for text in SOURCES.values() for part in re.findall(r"\bsay\(\s*\"(\w+)\"", text)}
    assert len(asked) > 25
    assert asked <= PARTS.keys()
    told = [
        f"{code}_{form}" if form else code
        for text in SOURCES.values()
        for code, form in re.findall(r"\btell\(\s*\"(\w+)\",(?: [A-Z]+,)?(?: \"(\w+)\")?", text)
    ]
    assert len(told) > 70
    assert set(told) <= FOUND.keys()


def test_every_word_that_a_sentence_is_chosen_by_has_one():
    chosen = [f"loses_{event}" for event in _LOSES] + [f"answered_{status}" for status in _ANSWERS]
    assert PARTS.keys() >= {*chosen, *(f"may_not_{operation}" for operation in FAILS)}


def test_no_part_is_left_that_nothing_names():
    said = "".join(SOURCES.values())
    assert [
        part for part in PARTS if part not in said and not re.match("loses_|answered_|may_not_|hook_", part)
    ] == []


def test_what_checks_look_at_and_what_trackers_have_to_grant_is_told_in_chinese():
    grants = {grant for _, grant in (*gitlab.NEEDED.values(), *jira.NEEDED.values(), jira.AGENT)}
    grants.add(gitlab._right(next(iter(FAILS)), 50, frozenset({"x"}), admin=False).grant)
    looked = set(re.findall(r"\((?:Part\.)?[A-Z]+, \"(\w[^\"]+)\", ", SOURCES["examine.py"]))
    assert len(looked) == 13
    assert grants | looked | {"the tracker"} <= PHRASES.keys()
    assert [zh for zh in PHRASES.values() if english_in(zh)] == []


def test_a_value_is_told_in_the_language_of_the_whole():
    text, remedy = advice("parked", events=say("events", n=2))
    assert text == Said("2 events were given up", "2 个事件已被搁置")
    assert remedy.zh.startswith("`pointsman parked` 会说明原因")
    assert listed(["a", "b"]) == Said("a, b", "a、b")
    assert near("Hihg", ["High"]) == Said(" (did you mean `High`?)", "（是否想写 `High`？）")
    assert near("x", ["High"]) == Said()
    assert phrase("what a plugin says") == Said("what a plugin says", "what a plugin says")


def test_what_others_wrote_fills_in_no_further_value():
    finding = tell("hook_double", "gitlab", key="{url}", n="{0.__class__}", url="x")
    assert finding.text.startswith("{url} has {0.__class__} webhooks to x")
    assert finding.told("zh").text.startswith("{url} 有 {0.__class__} 个")


def test_the_chinese_is_one_short_line_too_and_shows_no_login():
    told = tell("rules_hint", "rules", problem="a\x1b\nhttps://bo:pw@host/" + "x" * 900).told("zh")
    assert "a  https://host/x" in told.text
    assert len(told.text) == LONGEST


def test_the_json_of_a_finding_is_english_alone():
    row = tell("hook_double", "gitlab", key="a/b", n=2, url="x", project="a/b").as_json()
    assert set(row) == {"code", "level", "where", "text", "remedy", "project"}
    assert not CHINESE.search("".join(row.values()))


@pytest.fixture
def store(tmp_path: Path):
    with a_clinic("gitlab", tmp_path) as clinic:
        yield clinic.store


def test_a_finding_that_was_kept_is_told_in_both_languages(store: Store):
    finding = tell("token_missing", "gitlab", name="gitlab", setting="TOKEN")
    keep(store, "gitlab", [finding], now())
    (read,) = kept(store, "gitlab").findings
    assert read == finding
    assert read.told("en").text == "gitlab has no token"
    assert read.told("zh").text == "gitlab 没有令牌"


def test_what_an_older_release_kept_is_told_in_its_english(store: Store):
    row = '{"code": "token_missing", "level": "problem", "where": "gitlab", "text": "no token", "remedy": "set it"}'
    store.meta.set("doctor/gitlab", f'{{"at": "{now().isoformat()}", "findings": [{row}]}}')
    (read,) = kept(store, "gitlab").findings
    assert read == Finding("token_missing", Level.PROBLEM, "gitlab", "no token", "set it")
    assert (read.told("zh").text, read.told("zh").language) == ("no token", "en")
    assert from_json(read.as_json()) == read


def test_one_connection_of_another_name_has_its_setting_told_in_both(tmp_path: Path):
    with a_clinic("gitlab", tmp_path) as clinic:
        clinic.connect(name="gitlab-eu", token="")
        clinic.edit("support.yaml", "{gitlab:", "{gitlab-eu:")
        (finding,) = [each for each in examine(clinic.patient(), ["gitlab-eu"]) if each.level > Level.OK]
    assert "set `token` of gitlab-eu in `_trackers.yaml`" in finding.remedy
    assert "请设置 `_trackers.yaml` 中 gitlab-eu 的 `token`" in finding.told("zh").remedy
