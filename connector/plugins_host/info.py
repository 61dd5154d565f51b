"""What is known of one plugin: where it comes from, what it offers, and whether it may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..hooks import Fact


class Origin(StrEnum):
    """How a plugin got here; only built-in ones run inside the service's own process."""

    BUILTIN = "built-in"
    DROPIN = "drop-in"
    ENTRY_POINT = "entry point"


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One plugin, to be shown.

    `path` is its file, or `module:attribute` for an entry point whose file is not known. `help` is the
    module's docstring, `digest` the SHA-256 (hex) of its source. `problem` says why it could not be
    loaded, `quarantined` why it is not asked any more; both are None for a plugin in good health.
    """

    name: str
    origin: Origin
    path: str
    help: str = ""
    facts: tuple[Fact, ...] = ()
    hooks: tuple[str, ...] = ()
    digest: str = ""
    problem: str | None = None
    quarantined: str | None = None
