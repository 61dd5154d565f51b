"""Every page of the console by a name, with what is worst on it: long words, troubles, refusals."""

from __future__ import annotations

from .house import House
from .world import HOSTILE, LAB_SEEDS, URGENT

BROKEN = "Scanner of the second floor is broken"
PLAIN = {
    "desk": "/",
    "desk-new": "/?new=1",
    "desk-filtered": "/?team=payments&assignee=chen&mode=live",
    "desk-empty": "/?text=nothing-of-the-kind",
    "parked": "/parked",
    "report": "/reports/sla?by=team",
    "report-restated": "/reports/sla?by=priority&restated=true",
    "report-empty": "/reports/sla?project=nothing-of-the-kind",
    "rules": "/rules",
    "rule-file": "/rules/support",
    "plugins": "/plugins",
    "plugin": "/plugins/priority",
    "plugin-quarantined": "/plugins/forecast",
    "connections": "/connections",
    "settings": "/settings",
    "changes": "/changes",
    "missing": "/nowhere",
}
TICKETS = {
    "ticket": URGENT,
    "ticket-parked": BROKEN,
    "ticket-shadow": LAB_SEEDS[0].title,
    **{f"ticket-hostile-{number}": title for number, title in enumerate(HOSTILE, start=1)},
}
PAGES = (
    "desk",
    "ticket-parked",
    "parked",
    "discard",
    "report",
    "rules",
    "plugin-quarantined",
    "connections",
    "changes",
)
"""One of each kind."""
ALL = (*PLAIN, *TICKETS, "discard", "sign-in")


def path_of(house: House, name: str) -> str:
    """Where the page called `name` is; there is always something parked by then."""
    if BROKEN not in house.tickets:
        house.parked(BROKEN)
    if name == "discard":
        return f"/parked/{house.parked_id(BROKEN)}/discard"
    if name == "sign-in":
        return "/sign-in"
    return PLAIN[name] if name in PLAIN else ticket_of(house, TICKETS[name])


def ticket_of(house: House, title: str) -> str:
    """Where the ticket with this title is; a hostile one is typed when it is asked for first."""
    if title not in house.tickets:
        house.type(title, title, "otto@hobby.example")
        house.settle()
    return house.page_of(title)
