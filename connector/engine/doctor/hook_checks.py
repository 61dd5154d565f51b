"""The webhooks: one for each project, leading here, turned on, with all events, and answered well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...errors import TrackerError
from ...trackers.facts import Delivery, Hook
from ...trackers.reach import addresses, is_public
from ..addresses import shown_address
from .findings import Finding, fine
from .host_checks import is_private
from .sentences import Said, listed, say
from .visit import Visit

_LOSES = frozenset({"issues_events", "confidential_issues_events", "note_events", "confidential_note_events"})
_ANSWERS = frozenset({401, 403, 404, 413, 503, 0})
"""What is said about a trigger that is missing, and about an answer of ours, has a sentence for each of these."""


def hook_checks(visit: Visit) -> Iterator[Finding]:
    """Each project's webhook; what only an administrator may see is said to be unseen."""
    yield from _secrets(visit)
    yield from _reachable(visit)
    seen = False
    for project in visit.projects:
        try:
            hooks = visit.ask(visit.admin.hooks, project.key)
        except TrackerError as error:
            if error.status not in (401, 403, 404):
                raise
            yield _unseen(visit, project.key)
            continue
        seen = True
        yield from _hooks(visit, project.key, hooks)
    if seen:
        yield from _last(visit)


def hook_address(visit: Visit) -> str:
    """Where webhooks of this connection should lead; '' while `PUBLIC_URL` is unset."""
    public = visit.patient.settings.public_url
    return f"{public}/hooks/{visit.name}" if public else ""


def _secrets(visit: Visit) -> Iterator[Finding]:
    if not visit.connection.secrets and not visit.connection.client_secrets:
        default = visit.name in ("gitlab", "jira")
        setting = f"POINTSMAN_{visit.name.upper()}_WEBHOOK_SECRET" if default else say("secret_setting")
        yield visit.tell("secret_missing", name=visit.name, setting=setting)


def _reachable(visit: Visit) -> Iterator[Finding]:
    """A tracker on the Internet cannot reach an address of a private network; Jira Cloud takes only https."""
    settings = visit.patient.settings
    if not settings.public_url:
        return
    outside = any(is_public(each) for each in addresses(visit.connection.url))
    if outside and is_private(settings, visit.patient.reach(settings.public_url)):
        yield visit.tell("public_private", there=shown_address(visit.connection.url), url=settings.public_url)
    cloud = visit.connection.kind == "jira" and visit.ask(visit.admin.server).flavor == "cloud"
    if cloud and outside and settings.public_url.startswith("http:"):
        yield visit.tell("public_plain", url=settings.public_url)


def _unseen(visit: Visit, key: str) -> Finding:
    right = "Maintainer" if visit.gitlab else "Jira administrator"
    return visit.tell("hooks_unseen", key=key, right=right, project=key)


def _hooks(visit: Visit, key: str, hooks: tuple[Hook, ...]) -> Iterator[Finding]:
    wanted = hook_address(visit)
    ours = [hook for hook in hooks if _leads_here(hook.url, wanted, visit.name)]
    if not ours:
        yield _of_group(visit, key) or _missing(visit, key, hooks, wanted)
        return
    if len(ours) > 1:
        yield visit.tell("hook_double", key=key, n=len(ours), url=_bare(ours[0].url), project=key)
    healthy = True
    for hook in ours:
        for finding in _hook(visit, key, hook):
            healthy = False
            yield finding
    if healthy:
        yield fine("hook", visit.name, f"the webhook of {key} is on, with all events")


def _of_group(visit: Visit, key: str) -> Finding | None:
    """A hook of the group is not shown to us; that it works is seen by what comes, and by what reconcile finds."""
    store, project = visit.patient.store, visit.project(key)
    if not visit.gitlab or store is None or project is None or store.pulse.schema()[0] is None:
        return None
    lanes = f"{visit.name}:{project.id}/"
    came, missed = store.pulse.last_webhook(visit.name, lanes), store.pulse.last_missed(visit.name, lanes)
    if came is None or (missed is not None and missed > came):
        return None
    return visit.tell("hook_of_group", key=key, at=f"{came:%Y-%m-%d %H:%M}", project=key)


def _missing(visit: Visit, key: str, hooks: tuple[Hook, ...], wanted: str) -> Finding:
    here = wanted or say("this_service", name=visit.name)
    astray = [hook for hook in hooks if _astray(hook.url, wanted, visit.name)]
    if astray:
        return visit.tell("hook_path", key=key, there=_bare(astray[0].url), here=here, project=key)
    return visit.tell("hook_missing", key=key, here=here, do=say(f"hook_missing_{_kind(visit)}"), project=key)


