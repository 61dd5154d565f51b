"""A condition as one plain sentence, in English or Chinese: what has to be so for it to hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..frozen import EMPTY
from .fields import Field, FieldType
from .nodes import shown
from .opening import OPEN
from .operators import ORDERED
from .phrases import PHRASES
from .reading import UNDERSTAND
from .rule_names import FIELDS, WORD_FIELDS, WORDS

FEW = 4
"""So many words of a named list are shown; the list itself stands beside the rules."""

_COMPARED = re.compile(r"\s*(>=|<=|==|=|>|<)?\s*(.*?)\s*", re.DOTALL)
_GROUPS = ("any", "all", "not")
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_UNIT_NAMES = {
    "en": {"d": ("day", "days"), "h": ("hour", "hours"), "m": ("minute", "minutes"), "s": ("second", "seconds")},
    "zh": {"d": ("天", "天"), "h": ("小时", "小时"), "m": ("分钟", "分钟"), "s": ("秒", "秒")},
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence; `joint` says how its own parts are joined, '' if it has none."""

    text: str
    joint: Literal["", "and", "or"] = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """Tells conditions in `language`; `fields` types what they name, `lists` are those used as `@name`."""

    language: str = "en"
    fields: Mapping[str, Field] = EMPTY
    lists: Mapping[str, tuple[str, ...]] = field(default=EMPTY)

    def say(self, phrase: str, **values: object) -> str:
        """One of the phrases of `PHRASES`, filled in."""
        text = PHRASES[phrase][self.language]
        return text.format_map(values) if values else text

    def condition(self, source: Mapping[str, Any]) -> str:
        """The condition as the second half of a sentence after `if`; '' for one that always holds."""
        return self._map(source).text if source else ""

    def word(self, name: str, word: str) -> str:
        """A word of ours by its name in this language; one that somebody made up, in quotes."""
        known = WORDS.get(WORD_FIELDS.get(name, name), EMPTY).get(str(word).casefold())
        return known[self.language] if known else self.quoted(word)

    def quoted(self, word: object) -> str:
        """`word` in quotes, with what cannot be seen, and quotes themselves, written out."""
        text = "".join(c if c.isprintable() and c not in "“”\\" else _escaped(c) for c in str(word))
        return self.say("quoted", word=text)

    def listed(self, words: Iterable[str]) -> str:
        return self.say("comma").join(words)

    def field_name(self, name: str) -> str:
        """What people call the field; a made-up one by its own name."""
        known = FIELDS.get(name)
        return known[self.language] if known else self.quoted(name)

    def _map(self, source: Mapping[str, Any]) -> Clause:
        return self._joined("and", [self._entry(key, value) for key, value in source.items()])

    def _entry(self, key: str, value: Any) -> Clause:
        if key == "not":
            return self._denied(value)
        if key in _GROUPS:
            return self._joined("or" if key == "any" else "and", [self._map(each) for each in value])
        return self._joined("and", self._line(key, value, ""))

    def _denied(self, source: Mapping[str, Any]) -> Clause:
        """One line is denied in itself, anything larger as a whole."""
        key, value = next(iter(source.items()))
        if len(source) == 1 and key not in _GROUPS and len(clauses := self._line(key, value, "-")) == 1:
            return clauses[0]
        return Clause(self.say("not", inner=self.say("group", inner=self._map(source).text)))

    def _joined(self, joint: Literal["and", "or"], clauses: Sequence[Clause]) -> Clause:
        if len(clauses) == 1:
            return clauses[0]
        texts = [
            clause.text if clause.joint in ("", joint) else self.say("group", inner=clause.text) for clause in clauses
        ]
        return Clause(self.say(joint).join(texts), joint)

    def _line(self, name: str, spec: Any, sign: str) -> list[Clause]:
        """The clauses of one line, all of which must hold; with the `sign` `-` each is denied."""
        asked = self.fields.get(name, Field(FieldType.WORD))
        if isinstance(spec, Mapping):
            return self._operators(name, spec, sign)
        if name == OPEN:
            return [self._words("open", "open_any", sign, name, spec)]
        if asked.type is FieldType.BOOL:
            return [self._clause("true" if spec else "false", sign, name)]
        if asked.type in UNDERSTAND:
            return self._compared(name, asked.type, spec, sign)
        if isinstance(spec, str) and asked.order and (found := ORDERED.fullmatch(spec)):
            return [self._clause(f"word{found[1]}", sign, name, self.word(name, found[2]))]
        return [self._words("is", "one_of", sign, name, spec)]

    def _operators(self, name: str, spec: Mapping[str, Any], sign: str) -> list[Clause]:
        found = []
        if "empty" in spec:
            found.append(self._clause("empty", "-" if spec["empty"] is (sign == "-") else "", name))
        if OPEN in spec:
            found.append(self._words("open", "open_any", sign, name, spec[OPEN]))
        whole = spec.get("whole_words") is True
        for key in ("contains_any", "contains_all"):
            if key in spec:
                clause = self._words("contains", key, sign, name, spec[key])
                found.append(Clause(self.say("whole_words", said=clause.text)) if whole else clause)
        if "matches" in spec:
            found.append(self._clause("matches", sign, name, self.quoted(spec["matches"])))
        found += [
            self._words("has", key, sign, name, spec[key]) for key in ("has", "has_any", "has_all") if key in spec
        ]
        return found

    def _words(self, one: str, several: str, sign: str, name: str, spec: Any) -> Clause:
        words = spec if isinstance(spec, tuple | list) else (spec,)
        single = len(words) == 1 and not str(words[0]).startswith("@")
        values = self.listed(self._word_or_list(name, str(word)) for word in words)
        return self._clause(one if single else several, sign, name, values)

    def _word_or_list(self, name: str, word: str) -> str:
        if not word.startswith("@"):
            return self.word(name, word)
        words = self.lists.get(word[1:], ())
        few = self.listed(self.word(name, each) for each in words[:FEW])
        if len(words) > FEW:
            few = self.say("few", few=few, more=len(words) - FEW, all=len(words))
        return self.say("list", few=few, name=word[1:])

    def _compared(self, name: str, kind: FieldType, spec: Any, sign: str) -> list[Clause]:
        bounds = [self._bound(kind, item) for item in (spec if isinstance(spec, tuple | list) else (spec,))]
        if len(bounds) > 1 and all(compare == "=" for compare, _ in bounds):
            return [self._clause("one_of", sign, name, self.listed(value for _, value in bounds))]
        at = "at" if kind is FieldType.INSTANT else ""
        clauses = [self._clause(f"{at}{compare}", sign, name, value) for compare, value in bounds]
        # Several comparisons are denied one by one: none of them may hold.
        return [self._joined("and" if sign else "or", clauses)]

    def _bound(self, kind: FieldType, item: Any) -> tuple[str, str]:
        found = _COMPARED.fullmatch(item) if isinstance(item, str) else None
        compare, rest = ((found[1] or "=").replace("==", "="), found[2]) if found else ("=", item)
        value = UNDERSTAND[kind](rest)
        if kind is FieldType.NUMBER:
            return compare, number_words(value)
        if kind is FieldType.DURATION:
            return compare, self.duration(value.total_seconds())
        return compare, str(shown(value)).replace("T00:00:00Z", "")

    def duration(self, seconds: float) -> str:
        """All units of a length of time: `3 days 4 hours`."""
        parts, left = [], int(seconds)
        for unit, size in _UNITS:
            count, left = divmod(left, size)
            if count:
                parts.append(f"{count} {_UNIT_NAMES[self.language][unit][count != 1]}")
        return " ".join(parts) or f"0 {_UNIT_NAMES[self.language]['m'][1]}"

    def _clause(self, phrase: str, sign: str, name: str, value: str = "") -> Clause:
        return Clause(self.say(f"{phrase}{sign}", field=self.field_name(name), value=value))


def number_words(value: float) -> str:
    """25.0 is 25, 0.5 stays."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _escaped(sign: str) -> str:
    return f"\\{sign}" if sign.isprintable() else f"\\u{{{ord(sign):x}}}"
