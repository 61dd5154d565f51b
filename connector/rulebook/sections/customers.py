"""`customers:` nothing to set: the customers stand in the shared file."""

from __future__ import annotations

from typing import Any

from ..nodes import Map, Node, is_null
from ..scope import Scope


def section(node: Node, scope: Scope) -> Any:
    """An empty section; whoever writes customers here is sent to the shared file."""
    if is_null(node) or (isinstance(node, Map) and not node.entries):
        return None
    return scope.bad(
        node, "`customers` has nothing to set here: customers stand in `_customers.yaml` or `_customers.csv`"
    )
