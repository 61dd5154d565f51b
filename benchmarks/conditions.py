"""Rules per second on one ticket, against Python's own `eval` of the same conditions, in the same run.

    python -m benchmarks.conditions

Rules are drawn with a fixed seed: words, numbers, labels, keywords, patterns, plugin facts, groups. The
ticket has 2 KB of mixed Chinese and English text. `eval` gets compiled code, names already read from
the ticket and text already folded; both give the same answers, or the measurement stops. `new ticket`
is the first look at a text never seen before, folding and all; `same ticket` the best of many looks.
"""

from __future__ import annotations

import gc
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from time import thread_time
from typing import Any

from connector.core.conditions import Condition, compile_when
from connector.core.fields import Field, FieldType, Schema
from connector.core.text import fold, nfkc
from connector.frozen import FrozenDict
from connector.model import Priority, Ticket

SIZES = (1, 50, 1_000)
TIERS = ("free", "silver", "gold", "platinum")
LABELS = ("security", "billing", "vip", "login", "mobile", "crash", "all-users")
KEYWORDS = (
    *("宕机", "无法登录", "支付失败", "超时", "退款", "发票", "验证码", "数据丢失", "闪退", "卡顿"),
    *("outage", "cannot log in", "data loss", "timeout", "refund", "invoice", "crash", "gateway", "slow", "urgent"),
)
FILLER = (
    *("用户反馈页面打不开", "订单已提交但没有扣款", "请尽快处理", "昨天开始出现", "重启后恢复正常"),
    *("please check the attached log", "it worked yesterday", "our whole team is waiting", "see the trace below"),
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition twice: as the rule file has it, and as a Python expression."""

    when: Mapping[str, Any]
    python: str


def measure(sizes: tuple[int, ...] = SIZES, tickets: int = 7, looks: int = 5) -> dict[str, dict[str, float]]:
    """For each number of rules: µs of processor time, ours and `eval`'s, and ratios (below 1: ours is faster)."""
    chance = random.Random(20260302)
    return {str(size): _measure([_rule(chance, at) for at in range(size)], chance, tickets, looks) for size in sizes}


def _measure(rules: list[Rule], chance: random.Random, tickets: int, looks: int) -> dict[str, float]:
    schema, searches = _schema(), _searches(rules)
    conditions = [compile_when(rule.when, schema) for rule in rules]
    codes = [compile(rule.python, "<rule>", "eval") for rule in rules]
    _ours(conditions, _ticket(chance))
    new: list[tuple[float, float]] = []
    again: list[tuple[float, float]] = []
    for _ in range(tickets):
        ticket = _ticket(chance)
        # The same look by both; `fold` keeps what it folded, so each folds a text of its own.
        ours, found = _timed(lambda ticket=ticket: _ours(conditions, ticket))
        other = _ticket(chance)
        theirs, _ = _timed(lambda other=other: _eval(codes, _names(other), searches))
        new.append((ours, theirs))
        names = _names(ticket)
        if found != _eval(codes, names, searches):
            raise AssertionError("a condition and its Python expression disagree")
        again.append(
            (
                min(_timed(lambda ticket=ticket: _ours(conditions, ticket))[0] for _ in range(looks)),
                min(_timed(lambda names=names: _eval(codes, names, searches))[0] for _ in range(looks)),
            )
        )
    return {
        "same_ticket_us": min(ours for ours, _ in again),
        "same_ticket_eval_us": min(theirs for _, theirs in again),
        "same_ticket_ratio": min(ours for ours, _ in again) / min(theirs for _, theirs in again),
        "new_ticket_us": median(ours for ours, _ in new),
        "new_ticket_eval_us": median(theirs for _, theirs in new),
        "new_ticket_ratio": median(ours for ours, _ in new) / median(theirs for _, theirs in new),
    }


def _ours(conditions: list[Condition], ticket: Ticket) -> list[bool]:
    return [condition(ticket) for condition in conditions]


def _eval(codes: list[Any], names: dict[str, Any], searches: dict[str, Any]) -> list[bool]:
    names = {**names, **searches, "__builtins__": {}}
    return [bool(eval(code, names)) for code in codes]


def _timed(work: Callable[[], list[bool]]) -> tuple[float, list[bool]]:
    gc.disable()
    start = thread_time()  # wall time would count whatever else the machine does
    found = work()
    spent = (thread_time() - start) * 1e6
    gc.enable()
    return spent, found


def _rule(chance: random.Random, at: int) -> Rule:
    kinds = (_tier, _severity, _labels, _keywords, _pattern, _seats, _group, _age)
    return kinds[chance.randrange(len(kinds))](chance, at)


def _tier(chance: random.Random, _: int) -> Rule:
    tiers = chance.sample(TIERS, 2)
    return Rule({"customer.tier": tiers, "type": "incident"}, f"tier in {tuple(tiers)} and type == 'incident'")


def _severity(chance: random.Random, _: int) -> Rule:
    most, tier = chance.randint(1, 4), chance.choice(TIERS)
    return Rule(
        {"severity": f"<= {most}", "not": {"customer.tier": tier}}, f"severity <= {most} and not tier == '{tier}'"
    )


def _labels(chance: random.Random, _: int) -> Rule:
    label, other = chance.sample(LABELS, 2)
    return Rule({"labels": {"has_any": [label, other]}}, f"'{label}' in labels or '{other}' in labels")


def _keywords(chance: random.Random, at: int) -> Rule:
    words = [*chance.sample(KEYWORDS, 3), f"故障{at}", f"incident-{at}"]
    python = " or ".join(f"{word!r} in text" for word in words)
    return Rule({"text": {"contains_any": words}}, python)


def _pattern(chance: random.Random, at: int) -> Rule:
    pattern = chance.choice(
        [rf"ORA-{at % 100:05d}", rf"\bE{at}\d+\b", rf"(timeout|超时) *{at % 50}\d*s", rf"v{at}\.\d+"]
    )
    return Rule({"text": {"matches": pattern}, "severity": ">= 1"}, f"search[{pattern!r}](plain) and severity >= 1")


def _seats(chance: random.Random, _: int) -> Rule:
    seats, component = chance.randint(1, 1_000), chance.choice(["api", "web", "billing"])
    return Rule(
        {"customer.seats": f">= {seats}", "component": component}, f"seats >= {seats} and component == '{component}'"
    )


def _group(chance: random.Random, _: int) -> Rule:
    seats, label = chance.randint(1, 1_000), chance.choice(LABELS)
    return Rule(
        {"any": [{"customer.seats": f">= {seats}"}, {"labels": {"has": label}}], "status": ["new", "open"]},
        f"(seats >= {seats} or '{label}' in labels) and status in ('new', 'open')",
    )


def _age(chance: random.Random, _: int) -> Rule:
    days = chance.randint(1, 9)
    return Rule(
        {"age": f">= {days}d", "priority": ["high", "urgent"]},
        f"age >= days[{days}] and priority in ('high', 'urgent')",
    )


def _ticket(chance: random.Random) -> Ticket:
    words: list[str] = []
    while len(" ".join(words).encode()) < 2_000:
        words.append(chance.choice(FILLER if chance.random() < 0.9 else KEYWORDS) + str(chance.randint(0, 99)))
    return Ticket(
        title="支付失败 payment fails",
        body=" ".join(words),
        type="incident",
        status="open",
        priority=Priority.HIGH,
        severity=chance.randint(1, 4),
        labels=frozenset(chance.sample(LABELS, 2)),
        created=NOW - timedelta(days=chance.randint(0, 9)),
        as_of=NOW,
        fields=FrozenDict({"component": "billing"}),
        facts=FrozenDict({"customer.tier": chance.choice(TIERS), "customer.seats": chance.randint(1, 1_000)}),
    )


def _names(ticket: Ticket) -> dict[str, Any]:
    return {
        "tier": ticket.facts["customer.tier"],
        "seats": ticket.facts["customer.seats"],
        "component": ticket.fields["component"],
        "type": ticket.type,
        "status": ticket.status,
        "priority": ticket.priority.word,
        "severity": ticket.severity,
        "labels": ticket.labels,
        "age": ticket.age,
        "text": fold(ticket.text),
        "plain": nfkc(ticket.text),
        "days": {count: timedelta(days=count) for count in range(10)},
    }


def _searches(rules: list[Rule]) -> dict[str, Any]:
    patterns = [rule.when["text"]["matches"] for rule in rules if "matches" in rule.when.get("text", {})]
    return {"search": {pattern: re.compile(pattern, re.IGNORECASE).search for pattern in patterns}}


def _schema() -> Schema:
    return Schema().with_(
        {"component": Field(FieldType.WORD), "customer.tier": Field(FieldType.WORD, frozenset(TIERS))}
    )


def main() -> None:
    print(f"{'rules':>6} {'same ticket':>12} {'eval':>10} {'ratio':>6} {'new ticket':>12} {'eval':>10} {'ratio':>6}")
    for size, figures in measure().items():
        same = f"{figures['same_ticket_us']:>9.0f} us {figures['same_ticket_eval_us']:>7.0f} us"
        new = f"{figures['new_ticket_us']:>9.0f} us {figures['new_ticket_eval_us']:>7.0f} us"
        print(f"{size:>6} {same} {figures['same_ticket_ratio']:>6.2f} {new} {figures['new_ticket_ratio']:>6.2f}")


if __name__ == "__main__":
    main()
