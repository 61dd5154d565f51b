"""Chat services that answer 200 to what they refuse, and say so in the body, which Apprise does not read."""

from __future__ import annotations

import sys
from typing import Any

import requests
from apprise.plugins import N_MGR

KINDS = ("dingtalk", "feishu", "lark", "wecombot")
REFUSED, TOO_MANY = 403, 429
_CODES = ("errcode", "code", "StatusCode")
_LATER = frozenset({-1, 45009, 130101, 130102, 11232, 11233, 99991400})
"""Busy, or too many messages within a minute: at WeCom, at DingTalk, at Feishu and Lark."""


class _Reading:
    """`requests` for these kinds: an answer that says no has the status that says so, too."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def post(self, *given: Any, **named: Any) -> requests.Response:
        answer = requests.post(*given, **named)  # noqa: S113 - Apprise gives a timeout with each
        if answer.status_code == requests.codes.ok:
            answer.status_code = true_status(answer)
        return answer


def true_status(answer: requests.Response) -> int:
    """200, or what a service meant that answered 200 and names an error in its body."""
    try:
        body = answer.json()
    except ValueError:
        return REFUSED
    codes = [body[name] for name in _CODES if name in body] if isinstance(body, dict) else []
    if not codes:
        return REFUSED
    bad = [code for code in codes if code != 0]
    if not bad:
        return int(requests.codes.ok)
    return TOO_MANY if bad[0] in _LATER else REFUSED


def read_answers() -> None:
    """From now on Apprise takes the word of these services for what it means; doing it twice is no harm."""
    for kind in KINDS:
        module = sys.modules[N_MGR[kind].__module__]
        if not isinstance(module.requests, _Reading):
            module.requests = _Reading()  # type: ignore[attr-defined]
