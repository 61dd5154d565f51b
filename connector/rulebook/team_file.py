"""One team's rule file: the reserved words, the plugins it lists, and a section for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from ..frozen import EMPTY, FrozenDict
from ..words import Connection
from .book import RuleFile
from .catalog import PluginCatalog
from .claims import Claim, by_connection, read_claims
from .later import CANARY, later_section
from .nodes import Entry, Map, Node, Scalar, Seq, is_null
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Reader, choice, kind_of, list_of, map_of, number, one_or_many, text
from .team_sections import read_sections

_release_on = one_or_many(choice("event", ("command", "reopened")))
_mode = choice("mode", ("shadow", "live"))
_explain = choice("value of `explain`", ("note", "off"))
_version = number(1, 1, whole=True)


@dataclass(frozen=True, slots=True)
class TeamFile:
    """A file as read, with its claims."""

    rules: RuleFile
    claims: tuple[Claim, ...]


def read_team_file(
    path: str, content: str, node: Node, scope: Scope, catalog: PluginCatalog, connections: Mapping[str, Connection]
) -> TeamFile | None:
    """The file, its problems reported; None if it is not even a map."""
    if not isinstance(node, Map):
        what = "the file is empty" if is_null(node) else f"here stands {kind_of(node)}"
        scope.bad(node, f"{what}, but a rule file is a map with `applies_to` and `plugins`")
        return None
    scope = replace(scope, lists=_lists(node, scope))
    plugins = _plugins(node, scope, catalog)
    sections, disabled = read_sections(node, scope, catalog, plugins)
    claims = read_claims(node, scope, connections)
    rules = RuleFile(
        name=PurePath(path).stem,
        path=path,
        applies_to=by_connection(claims),
        mode=_top(node, scope, "mode", _mode, "shadow"),
        plugins=plugins,
        sections=sections,
        lists=FrozenDict(scope.lists),
        explain=_top(node, scope, "explain", _explain, "note") == "note",
        release_on=frozenset(_top(node, scope, "release_on", _release_on, ("command",))),
        digest=sha256(content.encode()).hexdigest(),
        disabled=disabled,
    )
    _top(node, scope, "version", _version, 1)
    return TeamFile(rules, claims)


def _top(node: Map, scope: Scope, name: str, reader: Reader, default: Any) -> Any:
    told = node.get(name)
    if told is None:
        return default
    if name == "mode" and _is_canary(told):
        scope.bad(told, CANARY)
        return default
    found = reader(told, scope)
    return default if found is BAD else found


def _is_canary(told: Node) -> bool:
    """`canary`, `canary 10%` or `{canary: …}`, however much of it is written."""
    if isinstance(told, Map):
        return "canary" in told
    return isinstance(told, Scalar) and str(told.value).split()[:1] == ["canary"]


def _lists(node: Map, scope: Scope) -> Mapping[str, tuple[str, ...]]:
    told = node.get("lists")
    if told is None or is_null(told):
        return EMPTY
    found = map_of(list_of(text, empty="the list is empty: nothing can match it"), key=_list_name)(told, scope)
    if found is BAD or not isinstance(told, Map):
        return EMPTY
    # A list that was refused is still known by its name, so that its users are not refused for it as well.
    return FrozenDict({entry.key: found.get(entry.key) or ("?",) for entry in told})


def _list_name(entry: Entry, scope: Scope) -> bool:
    if not entry.key.startswith("@"):
        return True
    scope.bad(entry, f"write the list's name without `@` here: `{entry.key.lstrip('@')}`")
    return False


def _plugins(node: Map, scope: Scope, catalog: PluginCatalog) -> tuple[str, ...]:
    told = node.get("plugins")
    if told is None:
        scope.bad(node, "`plugins` is missing: list the plugins to ask, in their order, like `[priority, routing]`")
        return ()
    if not isinstance(told, Seq):
        scope.bad(told, f"`plugins` is a list like `[priority, routing]`, not {kind_of(told)}")
        return ()
    found: list[str] = []
    for item in told.items:
        name = text(item, scope)
        told_below = name in node and later_section(name, scope.assigns)
        problem = None if name is BAD or told_below else _problem_of_plugin(name, found, catalog, scope)
        if problem:
            scope.bad(item, problem)
        elif name is not BAD and name in catalog.names() and (broken := catalog.problem(name)):
            # The others go on without it, and each plan says that it failed.
            scope.warn(item, f"the plugin `{name}` cannot be loaded: {broken}")
        if name is not BAD and name not in found:
            found.append(name)
    return tuple(name for name in found if name in catalog.names())


def _problem_of_plugin(name: str, before: list[str], catalog: PluginCatalog, scope: Scope) -> str | None:
    if name in before:
        return f"the plugin `{name}` is listed twice"
    if name not in catalog.names():
        unknown = f"unknown plugin {shown(name)}{nearest(name, catalog.names())}"
        return later_section(name, scope.assigns) or unknown
    return None
