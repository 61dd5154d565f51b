"""The tracker itself, and our account there: reachable, the right kind, the clock, the token, whom it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from ...errors import TrackerError
from ...trackers.facts import Server
from ...trackers.reach import addresses, is_public
from ..addresses import shown_address
from .findings import Finding, fine
from .sentences import Said, either, say
from .visit import Visit

SOON = timedelta(days=14)
SKEW, FAR_OFF = timedelta(minutes=1), timedelta(minutes=5)
LOW = 0.1
"""The part of the tracker's allowance below which we soon have to wait."""
_READING, _WRITING = frozenset({"api", "read_api"}), frozenset({"api"})
_TLS = ("SSLError", "CERTIFICATE_VERIFY_FAILED")


def reach_check(visit: Visit) -> Iterator[Finding]:
    """Does the tracker answer, at this address and with this token?  A problem here makes all other checks vain."""
    connection, name = visit.connection, visit.name
    if not connection.token:
        yield visit.tell("token_missing", name=name, setting=_token_setting(visit))
        return
    try:
        server = visit.ask(visit.admin.server)
        visit.ask(visit.admin.account)
    except TrackerError as error:
        yield _unreached(visit, error)
        return
    yield fine("reachable", name, f"{_product(server)} at {shown_address(connection.url)} answers")
    if connection.url.startswith("http:") and _public_host(connection.url):
        yield visit.tell("url_plain", url=shown_address(connection.url))


def _unreached(visit: Visit, error: TrackerError) -> Finding:
    url, status = shown_address(visit.connection.url), error.status
    if any(sign in error.detail for sign in _TLS):
        return visit.tell("tracker_tls", url=url)
    if status == 0:
        return visit.tell("tracker_unreachable", url=url, why=error.detail or say("no_answer"))
    if status == 401:
        return visit.tell("token_refused", url=url, setting=_token_setting(visit))
    if status == 403:
        return visit.tell("token_refused", "blocked", url=url, do=error.detail or say("blocked_do"))
    if 300 <= status < 400:
        return visit.tell("url_redirected", url=url, status=status)
    if status in (200, 404):
        return visit.tell("tracker_not_there", url=url, kind=visit.connection.kind)
    return visit.tell("tracker_unreachable", "ill", url=url, status=status)


def account_checks(visit: Visit) -> Iterator[Finding]:
    """The token's scopes and expiry, and whether the account is one of its own."""
    account, token = visit.ask(visit.admin.account), visit.ask(visit.admin.token)
    who = account.actor.account or account.actor.name
    yield fine("account", visit.name, f"we are {who}")
    needed = _WRITING if visit.live else _READING
    if token.scopes is not None and not token.scopes & needed:
        scope, has = "api" if visit.live else "read_api", ", ".join(sorted(token.scopes)) or say("none")
        fails = say("no_writing" if "read_api" in token.scopes else "no_reading")
        yield visit.tell("scope_missing", scope=scope, has=has, fails=fails)
    if token.expires is not None:
        days = (token.expires - visit.patient.clock().date()).days
        setting = _token_setting(visit)
        if days < 0 or token.active is False:
            yield visit.tell("token_expired", day=token.expires, setting=setting)
        elif days <= SOON.days:
            yield visit.tell("token_expires", day=token.expires, days=days, setting=setting)
        else:
            yield fine("token", visit.name, f"the token is valid until {token.expires}")
    if account.admin:
        yield visit.tell("account_admin", who=who)
    if person := visit.patient.book.words[visit.name].person_of(account.actor.account, account.actor.email):
        yield visit.tell("account_shared", who=who, person=person)


def server_checks(visit: Visit) -> Iterator[Finding]:
    """The tracker's kind, its clock against ours, and how much of its allowance is left."""
    server = visit.ask(visit.admin.server)
    said = visit.connection.flavor
    if said and server.flavor and said != server.flavor:
        what = {"cloud": "Jira Cloud", "dc": "Jira Data Center"}
        setting = "POINTSMAN_JIRA_FLAVOR" if visit.name == "jira" else say("flavor_setting")
        yield visit.tell(
            "flavor_wrong", said=what[said], told=what[server.flavor], flavor=server.flavor, setting=setting
        )
    yield from _clock(visit, server)
    room = visit.admin.headroom()
    if room.left is not None and room.limit and room.left < room.limit * LOW:
        yield visit.tell("limit_low", left=room.left, limit=room.limit)


def _clock(visit: Visit, server: Server) -> Iterator[Finding]:
    if server.at is None or server.heard is None:
        return
    apart = abs(server.at - server.heard)
    seconds = f"{apart.total_seconds():.0f}"
    if apart > FAR_OFF:
        yield visit.tell("clock_far_off", seconds=seconds)
    elif apart > SKEW:
        yield visit.tell("clock_skew", seconds=seconds)


def _product(server: Server) -> str:
    name = {"cloud": "Jira Cloud", "dc": "Jira Data Center"}.get(server.flavor, server.kind.title())
    return f"{'GitLab' if server.kind == 'gitlab' else name} {server.version}".rstrip()


def _token_setting(visit: Visit) -> Said:
    if visit.name in ("gitlab", "jira"):
        return either(f"POINTSMAN_{visit.name.upper()}_TOKEN")
    return say("setting", key="token", name=visit.name)


def _public_host(url: str) -> bool:
    return urlsplit(url).hostname != "localhost" and any(is_public(each) for each in addresses(url))
