"""`setup`: connects a tracker step by step, proves that its events arrive, and takes back what it made."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.setup.act import Actor, adopt
from ..engine.setup.found import look
from ..engine.setup.here import look_here, newest
from ..engine.setup.plan import plan, proof_of
from ..engine.setup.record import Record
from ..engine.setup.remedies import Stop
from ..engine.setup.steps import ByHand, MakeHook, MendHook, Prove, Step, WriteEnv, requests, what, why
from ..engine.setup.undo import take_back, to_take_back
from ..engine.setup.wanted import Wanted, secret_for
from ..env_file import ENV_FILE, Environment
from .actor import actor
from .setup_asks import Terminal, wanted_of
from .setup_proof import await_secret, prove
from .wiring import Wiring


def add(commands: Any) -> None:
    setup = commands.add_parser("setup", help="connect a tracker: rights, labels, webhook, secret, and the proof")
    setup.add_argument("kind", nargs="?", choices=("gitlab", "jira"), help="the kind of tracker")
    setup.add_argument("--url", help="its address")
    setup.add_argument("--project", help="the project: group/project on GitLab, the key on Jira")
    setup.add_argument("--name", help="the name of the connection (default: its kind)")
    setup.add_argument("--user", help="Jira Cloud: the address of the account that the token belongs to")
    setup.add_argument("--public-url", help="the address by which the tracker reaches us (POINTSMAN_PUBLIC_URL)")
    setup.add_argument("--issue", metavar="KEY", help="Jira: an issue to touch for the proof; nobody sees it")
    setup.add_argument("--env-file", type=Path, default=ENV_FILE, metavar="FILE", help="where secrets go (.env)")
    setup.add_argument("--rotate", action="store_true", help="give the webhook a fresh secret")
    setup.add_argument("--wait", type=int, default=60, metavar="SECONDS", help="how long to wait for the event (60)")
    setup.add_argument("--yes", action="store_true", help="do it without asking")
    setup.add_argument("--dry-run", action="store_true", help="show the steps and requests, change nothing")
    setup.add_argument("--undo", action="store_true", help="take back what it made")
    setup.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    try:
        terminal = Terminal(interactive=sys.stdin.isatty() and not asked.yes, say=_say)
        env = Environment(os.environ, asked.env_file)
        wanted = wanted_of(asked, wiring.settings(), env, terminal)
        return _undo(asked, wiring, wanted, terminal) if asked.undo else _setup(asked, wiring, wanted, env, terminal)
    except Stop as stop:
        print(f"✗ {stop}", file=sys.stderr)
        return 1


def _setup(asked: argparse.Namespace, wiring: Wiring, wanted: Wanted, env: Environment, terminal: Terminal) -> int:
    settings = wiring.settings()
    admin = wiring.admin(wanted.connection())
    there = look(admin, wanted)
    rulebook = wiring.rules_with(settings, wanted.connection())
    here = look_here(wanted, rulebook, env, (name for name, value in os.environ.items() if value))
    record = Record.load(settings.data_dir, wanted.name)
    fresh = secret_for(wanted.kind, there.server.major, secrets.token_bytes(32))
    steps = plan(wanted, there, here, admin, fresh)
    _say(f"{wanted.name}: {there.server.kind} {there.server.version} at {wanted.url}, project {there.project.key}")
    _say(f"as {there.account.actor.account or there.account.actor.name}")
    for right in there.lacking:
        _say(f"! it may not {right.operation.value}: give it {right.grant} before you write `mode: live`")
    if here.rule_file and here.rule_file.mode == "live":
        _say(f"! {here.rule_file.path} is live: what is decided about the event is written at the tracker")
    _show(steps)
    if asked.dry_run:
        _say("nothing was changed")
        return 0
    if not terminal.agreed("do this?"):
        _say("nothing was changed")
        return 1
    adopt(record, there)
    hands = Actor(wanted, there.project.key, admin, record)
    hands.start()
    hook = there.hook.id if there.hook else ""
    done: list[str] = []
    try:
        for step in steps:
            if isinstance(step, Prove | ByHand):
                continue
            if isinstance(step, MakeHook | MendHook):
                await_secret(wiring.settings(), wanted, admin, newest(env, wanted))
            hook = hands.do(step) or hook
            _say(f"✓ {what(step)}")
            done.append(what(step))
            if isinstance(step, WriteEnv) and asked.env_file != ENV_FILE:
                os.environ.update(step.values)
    finally:
        _note(wiring, "setup", {"tracker": wanted.name, "project": wanted.project, "steps": done})
    by_hand = next((step for step in steps if isinstance(step, ByHand)), None)
    if by_hand:
        _say("✗ " + "\n  ".join((what(by_hand), *by_hand.lines)))
    proven = prove(wiring, wanted, admin, proof_of(there, admin, hook), newest(env, wanted), asked.wait, _say)
    if proven and wanted.rotate and here.known:
        _say(
            f"the old secret is valid still, for what is on its way: later, leave in {wanted.secret_env} "
            f"of {wanted.env_file} only the first one"
        )
    _say(_next(wanted) if proven else "run the same again: what is done is not done twice; --undo takes it back")
    return 0 if proven else 1


def _undo(asked: argparse.Namespace, wiring: Wiring, wanted: Wanted, terminal: Terminal) -> int:
    settings = wiring.settings()
    record = Record.load(settings.data_dir, wanted.name)
    items = to_take_back(record, asked.project or "")
    if not any(item.kind != "project" for item in items):
        _say(f"a set-up of `{wanted.name}` made nothing that is still there")
        return 0
    for item in items:
        if item.kind != "project":
            _say(f"  take back: {item.kind} {item.name}")
    if asked.dry_run or not terminal.agreed("take this back?"):
        _say("nothing was changed")
        return 0 if asked.dry_run else 1
    admin = wiring.admin(wanted.connection())
    done: list[str] = []
    try:
        for back in take_back(record, wanted, admin, asked.project or ""):
            name = f"{back.item.kind} {back.item.name}"
            if back.item.kind != "project":
                _say(f"! {name} stays: {back.kept}" if back.kept else f"✓ {name} is gone")
                done += [] if back.kept else [name]
    finally:
        # Also of one that stops midway: what is gone is gone.
        _note(wiring, "setup undone", {"tracker": wanted.name, "items": done})
    return 0


def _note(wiring: Wiring, what: str, detail: Mapping[str, Any]) -> None:
    store = wiring.store(wiring.settings())
    try:
        store.audit.add(actor(), what, detail)
    finally:
        store.close()


def _show(steps: tuple[Step, ...]) -> None:
    for number, step in enumerate(steps, 1):
        _say(f"{number}. {what(step)} ({why(step)})")
        for line in requests(step):
            _say(f"     {line}")


def _next(wanted: Wanted) -> str:
    if wanted.env_file == ENV_FILE:
        return "next: `pointsman serve` if it does not run yet; then look at the decision, and change the rules"
    return f"next: set -a; . {wanted.env_file}; set +a; pointsman serve"


def _say(text: str) -> None:
    print(text, flush=True)
