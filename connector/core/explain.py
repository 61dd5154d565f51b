"""The plan in words: the reasoning note, and the JSON that `try`, the record and the API show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..changes import Change, DueBy, Notify, Say, SetFact, WakeAt
from ..model import Verdict
from ..plan import Decision, Plan, jsonable
from .mention import with_names

HEADING = {"en": "Pointsman · why", "zh": "Pointsman · 原因"}
_LINES = {
    "en": {
        "left": "left alone: {slot} ({who} changed it)",
        "somebody": "somebody",
        "refused": "not allowed here: {slot} ({why})",
        "nothing": "no rule wants anything changed",
        "failed": "plugin {plugin} failed: {why}",
    },
    "zh": {
        "left": "未改动：{slot}（{who} 已更改）",
        "somebody": "有人",
        "refused": "此处不允许：{slot}（{why}）",
        "nothing": "没有规则要求更改",
        "failed": "插件 {plugin} 出错：{why}",
    },
}
_SLOTS = {
    "en": {},
    "zh": {
        "priority": "优先级",
        "severity": "严重程度",
        "team": "团队",
        "assignee": "负责人",
        "status": "状态",
        "label": "标签",
        "field": "字段",
        "due": "截止",
        "link": "关联",
        "notify": "通知",
    },
}


def note_lines(plan: Plan, language: str = "en", names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The note: a heading and one line for each reason; `names` maps a person's id to the name shown."""
    return (HEADING.get(language, HEADING["en"]), *(f"- {line}" for line in reasons(plan, language, names)))


def reasons(plan: Plan, language: str = "en", names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """One line for each slot: what it is and why, what was left alone and whose it is, what may not be."""
    texts = _LINES.get(language, _LINES["en"])
    lines = [line for d in plan.decisions if (line := _line(d, plan, language, names or {}))]
    lines += [_left(slot, plan, language, names or {}) for slot in _taken(plan)]
    lines += [texts["failed"].format(plugin=f.plugin, why=_flat(f.text)) for f in plan.failures]
    return tuple(lines) or (texts["nothing"],)


def told_refused(lines: tuple[str, ...], change: Change, why: str, language: str = "en") -> tuple[str, ...]:
    """The `lines` of a note, saying of `change` that the tracker refused it."""
    texts = _LINES.get(language, _LINES["en"])
    return _instead(
        lines, change, texts["refused"].format(slot=_slot(change.slot, language), why=_flat(why)), language
    )


def told_left(lines: tuple[str, ...], change: Change, language: str = "en") -> tuple[str, ...]:
    """The `lines` of a note, saying of `change` that its slot was left to somebody who had been faster."""
    texts = _LINES.get(language, _LINES["en"])
    left = texts["left"].format(slot=_slot(change.slot, language), who=texts["somebody"])
    return _instead(lines, change, left, language)


def _instead(lines: tuple[str, ...], change: Change, told: str, language: str) -> tuple[str, ...]:
    claim = f"- {_slot(change.slot, language)} {_value(change)}: "
    return tuple(f"- {told}" if line.startswith(claim) else line for line in lines)


def _line(decision: Decision, plan: Plan, language: str, names: Mapping[str, str]) -> str | None:
    texts, change = _LINES.get(language, _LINES["en"]), decision.change
    slot = _slot(change.slot, language)
    if isinstance(change, SetFact | WakeAt | Say) and decision.verdict is not Verdict.REFUSED:
        return None
    match decision.verdict:
        case Verdict.ALREADY if change.slot in plan.pins and not change.by:
            return _left(change.slot, plan, language, names)
        case Verdict.APPLY | Verdict.ALREADY:
            return f"{slot} {_value(change)}: {_flat(change.because) or change.rule or decision.plugin}"
        case Verdict.PERSON:
            return _left(change.slot, plan, language, names, decision.reason)
        case Verdict.REFUSED:
            return texts["refused"].format(slot=slot, why=_flat(decision.reason))
        case Verdict.OVERRULED:
            return None


def _left(slot: str, plan: Plan, language: str, names: Mapping[str, str], who: str = "") -> str:
    """That `slot` is a person's, and whose."""
    texts, pin = _LINES.get(language, _LINES["en"]), plan.pins.get(slot)
    who = who or (pin.by if pin else "")
    return texts["left"].format(slot=_slot(slot, language), who=names.get(who, who) or texts["somebody"])


def _taken(plan: Plan) -> Iterator[str]:
    """The slots that people can take by command, hold, and that no rule has an opinion on."""
    told = {decision.change.slot for decision in plan.decisions}
    return (slot for slot in ("priority", "team", "assignee") if slot in plan.pins and slot not in told)


def _slot(slot: str, language: str) -> str:
    head, _, rest = slot.partition(":")
    shown = _SLOTS.get(language, {}).get(head, head)
    # The key of a notice tells a person nothing; whom it goes to is its value.
    return f"{shown} {rest}" if rest and head != "notify" else shown


def _value(change: Change) -> str:
    # The day is what the tracker shows; the reason tells the instant, in the hours of the desk.
    shown = jsonable(change.day if isinstance(change, DueBy) else change.shown)
    match shown:
        case None:
            return "–"
        case True:
            return "+"
        case False:
            return "−"
        case {"to": to}:
            return str(to)
        case _:
            return str(shown)


def _flat(text: str) -> str:
    return " ".join(text.split())


def plan_json(plan: Plan, applies: str, mode: str, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The plan as `try` prints it: applies, mode, decisions, facts, failures; `names` as for `note_lines`."""
    return {
        "applies": applies,
        "mode": mode,
        "decisions": [decision_json(d, names or {}) for d in plan.decisions],
        "facts": jsonable(plan.facts),
        "failures": [{"plugin": f.plugin, "error": f.error, "text": f.text} for f in plan.failures],
    }


def decision_json(decision: Decision, names: Mapping[str, str]) -> dict[str, Any]:
    change = decision.change
    row = {
        "plugin": decision.plugin,
        "rule": change.rule,
        "rules": list(change.rules or ((change.rule,) if change.rule else ())),
        "slot": change.slot,
        "change": type(change).__name__,
        "value": _told(change, names),
        "because": change.because,
        "verdict": decision.verdict.value,
    }
    if decision.reason:
        row["reason"] = decision.reason
    return row


def _told(change: Change, names: Mapping[str, str]) -> Any:
    """What `change` brings, people mentioned by name."""
    shown = jsonable(change.shown)
    return {**shown, "text": with_names(change.text, names)} if isinstance(change, Say | Notify) else shown


def applied_only_inside(plan: Plan) -> bool:
    """Whether all that the plan writes are texts of ours (answers to commands): no note for those."""
    return all(isinstance(change, Say) for change in plan.changes)
