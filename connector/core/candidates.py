"""Who may take a ticket, who should, and why not the others. Pure: loads and instants are arguments.

All that speaks against somebody is gathered, so that each person's reasons can be told; who has none is eligible.
The eligible are ranked by the method, then by what is preferred in its order, then by id, so that the same inputs
give the same person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..desk import Agent
from ..frozen import EMPTY, FrozenDict
from .calendars import Calendar

STICKY = 3.0
"""Units by which the previous assignee may be busier than the least busy and still come first."""
_DIGITS = 6
"""Loads are sums of parts of units: what differs less is the same."""


class Method(StrEnum):
    """How a team's tickets find their person; `manual`: the candidates are shown and nobody is chosen."""

    ROUND_ROBIN = "round_robin"
    BALANCED = "balanced"
    SKILL_BASED = "skill_based"
    MANUAL = "manual"


class Prefer(StrEnum):
    """What decides between those whom the method holds to be equal."""

    PREVIOUS_ASSIGNEE = "previous_assignee"
    SOLVED_SIMILAR = "solved_similar"
    FEWEST_OPEN = "fewest_open"
    SKILL_LEVEL = "skill_level"
    LONGEST_IDLE = "longest_idle"


class Code(StrEnum):
    """Why somebody may not take a ticket."""

    AWAY = "away"
    LITTLE_TIME = "little_time"
    FULL = "full"
    NO_SKILL = "no_skill"
    LOW_LEVEL = "low_level"
    NO_LANGUAGE = "no_language"
    NO_CHANNEL = "no_channel"
    NOT_STARTED = "not_started"
    NOT_ASSIGNABLE = "not_assignable"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Against:
    """One reason against one person; `facts` are the words and numbers that its sentence is made of."""

    code: Code
    facts: Mapping[str, object] = EMPTY


@dataclass(frozen=True, slots=True)
class Need:
    """What a ticket asks of whoever takes it.

    `skills` maps a skill to the least level, `effort` is in units of capacity. Until `due` (UTC seconds, None: no
    deadline) the person must work for `presence` seconds of the time in which `hours` are open, or for all of it
    where it is less.
    """

    team: str
    skills: Mapping[str, float] = EMPTY
    languages: frozenset[str] = frozenset()
    channel: str | None = None
    effort: float = 1.0
    due: int | None = None
    hours: Calendar | None = None
    presence: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one person beside the rules.

    `load` is that of their other tickets in units, `last` when they got one (UTC seconds). `turns` maps a team to
    how far they are in its rotation, smaller comes first. `similar` is how many tickets like this one they solved,
    `previous`: they had this ticket, or the requester's last one. `against` is what the tracker or the ticket's past
    says: not assignable there, returned it already.
    """

    load: float = 0.0
    last: int | None = None
    turns: Mapping[str, float] = EMPTY
    similar: int = 0
    previous: bool = False
    against: tuple[Against, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person of the team: what speaks against them, or the terms that ranked them; `rank` is 1 for the first."""

    person: str
    against: tuple[Against, ...] = ()
    terms: Mapping[str, float | None] = EMPTY
    rank: int | None = None

    @property
    def eligible(self) -> bool:
        return not self.against


NOBODY = Record()


def candidates(
    people: Iterable[Agent],
    need: Need,
    records: Mapping[str, Record],
    now: int,
    method: Method = Method.BALANCED,
    prefer: tuple[Prefer, ...] = (),
) -> tuple[Candidate, ...]:
    """Everybody of the team, the eligible first and in their order; `records` maps a person's id to what is known.

    Where the previous assignee is preferred, they come before the method while their load allows it.
    """
    eligible: dict[str, Mapping[str, float | None]] = {}
    out: list[Candidate] = []
    for person in people:
        if need.team not in person.teams:
            continue
        record = records.get(person.id, NOBODY)
        if against := tuple(reasons_against(person, need, record, now)):
            out.append(Candidate(person.id, against))
        else:
            eligible[person.id] = _terms(person, need, record)
    least = min((terms["fewest_open"] or 0.0 for terms in eligible.values()), default=0.0)
    sticky = Prefer.PREVIOUS_ASSIGNEE in prefer

    def key(person: str) -> tuple[tuple[float, ...], str]:
        terms = eligible[person]
        stays = sticky and terms["previous_assignee"] and (terms["fewest_open"] or 0.0) - least <= STICKY
        return (-float(bool(stays)), *(_key(term, terms) for term in (*_FIRST[method], *prefer))), person

    ranked = (Candidate(id, (), eligible[id], rank) for rank, id in enumerate(sorted(eligible, key=key), 1))
    return (*ranked, *sorted(out, key=lambda each: each.person))


