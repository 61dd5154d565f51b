"""The plugins as they are loaded now: re-read when files change, kept as they are when not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import PluginError
from ..hooks import Fact
from .find import Signature, Source, in_folder, signature, without_doubles
from .info import Origin, PluginInfo
from .load import Loaded


@dataclass(frozen=True, slots=True)
class Entry:
    """One plugin that was found. `here` is set for a built-in one: it can be asked in this process."""

    source: Source
    info: PluginInfo
    wants: Mapping[str, frozenset[str]]
    here: Loaded | None = None


def failed(source: Source, cause: str) -> Entry:
    """The entry of a plugin that could not be loaded."""
    return Entry(source, PluginInfo(source.name, source.origin, source.path, digest=source.digest, problem=cause), {})


def entry_of(source: Source, plugin: Loaded, facts: tuple[Fact, ...], *, here: bool) -> Entry:
    """The entry of a plugin that was loaded."""
    info = PluginInfo(
        source.name, source.origin, plugin.path, plugin.help, facts, plugin.hooks, plugin.digest or source.digest
    )
    return Entry(source, info, plugin.wants, plugin if here else None)


class Shelf:
    """Finds plugins in two folders and among the installed, and loads what is new by `loader`."""

    def __init__(
        self,
        builtin: Path,
        extra: Path | None,
        installed: tuple[Source, ...],
        loader: Callable[[Source], Entry],
    ) -> None:
        self._builtin = builtin
        self._extra = extra
        self._installed = installed
        self._loader = loader
        self._seen: tuple[Signature, Signature] | None = None
        self.entries: Mapping[str, Entry] = {}
        self.doubles: tuple[PluginInfo, ...] = ()

    def stale(self) -> bool:
        """Whether a file was added, removed or written since the last `reread`; costs one `stat` a file."""
        return self._signatures() != self._seen

    def reread(self, starting: Callable[[Iterable[str]], None]) -> frozenset[str]:
        """The names that are new, changed or gone.

        `starting` is told those that cannot go on as they are, before anything is loaded.
        """
        self._seen = self._signatures()
        found, doubles = without_doubles(self._sources())
        before = {name: entry.source for name, entry in self.entries.items()}
        changed = frozenset(name for name in {*before, *found} if before.get(name) != found.get(name))
        told = tuple(_double(source) for source in doubles)
        if not changed and told == self.doubles:
            return changed
        starting(changed)
        self.entries = {
            name: self.entries[name] if name not in changed else self._load(source) for name, source in found.items()
        }
        moved = {double.name for double in {*told} ^ {*self.doubles}}
        self.doubles = told
        return changed | moved

    def problem(self, name: str) -> str | None:
        """Why the plugin of this name could not be loaded, or which two share the name."""
        for double in self.doubles:
            if double.name == name:
                return double.problem
        entry = self.entries.get(name)
        return entry.info.problem if entry else None

    def infos(self) -> tuple[PluginInfo, ...]:
        """All of them, by name; both of two that share one."""
        mine = (replace(entry.info, problem=self.problem(name)) for name, entry in self.entries.items())
        return tuple(sorted((*mine, *self.doubles), key=lambda info: (info.name, info.path)))

    def _signatures(self) -> tuple[Signature, Signature]:
        return signature(self._builtin), signature(self._extra) if self._extra else ()

    def _sources(self) -> Iterable[Source]:
        yield from in_folder(self._builtin, shipped=True)
        if self._extra and not _same(self._extra, self._builtin):
            yield from in_folder(self._extra, shipped=False)
        yield from self._installed

    def _load(self, source: Source) -> Entry:
        if source.problem:
            return failed(source, source.problem)
        try:
            return self._loader(source)
        except PluginError as error:
            return failed(source, error.cause)


def _double(source: Source) -> PluginInfo:
    origin: Origin = source.origin
    return PluginInfo(source.name, origin, source.path, digest=source.digest, problem=source.problem)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
