"""`.env`: settings and secrets beside the program. What the environment itself says wins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .errors import SettingsError

ENV_FILE = Path(".env")
LARGEST = 1_000_000

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_ODD = re.compile(r"\s*(?:export\s+)?(POINTSMAN_[A-Za-z0-9_]*)")
_QUOTES = re.compile(r"""(['"])(.*?)\1(?:\s+#.*)?""")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*\Z")

State = tuple[int, int, int]


class Environment(Mapping[str, str]):
    """The process's environment, and under it the lines of a file, read anew whenever the file changes.

    A name that is empty in the environment counts as unset there. A file that is not there says nothing.
    One that cannot be read raises `SettingsError` at first; later what it said before stays.
    """

    def __init__(self, process: Mapping[str, str], file: Path = ENV_FILE) -> None:
        self._process = process
        self._file = file
        self._seen: State | None = None
        self._known = False
        self._lines: Mapping[str, str] = {}

    def __getitem__(self, name: str) -> str:
        own = self._process.get(name)
        if own:
            return own
        lines = self._read()
        if own is not None and name not in lines:
            return own
        return lines[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._read(), **dict.fromkeys(self._process, "")})

    def __len__(self) -> int:
        return len(set(self))

    def _read(self) -> Mapping[str, str]:
        seen = _state(self._file)
        if seen != self._seen:
            try:
                self._lines = values_in(_text(self._file)) if seen else {}
            except SettingsError:
                if not self._known:
                    raise
            self._seen, self._known = seen, True
        return self._lines


def values_in(text: str) -> dict[str, str]:
    """`NAME=value` lines, the last of two wins; comments and what is no such line are left out.

    A line that begins with a setting of ours and is no such line has an odd name, which stops the start: left out,
    it could leave the pages open.
    """
    found = {}
    for line in text.splitlines():
        if whole := _LINE.match(line):
            found[whole[1]] = _unquoted(whole[2])
        elif odd := _ODD.match(line):
            found[f"{odd[1]} (written without `=`)"] = ""
    return found


def with_values(text: str, values: Mapping[str, str]) -> str:
    """`text` with `values` set: where a line has the name already it is replaced, else lines are added at the end."""
    left = dict(values)
    lines = []
    for line in text.splitlines():
        found = _LINE.match(line)
        name = found[1] if found else ""
        lines.append(f"{name}={_quoted(left.pop(name))}" if name in left else line)
    return "\n".join([*lines, *(f"{name}={_quoted(value)}" for name, value in left.items())]) + "\n"


def without_values(text: str, names: frozenset[str]) -> str:
    """`text` without the lines that set one of `names`."""
    kept = [line for line in text.splitlines() if not ((found := _LINE.match(line)) and found[1] in names)]
    return "".join(f"{line}\n" for line in kept)


def _unquoted(value: str) -> str:
    if quoted := _QUOTES.fullmatch(value.strip()):
        return quoted[2]
    return re.split(r"\s#", value)[0].strip()


def _quoted(value: str) -> str:
    """Readable by a shell, too. No value of ours holds a quote or a line break."""
    return value if _PLAIN.match(value) else f"'{value}'"


def _state(file: Path) -> State | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as opened:
            text = opened.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({error.strerror}): let our account read it, or remove it"
        ) from None
    if len(text) > LARGEST:
        raise SettingsError(f"{file} is larger than {LARGEST // 10**6} MB: only lines `NAME=value` belong in it")
    return text
