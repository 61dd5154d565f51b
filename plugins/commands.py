"""Lets people of the desk give orders in comments, on a line of their own.

    @pointsman why
    @pointsman priority urgent because the whole plant stands still
    @pointsman route payments-cn
    @pointsman take
    @pointsman release priority
    @pointsman help

`priority`, `route` and `take` hold until they are released: rules leave that slot alone. `release`
gives `priority`, `team` or `assignee` back to the rules, all three without a word. `why` answers with
the reasons. Code blocks and quoted lines are not read; an edited comment orders nothing. Customers
and machines get no answer; a mistyped or refused order of an agent gets one, internal and short.

    commands:
      handle: pointsman
      allow: {priority: [supervisor, ann], route: frontline}

`allow` lists for a verb the people, teams and roles of `_people.yaml` who may use it (`agent` means
all); a verb not listed is every agent's. Without a section every agent may use all, under the name
`pointsman`. Answers are Chinese where the comment or the ticket is, else English; `language: zh` or
`language: en` settles it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector import (
    Actor,
    AssignTo,
    Change,
    Desk,
    Event,
    Kind,
    Once,
    Order,
    Priority,
    Role,
    RouteTo,
    Say,
    SetFact,
    SetPriority,
    Ticket,
    hookimpl,
    nearest,
    neutral,
    orders_in,
)

VERBS = ("why", "priority", "route", "take", "release", "help")
LEVELS = tuple(level.word for level in sorted(Priority, reverse=True))
SLOTS = ("priority", "team", "assignee")
HANDLE = "pointsman"
RELEASED = "fact:released."
EVERYBODY = "agent"
MOST_ORDERS = 20

TEXTS = {
    "en": {
        "verb": "`{word}` is no command{near}.",
        "verb?": "A command is missing.",
        "level": "`{word}` is no priority{near}; there are {known}.",
        "level?": "`priority` needs a level: {known}.",
        "team": "Team `{word}` is unknown{near}.",
        "team?": "`route` needs a team.",
        "slot": "`{word}` cannot be released{near}; there are {known}.",
        "alone": "`{word}` stands alone: nothing comes after it.",
        "nobody": "`take` does not know you: your account is in nobody's `ids` in `_people.yaml`.",
        "forbidden": "You may not use `{word}` here.",
        "many": "Only the first {known} commands of a comment are read.",
        "near": " (did you mean `{word}`?)",
        "hint": "`@{handle} help` lists the commands.",
        "why": "Why:",
        "by": "{name} by command",
        "help": (
            "Each on a line of its own, after `@{handle}`:\n"
            "- `why`: the reasons\n"
            "- `priority LEVEL`, `priority LEVEL because …`: LEVEL is {levels}\n"
            "- `route TEAM`: {teams}\n"
            "- `take`: the ticket is yours\n"
            "- `release`, `release priority`, `release team`, `release assignee`: back to the rules\n"
            "- `help`: this list"
        ),
    },
    "zh": {
        "verb": "没有 `{word}` 这个命令{near}。",
        "verb?": "缺少命令。",
        "level": "没有 `{word}` 这个优先级{near}；可用：{known}。",
        "level?": "`priority` 后面要写级别：{known}。",
        "team": "没有 `{word}` 这个团队{near}。",
        "team?": "`route` 后面要写团队。",
        "slot": "`{word}` 不能释放{near}；可用：{known}。",
        "alone": "`{word}` 后面不能再写内容。",
        "nobody": "`take` 不认识您：`_people.yaml` 中没有人的 `ids` 是您的账号。",
        "forbidden": "您在这里不能使用 `{word}`。",
        "many": "每条评论只执行前 {known} 个命令。",
        "near": "（是否想写 `{word}`？）",
        "hint": "`@{handle} help` 可查看所有命令。",
        "why": "原因：",
        "by": "{name} 的命令",
        "help": (
            "每行一个命令，写在 `@{handle}` 之后：\n"
            "- `why`：查看原因\n"
            "- `priority 级别`、`priority 级别 because …`：级别为 {levels}\n"
            "- `route 团队`：{teams}\n"
            "- `take`：由您接手\n"
            "- `release`、`release priority`、`release team`、`release assignee`：交还规则处理\n"
            "- `help`：显示本列表"
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """The agent who gives orders, and the language they are answered in."""

    actor: Actor
    desk: Desk
    texts: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.actor.person or self.actor.account

    def signature(self, order: Order) -> str:
        """Who ordered it, and the reason they gave."""
        person = self.desk.people.get(self.actor.person)
        name = (person.name if person else "") or self.actor.name or self.id
        signed = self.texts["by"].format(name=neutral(name))
        return f"{signed}: {neutral(order.because[:300])}" if order.because else signed

    def told(self, text: str, word: str = "", known: Iterable[str] = ()) -> str:
        """One of the texts, naming the nearest of the `known` words."""
        known = tuple(known)
        close = nearest(word, known)
        near = self.texts["near"].format(word=close) if close else ""
        return self.texts[text].format(word=neutral(word[:60]), near=near, known=", ".join(known))


@hookimpl
def propose(event: Event, ticket: Ticket, desk: Desk, rules: Any) -> Iterator[Change]:
    section: Mapping[str, Any] = rules or {}
    actor = _commander(event)
    if actor is None or event.comment is None:
        return
    handle = str(section.get("handle") or HANDLE).lstrip("@")
    orders = orders_in(event.comment.text, handle)
    speaker = Speaker(actor, desk, _texts(event.comment.text, ticket, section))
    changes: dict[str, Change] = {}
    answers: list[str | Say] = []
    for order in orders[:MOST_ORDERS]:
        for outcome in _obey(order, speaker, section, handle):
            if isinstance(outcome, str | Say):
                answers.append(outcome)
            else:
                _settle(changes, outcome)
    if len(orders) > MOST_ORDERS:
        answers.append(speaker.told("many", known=(str(MOST_ORDERS),)))
    if answers and not any(order.verb in ("why", "help") for order in orders):
        answers.append(speaker.texts["hint"].format(handle=handle))
    yield from changes.values()
    yield from _answer(event.comment.id, answers)


def _commander(event: Event) -> Actor | None:
    """The agent whose comment this is; None for customers, machines, edits and events without a comment."""
    if event.kind not in (Kind.COMMENTED, Kind.UPDATED) or event.comment is None:
        return None
    author = event.comment.author
    stranger = author.account and author.account != event.actor.account
    actor = author if stranger else event.actor
    return actor if actor.role is Role.AGENT and (actor.person or actor.account) else None


def _texts(comment: str, ticket: Ticket, section: Mapping[str, Any]) -> Mapping[str, str]:
    """Who writes Chinese, or works on a ticket in Chinese, is answered in Chinese, unless `section` settles it."""
    if settled := section.get("language"):
        return TEXTS[settled]
    language = str(ticket.facts.get("language") or ticket.language or "")
    return TEXTS["zh" if re.search("[\u4e00-\u9fff]", comment) or language.startswith("zh") else "en"]


def _obey(order: Order, speaker: Speaker, section: Mapping[str, Any], handle: str) -> Iterator[Change | str]:
    """What the order brings about, and what has to be answered."""
    if order.verb not in VERBS:
        yield speaker.told("verb" if order.verb else "verb?", order.verb, VERBS)
        return
    if not _allowed(order.verb, speaker, section.get("allow") or {}):
        yield speaker.told("forbidden", order.verb)
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
        case "why":
            yield Say("why", speaker.texts["why"], with_why=True)
        case _:
            teams = ", ".join(sorted(speaker.desk.teams)[:20]) or "–"
            yield speaker.texts["help"].format(handle=handle, levels=", ".join(LEVELS), teams=teams)


def _allowed(verb: str, speaker: Speaker, allow: Mapping[str, Any]) -> bool:
    """Whether `allow` names the speaker: by person, role or team."""
    listed = allow.get(verb, EVERYBODY)
    person = speaker.desk.people.get(speaker.actor.person)
    names = {EVERYBODY, speaker.id} | ({person.role, *person.teams} if person else set())
    return not names.isdisjoint({listed} if isinstance(listed, str) else listed)


def _set_priority(order: Order, speaker: Speaker) -> Change | str:
    level = order.words.casefold()
    if level not in LEVELS:
        return speaker.told("level" if level else "level?", order.words, LEVELS)
    return SetPriority(Priority.of(level), **_ordered(order, speaker))


def _route(order: Order, speaker: Speaker) -> Change | str:
    by_name = {team.casefold(): team for team in sorted(speaker.desk.teams)}
    team = by_name.get(order.words.casefold())
    if team is None:
        return speaker.told("team" if order.words else "team?", order.words, by_name)
    return RouteTo(team, **_ordered(order, speaker))


def _take(order: Order, speaker: Speaker) -> Change | str:
    if order.words:
        return speaker.told("alone", order.verb)
    if speaker.actor.person not in speaker.desk.people:
        return speaker.told("nobody")
    return AssignTo(speaker.actor.person, **_ordered(order, speaker))


def _release(order: Order, speaker: Speaker) -> Iterator[Change | str]:
    wanted = order.words.casefold().replace(",", " ").split() or SLOTS
    unknown = [word for word in wanted if word not in SLOTS]
    if unknown:
        yield speaker.told("slot", unknown[0], SLOTS)
        return
    for slot in wanted:
        yield SetFact(f"released.{slot}", speaker.id, because=speaker.signature(order), rule=order.verb)


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
