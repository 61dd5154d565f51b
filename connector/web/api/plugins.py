"""Plugins: what each offers, which rule files ask it, how it does in every process, and a new try for one."""

from __future__ import annotations

from typing import Any

from flask import abort

from ...engine.plugin_words import InProcess, PluginWords
from ..flows import Flows
from ..visitor import Standing
from . import schemas as of
from .part import Part


class FactSchema(of.Shape):
    name = of.text()
    type = of.text()
    values = of.words("The words it can be; empty for any.")


class AskedBySchema(of.Shape):
    file = of.text("A rule file.")
    place = of.number("Its place in the order of that file.")


class ConditionSchema(of.Shape):
    """How it does in one process."""

    process = of.maybe("`host/number`; null for the one that answers, where none told of itself yet.")
    quarantined = of.flag("It is not asked there any more.")
    since = of.instant("Since when it is in quarantine.", allow_none=True)
    in_a_row = of.number("How often it failed without a success between.")
    last_hook = of.text("Where it failed last.")
    last_error = of.text("Class and place of that failure, without its words.")
    last_at = of.instant(allow_none=True)
    calls = of.number()
    seconds = of.decimal("What all calls took.")
    longest = of.decimal("What the longest one took.")


class PluginSchema(of.Shape):
    name = of.text()
    origin = of.text("`built-in`, `drop-in` or `entry point`.")
    path = of.text()
    digest = of.text("The SHA-256 of its source.")
    hooks = of.words()
    facts = of.many(FactSchema)
    help = of.text("What it says of itself.")
    problem = of.text("Why it could not be loaded; empty if it was.")
    quarantined = of.flag("It is not asked any more in one process at least.")
    asked_by = of.many(AskedBySchema)
    conditions = of.many(ConditionSchema)


class AgainSchema(of.Shape):
    name = of.text()
    state = of.text("`asked` again in every process, or `not_quarantined`: then nothing was changed.")


def part(flows: Flows) -> Part:
    """`/plugins`, `/plugins/<name>`, and `again` of one."""
    plugins = Part("plugins", "Plugins and how they do.")

    @plugins.shows("/plugins", PluginSchema(many=True))
    def list_plugins() -> Any:
        """All plugins: those that rules ask in their order, then the others."""
        return [_shown(each) for each in flows.plugins()]

    @plugins.shows("/plugins/<name>", PluginSchema(), errors=(404,))
    def show_plugin(name: str) -> Any:
        """One plugin with its help."""
        return next((_shown(each) for each in flows.plugins() if each.name == name), None) or abort(404)

    @plugins.does("/plugins/<name>/again", AgainSchema(), needed=Standing.ADMIN, errors=(404,))
    def try_plugin_again(name: str) -> dict[str, str]:
        """End the quarantine of a plugin in every process."""
        if not any(each.name == name for each in flows.plugins()):
            abort(404)
        if not flows.ask_again(name):
            return {"name": name, "state": "not_quarantined"}
        flows.record("plugin_tried_again", {"plugin": name})
        return {"name": name, "state": "asked"}

    return plugins


def _shown(plugin: PluginWords) -> dict[str, Any]:
    names = ("name", "origin", "path", "digest", "hooks", "facts", "help", "problem", "quarantined", "asked_by")
    same = {name: getattr(plugin, name) for name in names}
    return {**same, "conditions": [_condition(each) for each in plugin.conditions]}


def _condition(each: InProcess) -> dict[str, Any]:
    names = ("quarantined", "since", "in_a_row", "last_hook", "last_error", "last_at", "calls", "seconds", "longest")
    same = {name: getattr(each.condition, name) for name in names}
    return {**same, "process": each.process.id if each.process else None}
