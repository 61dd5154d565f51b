"""Tells which language a ticket is written in, so that rules can say `language: zh` and replies can be chosen.

    language:
      candidates: [zh, en, de]

Title and description are read, without code, logs, addresses and quoted lines. The script decides
where it can: Chinese, Japanese, Korean, Thai, Greek …; for Latin, Cyrillic, Arabic and Devanagari a
statistical model picks among the candidates written in that script. Chinese comes as `zh-Hans`,
`zh-Hant`, or `zh` where both would write it so. A text too short to tell takes the customer's
language, else the one the tracker names. Where it stays unclear nothing is set.

Without `candidates` the most common languages are considered. Naming the team's own makes short
texts safer.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as NotYet
from functools import cache
from math import exp, sqrt
from threading import Lock, Thread
from typing import Any

import opencc
from py3langid import rank

from connector import Fact, SetFact, Ticket, hookimpl, plain_words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CANDIDATES = tuple(sorted(_words("zh en ja ko de fr es pt it nl ru uk pl cs sv da tr vi id th ar he el hi")))
LONGEST = 8_000
ENOUGH = 2_000
"""Words beyond this many letters say nothing new."""

SCRIPTS: Mapping[str, str] = {
    "han": "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "kana": "\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d",
    "hangul": "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
    "latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0620-\u064a\u0671-\u06d3",
    "devanagari": "\u0904-\u0963",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "hebrew": "\u05d0-\u05ea",
    "thai": "\u0e01-\u0e4e",
    "georgian": "\u10a0-\u10ff",
    "armenian": "\u0531-\u0587",
    "khmer": "\u1780-\u17d3",
    "lao": "\u0e81-\u0ece",
    "tamil": "\u0b82-\u0bd7",
    "bengali": "\u0980-\u09e3",
}
ALONE = {
    **{"hangul": "ko", "kana": "ja", "greek": "el", "hebrew": "he", "thai": "th", "georgian": "ka"},
    **{"armenian": "hy", "khmer": "km", "lao": "lo", "tamil": "ta", "bengali": "bn"},
}
SHARED = {
    "cyrillic": _words("ru uk be bg sr mk kk ky mn tg"),
    "arabic": _words("ar fa ur ps ku ug"),
    "devanagari": _words("hi mr ne sa"),
}
OTHER_SCRIPTS = frozenset({"zh", *ALONE.values()}).union(*SHARED.values())
Ranking = Callable[[str], list[tuple[str, float]]]

LETTERS = re.compile("|".join(f"(?P<{name}>[{ranges}]+)" for name, ranges in SCRIPTS.items()))
WORD = re.compile(f"[{SCRIPTS['latin']}]+")
HAN = re.compile(f"[{SCRIPTS['han']}]+")

GRAMMAR = _words(
    "the a an and or but if to of in on at for from with by is are was be been it its this that i we you my our your"
    " he they not no do does did can cannot could when what how after before please there have has had will would as"
    " so der die das und ist nicht ich wir mit ein eine le la les est pas je nous un une et el los que una por para"
)
"""The small words of grammar: Chinese with foreign terms, and logs, have hardly any of them."""

CHARACTER_LETTERS = 4
"""A Chinese, Japanese or Korean character says about as much as four letters."""

ENOUGH_LETTERS = 16
"""Fewer letters of an alphabet than this are too short: single words and pairs are guesses."""

SURE, SURE_WHEN_SHORT = 0.6, 0.95
PATIENCE = 1.8
"""Seconds that a decision waits for the model, which is read once; beyond that it does without."""


@hookimpl
def facts() -> Iterator[Fact]:
    # Asked when rules are loaded, before the first ticket: by then the model should have been read.
    wait([_model.begin()], timeout=1)
    yield Fact("language")


@hookimpl
def propose(ticket: Ticket, rules: Any) -> Iterator[SetFact]:
    candidates = tuple(code.partition("-")[0].lower() for code in (rules or {}).get("candidates") or CANDIDATES)
    found = _language(plain_words(f"{ticket.title}\n{ticket.body}"[:LONGEST], ENOUGH), candidates, _known(ticket))
    if found:
        language, because = found
        yield SetFact("language", language, because=because, rule="language")


def _known(ticket: Ticket) -> str:
    """What is known from elsewhere, where the text says too little: the customer's language, the tracker's."""
    return str(ticket.facts.get("customer.language") or ticket.language or "")


def _language(text: str, candidates: Collection[str], known: str) -> tuple[str, str] | None:
    """The language of `text` and how it was told; None if that stays unclear."""
    counts: Counter[str] = Counter()
    for run in LETTERS.finditer(text):
        counts[run.lastgroup or ""] += len(run[0])
    script = _script(counts, text)
    if script == "han":
        return (_variant(text) if _is_chinese(counts["han"], candidates, known) else "ja"), "script"
    if script in ALONE:
        return ALONE[script], "script"
    if script in SHARED or script == "latin":
        told = _modelled(text, candidates, SHARED.get(script), counts[script], bool(known))
        return (told, "wording") if told else _fallback(known, counts[script])
    return _fallback(known, 0)


def _is_chinese(characters: int, candidates: Collection[str], known: str) -> bool:
    """Characters without any kana are Chinese, but for a few words of somebody known to write Japanese."""
    return "ja" not in candidates or ("zh" in candidates and not (known == "ja" and characters < 8))


def _fallback(known: str, letters: int) -> tuple[str, str] | None:
    return (known, "short text, language known") if known and letters < ENOUGH_LETTERS else None


def _script(counts: Mapping[str, int], text: str) -> str:
    """The script that carries the text; '' if there are hardly any letters."""
    weights = {name: count for name, count in counts.items() if name not in ("han", "kana", "hangul", "latin")}
    characters = counts["han"] + counts["kana"]
    japanese = counts["kana"] >= 2 and counts["kana"] * 7 >= characters
    weights["kana" if japanese else "han"] = characters * CHARACTER_LETTERS
    weights["hangul"] = counts["hangul"] * CHARACTER_LETTERS
    script, weight = max(weights.items(), key=lambda item: (item[1], item[0]))
    if weight < 2 * CHARACTER_LETTERS:
        return "latin" if counts["latin"] else ""
    if weight >= counts["latin"]:
        return script
    return "latin" if weight * 8 < counts["latin"] or _is_prose(text) else script


def _is_prose(text: str) -> bool:
    """Whether the Latin letters form sentences, and are not terms or what is left of a log."""
    words = [word.lower() for word in WORD.findall(text)]
    grammar = sum(word in GRAMMAR for word in words)
    return grammar >= 2 and grammar * 10 >= 3 * len(words)


def _variant(text: str) -> str:
    """`zh-Hans` or `zh-Hant` by the characters that the other would write differently; `zh` if none tells."""
    to_simplified, to_traditional = _converters()
    text = "".join(HAN.findall(text))
    traditional = sum(a != b for a, b in zip(text, to_simplified.convert(text), strict=False))
    simplified = sum(a != b for a, b in zip(text, to_traditional.convert(text), strict=False))
    if simplified > 3 * traditional:
        return "zh-Hans"
    if traditional > 3 * simplified:
        return "zh-Hant"
    return "zh"


@cache
def _converters() -> tuple[Any, Any]:
    return opencc.OpenCC("t2s"), opencc.OpenCC("s2t")


def _modelled(
    text: str, candidates: Collection[str], pool: frozenset[str] | None, letters: int, known: bool
) -> str | None:
    """The candidate that the model is sure of; `pool` are the languages of the script, None for Latin."""
    if letters < 4 or (known and letters < ENOUGH_LETTERS):
        return None
    shares = _model.shares(text)
    usual = [code for code in (*CANDIDATES, *candidates) if (code in pool if pool else code not in OTHER_SCRIPTS)]
    options = [code for code in usual if code in candidates] or list(pool or usual)
    best = max(options, key=lambda code: (shares.get(code, 0.0), code))
    total = sum(shares.get(code, 0.0) for code in set(options))
    elsewhere = max((shares.get(code, 0.0) for code in usual if code not in options), default=0.0)
    if not total or elsewhere > 20 * shares.get(best, 0.0):
        return None
    sure = SURE if letters >= ENOUGH_LETTERS else SURE_WHEN_SHORT
    return best if shares.get(best, 0.0) / total >= sure else None


class Model:
    """The statistical model, read in the background: a call never waits long for it.

    The library keeps what it has read for the whole process, so that a plugin loaded anew finds it there.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._read: Future[Ranking] | None = None

    def begin(self) -> Future[Ranking]:
        with self._lock:
            if self._read is None:
                self._read = Future()
                Thread(target=self._load, args=(self._read,), name="language-model", daemon=True).start()
            return self._read

    def shares(self, text: str) -> Mapping[str, float]:
        """How likely `text` is in each language; empty while the model is still being read."""
        try:
            scores = dict(self.begin().result(PATIENCE)(text))
        except NotYet:
            return {}
        best, spread = max(scores.values()), sqrt(len(text.encode()) or 1)
        odds = {code: exp((score - best) / spread) for code, score in scores.items()}
        total = sum(odds.values())
        return {code: share / total for code, share in odds.items()}

    @staticmethod
    def _load(read: Future[Ranking]) -> None:
        try:
            rank("the first question makes the library read its model")
            read.set_result(rank)
        except Exception as error:  # whoever waits must hear of it
            read.set_exception(error)


_model = Model()
