"""What the doctor says, in English and Chinese: the sentences of `sentences.toml` with their values filled in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...core.spelling import nearest

FILE = Path(__file__).with_name("sentences.toml")


@dataclass(frozen=True, slots=True)
class Said:
    """The same in English and in Chinese; as a string it is the English."""

    en: str = ""
    zh: str = ""

    def __str__(self) -> str:
        return self.en


@cache
def sentences() -> Mapping[str, Any]:
    """The file, read once: `found`, `say` and `phrase`."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def say(part: str, **values: object) -> Said:
    """The part of a sentence with `values`; one that is `Said` is told in the language of the whole."""
    both = sentences()["say"][part]
    return _filled(both["en"], both["zh"], values)


def advice(form: str, **values: object) -> tuple[Said, Said]:
    """The text and the remedy of a form of a finding."""
    both = sentences()["found"][form]
    text, remedy = (_filled(en, zh, values) for en, zh in zip(both["en"], both["zh"], strict=True))
    return text, remedy


def phrase(english: str) -> Said:
    """What another part of the program said in English; what is not known stays as it is."""
    return Said(english, sentences()["phrase"].get(english, english))


def either(value: object) -> Said:
    """`value` itself if it is told in both languages, else the same for both."""
    return value if isinstance(value, Said) else Said(str(value), str(value))


def listed(items: Iterable[object], between: str = "comma") -> Said:
    """The items one after the other, as each language separates them."""
    each, sign = [either(item) for item in items], say(between)
    return Said(sign.en.join(one.en for one in each), sign.zh.join(one.zh for one in each))


def near(word: str, words: Iterable[str]) -> Said:
    """The question whether the nearest of `words` was meant; nothing if none is near."""
    close = nearest(word, words)
    return say("near", near=close) if close else Said()


def events(number: int) -> Said:
    """`1 event`, `2 events`."""
    return say("event" if number == 1 else "events", n=number)


def _filled(en: str, zh: str, values: Mapping[str, object]) -> Said:
    both = {name: either(value) for name, value in values.items()}
    return Said(
        en.format_map({name: value.en for name, value in both.items()}),
        zh.format_map({name: value.zh for name, value in both.items()}),
    )
