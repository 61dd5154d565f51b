"""`notify:` in `_people.yaml`: the names that notices go to, each with its Apprise addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .addresses import problem_of
from .desk_words import ROLES
from .env import from_env
from .nodes import Entry, Map, Node
from .report import shown
from .scope import BAD, Scope
from .shapes import Reader, Record, map_of, one_or_many, text

HIDDEN = "hidden"
"""Stands in the texts that are kept, where an address stood."""

_NAME = re.compile(r"[^\W_][\w .@-]{0,59}")


def receivers(env: Mapping[str, str]) -> Reader:
    """A name → its addresses as a tuple, without those whose environment variable is not set."""
    shape = map_of(Record("a receiver", {"url": one_or_many(_address(env))}, required=("url",)), key=_good_name)

    def read(node: Node, scope: Scope) -> Any:
        found = shape(node, scope)
        return (
            BAD if found is BAD else {name: tuple(filter(None, each.get("url", ()))) for name, each in found.items()}
        )

    return read


def without_addresses(content: str, addresses: Mapping[str, tuple[str, ...]]) -> str:
    """The text of a file, to be kept and shown, in which no address of a receiver stands."""
    for address in sorted({each for many in addresses.values() for each in many}, key=len, reverse=True):
        content = content.replace(address, HIDDEN)
    return content


def _good_name(entry: Entry, scope: Scope) -> bool:
    if entry.key in ROLES:
        scope.bad(entry, f"`{entry.key}` is whoever that is on a ticket, and has no address: choose another name")
        return False
    if _NAME.fullmatch(entry.key):
        return True
    scope.bad(
        entry, f"{shown(entry.key)} cannot name a receiver: use letters, digits, `-`, `.` and blanks, at most 60"
    )
    return False


def _address(env: Mapping[str, str]) -> Reader:
    def read(node: Node, scope: Scope) -> Any:
        if isinstance(node, Map):
            address = from_env(node, scope, env, "notices to this address are parked until it is")
        else:
            address = text(node, scope)
        if address is BAD or not address:
            return address
        problem = problem_of(address)
        if not problem and not isinstance(node, Map) and re.search(r"[\s'\"\\]", address):
            problem = "an address has no blanks, quotes or backslashes: write them as `%20`, `%27`, `%22`, `%5C`"
        return scope.bad(node, problem) if problem else address.strip()

    return read
