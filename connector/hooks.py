"""The hooks a plugin may implement: it names only the arguments it needs, and yields what it wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import pluggy

from .changes import Change, SetFact
from .desk import Desk
from .messages import Draft, Message
from .model import Event, Ticket
from .plan import Plan

PROJECT = "pointsman"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class FactType(StrEnum):
    """The type of a fact: it decides which operators a condition on it may use."""

    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    SET = "set"
    BOOL = "bool"
    INSTANT = "instant"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a plugin may set; `values` closes the list of words, empty means any."""

    name: str
    type: FactType = FactType.WORD
    values: tuple[str, ...] = ()


@hookspec
def check_rules(rules: Any) -> Iterable[str]:
    """One sentence for each problem in this plugin's section, asked when rules are loaded."""
    raise NotImplementedError


@hookspec
def facts() -> Iterable[Fact]:
    """The facts it sets, so that conditions on them are checked when rules are loaded."""
    raise NotImplementedError


@hookspec
def enrich(ticket: Ticket, rules: Any) -> Iterable[SetFact]:
    """Facts from outside (CRM, order system): the one hook that may do I/O."""
    raise NotImplementedError


@hookspec
def propose(event: Event, ticket: Ticket, desk: Desk, rules: Any, now: datetime) -> Iterable[Change]:
    """What should change about `ticket`, as the plugins asked before would have it; nothing = no opinion."""
    raise NotImplementedError


@hookspec
def draft(message: Message, rules: Any) -> Iterable[Draft]:
    """At most one issue to make of `message`; the first plugin that yields one wins."""
    raise NotImplementedError


@hookspec
def applied(event: Event, ticket: Ticket, plan: Plan) -> None:
    """Told after `plan` was written back."""
    raise NotImplementedError


HOOKS: Mapping[str, tuple[str, ...]] = {
    "check_rules": ("rules",),
    "facts": (),
    "enrich": ("ticket", "rules"),
    "propose": ("event", "ticket", "desk", "rules", "now"),
    "draft": ("message", "rules"),
    "applied": ("event", "ticket", "plan"),
}
