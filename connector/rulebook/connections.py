"""`_trackers.yaml`: the connections beside the default pair, with their secrets taken from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from ..core.receivers import NOTICE
from ..frozen import FrozenDict
from ..words import Connection
from .env import from_env
from .nodes import Entry, Map, Node
from .report import shown
from .scope import BAD, Scope
from .shapes import Reader, Record, checked, choice, kind_of, list_of, map_of, pattern, text

LOCAL = Connection("local", "local")
WITHOUT = "this tracker cannot be used without"
JIRA_ONLY = ("flavor", "internal_visibility", "client_secret")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


def read_connections(
    node: Node, scope: Scope, env: Mapping[str, str], defaults: Mapping[str, Connection]
) -> Mapping[str, Connection]:
    """`defaults` with the entries of the file over them; `local` is always there.

    A secret is written `{env: NAME}`; a list of them is comma-separated in the variable, newest first.
    """
    found = map_of(_entry(env), key=_good_name)(node, scope)
    named = {} if found is BAD else {name: _connection(name, value) for name, value in found.items()}
    return FrozenDict({LOCAL.name: LOCAL, **defaults, **named})


def _good_name(entry: Entry, scope: Scope) -> bool:
    if entry.key == LOCAL.name:
        scope.bad(entry, "`local` is always there and cannot be set: choose another name")
    elif entry.key == NOTICE:
        scope.bad(entry, "`notice` names what goes to receivers of notices: choose another name")
    elif not _NAME.match(entry.key):
        scope.bad(
            entry, f"{shown(entry.key)} cannot name a tracker: use a-z, 0-9, `-` and `_`, it becomes part of a URL"
        )
    else:
        return True
    return False


def _entry(env: Mapping[str, str]) -> Reader:
    shape = Record(
        "a tracker",
        {
            "kind": choice("kind of tracker", ("gitlab", "jira")),
            "url": _or_env(checked(_url_problem), env),
            "token": _secret(env),
            "user": _or_env(text, env),
            "secret": _secret(env),
            "client_secret": _secret(env),
            "allow_from": list_of(checked(_network_problem)),
            "flavor": choice("flavor", ("cloud", "dc")),
            "public_comments": choice("value", ("all", "marked")),
            "internal_visibility": pattern(
                r"(role|group) \S.*", "names nobody: write `role Developers` or `group x`"
            ),
        },
        required=("kind", "url"),
    )

    def read(node: Node, scope: Scope) -> Any:
        found = shape(node, scope)
        if found is BAD or not {"kind", "url"} <= found.keys():
            return BAD
        if found["kind"] != "jira":
            _refuse_jira_keys(node, scope)
        return found

    return read


def _refuse_jira_keys(node: Node, scope: Scope) -> None:
    assert isinstance(node, Map)
    for name in JIRA_ONLY:
        if name in node:
            scope.bad(node.index[name], f"`{name}` is for Jira alone: remove the line")


def _url_problem(value: str, _node: Node, _scope: Scope) -> str | None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    # Not shown: the usual mistake is a password inside.
    return None if good else "this is no web address of a tracker: write it like `https://gitlab.example`"


def _network_problem(value: str, _node: Node, _scope: Scope) -> str | None:
    try:
        ip_network(value, strict=False)
    except ValueError:
        return f"{shown(value)} is no network: write `192.0.2.0/24`, `192.0.2.7` or `2001:db8::/32`"
    return None


def _or_env(reader: Reader, env: Mapping[str, str]) -> Reader:
    def read(node: Node, scope: Scope) -> Any:
        return from_env(node, scope, env, WITHOUT) if isinstance(node, Map) else reader(node, scope)

    return read


def _secret(env: Mapping[str, str]) -> Reader:
    """A secret: only by the name of an environment variable, so that none is kept in a rule file."""

    def read(node: Node, scope: Scope) -> Any:
        if isinstance(node, Map):
            return from_env(node, scope, env, WITHOUT)
        what = "a secret does not belong in a rule file" if kind_of(node).startswith("the text") else "no secret here"
        return scope.bad(node, f"{what}: write `{{env: NAME}}` and set that environment variable")

    return read


def _connection(name: str, found: Mapping[str, Any]) -> Connection:
    options = {key: found[key] for key in ("public_comments", "internal_visibility") if key in found}
    return Connection(
        name=name,
        kind=found["kind"],
        url=found["url"].rstrip("/"),
        token=found.get("token", ""),
        user=found.get("user", ""),
        secrets=_several(found.get("secret", "")),
        flavor=found.get("flavor", ""),
        options=FrozenDict(options),
        client_secrets=_several(found.get("client_secret", "")),
        allow_from=tuple(str(ip_network(network, strict=False)) for network in found.get("allow_from", ())),
    )


def _several(secret: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in secret.split(",") if part.strip())
