"""What all lists of rules have in common: `id`, `when`, `because`, `disabled`, and the texts in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..core.wording import PLACEHOLDER
from ..frozen import EMPTY
from .nodes import Entry, Map, Node, Seq
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Reader, Record, kind_of, map_of, pattern, text
from .when import always, when

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_BRACES = re.compile(r"\{([^{}\n]*)\}")

rule_id = pattern(r"[\w.-]{1,80}", "is no id: use letters, digits, `.`, `-` and `_`, at most 80")


def rule(
    what: str, keys: Mapping[str, Reader], required: tuple[str, ...] = (), later: Mapping[str, str] = EMPTY
) -> Record:
    """A rule with its own `keys` beside those that every rule has."""
    common = {"id": rule_id, "when": when, "because": wording, "disabled": _disabled}
    return Record(what, {**common, **keys}, required=("id", *required), later=later)


def rules(record: Record) -> Reader:
    """A list of rules with ids of their own; switched-off ones are checked, then left out and listed apart."""

    def read(node: Node, scope: Scope) -> Any:
        if not isinstance(node, Seq):
            return scope.bad(
                node, f"here stands {kind_of(node)}, but a list of rules is wanted, each beginning with `-`"
            )
        _check_ids(node, scope)
        found = [_one(item, record, scope) for item in node.items]
        return tuple(each for each in found if each is not BAD)

    return read


def _one(node: Node, record: Record, scope: Scope) -> Any:
    found = record(node, scope)
    if found is BAD:
        return BAD
    if isinstance(node, Map) and "disabled" in node:
        scope.disabled.append({"id": str(found.get("id", "")), "because": str(found.get("disabled", ""))})
        return BAD
    found.setdefault("when", always())
    return found


def _disabled(node: Node, scope: Scope) -> Any:
    if not isinstance(node, Map):
        return scope.bad(node, 'a switched-off rule says why: write `disabled: {because: "…"}`')
    found = Record("`disabled`", {"because": text}, required=("because",))(node, scope)
    return BAD if found is BAD else found.get("because", BAD)


def _check_ids(node: Seq, scope: Scope) -> None:
    seen: dict[str, int] = {}
    for item in node.items:
        told = item.get("id") if isinstance(item, Map) else None
        name = told.plain() if told else None
        if told is None or not isinstance(name, str):
            continue
        if name in seen:
            scope.bad(told, f"the id {shown(name)} is taken: a rule on line {seen[name]} has it already")
        seen.setdefault(name, told.spot.line)


def worded(others: frozenset[str]) -> Reader:
    """A text whose `{placeholders}` can all be filled: fields of conditions, and `others`."""

    def read(node: Node, scope: Scope) -> Any:
        value = text(node, scope)
        for found in _BRACES.finditer(value) if value is not BAD else ():
            problem = _problem_of_placeholder(found[1], scope, others)
            if problem:
                scope.bad(node, problem)
                value = BAD
        return value

    return read


wording = worded(frozenset({"hits", "url"}))


def by_language(reader: Reader) -> Reader:
    """Language → text; `default` stands for every other language."""

    def read(node: Node, scope: Scope) -> Any:
        if not isinstance(node, Map):
            return scope.bad(node, 'a text is said by language: write `say: {en: "…"}`')
        if not node.entries:
            return scope.bad(node, "nothing to say: write at least one language")
        return map_of(reader, key=_is_language)(node, scope)

    return read


def _is_language(entry: Entry, scope: Scope) -> bool:
    if entry.key == "default" or _LANGUAGE.match(entry.key):
        return True
    scope.bad(entry, f"{shown(entry.key)} is no language: write it like `zh`, `en`, `zh-Hant`, or `default`")
    return False


def _problem_of_placeholder(inside: str, scope: Scope, others: frozenset[str]) -> str | None:
    name = inside.strip()
    known = {*scope.schema.fields, *others}
    if name in known:
        return None if name == inside else f"the placeholder `{{{inside}}}` has blanks inside: write `{{{name}}}`"
    if not PLACEHOLDER.fullmatch(f"{{{name}}}"):
        return (
            f"`{{{inside}}}` is no placeholder: write a field between the braces, like `{{requester.name}}`"
            if not name
            else None
        )
    return scope.schema.later(name) or f"unknown placeholder {shown('{' + name + '}')}{nearest(name, known)}"
