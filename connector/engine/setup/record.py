"""What a set-up did, kept in a file of DATA_DIR: so that it can be continued after any failure, and taken back.

Each thing is noted before it is done and again after it. No secret is in here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...frozen import EMPTY, FrozenDict
from .files import write_privately
from .remedies import Stop


@dataclass(frozen=True, slots=True)
class Item:
    """One thing made: `env`, `connection`, `rules`, `label` or `hook`; while `done` is False it may not be there.

    `project` is '' for what all projects of the connection share. A `project` is noted, too: it is taken back last.
    """

    kind: str
    project: str
    name: str
    done: bool = False
    detail: Mapping[str, Any] = field(default=EMPTY)


class Record:
    """The things that set-ups of one connection made, oldest first; every change is on disk when its call returns."""

    def __init__(self, path: Path, url: str = "", items: tuple[Item, ...] = ()) -> None:
        self.path = path
        self.url = url
        self.items = items

    @classmethod
    def load(cls, folder: Path, name: str) -> Record:
        """The record of the connection `name`, empty if there is none."""
        path = folder / "setup" / f"{name}.json"
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            items = tuple(Item(**{**item, "detail": FrozenDict(item["detail"])}) for item in told["items"])
            return cls(path, str(told["url"]), items)
        except FileNotFoundError:
            return cls(path)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Stop(
                f"{path} cannot be read as the record of a set-up: move it away, then nothing is known"
            ) from None

    def begin(self, kind: str, project: str, name: str, **detail: Any) -> None:
        """About to make it; what is noted as made already stays so."""
        if self.find(kind, project, name) is None:
            self._keep((*self.items, Item(kind, project, name, False, FrozenDict(detail))))

    def finish(self, kind: str, project: str, name: str, **detail: Any) -> None:
        """It is made."""
        known = self.find(kind, project, name)
        kept = {**(known.detail if known else {}), **detail}
        new = Item(kind, project, name, True, FrozenDict(kept))
        self._keep(tuple(new if item is known else item for item in self.items) if known else (*self.items, new))

    def drop(self, item: Item) -> None:
        """It is taken back, or was never made."""
        self._keep(tuple(each for each in self.items if each is not item))

    def find(self, kind: str, project: str, name: str) -> Item | None:
        wanted = (kind, project, name)
        return next((item for item in self.items if (item.kind, item.project, item.name) == wanted), None)

    def others(self) -> tuple[str, ...]:
        """The other connections of which something that was set up still stands."""
        return tuple(sorted(path.stem for path in self.path.parent.glob("*.json") if path != self.path))

    def _keep(self, items: tuple[Item, ...]) -> None:
        self.items = items
        if not items:
            self.path.unlink(missing_ok=True)
            return
        kept = [{**asdict(item), "detail": dict(item.detail)} for item in items]
        write_privately(self.path, json.dumps({"url": self.url, "items": kept}, ensure_ascii=False, indent=1))