def _kind(visit: Visit) -> str:
    return "gitlab" if visit.gitlab else "jira"


def _hook(visit: Visit, key: str, hook: Hook) -> Iterator[Finding]:
    menu = "Settings → Webhooks" if visit.gitlab else "System → WebHooks"
    if hook.enabled is False:
        yield _disabled(visit, key, hook, menu)
    if lacking := [event for event in visit.admin.events if event not in hook.events]:
        lost = listed(dict.fromkeys(_loses(event) for event in lacking), "semicolon")
        yield visit.tell("hook_events", key=key, events=listed(lacking), lost=lost, menu=menu, project=key)
    if hook.template:
        yield visit.tell("hook_template", key=key, menu=menu, project=key)
    yield from _secret(visit, key, hook, menu)
    if hook.verifies_tls is False:
        yield visit.tell("hook_unverified", key=key, menu=menu, project=key)
    if _elsewhere(hook.scope, key):
        yield visit.tell("hook_scope", key=key, scope=hook.scope, menu=menu, project=key)
    yield from _deliveries(visit, key, hook)


def _loses(event: str) -> Said:
    return say(f"loses_{event}" if event in _LOSES else "loses")


def _secret(visit: Visit, key: str, hook: Hook, menu: str) -> Iterator[Finding]:
    """A secret that signs, is sent along, or ends the address; of these only the last can be compared with ours."""
    in_path = urlsplit(hook.url).path.partition(f"/hooks/{visit.name}/")[2].strip("/")
    if in_path:
        if in_path not in visit.connection.secrets:
            yield visit.tell("hook_secret", key=key, menu=menu, project=key)
    elif hook.secret is not True and hook.signed is not True and (hook.signed is False or hook.secret is False):
        yield visit.tell("hook_unsigned", key=key, menu=menu, project=key)


def _elsewhere(scope: str, key: str) -> bool:
    """Does a JQL that names projects leave this one out?"""
    named = re.search(r"\bproject\b", scope, re.IGNORECASE)
    return bool(named) and not re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", scope, re.IGNORECASE)


def _disabled(visit: Visit, key: str, hook: Hook, menu: str) -> Finding:
    until = say("until", at=f"{hook.disabled_until:%Y-%m-%d %H:%M}") if hook.disabled_until else ""
    do = say(f"hook_disabled_{_kind(visit)}", menu=menu)
    return visit.tell("hook_disabled", key=key, until=until, do=do, project=key)


def _deliveries(visit: Visit, key: str, hook: Hook) -> Iterator[Finding]:
    newest: tuple[Delivery, ...] = visit.ask(visit.admin.deliveries, key, hook.id)
    if not newest or 200 <= newest[0].status < 400:
        return
    failed = next((n for n, each in enumerate(newest) if 200 <= each.status < 400), len(newest))
    status = newest[0].status
    do = say(f"answered_{status}" if status in _ANSWERS else "answered")
    form = "" if status else "silent"
    yield visit.tell("hook_failing", form, key=key, n=failed, status=status, do=do, project=key)


def _last(visit: Visit) -> Iterator[Finding]:
    store = visit.patient.store
    if store is None or store.pulse.schema()[0] is None:
        return
    at = store.pulse.last_webhook(visit.name)
    if at is None:
        yield visit.tell("hook_silent", name=visit.name)
    else:
        yield fine("delivery", visit.name, f"the last webhook came at {at:%Y-%m-%d %H:%M} UTC")


def _leads_here(url: str, wanted: str, name: str) -> bool:
    """Does `url` lead to our address, with or without a secret behind it?  Without `PUBLIC_URL` the path decides."""
    if not wanted:
        return f"/hooks/{name}" in (urlsplit(url).path.rstrip("/"), _bare(urlsplit(url).path))
    there, here = urlsplit(url), urlsplit(wanted)
    same = (there.scheme, there.netloc.casefold()) == (here.scheme, here.netloc.casefold())
    return same and (there.path.rstrip("/") == here.path or there.path.startswith(f"{here.path}/"))


def _astray(url: str, wanted: str, name: str) -> bool:
    """Was `url` meant for us?  The same host with another path, or our path at another host."""
    there = urlsplit(url)
    ours = there.path.rstrip("/").endswith(f"/hooks/{name}") or f"/hooks/{name}/" in there.path
    return ours or (bool(wanted) and there.netloc.casefold() == urlsplit(wanted).netloc.casefold())


def _bare(url: str) -> str:
    """The address without a secret that its path may end in, and without a query."""
    head, hooks, tail = url.partition("?")[0].partition("/hooks/")
    return f"{head}{hooks}{tail.partition('/')[0]}"
