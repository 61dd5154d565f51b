"""Templates → text: `{placeholders}` filled with what is known of a ticket, units in the template's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta
from typing import Any

from ..frozen import EMPTY
from ..model import Priority, Ticket
from .durations import show_duration
from .fields import value_of
from .mention import Mention
from .neutral import neutral

PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.-]*)\}")
"""A name in braces: a field of conditions, a fact, or one of the words that the caller adds, such as `hits`."""

MAX_VALUE = 300
MAX_TEXT = 10_000

_BLANK_BEFORE = re.compile(r"[ \u3000]+$")
_CLOSES = re.compile(r"[\s,.;:!?)\]，。；：！？、）】]|$")
_HAN = re.compile("[\u4e00-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")


def render(template: str, ticket: Ticket, extra: Mapping[str, Any] = EMPTY) -> str:
    """`template` with each placeholder replaced by its value, made harmless by `neutral`.

    A name in `extra` comes before one of the ticket. A missing value leaves nothing, nor the blank
    before it where punctuation or the end follows. Durations are Chinese in a Chinese template, else
    `3d4h`; instants are in their own zone, such as `UTC+8`. Values are cut at 300 characters, the whole at 10,000.
    """
    language = "zh" if _HAN.search(template) and not _KANA.search(template) else "en"
    parts: list[str] = []
    end = 0
    for found in PLACEHOLDER.finditer(template):
        parts.append(template[end : found.start()])
        end = found.end()
        name = found[1]
        value = extra[name] if name in extra else _known(ticket, name)
        text = value if isinstance(value, Mention) else neutral(_cut(shown(value, language), MAX_VALUE))
        if not text and parts[-1] and _CLOSES.match(template, end):
            parts[-1] = _BLANK_BEFORE.sub("", parts[-1])
        parts.append(text)
    parts.append(template[end:])
    return _cut("".join(parts), MAX_TEXT)


def reason(rule: Mapping[str, Any], ticket: Ticket, otherwise: str) -> str:
    """The admin's `because` for a rule that matched, on one line, `{hits}` being the words that matched.

    `otherwise` stands in where the rule has no `because`. `rule["when"]` is the compiled condition.
    """
    if not rule.get("because"):
        return otherwise
    return " ".join(render(rule["because"], ticket, {"hits": rule["when"].hits(ticket)}).split())


def choose(say: Mapping[str, str], language: str | None) -> tuple[str, str]:
    """The language and text of `say` for a reader of `language`; raises `ValueError` if `say` is empty.

    In this order: the language itself, its base (`zh` for `zh-Hant`), another variant of the base,
    `default`, `en`, the first one written.
    """
    if not say:
        raise ValueError("a text needs at least one language")
    wanted = (language or "").lower()
    base = wanted.partition("-")[0]
    known = {key.lower(): key for key in say}
    variants = [key for key in known if base and key.partition("-")[0] == base]
    for key in (wanted, base, *variants, "default", "en", *known):
        if key in known:
            return known[key], say[known[key]]
    raise AssertionError("unreachable: the last candidates are the keys themselves")


def shown(value: Any, language: str = "en") -> str:
    """`value` as people write it: `urgent`, `3d4h`, `2026-03-01 09:30 UTC`, `a, b`; None is ''."""
    match value:
        case None:
            return ""
        case bool():
            return _yes_or_no(value, language)
        case Priority():
            return value.word
        case float() if value.is_integer():
            return str(int(value))
        case timedelta():
            return show_duration(value, language)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} {_offset(value)}"
        case date():
            return value.isoformat()
        case Set():
            return ", ".join(sorted(shown(item, language) for item in value))
        case tuple() | list():
            return ", ".join(shown(item, language) for item in value)
        case _:
            return str(value)


def _offset(value: datetime) -> str:
    """`UTC`, `UTC+8`, `UTC-3:30`: names of zones such as CST mean several."""
    minutes = round((value.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def _known(ticket: Ticket, name: str) -> Any:
    return ticket.url if name == "url" else value_of(ticket, name)


def _yes_or_no(value: bool, language: str) -> str:
    if language.startswith("zh"):
        return "是" if value else "否"
    return "yes" if value else "no"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
