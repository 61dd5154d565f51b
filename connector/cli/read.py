"""`read`: what the reader makes of a webhook's body, without verifying it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..core.json_body import parse_json
from ..errors import PointsmanError, Rejected
from ..model import Event
from ..plan import jsonable
from .wiring import Wiring


def add(commands: Any) -> None:
    read = commands.add_parser("read", help="what the reader makes of a webhook's body; null for `not for us`")
    read.add_argument("tracker", help="a connection's name, or gitlab, jira, local")
    read.add_argument("file", type=Path, help="the body")
    read.add_argument("--header", action="append", default=[], metavar="'K: V'", help="a header of the request")
    read.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    tracker, words = wiring.tracker(wiring.settings(), asked.tracker)
    try:
        event = tracker.read(_headers(asked.header), parse_json(asked.file.read_bytes()), words)
    except Rejected as error:
        raise PointsmanError(f"{asked.file}: {error.reason}") from None
    print(json.dumps(event and shown(event), ensure_ascii=False, indent=1))
    return 0


def shown(event: Event) -> dict[str, Any]:
    """The event as this command prints it: null stands for whatever the body lacks or cannot say."""
    actor, comment = event.actor, event.comment
    return {
        "ticket": {"id": event.ticket, "key": event.key, "project": event.project},
        "kind": event.kind.value,
        "actor": {"account": actor.account, "name": actor.name, "role": actor.role and actor.role.value},
        "at": jsonable(event.at),
        "comment": comment
        and {
            "id": comment.id,
            "text": comment.text,
            "audience": comment.audience and comment.audience.value,
        },
    }


def _headers(given: list[str]) -> dict[str, str]:
    pairs = (text.partition(":") for text in given)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
