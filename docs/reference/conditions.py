"""The reference of conditions: every field, and what may be asked of a field of each type."""

from __future__ import annotations

import importlib
from pathlib import Path

from connector.core.fields import BUILT_IN, Field, FieldType
from connector.core.operators import KIND, OPERATORS

from .markdown import DOCS, code, head, plain, table


def page() -> str:
    """Fields, operators, and the facts that built-in plugins set."""
    intro = "What stands below `when` in a rule; [rule files](../rules.md#conditions) has examples."
    fields = [
        [code(name), field.type.value, plain(_bounds(field)), _plugin_of(name)] for name, field in BUILT_IN.items()
    ]
    kinds = [[code(kind.value), plain(_how(kind)), _operators(kind)] for kind in FieldType]
    return "\n".join(
        [
            head("Conditions", intro),
            "## Fields",
            "",
            table(["field", "type", "may be", "set by"], fields),
            "Further fields are those of `fields:` in `_names.yaml`, and the facts that plugins declare.",
            "",
            "## What may be asked",
            "",
            table(["type", "asked so", "operators"], kinds),
            "`{name}` stands for the field. A list means: one of these.",
            "The line `open: 24x7` asks no field: it holds while [the calendar](../calendars.md) is open.",
            "Lines are joined by `any`, `all` and `not`, four deep at most.",
            "",
        ]
    )


def _bounds(field: Field) -> str:
    if field.order:
        return " < ".join(f"`{word}`" for word in field.order)
    if field.values:
        return ", ".join(f"`{word}`" for word in sorted(field.values))
    if field.low is not None or field.high is not None:
        return f"{field.low or 0:g} to {field.high:g}" if field.high is not None else f"{field.low:g} or more"
    return ""


def _how(kind: FieldType) -> str:
    return KIND[kind].partition(": ")[2]


def _operators(kind: FieldType) -> str:
    compared = (">= <= > <",) if kind in (FieldType.NUMBER, FieldType.INSTANT, FieldType.DURATION) else ()
    return ", ".join(code(name) for name in (*compared, *OPERATORS.get(kind, ("empty",))))


def _plugin_of(name: str) -> str:
    for path in sorted((DOCS.parent / "plugins").glob("[a-z]*.py")):
        if any(fact.name == name for fact in _facts_of(path)):
            return f"[{path.stem}](../plugins/{path.stem}.md)"
    return ""


def _facts_of(path: Path) -> list[object]:
    module = importlib.import_module(f"plugins.{path.stem}")
    return list(module.facts()) if hasattr(module, "facts") else []