def chosen(found: Iterable[Candidate], method: Method) -> Candidate | None:
    """The first of the eligible; nobody where people choose."""
    return None if method is Method.MANUAL else next((each for each in found if each.eligible), None)


def reasons_against(person: Agent, need: Need, record: Record, now: int) -> Iterator[Against]:
    """All that forbids `person` to take the ticket, whatever else speaks for them."""
    if person.since is not None and now < person.since:
        yield _against(Code.NOT_STARTED, since=person.since)
    yield from _absent(person, need, now)
    if round(record.load + need.effort - person.capacity, _DIGITS) > 0:
        yield _against(Code.FULL, load=record.load, effort=need.effort, capacity=person.capacity)
    for skill, level in need.skills.items():
        has = person.skills.get(skill)
        if has is None:
            yield _against(Code.NO_SKILL, skill=skill)
        elif has < level:
            yield _against(Code.LOW_LEVEL, skill=skill, level=has, wanted=level)
    for language in sorted(need.languages):
        if person.languages and not any(covers(language, own) for own in person.languages):
            yield _against(Code.NO_LANGUAGE, language=language)
    if need.channel and person.channels and need.channel not in person.channels:
        yield _against(Code.NO_CHANNEL, channel=need.channel)
    yield from record.against


def covers(wanted: str, own: str) -> bool:
    """`zh` and `zh-Hant` cover each other, `zh-Hans` and `zh-Hant` do not."""
    one, other = wanted.lower(), own.lower()
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


def _absent(person: Agent, need: Need, now: int) -> Iterator[Against]:
    back = person.presence.on_leave_until(now)
    if back is not None:
        yield _against(Code.AWAY, until=back)
    elif need.due is not None and need.due > now:
        there = person.presence.seconds(now, need.due, need.hours)
        left = need.hours.open_seconds(now, need.due) if need.hours else need.due - now
        if there < (wanted := min(need.presence, left)):
            yield _against(Code.LITTLE_TIME, seconds=there, wanted=wanted)


def _against(code: Code, **facts: object) -> Against:
    return Against(code, FrozenDict(facts))


_FIRST: Mapping[Method, tuple[str, ...]] = FrozenDict(
    {
        Method.ROUND_ROBIN: ("turn",),
        Method.BALANCED: ("fewest_open",),
        Method.SKILL_BASED: ("skill_level",),
        Method.MANUAL: (),
    }
)
_MOST_FIRST = frozenset({"previous_assignee", "solved_similar", "skill_level"})


def _terms(person: Agent, need: Need, record: Record) -> Mapping[str, float | None]:
    """By the words of `Prefer`, and `turn`; `longest_idle` is when they got a ticket last, None for never."""
    return FrozenDict(
        {
            "previous_assignee": int(record.previous),
            "solved_similar": record.similar,
            "fewest_open": round(record.load, _DIGITS),
            "skill_level": sum(person.skills.get(skill, 0) for skill in need.skills),
            "longest_idle": record.last,
            "turn": record.turns.get(need.team, 0),
        }
    )


def _key(term: str, terms: Mapping[str, float | None]) -> float:
    value = terms[term]
    if value is None:
        return float("-inf")
    return -value if term in _MOST_FIRST else value
