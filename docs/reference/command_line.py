"""The reference of the command line, from the grammar that reads it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from connector.cli import grammar

from .markdown import code, head, one_line, plain, table


def page() -> str:
    """Every command with its arguments and options."""
    intro = "What each command does for you stands on [the page about the command line](../command-line.md)."
    return "\n".join([head("Commands and options", intro), *(_section(*found) for found in _commands())])


def _commands() -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    (group,) = [action for action in grammar()._actions if isinstance(action, argparse._SubParsersAction)]
    told = {choice.dest: choice.help or "" for choice in group._choices_actions}
    for name, parser in group.choices.items():
        yield name, told.get(name, ""), parser


def _section(name: str, told: str, parser: argparse.ArgumentParser) -> str:
    rows = [[_shown(action), plain(_help(action))] for action in parser._actions if action.dest != "help"]
    lines = [f"## {name}", "", plain(told[:1].upper() + told[1:] + "."), ""]
    return "\n".join([*lines, table(["argument", "means"], rows)] if rows else lines)


def _shown(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else _value(action)
    if action.option_strings:
        told = f"[{value}]" if action.nargs == "?" else value
        return code(f"{', '.join(action.option_strings)} {told}".strip())
    return code(f"[{value}]" if action.nargs in ("?", "*") else value)


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return "{" + ",".join(str(choice) for choice in action.choices) + "}"
    named = action.metavar if isinstance(action.metavar, str) else action.dest
    return named.upper() if action.option_strings else named


def _help(action: argparse.Action) -> str:
    said = one_line(action.help or "")
    # argparse doubles the sign, since it fills values in by it.
    return said.replace("%%", "%")
