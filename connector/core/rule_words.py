"""A section of a rule file in plain sentences: one for each rule, and what is set beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from .conditions import Condition
from .routing_told import routing_words
from .rule_told import RuleGroup, RuleLine, SectionWords, rule_line
from .secret_words import sounds_secret
from .sentences import Speech, number_words
from .sla_told import escalation_words, sla_words

LEVELS = MappingProxyType({"urgent": 80, "high": 50, "normal": 20, "low": 0})
"""What the plugin `priority` takes where a section names no levels."""


def section_words(plugin: str, section: Any, speech: Speech, off: Sequence[Mapping[str, str]] = ()) -> SectionWords:
    """The section of `plugin`, compiled, in words; `off` are its switched-off rules."""
    told = _TELLERS.get(plugin, _foreign)(plugin, section, speech)
    if not off:
        return told
    lines = tuple(RuleLine(rule.get("id", ""), off=rule.get("because", "")) for rule in off)
    return SectionWords(plugin, told.settings, (*told.groups, RuleGroup("disabled", lines)))


def _priority(plugin: str, section: Any, speech: Speech) -> SectionWords:
    signals, overrides = ((section or {}).get(key) or () for key in ("signals", "overrides"))
    if not signals and not overrides:
        return SectionWords(plugin, (speech.say("no_signals"),))
    levels = section.get("levels") or LEVELS
    steps = speech.listed(
        speech.say("level", level=speech.word("priority", word), n=number_words(n)) for word, n in levels.items()
    )
    groups = (
        RuleGroup("signals", tuple(rule_line(rule, _score(rule, speech), speech) for rule in signals)),
        RuleGroup("overrides", tuple(rule_line(rule, _bounds(rule, speech), speech) for rule in overrides)),
    )
    return SectionWords(
        plugin, (speech.say("levels", levels=steps),), tuple(group for group in groups if group.lines)
    )


def _score(rule: Mapping[str, Any], speech: Speech) -> str:
    return speech.say("subtract" if rule["score"] < 0 else "add", n=number_words(abs(rule["score"])))


def _bounds(rule: Mapping[str, Any], speech: Speech) -> str:
    low, high = (speech.word("priority", rule[key]) if rule.get(key) else "" for key in ("at_least", "at_most"))
    if low and high:
        return speech.say("between", low=low, high=high)
    return speech.say("at_least", level=low) if low else speech.say("at_most", level=high)


def _replies(plugin: str, section: Any, speech: Speech) -> SectionWords:
    if not section:
        return SectionWords(plugin, (speech.say("no_replies"),))
    return SectionWords(plugin, (), (RuleGroup("replies", tuple(_reply(rule, speech) for rule in section)),))


def _reply(rule: Mapping[str, Any], speech: Speech) -> RuleLine:
    languages = speech.listed(speech.word("language", language) for language in rule["say"])
    told = speech.say(f"tell_{rule.get('audience') or 'internal'}", languages=languages)
    then = speech.say(rule.get("once") or "per_ticket", then=told)
    events = (rule["on"],) if isinstance(rule["on"], str) else rule["on"]
    event = speech.say("or").join(speech.word("event.kind", each) for each in events)
    when = speech.condition(rule["when"].source)
    text = (
        speech.say("on_if", event=event, when=when, then=then) if when else speech.say("on", event=event, then=then)
    )
    return RuleLine(rule["id"], text, rule.get("because") or "", tuple(rule["say"].items()))


def _customers(plugin: str, _section: Any, speech: Speech) -> SectionWords:
    return SectionWords(plugin, (speech.say("customers"),))


def _language(plugin: str, section: Any, speech: Speech) -> SectionWords:
    candidates = (section or {}).get("candidates")
    if not candidates:
        return SectionWords(plugin, (speech.say("language"),))
    named = speech.say("or").join(speech.word("language", each) for each in candidates)
    return SectionWords(plugin, (speech.say("candidates", languages=named),))


def _commands(plugin: str, section: Any, speech: Speech) -> SectionWords:
    told: Mapping[str, Any] = section or {}
    settings = [speech.say("handle", handle=str(told.get("handle") or "pointsman").lstrip("@"))]
    for verb, names in (told.get("allow") or {}).items():
        listed = (names,) if isinstance(names, str) else names
        who = speech.listed(speech.say("agents") if name == "agent" else speech.quoted(name) for name in listed)
        settings.append(speech.say("allow", verb=speech.quoted(verb), who=who))
    settings.append(speech.say("allow_all"))
    if told.get("language"):
        settings.append(speech.say("answers", language=speech.word("language", told["language"])))
    return SectionWords(plugin, tuple(settings))


def _foreign(plugin: str, section: Any, speech: Speech) -> SectionWords:
    """The section of a plugin of one's own, whatever its shape: rules are the maps with a condition or an id."""
    found = list(_parts("", section, speech))
    settings = tuple(part for part in found if isinstance(part, str))
    groups = tuple(part for part in found if isinstance(part, RuleGroup))
    return SectionWords(plugin, settings or (() if groups else (speech.say("no_settings"),)), groups)


def _parts(name: str, value: Any, speech: Speech) -> Iterator[str | RuleGroup]:
    match value:
        case Mapping() if _is_rule(value):
            yield RuleGroup(name, (_own_rule(value, speech),))
        case Mapping():
            for key, inner in value.items():
                yield from _parts(f"{name}.{key}" if name else str(key), inner, speech)
        case tuple() if any(isinstance(each, Mapping) for each in value):
            rules = [each for each in value if isinstance(each, Mapping)]
            yield RuleGroup(name, tuple(_own_rule(rule, speech) for rule in rules))
        case None if not name:
            return
        case _:
            yield speech.say("setting", name=speech.quoted(name or "–"), value=_shown(name, value, speech))


def _is_rule(value: Mapping[str, Any]) -> bool:
    return "id" in value or any(isinstance(inner, Condition) for inner in value.values())


def _own_rule(rule: Mapping[str, Any], speech: Speech) -> RuleLine:
    told = [
        speech.say("is", field=speech.quoted(key), value=_shown(str(key), value, speech))
        for key, value in rule.items()
        if key not in ("id", "because") and not isinstance(value, Condition)
    ]
    then = speech.say("sets", settings=speech.listed(told)) if told else speech.say("match")
    return rule_line({"when": None, **rule}, then, speech)


def _shown(name: str, value: Any, speech: Speech) -> str:
    """A value of somebody's own section; what sounds like a secret is not shown."""
    if sounds_secret(name):
        return speech.say("hidden")
    match value:
        case None:
            return speech.say("nothing")
        case bool():
            return speech.say("yes" if value else "no")
        case int() | float():
            return number_words(value) if value == value and abs(value) != float("inf") else str(value)
        case Condition():
            return speech.say("group", inner=speech.condition(value.source) or speech.say("nothing"))
        case Mapping():
            inner = (
                speech.say("is", field=speech.quoted(key), value=_shown(str(key), each, speech))
                for key, each in value.items()
            )
            return speech.say("group", inner=speech.listed(inner) or speech.say("nothing"))
        case tuple() | list() | frozenset():
            return speech.say("group", inner=speech.listed(_shown(name, each, speech) for each in value))
        case _:
            return speech.quoted(value)


_TELLERS: Mapping[str, Callable[[str, Any, Speech], SectionWords]] = MappingProxyType(
    {
        "priority": _priority,
        "routing": routing_words,
        "sla": sla_words,
        "escalation": escalation_words,
        "replies": _replies,
        "customers": _customers,
        "language": _language,
        "commands": _commands,
    }
)
