"""What a tracker's refusal means for the person at the keyboard, and where to click."""

from __future__ import annotations

from ...errors import PointsmanError, TrackerError
from .wanted import Wanted

TOKENS = {
    "gitlab": "make one in the project under Settings > Access tokens, with the scope api",
    "jira": "Cloud: make one at your Atlassian account under Security > API tokens, and give its user's address with "
    "--user; Data Center: in your profile under Personal access tokens, without --user",
}
HOOK_RIGHTS = {
    "gitlab": "give our account the role Maintainer in the project, or have a maintainer do it",
    "jira": "give our account the global permission Administer Jira, or have an administrator do it",
}


class Stop(PointsmanError):
    """The set-up cannot go on; its text says why, and what to do."""


def remedy(error: TrackerError, wanted: Wanted) -> str:
    """A sentence for the person: what the tracker said, and the likely remedy. Never the token."""
    said = f" ({error.detail})" if error.detail else ""
    match error.status:
        case 0:
            return f"{wanted.url} does not answer{said}: check --url, the network, a proxy, the certificate"
        case 401:
            return f"{wanted.url} does not accept the token of {wanted.token_env}: {TOKENS[wanted.kind]}"
        case 403:
            right = HOOK_RIGHTS[wanted.kind] if "hook" in error.call else "give our account the right to do it"
            return f"{wanted.url} refused {error.call}{said}: {right}"
        case 404:
            return f"{error.call} was not found: does {wanted.url} lead to {wanted.kind}?"
        case 429:
            wait = f" in {error.retry_after:.0f} seconds" if error.retry_after else " in a minute"
            return f"{wanted.url} asks us to wait: run the same again{wait}"
        case status if 300 <= status < 400:
            return f"{wanted.url} redirects: give --url the address that it leads to"
        case status if status >= 500:
            return f"{wanted.url} failed with {status} at {error.call}: run the same again later"
        case _:
            return f"{wanted.url} refused {error.call}{said}"


def rejected(error: TrackerError, wanted: Wanted) -> str:
    """Why a test event did not arrive, as the tracker tells it."""
    said = error.detail
    if "has issues" in said or "at least one" in said:
        return f"{wanted.project} has no issue yet: make one there, and run the same again"
    if "401" in said:
        return "our door refused the event: the service runs with another secret. Restart it, and run the same again."
    if error.status == 429:
        return remedy(error, wanted)
    return (
        f"the tracker could not deliver to {wanted.hook_url} ({said or error.status}): is that address reachable "
        "from there? GitLab refuses addresses of its own network unless an administrator allows them under "
        "Admin > Settings > Network > Outbound requests."
        if wanted.kind == "gitlab"
        else f"the tracker refused to send an event ({said or error.status})"
    )
