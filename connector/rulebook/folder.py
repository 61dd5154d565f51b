"""The files of a rules folder: found, read within limits, and seen to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .later import FILES as LATER
from .nodes import Spot
from .report import Report, nearest
from .yaml_tree import MOST_BYTES

SHARED = ("_names", "_people", "_customers", "_calendars", "_trackers")
ENDINGS = (".yaml", ".yml")
ICS = ".ics"
MOST_FILES = 500

State = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read: paths as shown in problems → text. `shared` is keyed by stem, `teams` is in order of name.

    `ics` are the files of events, by name.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    teams: tuple[str, ...] = ()
    ics: Mapping[str, str] = field(default_factory=dict)


def files_of(folder: Path) -> list[Path]:
    """The rule files in `folder` and the events beside them, by name; hidden files are none. Raises `OSError`."""
    found = [p for p in folder.iterdir() if _is_rules(p) and p.is_file()]
    return sorted(found, key=lambda path: path.name)


def _is_rules(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    return path.suffix in (*ENDINGS, ICS) or path.name == "_customers.csv"


def state_of(folder: Path) -> State:
    """Name, time of change, size and inode of each file: equal states mean that nothing was edited."""
    try:
        stats = [(path.name, path.stat()) for path in files_of(folder)]
    except OSError:
        return ()
    return tuple((name, s.st_mtime_ns, s.st_size, s.st_ino) for name, s in stats)


def read_folder(folder: Path, report: Report) -> Folder:
    """Every file that can be read; what cannot be is reported."""
    try:
        paths = files_of(folder)
    except OSError as error:
        report.problem(Spot(folder.as_posix(), 1, 1), f"the rules folder cannot be read: {error.strerror or error}")
        return Folder()
    if len(paths) > MOST_FILES:
        report.problem(Spot(folder.as_posix(), 1, 1), f"more than {MOST_FILES} rule files: is this the right folder?")
        return Folder()
    texts = {path.as_posix(): content for path in paths if (content := _read(path, report)) is not None}
    ics = {Path(path).name: path for path in texts if path.endswith(ICS)}
    shared, teams = _sorted([path for path in texts if not path.endswith(ICS)], report)
    return Folder(texts, shared, teams, ics)


def _read(path: Path, report: Report) -> str | None:
    spot = Spot(path.as_posix(), 1, 1)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        report.problem(spot, f"the file cannot be read: {error.strerror or error}")
        return None
    if len(content) > MOST_BYTES:
        report.problem(spot, "the file is larger than 1 MB: split it")
        return None
    return _decoded(content, spot, report)


def _decoded(content: bytes, spot: Spot, report: Report) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        report.problem(Spot(spot.file, line, 1), "the file is not UTF-8 here: save it as UTF-8")
        return None


def _sorted(paths: list[str], report: Report) -> tuple[dict[str, str], tuple[str, ...]]:
    shared: dict[str, str] = {}
    teams: dict[str, str] = {}
    for path in paths:
        name, stem = Path(path).name, Path(path).stem
        if stem.startswith("_") and stem not in SHARED:
            sentence = LATER.get(f"{stem}.yaml") or f"unknown shared file `{name}`{nearest(stem, SHARED)}"
            report.problem(Spot(path, 1, 1), sentence)
            continue
        taken = shared if stem.startswith("_") else teams
        if stem in taken:
            report.problem(Spot(path, 1, 1), f"`{Path(taken[stem]).name}` says the same: keep one of the two")
            continue
        taken[stem] = path
    return shared, tuple(teams.values())
