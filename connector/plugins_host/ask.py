"""Asks one plugin one thing, exhausts its answer, and lets only clean values of the right kind through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from ..changes import CHANGES, SetFact
from ..errors import PluginError
from ..hooks import HOOKS, Fact
from ..messages import Draft
from .load import Loaded, told
from .shape import checked, text

MOST_ANSWERS = 200
"""Changes (facts, sentences) that one call may yield."""

_KINDS: Mapping[str, tuple[type, ...]] = {
    "check_rules": (str,),
    "facts": (Fact,),
    "enrich": (SetFact,),
    "propose": CHANGES,
    "draft": (Draft,),
    "applied": (),
}


def ask(plugin: Loaded, hook: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """What `plugin` yields for `hook`, () if it does not implement it; raises `PluginError`.

    `arguments` may lack those that the plugin does not name. Whatever a plugin raises is caught,
    `SystemExit` included; only the time limit lies outside.
    """
    if hook not in plugin.wants:
        return ()
    given = {name: arguments.get(name) for name in HOOKS[hook]}
    try:
        results = getattr(plugin.relay, hook)(**given)
        answer = _exhausted(hook, results[0]) if results else ()
    except BaseException as error:
        raise PluginError(plugin.name, hook, told(error, plugin.path)) from error
    return accepted(plugin.name, hook, answer)


def accepted(name: str, hook: str, answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """`answer` with every value checked and cleaned; raises `PluginError` for the first that does not fit."""
    if len(answer) > MOST_ANSWERS:
        raise PluginError(name, hook, f"yielded more than {MOST_ANSWERS} answers")
    kinds = _KINDS[hook]
    for value in answer:
        if type(value) not in kinds:
            raise PluginError(name, hook, f"yielded {_article(type(value).__name__)}, not {_wanted(hook)}")
    try:
        return tuple(text(value, hook) if isinstance(value, str) else checked(value) for value in answer)
    except (TypeError, ValueError, RecursionError) as error:
        raise PluginError(name, hook, str(error)) from error


def _exhausted(hook: str, result: Any) -> tuple[Any, ...]:
    """At most one value more than allowed is taken: a generator may never end."""
    if result is None or hook == "applied":
        return ()
    if isinstance(result, _KINDS[hook]):
        return (result,)
    if not isinstance(result, Iterable) or isinstance(result, str | bytes | Mapping):
        return (result,)
    most = 1 if hook == "draft" else MOST_ANSWERS + 1
    return tuple(value for value in islice(result, most) if value is not None)


def _article(name: str) -> str:
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def _wanted(hook: str) -> str:
    match hook:
        case "check_rules":
            return "a sentence (str)"
        case "propose":
            return "a change (SetPriority, RouteTo, AddLabel, Say, …)"
        case _:
            return " or ".join(_article(kind.__name__) for kind in _KINDS[hook])
