"""Takes back what a set-up made, newest first, and nothing else; what people use or changed stays, and is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...env_file import values_in, without_values
from ...errors import TrackerError
from ...settings import PREFIX
from ...trackers.admin import Admin
from .files import digest, read_or_empty, without_entry, write_openly, write_privately
from .record import Item, Record
from .remedies import Stop, remedy
from .wanted import Wanted, first


@dataclass(frozen=True, slots=True)
class Back:
    """What became of one thing; `kept` says why it stays, '' if it is gone."""

    item: Item
    kept: str = ""


def to_take_back(record: Record, project: str = "") -> tuple[Item, ...]:
    """The things of `project` ('' for all), newest first; what projects share goes last, with the last of them."""
    mine = [item for item in record.items if item.project and (not project or item.project == project)]
    others = [item for item in record.items if item.project and item not in mine]
    shared = [] if others else [item for item in record.items if not item.project]
    return (*reversed(mine), *reversed(shared))


def take_back(record: Record, wanted: Wanted, admin: Admin, project: str = "") -> Iterator[Back]:
    """Take each thing back and forget it; raise `Stop` where that fails: what is left can be taken back later."""
    stays: list[str] = []
    for item in to_take_back(record, project):
        try:
            kept = _kept(item, admin, stays, record.others())
        except TrackerError as error:
            raise Stop(remedy(error, wanted)) from None
        except OSError as error:
            raise Stop(f"{error.filename}: {error.strerror}: make it writable, and run the same again") from None
        if kept and item.kind == "rules":
            stays.append(item.name)
        record.drop(item)
        yield Back(item, kept)


def _kept(item: Item, admin: Admin, stays: list[str], others: tuple[str, ...]) -> str:
    """Take it back; why it stays, '' if it is gone."""
    match item.kind:
        case "hook":
            return _hook(item, admin)
        case "label":
            return _label(item, admin)
        case "rules":
            return _rules(item)
        case "connection":
            return f"{', '.join(stays)} names it" if stays else _connection(item)
        case "env" if others and item.name == f"{PREFIX}PUBLIC_URL":
            return f"{', '.join(others)} needs it"
        case "env":
            return f"{', '.join(stays)} needs it" if stays else _env(item)
        case _:
            return ""  # A project is forgotten, and stays at the tracker.


def _hook(item: Item, admin: Admin) -> str:
    ids = [str(item.detail["id"])] if item.detail.get("id") else []
    if not item.done:
        # It may have been made before the answer was lost; its address tells.
        ids = [hook.id for hook in admin.hooks(item.project) if hook.url.startswith(item.name)]
    for id in ids:
        _send_off(admin, item.project, id)
    return ""


def _send_off(admin: Admin, project: str, id: str) -> None:
    try:
        admin.send(admin.remove_hook(project, id))
    except TrackerError as error:
        if error.status != 404:
            raise


def _label(item: Item, admin: Admin) -> str:
    if not any(label.name == item.name for label in admin.labels(item.project)):
        return ""
    if admin.label_used(item.project, item.name):
        return "issues have it"
    call = admin.remove_label(item.project, item.name)
    if call:
        admin.send(call)
    return ""


def _rules(item: Item) -> str:
    path = Path(item.name)
    text = read_or_empty(path)
    if text and digest(text) != item.detail.get("digest"):
        return "it was changed since"
    path.unlink(missing_ok=True)
    return ""


def _connection(item: Item) -> str:
    path = Path(str(item.detail["path"]))
    text = read_or_empty(path)
    left = without_entry(text, str(item.detail["line"]))
    if left is None:
        return "it was changed since" if text else ""
    _write_or_remove(path, left, made=bool(item.detail.get("made")))
    return ""


def _env(item: Item) -> str:
    path = Path(str(item.detail["path"]))
    text = read_or_empty(path)
    value = values_in(text).get(item.name)
    if value is not None and item.done and digest(first(value)) != item.detail["digest"]:
        return "it was changed since"
    left = without_values(text, frozenset({item.name}))
    if left.strip() or not item.detail.get("made"):
        write_privately(path, left)
    else:
        path.unlink(missing_ok=True)
    return ""


def _write_or_remove(path: Path, left: str, *, made: bool) -> None:
    if made and not left.strip():
        path.unlink(missing_ok=True)
    else:
        write_openly(path, left)
