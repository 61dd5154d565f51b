"""SLA policies and their rungs in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .clock_words import metric_name
from .rule_told import RuleGroup, RuleLine, SectionWords, rule_line
from .sentences import Speech, number_words

Rule = Mapping[str, Any]


def sla_words(plugin: str, section: Any, speech: Speech) -> SectionWords:
    """What each policy promises, what stops its clock, and from when on a ticket is at risk."""
    if not section:
        return SectionWords(plugin, (speech.say("no_policies"),))
    lines = tuple(rule_line(rule, _promise(rule, speech), speech) for rule in section)
    return SectionWords(plugin, (), (RuleGroup("sla", lines),))


def escalation_words(plugin: str, section: Any, speech: Speech) -> SectionWords:
    """Every rung of every policy, and what holds for all."""
    told: Rule = section or {}
    lines = tuple(
        _rung(policy, rung, speech) for policy in told.get("policies") or () for rung in policy.get("escalate") or ()
    )
    if not lines:
        return SectionWords(plugin, (speech.say("no_rungs"),))
    settings = [speech.say("hops", n=number_words(told["hops"]))]
    if calendar := told.get("quiet_outside"):
        settings.append(speech.say("quiet", calendar=speech.quoted(calendar)))
    return SectionWords(plugin, tuple(settings), (RuleGroup("escalate", lines),))


def _promise(rule: Rule, speech: Speech) -> str:
    targets = (
        speech.say("target", metric=_metric(metric, speech), goals=speech.listed(_goals(goals, speech)))
        for metric, goals in rule["targets"].items()
    )
    parts = [speech.say("targets", targets=speech.say("semicolon").join(targets))]
    if pauses := rule.get("pause_when"):
        parts.append(speech.say("pauses", when=speech.say("or").join(_pause(match, speech) for match in pauses)))
    if warnings := rule.get("warn_at"):
        parts.append(speech.say("warns", parts=speech.listed(warnings)))
    return speech.say("semicolon").join(parts)


def _goals(goals: Rule, speech: Speech) -> Iterator[str]:
    for priority, target in goals.items():
        if len(goals) == 1 and priority == "default":
            yield target["text"]
        elif priority == "default":
            yield speech.say("goal_else", goal=target["text"])
        else:
            yield speech.say("goal", priority=speech.word("priority", priority), goal=target["text"])


def _pause(match: Rule, speech: Speech) -> str:
    return speech.condition({name: {"has_any": v} if name == "labels" else v for name, v in match.items()})


def _rung(policy: Rule, rung: Rule, speech: Speech) -> RuleLine:
    metrics = rung.get("metrics") or ()
    of = speech.listed(_metric(metric, speech) for metric in metrics) if metrics else speech.say("each_metric")
    then = speech.say("comma").join(_actions(rung, speech))
    text = speech.say("rung", policy=speech.quoted(policy["id"]), at=rung["at"], metrics=of, then=then)
    return RuleLine(str(policy["id"]), text, says=tuple((rung.get("say") or {}).items()))


def _actions(rung: Rule, speech: Speech) -> Iterator[str]:
    for label in rung.get("add_label") or ():
        yield speech.say("adds_label", label=speech.quoted(label))
    if levels := rung.get("raise_priority"):
        yield speech.say("raises", n=number_words(levels))
    if team := rung.get("team"):
        yield speech.say("team", team=speech.quoted(team))
    if person := rung.get("assign"):
        yield speech.say("assignee", person=_who(person, speech))
    if rung.get("return_to_team"):
        yield speech.say("returns")
    if status := rung.get("set_status"):
        yield speech.say("sets_status", status=speech.word("status", status))
    if say := rung.get("say"):
        yield speech.say("tell_internal", languages=speech.listed(speech.word("language", each) for each in say))
    if names := rung.get("notify"):
        told = speech.say("notifies", who=speech.listed(_who(name, speech) for name in names))
        yield speech.say("at_once", then=told) if rung.get("in_quiet_hours") else told


def _who(name: str, speech: Speech) -> str:
    known = {"assignee": "the_assignee", "team-lead": "the_lead"}
    return speech.say(known[name]) if name in known else speech.quoted(name)


def _metric(metric: str, speech: Speech) -> str:
    return metric_name(metric, speech.language)
