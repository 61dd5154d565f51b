"""The fields that conditions of this rulebook may use, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.calendars import EVERY_DESK, Calendar
from ..core.fields import BUILT_IN, STATUSES, Field, FieldType, Schema
from .catalog import PluginCatalog
from .customers import Customers
from .names import Names

# Known even where `_names.yaml` has no line for them, since most trackers have both.
USUAL_FIELDS = ("component", "environment")
USUAL_TIERS = frozenset(
    {"platinum", "gold", "silver", "bronze", "enterprise", "premium", "standard", "basic", "free"}
)

_COLUMN_TYPES = {str: FieldType.WORD, float: FieldType.NUMBER, bool: FieldType.BOOL}


def schema_for(
    names: Names,
    teams: frozenset[str],
    customers: Customers,
    catalog: PluginCatalog,
    calendars: Mapping[str, Calendar] = EVERY_DESK,
) -> Schema:
    """Built-in fields, the ones declared in `_names.yaml`, the customers' columns, and the facts of all plugins.

    Where two declare the same name, the columns of the customers' file win over a plugin's fact, and
    the built-in fields over both.
    """
    declared = {name: Field(FieldType.WORD) for name in (*USUAL_FIELDS, *names.words("fields"))}
    facts = {fact.name: Field.of(fact) for name in sorted(catalog.names()) for fact in catalog.facts(name)}
    columns = {f"customer.{name}": Field(_COLUMN_TYPES[kind]) for name, kind in customers.columns.items()}
    added = {name: field for name, field in (facts | declared).items() if name not in BUILT_IN}
    return Schema(calendars=calendars).with_({**added, **columns, **_closed(names, teams)})


def _closed(names: Names, teams: frozenset[str]) -> dict[str, Field]:
    statuses = frozenset(STATUSES) | frozenset(names.words("status"))
    return {"status": Field(FieldType.WORD, statuses), "team": Field(FieldType.WORD, teams or None)}


def customer_words(customers: Customers) -> Mapping[str, frozenset[str]]:
    """Per column of words what stands in it: a word in a rule that almost matches one of these is a mistake.

    A word far from all of them is allowed: the customer who has it may come tomorrow.
    """
    words = {f"customer.{name}": customers.values(name) for name, kind in customers.columns.items() if kind is str}
    return {**words, "customer.tier": words.get("customer.tier", frozenset()) | USUAL_TIERS}
