"""One team's rule file: the reserved words, the plugins it lists, and a section for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from ..errors import PluginError
from ..frozen import EMPTY, FrozenDict, frozen
from ..words import Connection
from . import foreign
from .book import RuleFile
from .catalog import PluginCatalog
from .later import CANARY
from .later import SECTIONS as LATER
from .names import KINDS
from .nodes import Entry, Map, Node, Seq, Spot, is_null, spot_of
from .report import nearest, shown
from .scope import BAD, Scope
from .sections import SECTIONS
from .shapes import Reader, choice, kind_of, list_of, map_of, number, one_or_many, pattern, text

RESERVED = ("version", "applies_to", "mode", "plugins", "lists", "assign", "tests", "explain", "release_on")

_release_on = one_or_many(choice("event", ("command", "reopened")))
_mode = choice("mode", ("shadow", "live"), later={"canary": CANARY})
_explain = choice("value of `explain`", ("note", "off"))
_version = number(1, 1, whole=True)
_project = pattern(r"[^\s*]+", "names no single project: write a Jira key, or a GitLab path like `acme/support`")


@dataclass(frozen=True, slots=True)
class Claim:
    """A project that a file says it applies to, and where it says so."""

    connection: str
    project: str
    spot: Spot


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
    sections, disabled = _sections(node, scope, catalog, plugins)
    claims = _claims(node, scope, connections)
    rules = RuleFile(
        name=PurePath(path).stem,
        path=path,
        applies_to=_by_connection(claims),
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
    if name == "mode" and isinstance(told, Map) and "canary" in told:
        scope.bad(told, CANARY)
        return default
    found = reader(told, scope)
    return default if found is BAD else found


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
        told_below = name in LATER and name in node
        problem = None if name is BAD or told_below else _problem_of_plugin(name, found, catalog)
        if problem:
            scope.bad(item, problem)
        if name is not BAD and name not in found:
            found.append(name)
    return tuple(name for name in found if name in catalog.names())


def _problem_of_plugin(name: str, before: list[str], catalog: PluginCatalog) -> str | None:
    if name in before:
        return f"the plugin `{name}` is listed twice"
    if name not in catalog.names():
        return LATER.get(name) or f"unknown plugin {shown(name)}{nearest(name, catalog.names())}"
    problem = catalog.problem(name)
    return f"the plugin `{name}` could not be loaded: {problem}" if problem else None


def _sections(
    node: Map, scope: Scope, catalog: PluginCatalog, plugins: tuple[str, ...]
) -> tuple[Mapping[str, Any], Mapping[str, tuple[Mapping[str, str], ...]]]:
    _check_keys(node, scope, catalog, plugins)
    sections, disabled = {}, {}
    for name in plugins:
        own = replace(scope, disabled=[], used={})
        sections[name] = frozen(_section(name, node.get(name), node, own, catalog))
        if own.disabled:
            disabled[name] = tuple(FrozenDict(each) for each in own.disabled)
        _warn_of_facts(name, plugins, own, catalog)
    return FrozenDict(sections), FrozenDict(disabled)


def _check_keys(node: Map, scope: Scope, catalog: PluginCatalog, plugins: tuple[str, ...]) -> None:
    for entry in node:
        if entry.key in plugins:
            continue
        if entry.key in catalog.names() and entry.key not in RESERVED:
            # Its plugin is not listed, yet its mistakes are shown along with that one.
            _section(entry.key, entry.value, node, replace(scope, disabled=[], used={}), catalog)
        problem = None if _meant(entry.key, node, catalog) else _problem_of_key(entry.key, catalog)
        if problem:
            scope.bad(entry, problem)


def _meant(section: str, node: Map, catalog: PluginCatalog) -> bool:
    """Is `section` the one whose plugin is mistyped in `plugins`? That was reported there."""
    told = node.get("plugins")
    listed = [item.plain() for item in told.items] if isinstance(told, Seq) else []
    unknown = [name for name in listed if isinstance(name, str) and name not in catalog.names()]
    return any(f"`{section}`" in nearest(name, catalog.names()) for name in unknown)


def _problem_of_key(key: str, catalog: PluginCatalog) -> str | None:
    if key in catalog.names() and key not in RESERVED:
        return f"the section `{key}` has no effect: add `{key}` to `plugins`, or remove the section"
    if key in LATER:
        return LATER[key]
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
    if len(scope.report.problems) > before or catalog.problem(name):
        return None
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
                spot, f"`{field}` is told by the plugin `{owner}`: {verb} it {where}, else it is often missing"
            )


def _claims(node: Map, scope: Scope, connections: Mapping[str, Connection]) -> tuple[Claim, ...]:
    told = node.get("applies_to")
    if not isinstance(told, Map) or not told.entries:
        wanted = "write the tracker and its projects, like `applies_to: {jira: [SUP]}`"
        scope.bad(told or node, f"`applies_to` is {'missing' if told is None else 'no map'}: {wanted}")
        return ()
    for entry in told:
        if entry.key not in connections:
            scope.warn(
                entry, f"the tracker {shown(entry.key)} is not connected{_how_to_connect(entry.key, connections)}"
            )
    return tuple(claim for entry in told for claim in _claimed(entry, scope))


def _how_to_connect(name: str, connections: Mapping[str, Connection]) -> str:
    if name in KINDS:
        setting = f"POINTSMAN_{name.upper()}"
        return f": set `{setting}_URL` and `{setting}_TOKEN`, or add it to `_trackers.yaml`"
    return nearest(name, (*KINDS, *connections)) or ": add it to `_trackers.yaml`"


def _claimed(entry: Entry, scope: Scope) -> list[Claim]:
    items = entry.value.items if isinstance(entry.value, Seq) else (entry.value,)
    if not items:
        scope.bad(entry, f"no project of `{entry.key}` is named")
    read = [(item, _project(item, scope)) for item in items]
    return [Claim(entry.key, project, item.spot) for item, project in read if project is not BAD]


def _by_connection(claims: tuple[Claim, ...]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for claim in claims:
        found[claim.connection] = (*found.get(claim.connection, ()), claim.project)
    return FrozenDict(found)
