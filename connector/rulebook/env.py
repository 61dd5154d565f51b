"""Secrets in rule files: `{env: NAME}` names the environment variable that holds one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .nodes import Map
from .report import shown
from .scope import BAD, Scope
from .shapes import Record, text

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")


def from_env(node: Map, scope: Scope, env: Mapping[str, str], without: str) -> Any:
    """The value of the variable that `node` names, '' for one that is not set; `without` says what that means."""
    found = Record("`{env: NAME}`", {"env": text}, required=("env",))(node, scope)
    name = "" if found is BAD else found.get("env", "")
    if not name:
        return BAD
    if not _VARIABLE.match(name):  # not shown: it may be the secret itself
        return scope.bad(node, "`env` takes the name of an environment variable: A-Z, digits and `_`")
    value = env.get(name, "").strip()
    if not value:
        # Rules must be checked, and all else served, where this secret is not at hand.
        scope.warn(node, f"the environment variable {shown(name)} is not set: {without}")
    return value
