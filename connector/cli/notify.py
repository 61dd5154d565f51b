"""`notify`: does a notice reach this receiver?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..errors import NoticeError
from ..rulebook.addresses import kind_of
from ..rulebook.report import listed, nearest
from .wiring import Wiring

TEXTS = {
    "en": ("Pointsman · test", "This is a test: notices to `{name}` arrive here."),
    "zh": ("Pointsman · 测试", "这是一条测试：发给 `{name}` 的通知会送到这里。"),
}


def add(commands: Any) -> None:
    notify = commands.add_parser("notify", help="send a test notice to a receiver of `_people.yaml`")
    notify.add_argument("name", help="a name under `notify:`")
    notify.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    book, host = wiring.rulebook(settings, settings.rules_dir)
    host.close()
    addresses = book.addresses.get(asked.name)
    if addresses is None:
        known = nearest(asked.name, book.addresses) or f": {listed(book.addresses, 'and') or 'there is no name'}"
        print(f"this is no name under `notify:` in _people.yaml{known}", file=sys.stderr)
        return 1
    if not addresses:
        print(f"{asked.name} has no address: `pointsman check` says which environment variable is not set")
        return 1
    title, text = TEXTS[settings.language]
    sender = wiring.sender()
    wrong = 0
    for address in addresses:
        try:
            sender.send(asked.name, address, title, text.format(name=asked.name))
        except NoticeError as error:
            wrong += 1
            print(f"{asked.name} by {kind_of(address)}: not sent, {_why(error)}")
        else:
            print(f"{asked.name} by {kind_of(address)}: sent")
    return 1 if wrong else 0


def _why(error: NoticeError) -> str:
    if error.addressless:
        return "its address cannot be read"
    if not error.status:
        return "there was no answer, or none that Apprise understood: is the host right, and reachable from here?"
    if error.permanent:
        return f"it was refused ({error.status}): is the address still valid there?"
    return f"it answered {error.status}: try again later"
