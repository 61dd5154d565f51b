"""The sections of a rule file: one for each listed plugin, judged by its shape and by the plugin itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import PluginError
from ..frozen import EMPTY, FrozenDict, frozen
from . import foreign
from .catalog import PluginCatalog
from .later import later_section
from .nodes import Map, Node, Seq, Spot, is_null, spot_of
from .report import nearest, shown
from .scope import Scope
from .sections import SECTIONS, assign, escalation

RESERVED = ("version", "applies_to", "mode", "plugins", "lists", "assign", "tests", "explain", "release_on")


def read_sections(
    node: Map, scope: Scope, catalog: PluginCatalog, plugins: tuple[str, ...]
) -> tuple[Mapping[str, Any], Mapping[str, tuple[Mapping[str, str], ...]]]:
    _check_keys(node, scope, catalog, plugins)
    sections: dict[str, Any] = {}
    disabled: dict[str, tuple[Mapping[str, str], ...]] = {}
    for name in plugins:
        own = replace(scope, disabled=[], used={})
        sections[name] = frozen(_section(name, node.get(name), node, own, catalog))
        if own.disabled:
            disabled[name] = tuple(FrozenDict(each) for each in own.disabled)
        _warn_of_facts(name, plugins, own, catalog)
    whole: Mapping[str, Any] = FrozenDict(sections)
    if escalation.NAME in plugins:
        whole = escalation.with_policies(whole)
        escalation.warn_of_nothing_to_climb(node, scope, whole)
    elif not _meant(escalation.NAME, node, catalog):
        escalation.refuse_idle_rungs(node, scope)
    if scope.assigns and not _meant(assign.ROUTING, node, catalog):
        whole = assign.with_choice(node, scope, whole)
    return whole, FrozenDict(disabled)


def _check_keys(node: Map, scope: Scope, catalog: PluginCatalog, plugins: tuple[str, ...]) -> None:
    for entry in node:
        if entry.key in plugins:
            continue
        if entry.key in catalog.names() and entry.key not in RESERVED:
            # Its plugin is not listed, yet its mistakes are shown along with that one.
            _section(entry.key, entry.value, node, replace(scope, disabled=[], used={}), catalog)
        problem = None if _meant(entry.key, node, catalog) else _problem_of_key(entry.key, catalog, scope)
        if problem:
            scope.bad(entry, problem)


def _meant(section: str, node: Map, catalog: PluginCatalog) -> bool:
    """Is `section` the one whose plugin is mistyped in `plugins`? That was reported there."""
    told = node.get("plugins")
    listed = [item.plain() for item in told.items] if isinstance(told, Seq) else []
    unknown = [name for name in listed if isinstance(name, str) and name not in catalog.names()]
    return any(f"`{section}`" in nearest(name, catalog.names()) for name in unknown)


def _problem_of_key(key: str, catalog: PluginCatalog, scope: Scope) -> str | None:
    if key in catalog.names() and key not in RESERVED:
        return f"the section `{key}` has no effect: add `{key}` to `plugins`, or remove the section"
    if sentence := later_section(key, scope.assigns):
        return sentence
    if key in RESERVED:
        return None
    near = nearest(key, [*RESERVED, *catalog.names()])
    return f"unknown section {shown(key)}{near or ': it is no reserved word, and no plugin has that name'}"


def _section(name: str, told: Node | None, file: Map, scope: Scope, catalog: PluginCatalog) -> Any:
    before = len(scope.report.problems)
    if told is None or is_null(told):
        value: Any = None
    else:
        value = SECTIONS.get(name, foreign.section)(told, scope)
    if len(scope.report.problems) > before:
        return None
    if catalog.problem(name):
        return value
    if value is not None or name not in SECTIONS:
        _ask_plugin(name, EMPTY if value is None else frozen(value), told or file, scope, catalog)
    return value


def _ask_plugin(name: str, value: Any, at: Node, scope: Scope, catalog: PluginCatalog) -> None:
    try:
        sentences = catalog.check_rules(name, value)
    except PluginError as error:
        sentences = (f"its own check of this section failed: {error.cause}",)
    for sentence in sentences:
        scope.bad(_mentioned(at, sentence), f"{name}: {sentence}")


def _mentioned(at: Node, sentence: str) -> Spot:
    """The key that a plugin's sentence names first in backticks, else the whole section."""
    for word in sentence.split("`")[1::2]:
        if isinstance(at, Map) and word in at:
            return spot_of(at, (word,), on_key=True)
    return at.spot


def _warn_of_facts(name: str, plugins: tuple[str, ...], scope: Scope, catalog: PluginCatalog) -> None:
    owners = {fact.name: owner for owner in sorted(catalog.names()) for fact in catalog.facts(owner)}
    earlier = plugins[: plugins.index(name)]
    for field, spot in scope.used.items():
        owner = owners.get(field, "customers" if field.startswith("customer.") else name)
        if owner != name and owner not in earlier:
            where = f"before `{name}`" if owner in plugins else "to `plugins`"
            verb = "move" if owner in plugins else "add"
            scope.warn(
                spot, f"`{field}` comes from the plugin `{owner}`: {verb} it {where}, else it is often missing"
            )
