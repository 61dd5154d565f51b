"""What stands in the way of one ticket, in words of ours: each with what it needs to be mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..core.causes import by_status, cause_of
from ..core.rights import right_for
from ..rulebook import RuleFile
from ..store import StoredPlan, TicketRow, Troubled
from .doctor import Finding
from .doctor.troubles import troubles_of
from .notices import lanes_noticed
from .presence import processes
from .services import Services, lane_of

CODES = (
    *("doctor", "gone", "held", "not_connected", "parked", "plugin", "plugin_load", "refused", "retrying"),
    *("rules", "rules_none", "unclaimed", "unknown_word", "unreachable"),
)
"""Every kind of trouble."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that stands in the way. `code` is one of `CODES`, `cause` a word of `core.causes` where there is one.

    `slot`, `right` and `status` tell of a write that the tracker refused; `name` is the plugin, file or connection;
    `detail` the tracker's, the plugin's or the rule file's own words; `event` the number of the first of `count`
    parked events; `finding` what the doctor found, whose words `detail` has in English.
    """

    code: str
    cause: str = ""
    slot: str = ""
    right: str = ""
    status: int = 0
    name: str = ""
    detail: str = ""
    event: int = 0
    count: int = 1
    finding: Finding | None = None


def troubles(services: Services, row: TicketRow, stored: Sequence[StoredPlan]) -> Iterator[Trouble]:
    """All that is known to stand in the way of the ticket, what somebody can mend first."""
    tracker = services.trackers.get(row.tracker)
    if row.gone:
        yield Trouble("gone")
    if tracker is None:
        yield Trouble("not_connected", name=row.tracker)
    elif why := services.store.meta.get(f"unreachable/{row.tracker}"):
        yield Trouble("unreachable", name=row.tracker, detail=why)
    yield from _refused(tracker.kind if tracker else "", row.tracker, stored)
    for finding in troubles_of(services, row):
        yield Trouble("doctor", name=row.tracker, detail=f"{finding.text}; {finding.remedy}", finding=finding)
    yield from _given_up(services, row)
    yield from _rules(services, row)
    lane = lane_of(row.tracker, row.id)
    if lanes_noticed(services, "held", [lane]):
        yield Trouble("held")


def _refused(kind: str, tracker: str, stored: Sequence[StoredPlan]) -> Iterator[Trouble]:
    """Writes that the tracker refused, unless a later plan wrote the same slot, or had no need to."""
    seen: set[str] = set()
    for plan in stored:
        for effect in plan.effects:
            if effect.state != "refused" or effect.slot in seen:
                continue
            status = int((effect.response or {}).get("status") or 0)
            if not status:
                yield Trouble("unknown_word", slot=effect.slot, name=tracker, detail=effect.why)
                continue
            cause = by_status(status)
            right = right_for(kind, effect.op)
            yield Trouble("refused", cause, effect.slot, right, status, tracker, effect.why)
        seen |= {effect.slot for effect in plan.effects}
        seen |= {d["slot"] for d in (plan.row.decisions or {}).get("decisions") or () if d["verdict"] == "already so"}


def _given_up(services: Services, row: TicketRow) -> Iterator[Trouble]:
    lane = lane_of(row.tracker, row.id)
    alike: dict[tuple[str, str], list[Troubled]] = {}
    for event in services.store.inbox.troubled(lane):
        code = "retrying" if event.parked_at is None else "parked"
        alike.setdefault((code, cause_of(lane, event.error).word), []).append(event)
    for (code, cause), events in alike.items():
        number = events[0].id if code == "parked" else 0
        yield Trouble(code, cause, name=row.tracker, detail=events[0].error, event=number, count=len(events))


def _rules(services: Services, row: TicketRow) -> Iterator[Trouble]:
    rules = services.rules
    file = rules.current.file_for(row.tracker, row.project)
    if file is None and rules.broken:
        yield Trouble("rules_none", detail=str(rules.problems[0]) if rules.problems else "")
        return
    if file is None:
        yield Trouble("unclaimed", name=row.project or row.tracker)
        return
    concerning = [problem for problem in rules.problems if _concerns(problem.file, file)]
    if concerning:
        yield Trouble("rules", name=concerning[0].file, detail=str(concerning[0]))
    yield from _plugins(services, file)


def _concerns(path: str, file: RuleFile) -> bool:
    """The ticket's own rule file, or one of those with `_` that all share."""
    return path == file.path or path.rpartition("/")[2].startswith("_")


def _plugins(services: Services, file: RuleFile) -> Iterator[Trouble]:
    # Tickets may be worked in another process than the one that shows them.
    elsewhere = {
        name: condition.last_error
        for process in processes(services)
        for name, condition in process.plugins.items()
        if condition.quarantined
    }
    quarantined = {**elsewhere, **services.host.quarantined()}
    for name in file.plugins:
        if name in quarantined:
            yield Trouble("plugin", name=name, detail=quarantined[name])
        elif problem := services.host.problem(name):
            yield Trouble("plugin_load", name=name, detail=problem)
