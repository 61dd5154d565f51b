"""Our own side of a set-up: what settings, rule files and the file of secrets say already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...rulebook import Rulebook
from .files import entries_of
from .found import Here
from .remedies import Stop
from .wanted import Wanted, first


def newest(env: Mapping[str, str], wanted: Wanted) -> str:
    """The webhook secret in use, '' without one; of several the first."""
    return first(env.get(wanted.secret_env, ""))


def look_here(wanted: Wanted, rulebook: Rulebook, env: Mapping[str, str], process: Iterable[str]) -> Here:
    """What is there; raise `Stop` if the name stands for another tracker already.

    `rulebook` was read with the connection as it will be; `process` are the names that the environment itself sets.
    """
    known = tuple(part.strip() for part in env.get(wanted.secret_env, "").split(",") if part.strip())
    connection = rulebook.connections[wanted.name]
    if (connection.kind, connection.url) != (wanted.kind, wanted.url):
        raise Stop(
            f"`{wanted.name}` is connected to {connection.kind} at {connection.url} already: choose another --name"
        )
    entry = wanted.name in entries_of(wanted.trackers_file)
    # Without an entry it is one of the settings, which a running service reads at its start only.
    whole = bool(connection.secrets and connection.token and env.get(wanted.token_env) and known)
    return Here(
        rulebook,
        env,
        connected=entry or whole,
        fixed=frozenset(process),
        rule_file=rulebook.file_for(wanted.name, wanted.project),
        known=known,
    )
