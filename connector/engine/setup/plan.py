"""Out of what is wanted and what is there: the steps that are missing, in order. Sends nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ...settings import PREFIX
from ...trackers.admin import Admin
from ...trackers.facts import Hook, Operation, WantedHook
from .files import entry_line, rules_path, rules_text
from .found import Here, There
from .remedies import HOOK_RIGHTS, Stop
from .steps import ByHand, MakeHook, MakeLabel, MendHook, Prove, Step, WriteConnection, WriteEnv, WriteRules
from .wanted import Wanted, labels_for, usable


def plan(wanted: Wanted, there: There, here: Here, admin: Admin, fresh: str) -> tuple[Step, ...]:
    """The steps. What is local comes first: a webhook must never have a secret that we could lose.

    `fresh` is a new secret, used where none is at hand or `wanted.rotate` says so.
    """
    renewed = wanted.rotate or not usable(here.secret, wanted.kind, there.server.major)
    return (
        *_files(wanted, there, here, fresh if renewed else ""),
        *_labels(wanted, there, here, admin),
        *_hook(wanted, there, admin, here, fresh if renewed else ""),
        _proof(there, admin),
    )


def proof_of(there: There, admin: Admin, hook: str) -> Prove:
    """How the event is to be sent, once the webhook's id is known."""
    key = there.project.key
    if there.issue and (call := admin.touch(there.issue)):
        return Prove(key, call, there.issue, admin.untouch(there.issue))
    asked = admin.try_hook(key, hook) if there.has_issues and hook else None
    return Prove(key, asked, there.issue)


def _files(wanted: Wanted, there: There, here: Here, fresh: str) -> Iterator[Step]:
    values = {}
    if here.env.get(wanted.token_env) != wanted.token:
        values[wanted.token_env] = wanted.token
    if fresh:
        # The one in use stays valid until the webhook has the new one.
        values[wanted.secret_env] = ",".join((fresh, *here.known))
    if here.env.get(f"{PREFIX}PUBLIC_URL", "").rstrip("/") != wanted.public_url:
        values[f"{PREFIX}PUBLIC_URL"] = wanted.public_url
    if fixed := sorted(here.fixed & values.keys()):
        names = ", ".join(fixed)
        raise Stop(
            f"{names} is set in the environment, which wins over {wanted.env_file}: unset it there, or change it."
        )
    if values:
        yield WriteEnv(wanted.env_file, values, bool(fresh))
    if not here.connected:
        yield WriteConnection(wanted.trackers_file, entry_line(wanted, there.server.flavor))
    if here.rule_file is None:
        key = there.project.key
        yield WriteRules(rules_path(wanted, key), rules_text(wanted, key))


def _labels(wanted: Wanted, there: There, here: Here, admin: Admin) -> Iterator[Step]:
    words = here.rulebook.words.get(wanted.name)
    if words is None or not there.may(Operation.LABELS):
        return
    for name, color in labels_for(words):
        if name.casefold() not in there.labels and (call := admin.make_label(there.project.key, name, color)):
            yield MakeLabel(name, call)


def _hook(wanted: Wanted, there: There, admin: Admin, here: Here, fresh: str) -> Iterator[Step]:
    secret = WantedHook(wanted.hook_url, fresh or here.secret)
    if not there.hooks_seen or (there.hook is None and not there.may(Operation.HOOKS)):
        yield ByHand(by_hand(wanted, admin))
    elif there.hook is None:
        yield MakeHook(wanted.hook_url, admin.make_hook(there.project.key, secret))
    elif because := _mending(there.hook, there, admin, here, fresh):
        renew = secret if fresh or "secret" in because else None
        yield MendHook(there.hook.id, because, admin.mend_hook(there.project.key, there.hook, renew))


def _mending(hook: Hook, there: There, admin: Admin, here: Here, fresh: str) -> str:
    """What is wrong with the webhook, '' for nothing."""
    in_path = hook.url.rpartition("/")[2]
    wrong = [
        ("a fresh secret", bool(fresh)),
        ("it has no secret of ours", hook.signed is False and not hook.secret and in_path not in here.known),
        ("events are missing", not set(admin.events) <= hook.events),
        ("it does not cover the project", admin.covers(hook, there.project.key) is False),
        ("it is turned off", hook.enabled is False and not hook.alert),
    ]
    return ", ".join(text for text, holds in wrong if holds)


def _proof(there: There, admin: Admin) -> Prove:
    # A webhook that is yet to be made has no number: it shows as `new`, and is put in when it is known.
    seen = there.hook.id if there.hook else "new" if there.hooks_seen and there.may(Operation.HOOKS) else ""
    return proof_of(there, admin, seen)


def by_hand(wanted: Wanted, admin: Admin) -> tuple[str, ...]:
    """What to type into the tracker's page for webhooks. The secret itself stays in its file."""
    where = (
        "Settings > Webhooks of the project > Add new webhook"
        if wanted.kind == "gitlab"
        else "Settings > System > WebHooks > Create a WebHook"
    )
    return (
        f"in {wanted.url}: {where}",
        f"URL     {wanted.hook_url}",
        f"secret  the value of {wanted.secret_env} in {wanted.env_file}; on a Data Center without a field for it, "
        "put a `/` and the value at the end of the URL",
        f"events  {', '.join(admin.events)}",
        f"or: {HOOK_RIGHTS[wanted.kind]}, and run the same again",
    )
