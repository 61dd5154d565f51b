"""What the doctor finds: one frozen value for each thing that is not as it should be, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ...frozen import FrozenDict
from .sentences import Said, advice, either

LONGEST = 400
_LOGIN = re.compile(r"(https?://)[^/\s@`]*@")


class Level(IntEnum):
    """How much it matters: a hint costs nobody anything, a problem keeps tickets from being worked."""

    OK = 0
    HINT = 1
    WARNING = 2
    PROBLEM = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in the words of one language, and which that is."""

    text: str
    remedy: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `code` is stable and stands in the documentation.

    `where` is the group it is shown in: a connection's name, `store`, `host`, `settings`, `rules` or `plugins`.
    `project` is the tracker's project that it is about, '' for all; `spot` is `file:line:column` of a rule file.
    `remedy` says what to do; it is empty for `ok` alone. Both are English; `zh` is their Chinese.
    """

    code: str
    level: Level
    where: str
    text: str
    remedy: str = ""
    project: str = ""
    spot: str = ""
    zh: Told | None = None

    def told(self, language: str) -> Told:
        """The finding in `language`, or in English if it is not known in that one."""
        return self.zh if self.zh and language == "zh" else Told(self.text, self.remedy)

    def as_row(self) -> dict[str, Any]:
        """What the store keeps: the JSON and the Chinese."""
        chinese = {"zh": {"text": self.zh.text, "remedy": self.zh.remedy}} if self.zh else {}
        return {**self.as_json(), **chinese}

    def as_json(self) -> dict[str, str]:
        """The shape that `pointsman doctor --json` prints."""
        given = {"code": self.code, "level": self.level.word, "where": self.where, "text": self.text}
        more = {"remedy": self.remedy, "project": self.project, "spot": self.spot}
        return {**given, **{name: value for name, value in more.items() if value}}


def from_json(row: Mapping[str, Any]) -> Finding:
    """The finding that `as_row` or `as_json` wrote, by this release or an older one; `KeyError` for anything else."""
    remedy, project, spot = (str(row.get(name, "")) for name in ("remedy", "project", "spot"))
    level, chinese = Level[str(row["level"]).upper()], row.get("zh")
    zh = Told(str(chinese["text"]), str(chinese["remedy"]), "zh") if chinese else None
    return Finding(str(row["code"]), level, str(row["where"]), str(row["text"]), remedy, project, spot, zh)


def found(
    code: str, where: str, text: str | Said, remedy: str | Said, *, project: str = "", spot: str = ""
) -> Finding:
    """The finding `code` at the level that `CODES` gives it; what it quotes is cut and put on one line."""
    told, do = either(text), either(remedy)
    zh = Told(one_line(told.zh), one_line(do.zh), "zh") if isinstance(text, Said) else None
    return Finding(code, CODES[code], where, one_line(told.en), one_line(do.en), project, spot, zh)


def tell(code: str, where: str, form: str = "", *, project: str = "", spot: str = "", **values: object) -> Finding:
    """The finding `code` in the sentences of its `form`, with `values` in them."""
    text, remedy = advice(f"{code}_{form}" if form else code, **values)
    return found(code, where, text, remedy, project=project, spot=spot)


def fine(code: str, where: str, text: str) -> Finding:
    """Something was looked at and is as it should be; `code` names what."""
    return Finding(code, Level.OK, where, one_line(text))


def one_line(text: str) -> str:
    """`text` as a terminal shows it on one line and obeys no part of it: trackers' words are others' text.

    What somebody put before the host of an address, to get in, is left out.
    """
    clean = _LOGIN.sub(r"\1", "".join(sign if sign.isprintable() else " " for sign in text))
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


_PROBLEMS = """
settings_wrong store_unwritable schema_too_new data_dir_unwritable disk_full rules_broken
tracker_unreachable tracker_tls tracker_not_there url_redirected token_missing token_refused token_expired
scope_missing flavor_wrong clock_far_off project_missing project_moved project_archived issues_disabled right_missing
secret_missing hook_missing hook_path hook_events hook_disabled hook_template hook_secret hook_scope
public_unresolved public_not_us public_tls public_private public_plain
word_missing field_missing field_unwritable person_not_assignable visibility_unknown
"""
_WARNINGS = """
unchecked schema_ahead disk_low data_dir_open database_clock backlog parked timers_late worker_silent
encryption_no_effect console_open public_unset public_silent not_connected plugin_broken plugin_quarantined
url_plain token_expires clock_skew limit_low hook_double hook_failing hook_unsigned hook_unverified
label_missing status_missing status_unmapped person_unknown person_ambiguous person_inactive person_unmapped
"""
_HINTS = """
schema_behind no_rules shadow rules_hint unused proxy_unnamed account_admin account_shared right_later hooks_unseen
hook_silent hook_of_group people_unseen scope_unused note_open
"""
CODES: Mapping[str, Level] = FrozenDict(
    {
        code: level
        for level, codes in ((Level.PROBLEM, _PROBLEMS), (Level.WARNING, _WARNINGS), (Level.HINT, _HINTS))
        for code in codes.split()
    }
)
"""Every code that can be found, and how much it matters; the documentation explains each."""
