"""Apprise addresses: can this one be read, and does it lead to people and not into this machine?

What is said of a bad one never quotes it: most hold a secret.
"""

from __future__ import annotations

import re

from .. import log
from .report import nearest

LOCAL = frozenset({"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
"""Kinds that reach nothing but the machine on which this program runs."""
ENDED = {"msteams": "workflows"}
"""Kinds that a service has ended, and what it offers instead."""
PASTED = {
    "oapi.dingtalk.com": "dingtalk://TOKEN",
    "open.feishu.cn": "feishu://TOKEN",
    "open.larksuite.com": "lark://TOKEN",
}
"""Hosts of web addresses that a chat shows and Apprise does not know, and what it takes instead."""
SUCH_AS = "`mailto://…`, `slack://…`, `dingtalk://…`, `feishu://…`, `wecombot://…`, `workflows://…` or `json://…`"

_KIND = re.compile(r"\s*([A-Za-z0-9]{1,20})://")


def kind_of(address: str) -> str:
    """The first word of an address, such as `slack`: no secret; '' if there is none."""
    found = _KIND.match(address)
    return found[1].lower() if found else ""


def problem_of(address: str) -> str:
    """Why `address` cannot be used, and what to write; '' if it can be."""
    kind = kind_of(address)
    if not kind:
        return f"this is no Apprise address: write it like {SUCH_AS}"
    if kind in LOCAL:
        return f"`{kind}://` reaches nobody but the machine this runs on: take one like {SUCH_AS}"
    if kind in ENDED:
        return f"this service has ended what `{kind}://` used: make a workflow there, and write `{ENDED[kind]}://…`"
    return _unreadable(address, kind)


def _unreadable(address: str, kind: str) -> str:
    log.silence("apprise")
    # Not at the top: it takes a third of a second, and many rulebooks name no address.
    from apprise import Apprise
    from apprise.plugins import N_MGR

    if kind not in N_MGR and kind not in ("http", "https"):
        known = N_MGR.schemas()  # type: ignore[no-untyped-call]
        near = nearest(kind, known) or f": write it like {SUCH_AS}"
        return f"Apprise knows no such kind of address{near}"
    if kind in N_MGR and not N_MGR[kind].enabled:
        return f"`{kind}://` needs a library that is not installed here: take another kind of address"
    read = Apprise.instantiate(address)
    if read is None and kind in ("http", "https"):
        if like := next((like for host, like in PASTED.items() if f"//{host}/" in address), ""):
            return f"of this web address take the token alone, and write `{like}`"
        return (
            "Apprise does not know whose web address this is: for a webhook of your own write `json://` or `jsons://`"
        )
    if read is None:
        like = str(N_MGR[kind].templates[0]).replace("{schema}", kind)
        return f"Apprise cannot read what follows `{kind}://`: write `{like}`; {N_MGR[kind].setup_url} says more"
    return ""
