"""Our own files: lines are added and taken away as text, so that comments and order stay; a write is whole or not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from .wanted import Wanted

RULES = """\
# What happens to tickets of {project}. Made as a start: change the words and teams to yours.
# In `shadow` everything is decided and shown, and nothing is written at the tracker; then write `mode: live`.
# Files are read again when they change; `pointsman check` finds mistakes. More sections: desk.yaml, docs/rules.md.

version: 1
applies_to: {{{name}: [{quoted}]}}
mode: shadow
plugins: [priority]

priority: # every signal that matches adds its score; the sum picks the level
  levels: {{urgent: 80, high: 45, normal: 15, low: 0}}
  signals:
    - {{id: down, when: {{text: {{contains_any: [outage, is down, cannot log in, 宕机, 无法登录]}}}},
       score: 80, because: "Sounds like an outage: {{hits}}"}}
    - {{id: broken, when: {{text: {{contains_any: [error, crash, not working, 报错, 错误, 崩溃]}}}},
       score: 45, because: "Something is broken: {{hits}}"}}
    - {{id: asking, when: {{text: {{contains_any: [how do i, question, 请问, 怎么]}}}}, score: 5,
       because: "A question: {{hits}}"}}
"""


def write_privately(path: Path, text: str) -> None:
    """Replace the file as a whole, readable by its owner alone."""
    _replace(path, text, 0o600)


def write_openly(path: Path, text: str) -> None:
    """Replace the file as a whole; it keeps its mode, a new one is readable by all."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    _replace(path, text, mode)


def read_or_empty(path: Path) -> str:
    """The text of a file, '' if it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def entries_of(path: Path) -> Mapping[str, Any]:
    """The entries of `_trackers.yaml` as plain values; what is wrong in it is the rule checker's to say."""
    try:
        found = YAML(typ="safe").load(read_or_empty(path))
    except YAMLError:
        return {}
    return {str(key): value for key, value in found.items()} if isinstance(found, Mapping) else {}


def entry_line(wanted: Wanted, flavor: str) -> str:
    """The line of `_trackers.yaml` for a connection."""
    parts: dict[str, Any] = {"kind": wanted.kind, "url": wanted.url}
    if flavor:
        parts["flavor"] = flavor
    if wanted.user:
        parts["user"] = wanted.user
    parts |= {"token": {"env": wanted.token_env}, "secret": {"env": wanted.secret_env}}
    yaml, text = YAML(), StringIO()
    yaml.default_flow_style, yaml.width = True, 10_000
    yaml.dump({wanted.name: parts}, text)
    return f"{wanted.name}: " + text.getvalue().strip().removeprefix("{" + f"{wanted.name}: ").removesuffix("}")


def with_entry(text: str, line: str) -> str:
    """`text` with one more entry at its end."""
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}\n"


def without_entry(text: str, line: str) -> str | None:
    """`text` without that entry; None if it is not there as it was written."""
    lines = text.splitlines(keepends=True)
    kept = [each for each in lines if each.rstrip("\r\n") != line]
    return None if len(kept) == len(lines) else "".join(kept)


def rules_text(wanted: Wanted, project: str) -> str:
    """A small rule file for the project, in shadow mode."""
    return RULES.format(project=project, name=wanted.name, quoted=f'"{project}"')


def rules_path(wanted: Wanted, project: str) -> Path:
    """Where that file goes: named for the project, beside what is there."""
    stem = "".join(c if c.isalnum() and c.isascii() else "-" for c in project.casefold()).strip("-") or "project"
    names = (stem, f"{stem}-{wanted.name}", *(f"{stem}-{wanted.name}-{n}" for n in range(2, 100)))
    return next(path for name in names if not (path := wanted.rules_dir / f"{name}.yaml").exists())


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _replace(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that the last move is within one file system; hidden, so that it is no rule file.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
