"""What the clocks of a ticket say about it in a few words, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ..frozen import FrozenDict
from .clock import Clock
from .durations import show_open_time

METRICS: Mapping[str, str] = FrozenDict(
    {
        "first_response": "首次响应",
        "next_response": "后续响应",
        "periodic_update": "定期更新",
        "resolution": "解决",
        "ownership": "团队持有",
        "agent_work": "客服处理",
        "requester_wait": "客户等待",
        "assignee_reply": "负责人回复",
    }
)
"""In Chinese; in English a metric is called as in the rules."""
STATES: Mapping[str, str] = FrozenDict(
    {
        "not_started": "未开始",
        "running": "计时中",
        "paused": "暂停",
        "inactive": "无目标",
        "met": "达成",
        "missed": "未达成",
        "cancelled": "已取消",
    }
)


def metric_name(metric: str, language: str = "en") -> str:
    """`first_response`, in Chinese `首次响应`."""
    return METRICS.get(metric, metric) if language.startswith("zh") else metric


def clock_line(clock: Clock, language: str = "en") -> str:
    """One metric in a few words: `resolution running: 3h / 8h`, in Chinese `解决计时中：3小时 / 8小时`."""
    chinese = language.startswith("zh")
    told = (
        f"{metric_name(clock.metric, language)}{STATES[clock.state]}" if chinese else f"{clock.metric} {clock.state}"
    )
    cycle = clock.last
    if cycle is None or cycle.goal is None:
        return told
    used, goal = (show_open_time(timedelta(seconds=s), language) for s in (cycle.elapsed, cycle.goal.seconds))
    return f"{told}{'：' if chinese else ': '}{used} / {goal}"


def clock_lines(clocks: Mapping[str, Clock], language: str = "en") -> str:
    """All clocks that have a goal, on one line."""
    between = "；" if language.startswith("zh") else "; "
    return between.join(clock_line(clock, language) for clock in clocks.values() if clock.goal)


def due_line(metric: str, shown: str, language: str = "en") -> str:
    """`resolution due 2026-03-02 18:00 Asia/Shanghai`."""
    name = metric_name(metric, language)
    return f"{name}截止 {shown}" if language.startswith("zh") else f"{name} due {shown}"
