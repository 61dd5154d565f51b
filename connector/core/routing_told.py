"""Routing rules in plain sentences, and how people are chosen where the file says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .assigning import assigns, routes
from .candidates import Method
from .rule_told import RuleGroup, RuleLine, SectionWords, rule_line
from .sentences import Speech, number_words

Rule = Mapping[str, Any]


def routing_words(plugin: str, section: Any, speech: Speech) -> SectionWords:
    """The team of each rule, what it needs, and how its people are chosen."""
    rules = routes(section)
    if not rules:
        return SectionWords(plugin, (speech.say("no_routes"),))
    lines: tuple[RuleLine, ...] = tuple(rule_line(rule, _route(rule, speech), speech) for rule in rules)
    settings = tuple(_choice(section["assign"], speech)) if assigns(section) else ()
    return SectionWords(plugin, settings, (RuleGroup("routing", lines),))


def _route(rule: Rule, speech: Speech) -> str:
    team, person = (speech.quoted(rule[key]) if rule.get(key) else "" for key in ("team", "assignee"))
    if team and person:
        return speech.say("both", team=team, person=person)
    then = speech.say("team", team=team) if team else speech.say("assignee", person=person)
    needs = [
        speech.say("skill", skill=speech.quoted(skill), n=number_words(level))
        for skill, level in rule.get("need_skills", {}).items()
    ]
    needs += [speech.word("language", language) for language in rule.get("need_languages", ())]
    return speech.say("needs", then=then, needs=speech.listed(needs)) if needs else then


def _choice(assign: Rule, speech: Speech) -> Iterator[str]:
    if assign["method"] == Method.MANUAL:
        yield speech.say("by_hand")
    else:
        yield speech.say("chosen", who=speech.say(assign["method"]))
    if prefer := assign["prefer"]:
        yield speech.say("prefer", prefer=speech.listed(speech.say(f"prefer_{each}") for each in prefer))
    efforts = speech.listed(_effort(level, units, speech) for level, units in assign["effort"].items())
    yield speech.say("efforts", efforts=efforts)
    yield speech.say("waits", part=number_words(assign["waiting_weight"]))
    yield speech.say("presence", length=speech.duration(assign["min_presence"]))
    if nobody := assign.get("if_nobody"):
        yield from (speech.say(f"nobody_{key}", name=speech.quoted(name)) for key, name in nobody.items())


def _effort(level: str, units: float, speech: Speech) -> str:
    if level == "default":
        return speech.say("effort", n=number_words(units))
    return speech.say("effort_of", level=speech.word("priority", level), n=number_words(units))
