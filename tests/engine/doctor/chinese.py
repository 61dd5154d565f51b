"""Whether a finding is told in Chinese: no hole left in it, and no English sentence of ours."""

from __future__ import annotations

import re

from connector.engine.doctor import Finding, Level
from connector.engine.doctor.findings import Told

OTHERS = frozenset(
    {
        *("rules_broken", "rules_hint", "settings_wrong", "store_unwritable"),
        *("plugin_broken", "plugin_quarantined", "token_refused"),
    }
)
"""Codes that may quote what somebody else says in English: a file's mistakes, the database, a plugin, the tracker."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = re.compile(r"`[^`]*`|https?://\S+|Service Desk Team|General → Visibility, project features|\{\w+\}")
ENGLISH = re.compile(r"[a-z]{2,},? [a-z]+,? [a-z]{2,}")
"""Three small words one after the other; names are not written so, or stand in backticks."""


def english_in(text: str) -> str:
    """The first English words of a Chinese text; '' if there are none."""
    match = ENGLISH.search(NAMES.sub("", text))
    return match[0] if match else ""


def assert_chinese(finding: Finding) -> None:
    """A finding above `ok` stands in Chinese, filled in."""
    if finding.level is Level.OK:
        return
    told = finding.told("zh")
    assert told.language == "zh", finding
    _assert_text(told, finding)


def _assert_text(told: Told, finding: Finding) -> None:
    for text in (told.text, told.remedy):
        assert not re.search(r"\{(?!gitlab|jira)[a-z_]+\}", text), text
        if finding.code not in OTHERS:
            assert CHINESE.search(text), text
            assert not english_in(text), text
