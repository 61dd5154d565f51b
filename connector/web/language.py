"""Texts of the pages in English and Chinese, and which of the two this browser gets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from werkzeug.datastructures import LanguageAccept

from ..core.durations import show_duration, show_open_time

LANGUAGES = ("en", "zh")
HTML_LANG = {"en": "en", "zh": "zh-Hans"}
FOLDER = Path(__file__).parent / "texts"


class Texts:
    """The texts of one language; a key is `section.name`, and an unknown one shows as itself."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.html_lang = HTML_LANG[language]
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        text = self._texts.get(key, key)
        return text.format_map(values) if values else text

    def word(self, section: str, word: str) -> str:
        """A word of ours in this language; words that a team made up stay as they are."""
        return self._texts.get(f"{section}.{word}", word)

    def words(self, section: str, words: Iterable[str]) -> str:
        """Several words of ours, one after the other."""
        return self("list.comma").join(self.word(section, word) for word in words)

    def section(self, name: str) -> Iterator[tuple[str, str]]:
        """Every word of the section `name` with its text, in the order of the file."""
        for key, text in self._texts.items():
            section, _, word = key.partition(".")
            if section == name:
                yield word, text

    def length(self, length: timedelta) -> str:
        """`length` to the second: `3h12m`, in Chinese `3小时12分钟`."""
        return show_duration(length, self.language, units=4)

    def open_time(self, length: timedelta) -> str:
        """Working time to the second: `26h12m`, in Chinese `26小时12分钟`."""
        return show_open_time(length, self.language, exact=True)

    def span(self, length: timedelta) -> str:
        """`length` in its largest whole unit: `just now`, `5 min`, `3 h`, `2 d`."""
        seconds = max(0, int(length.total_seconds()))
        if seconds < 60:
            return self("time.now")
        if seconds < 3600:
            return self("time.minutes", n=seconds // 60)
        if seconds < 48 * 3600:
            return self("time.hours", n=seconds // 3600)
        return self("time.days", n=seconds // 86400)


def load_texts(folder: Path = FOLDER) -> dict[str, Texts]:
    """Every language's texts, by its code."""
    return {language: Texts(language, _flat(folder / f"{language}.toml")) for language in LANGUAGES}


def choose(asked: str, kept: str, accept: LanguageAccept, default: str) -> str:
    """`?lang=` first, then the cookie, then what the browser prefers, then `default`."""
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return wish
    for tag, quality in accept:
        code = tag.lower().partition("-")[0]
        if quality and code in LANGUAGES:
            return code
    return default if default in LANGUAGES else LANGUAGES[0]


def instant(at: datetime) -> str:
    """`at` for reading, in UTC: `2026-11-21 19:42 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _flat(path: Path) -> dict[str, str]:
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{name}.{key}": text for name, section in sections.items() for key, text in section.items()}
