"""Finds plugins without running them: files in folders, and entry points of installed packages."""

from __future__ import annotations

import importlib.metadata
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from os import DirEntry, scandir
from pathlib import Path
from typing import TypeAlias

from .builtin import BUILTIN, RESERVED
from .info import Origin

GROUP = "pointsman"
LARGEST = 1_000_000
"""Bytes; a plugin is a file that somebody wrote, not a data set."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

Signature: TypeAlias = tuple[tuple[str, int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A plugin that was found. `text` is its source; an entry point has `target` (`module:attribute`) instead."""

    name: str
    origin: Origin
    path: str
    text: bytes = b""
    target: str = ""
    problem: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the source; '' for an entry point, whose source is read where it is imported."""
        return sha256(self.text).hexdigest() if not self.target else ""


def signature(folder: Path) -> Signature:
    """Changes whenever a plugin file in `folder` is added, removed or written; reads no file."""
    try:
        with scandir(folder) as entries:
            return tuple(sorted(_stamp(entry) for entry in entries if _is_plugin(entry.name)))
    except OSError:
        return ()


def in_folder(folder: Path, *, shipped: bool) -> tuple[Source, ...]:
    """Every `<name>.py` of `folder` in order of name; names that begin with `_` or `.` are left out.

    With `shipped`, the names of `BUILTIN` are built-in; all others are drop-ins.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if _is_plugin(path.name))
    except OSError:
        return ()
    return tuple(_read(path, Origin.BUILTIN if shipped and path.stem in BUILTIN else Origin.DROPIN) for path in paths)


def installed() -> tuple[Source, ...]:
    """The entry points of the group `pointsman`; nothing of them is imported here."""
    points = sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return tuple(
        Source(point.name, Origin.ENTRY_POINT, point.value, target=point.value, problem=_bad_name(point.name))
        for point in points
    )


def without_doubles(sources: Iterable[Source]) -> tuple[dict[str, Source], tuple[Source, ...]]:
    """By name, the first of each; and every later one of the same name, with its problem."""
    first: dict[str, Source] = {}
    doubles = []
    for source in sources:
        kept = first.setdefault(source.name, source)
        if kept is not source:
            text = f"`{source.name}` is there twice: {kept.path} and {source.path}; rename or remove one"
            doubles.append(Source(source.name, source.origin, source.path, source.text, source.target, text))
    return first, tuple(doubles)


def _stamp(entry: DirEntry[str]) -> tuple[str, int, int, int, int]:
    try:
        found = entry.stat()
    except OSError:  # a link that leads nowhere, or gone since
        return entry.name, 0, 0, 0, 0
    return entry.name, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _is_plugin(filename: str) -> bool:
    return filename.endswith(".py") and not filename.startswith(("_", "."))


def _read(path: Path, origin: Origin) -> Source:
    if problem := _bad_name(path.stem):
        return Source(path.stem, origin, str(path), problem=problem)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return Source(path.stem, origin, str(path), problem=f"{path} is not a regular file")
        if found.st_size > LARGEST:
            return Source(path.stem, origin, str(path), problem=f"{path} is larger than {LARGEST:,} bytes")
        return Source(path.stem, origin, str(path), path.read_bytes())
    except OSError as error:
        return Source(path.stem, origin, str(path), problem=f"{path} cannot be read: {error.strerror}")


def _bad_name(name: str) -> str | None:
    if name in RESERVED:
        return f"no plugin can be called `{name}`: rule files use this word themselves; rename it"
    if not _NAME.fullmatch(name):
        return f"`{name}` cannot stand in a rule file: use a-z, 0-9 and _, beginning with a letter"
    return None
