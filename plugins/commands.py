"""Lets people of the desk give orders in comments, on a line of their own.

    @pointsman why
    @pointsman priority urgent because the whole plant stands still
    @pointsman route payments-cn
    @pointsman take
    @pointsman release priority
    @pointsman ack because we are on it
    @pointsman help

`priority`, `route` and `take` hold until they are released: rules leave that slot alone. `release`
gives `priority`, `team` or `assignee` back to the rules, all three without a word. `ack` stops the
ladder of `escalation` for what is running now. `why` answers with the reasons. Code blocks and quoted
lines are not read; an edited comment orders nothing. Customers and machines get no answer; a mistyped
or refused order of an agent gets one, internal and short.

    commands:
      handle: pointsman
      allow: {priority: [supervisor, ann], route: frontline}

`allow` lists for a verb the people, teams and roles of `_people.yaml` who may use it (`agent` means
all); a verb not listed is every agent's. Without a section every agent may use all, under the name
`pointsman`. Answers are Chinese where the comment or the ticket is, else English; `language: zh` or
`language: en` settles it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector import (
    Actor,
    Answers,
    AssignTo,
    Change,
    Desk,
    Event,
    Once,
    Order,
    Priority,
    RouteTo,
    Say,
    SetFact,
    SetPriority,
    Ticket,
    commander,
    handle_of,
    hookimpl,
    may_order,
    neutral,
    orders_in,
)

VERBS = ("why", "priority", "route", "take", "release", "ack", "help")
ANSWERED = ("why", "ack", "help")
LEVELS = tuple(level.word for level in sorted(Priority, reverse=True))
SLOTS = ("priority", "team", "assignee")
RELEASED = "fact:released."
ACKS = "fact:kept.ack"
MOST_ORDERS = 20


@dataclass(frozen=True, slots=True)
class Speaker:
    """The agent who gives orders, and the language they are answered in."""

    actor: Actor
    desk: Desk
    answers: Answers

    @property
    def id(self) -> str:
        return self.actor.person or self.actor.account

    def signature(self, order: Order) -> str:
        """Who ordered it, and the reason they gave."""
        person = self.desk.people.get(self.actor.person)
        name = (person.name if person else "") or self.actor.name or self.id
        signed = self.answers.text("by", name=neutral(name))
        return f"{signed}: {neutral(order.because[:300])}" if order.because else signed


@hookimpl
def propose(event: Event, ticket: Ticket, desk: Desk, rules: Any) -> Iterator[Change]:
    section: Mapping[str, Any] = rules or {}
    actor = commander(event)
    if actor is None or event.comment is None:
        return
    handle = handle_of(section)
    orders = orders_in(event.comment.text, handle)
    speaker = Speaker(actor, desk, Answers(_language(event.comment.text, ticket, section)))
    changes: dict[str, Change] = {}
    answers: list[str | Say] = []
    for order in orders[:MOST_ORDERS]:
        for outcome in _obey(order, speaker, section, event, ticket):
            if isinstance(outcome, str | Say):
                answers.append(outcome)
            else:
                _settle(changes, outcome)
    if len(orders) > MOST_ORDERS:
        answers.append(speaker.answers.told("many", known=(str(MOST_ORDERS),)))
    if answers and not any(order.verb in ANSWERED for order in orders):
        answers.append(speaker.answers.text("hint", handle=handle))
    yield from changes.values()
    yield from _answer(event.comment.id, answers)


def _language(comment: str, ticket: Ticket, section: Mapping[str, Any]) -> str:
    """Who writes Chinese, or works on a ticket in Chinese, is answered in Chinese, unless `section` settles it."""
    language = str(ticket.facts.get("language") or ticket.language or "")
    chinese = re.search("[\u4e00-\u9fff]", comment) or language.startswith("zh")
    return str(section.get("language") or ("zh" if chinese else "en"))


def _obey(
    order: Order, speaker: Speaker, section: Mapping[str, Any], event: Event, ticket: Ticket
) -> Iterator[Change | str]:
    """What the order brings about, and what has to be answered."""
    if order.verb not in VERBS:
        yield speaker.answers.told("verb" if order.verb else "verb?", order.verb, VERBS)
        return
    if not may_order(order.verb, speaker.actor, speaker.desk, section):
        yield speaker.answers.told("forbidden", order.verb)
        return
    match order.verb:
        case "priority":
            yield _set_priority(order, speaker)
        case "route":
            yield _route(order, speaker)
        case "take":
            yield _take(order, speaker)
        case "release":
            yield from _release(order, speaker)
        case "ack":
            yield from _acknowledge(order, speaker, event, ticket)
        case "why":
            yield Say("why", speaker.answers.text("why"), with_why=True)
        case _:
            teams = ", ".join(sorted(speaker.desk.teams)[:20]) or "–"
            levels = ", ".join(LEVELS)
            yield speaker.answers.text("help", handle=handle_of(section), levels=levels, teams=teams)


def _set_priority(order: Order, speaker: Speaker) -> Change | str:
    level = order.words.casefold()
    if level not in LEVELS:
        return speaker.answers.told("level" if level else "level?", order.words, LEVELS)
    return SetPriority(Priority.of(level), **_ordered(order, speaker))


def _route(order: Order, speaker: Speaker) -> Change | str:
    by_name = {team.casefold(): team for team in sorted(speaker.desk.teams)}
    team = by_name.get(order.words.casefold())
    if team is None:
        return speaker.answers.told("team" if order.words else "team?", order.words, by_name)
    return RouteTo(team, **_ordered(order, speaker))


def _take(order: Order, speaker: Speaker) -> Change | str:
    if order.words:
        return speaker.answers.told("alone", order.verb)
    if speaker.actor.person not in speaker.desk.people:
        return speaker.answers.told("nobody")
    return AssignTo(speaker.actor.person, **_ordered(order, speaker))


def _release(order: Order, speaker: Speaker) -> Iterator[Change | str]:
    wanted = order.words.casefold().replace(",", " ").split() or SLOTS
    unknown = [word for word in wanted if word not in SLOTS]
    if unknown:
        yield speaker.answers.told("slot", unknown[0], SLOTS)
        return
    for slot in wanted:
        yield SetFact(f"released.{slot}", speaker.id, because=speaker.signature(order), rule=order.verb)


def _acknowledge(order: Order, speaker: Speaker, event: Event, ticket: Ticket) -> Iterator[Change | str]:
    """`escalation` goes by all instants at which somebody acknowledged."""
    if order.words:
        yield speaker.answers.told("alone", order.verb)
        return
    at = event.comment.at if event.comment and event.comment.at else event.at
    if at:
        known = (*(ticket.ours.get(ACKS) or ()), at.isoformat())
        instants = tuple(sorted(set(known)))[-MOST_ORDERS:]
        yield SetFact(ACKS.removeprefix("fact:"), instants, because=speaker.signature(order), rule=order.verb)
        yield speaker.answers.text("acknowledged")


def _ordered(order: Order, speaker: Speaker) -> dict[str, Any]:
    """What a change by command carries; `by` pins its slot as the person's."""
    because = speaker.signature(order)
    return {"because": because, "rule": order.verb, "rules": (order.verb,), "by": speaker.id}


def _settle(changes: dict[str, Change], change: Change) -> None:
    """Orders work in the order they stand: a later one about the same slot replaces what came before."""
    slot = change.slot.removeprefix(RELEASED)
    changes.pop(slot, None)
    changes.pop(f"{RELEASED}{slot}", None)
    changes[change.slot] = change


def _answer(comment: str, answers: Sequence[str | Say]) -> Iterator[Say]:
    """One internal text for all that has to be answered; where somebody asked why, the reasons follow it."""
    lines = dict.fromkeys(answer for answer in answers if isinstance(answer, str))
    why = next((answer.text for answer in answers if isinstance(answer, Say)), None)
    if text := "\n".join((*lines, *([why] if why else []))):
        key = f"answer:{comment}"
        yield Say(key, text, once=Once.EVERY, with_why=why is not None, because="asked by command", rule="answer")
