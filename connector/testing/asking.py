"""Asks one plugin what it wants, in this process, as the service would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..changes import Change
from ..core.conditions import ALWAYS, compile_when
from ..core.fields import Field, Schema
from ..desk import Desk
from ..frozen import EMPTY, FrozenDict, frozen
from ..hooks import Fact, FactType
from ..model import Event, Ticket
from ..plugins_host import BUILTIN
from ..plugins_host.ask import ask
from ..plugins_host.load import implemented
from .values import NOW, an_event

_TYPES: Mapping[type, FactType] = {
    bool: FactType.BOOL,
    int: FactType.NUMBER,
    float: FactType.NUMBER,
    frozenset: FactType.SET,
    tuple: FactType.SET,
    datetime: FactType.INSTANT,
    timedelta: FactType.DURATION,
}


def proposals(
    plugin: Any,
    ticket: Ticket,
    rules: Any = None,
    *,
    event: Event | None = None,
    desk: Desk | None = None,
    now: datetime = NOW,
    lists: Mapping[str, Iterable[str]] = EMPTY,
) -> list[Change]:
    """What `plugin` (a module) wants to change about `ticket`; raises `PluginError` as the service records it.

    `rules` is its section as plain data. Every `when` in it is compiled, as in a rule file; a field
    that neither the product nor the plugin declares may be used if `ticket` holds such a fact. The
    event is the ticket's own, else its creation.
    """
    name = plugin.__name__.rpartition(".")[2]
    asked = implemented(name, plugin, path=getattr(plugin, "__file__", "") or "")
    event = event or ticket.event or an_event()
    desk = desk or Desk()
    schema = _schema(ticket, ask(asked, "facts", EMPTY), desk)
    words = FrozenDict({key: tuple(values) for key, values in lists.items()})
    given = {
        "event": event,
        "ticket": replace(ticket, event=event, as_of=now),
        "desk": desk,
        "rules": _compiled(rules, schema, words, always=name in BUILTIN),
        "now": now,
    }
    return list(ask(asked, "propose", given))


def _schema(ticket: Ticket, declared: tuple[Fact, ...], desk: Desk) -> Schema:
    """The built-in fields, the plugin's own, and those that this ticket happens to hold."""
    known = Schema(calendars=desk.calendars)
    held = {
        name: Field(_TYPES.get(type(value), FactType.WORD))
        for name, value in {**ticket.fields, **ticket.facts}.items()
        if name not in known.fields
    }
    return known.with_({**held, **{fact.name: Field.of(fact) for fact in declared}})


def _compiled(section: Any, schema: Schema, lists: Mapping[str, tuple[str, ...]], *, always: bool) -> Any:
    """The section with every `when` compiled; with `always`, a rule (a map with an `id`) without one gets it."""
    if isinstance(section, Mapping):
        inner = {
            key: compile_when(value, schema, lists)
            if key == "when"
            else _compiled(value, schema, lists, always=always)
            for key, value in section.items()
        }
        if always and "id" in inner:
            inner.setdefault("when", ALWAYS)
        return FrozenDict(inner)
    if isinstance(section, list | tuple):
        return tuple(_compiled(item, schema, lists, always=always) for item in section)
    return frozen(section)
