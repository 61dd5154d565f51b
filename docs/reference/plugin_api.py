"""The reference of the plugin API: hooks, changes, values and functions with what their docstrings claim."""

from __future__ import annotations

import dataclasses
import inspect
from enum import Enum

import connector
from connector import hooks
from connector.changes import CHANGES

from .markdown import code, first_line, head, plain, said_of, table

SHARED = tuple(
    field.name for field in dataclasses.fields(CHANGES[0]) if field.name in ("because", "rule", "rules", "by")
)


def page() -> str:
    """All that a plugin may import, and the hooks it may implement."""
    intro = "[Writing a plugin](../plugins/writing.md) begins with ten lines and explains the hooks."
    names = {name: getattr(connector, name) for name in connector.__all__}
    changes = {name: thing for name, thing in names.items() if thing in CHANGES}
    words = {name: thing for name, thing in names.items() if inspect.isclass(thing) and issubclass(thing, Enum)}
    values = {name: thing for name, thing in names.items() if dataclasses.is_dataclass(thing) and name not in changes}
    functions = {name: thing for name, thing in names.items() if inspect.isfunction(thing)}
    rest = set(names) - {*changes, *words, *values, *functions} - {"Change", "hookimpl"}
    if rest:
        raise ValueError(f"the reference has no place for {', '.join(sorted(rest))}")
    parts = [
        head("Plugin API", intro, "Names are imported from `connector`, and from nowhere below it."),
        "## Hooks\n",
        "A plugin marks a function of one of these names with `@hookimpl`, and names the arguments it needs.\n",
        *(_function(name, getattr(hooks, name)) for name in hooks.HOOKS),
        "## Changes\n",
        f"What `propose` yields; `Change` is any of them. All take {', '.join(map(code, SHARED))} by name.\n",
        table(
            ["change", "means"],
            [[code(f"{name}({_fields(thing)})"), plain(first_line(thing))] for name, thing in changes.items()],
        ),
        "## Words\n",
        table(
            ["word", "is one of", "means"],
            [[code(name), _members(thing), plain(first_line(thing))] for name, thing in words.items()],
        ),
        "## Values\n",
        "All are frozen.\n",
        *(_value(name, thing) for name, thing in values.items()),
        "## Functions\n",
        *(_function(name, thing) for name, thing in functions.items()),
    ]
    return "\n".join(parts)


def _fields(thing: type) -> str:
    named = [field for field in dataclasses.fields(thing) if field.name not in SHARED]
    return ", ".join(field.name if _needed(field) else f"{field.name}={_default(field)}" for field in named)


def _needed(field: dataclasses.Field[object]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _default(field: dataclasses.Field[object]) -> str:
    if field.default is dataclasses.MISSING:
        return "…"
    value = field.default
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    return f"{type(value).__name__}()" if dataclasses.is_dataclass(value) else repr(value)


def _members(thing: type[Enum]) -> str:
    return ", ".join(code(member.name) for member in thing)


def _value(name: str, thing: type) -> str:
    rows = [
        [code(field.name), code(str(field.type)), "" if _needed(field) else code(_default(field))]
        for field in dataclasses.fields(thing)
        if field.init and not field.name.startswith("_")
    ]
    properties = [
        [code(each), code(_returns(found)), plain(first_line(found))]
        for each, found in inspect.getmembers_static(thing)
        if isinstance(found, property) and not each.startswith("_") and first_line(found)
    ]
    parts = [f"### {name}\n", f"{said_of(thing)}\n", table(["member", "type", "unless given"], rows)]
    if properties:
        parts.append(table(["also", "type", "is"], properties))
    return "\n".join(parts)


def _returns(found: property) -> str:
    return str(found.fget.__annotations__.get("return", "")) if found.fget else ""


def _function(name: str, thing: object) -> str:
    return f"### {name}\n\n`{name}{_signature(thing)}`\n\n{said_of(thing)}\n"


def _signature(thing: object) -> str:
    given = inspect.signature(thing)  # type: ignore[arg-type]
    shown = []
    for parameter in given.parameters.values():
        told = f"{parameter.name}: {parameter.annotation}"
        shown.append(
            told if parameter.default is inspect.Parameter.empty else f"{told} = {_plain_default(parameter)}"
        )
    return f"({', '.join(shown)}) → {given.return_annotation}"


def _plain_default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    return "{}" if not value and not isinstance(value, str | int | float | bool | tuple | None) else repr(value)
