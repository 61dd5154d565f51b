"""Plugins: what each offers, which rule files ask it, and how it does in every process."""

from __future__ import annotations

from typing import Any

from flask import abort

from ...engine.plugin_words import InProcess, PluginWords
from ..flows import Flows
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


def part(flows: Flows) -> Part:
    """`/plugins` and `/plugins/<name>`."""
    plugins = Part("plugins", "Plugins and how they do.")

    @plugins.shows("/plugins", PluginSchema(many=True))
    def list_plugins() -> Any:
        """All plugins: those that rules ask in their order, then the others."""
        return [_shown(each) for each in flows.plugins()]

    @plugins.shows("/plugins/<name>", PluginSchema(), errors=(404,))
    def show_plugin(name: str) -> Any:
        """One plugin with its help."""
        return next((_shown(each) for each in flows.plugins() if each.name == name), None) or abort(404)

    return plugins


def _shown(plugin: PluginWords) -> dict[str, Any]:
    names = ("name", "origin", "path", "digest", "hooks", "facts", "help", "problem", "quarantined", "asked_by")
    same = {name: getattr(plugin, name) for name in names}
    return {**same, "conditions": [_condition(each) for each in plugin.conditions]}


def _condition(each: InProcess) -> dict[str, Any]:
    names = ("quarantined", "since", "in_a_row", "last_hook", "last_error", "last_at", "calls", "seconds", "longest")
    same = {name: getattr(each.condition, name) for name in names}
    return {**same, "process": each.process.id if each.process else None}
