"""Tells the other plugins what is known of the customer who asks: `customer.tier`, `customer.seats`, ….

The customers stand in the shared file `_customers.yaml` (or `_customers.csv`); a rule file only
lists the plugin:

    plugins: [customers]

A line is found by `match`, the most exact one first: a mail address, `*@domain`, `*.domain` (any
domain below it, the longest first), `jira-org:NAME` (an organisation of the ticket). Of equal ones
the first in the file wins. Case does not matter. A line with `from` or `until` counts on these days
(UTC) and between. Somebody unknown sets nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime

from connector import Customer, Desk, Fact, FactType, SetFact, Ticket, hookimpl


@hookimpl
def facts() -> Iterator[Fact]:
    yield Fact("customer.tier")
    yield Fact("customer.name")
    yield Fact("customer.language")
    yield Fact("customer.seats", FactType.NUMBER)


@hookimpl
def propose(ticket: Ticket, desk: Desk, now: datetime) -> Iterator[SetFact]:
    customer = _who_asks(ticket, desk.customers, now.date())
    if customer is None:
        return
    for column, value in customer.known.items():
        if value is not None and value != "":
            because = f"{customer.match} in the customers' file"
            yield SetFact(f"customer.{column}", value, because=because, rule=customer.match)


def _who_asks(ticket: Ticket, customers: tuple[Customer, ...], today: date) -> Customer | None:
    """The line that describes the requester most exactly, of those that count today."""
    address = ticket.requester.email.strip().lower()
    organisations = {name.lower() for name in ticket.organisations}
    best, best_rank = None, (0, 0)
    for customer in customers:
        rank = _exactness(customer.match.strip().lower(), address, organisations)
        if rank > best_rank and _counts(customer, today):
            best, best_rank = customer, rank
    return best


def _exactness(match: str, address: str, organisations: set[str]) -> tuple[int, int]:
    """How exactly `match` describes an address or one of the organisations; (0, 0) for not at all."""
    domain = address.rpartition("@")[2] if "@" in address else ""
    if match in organisations:
        return 1, 0
    if not domain:
        return 0, 0
    if match == address:
        return 4, 0
    if match == f"*@{domain}":
        return 3, 0
    if match.startswith("*.") and domain.endswith(match[1:]):
        return 2, len(match)
    return 0, 0


def _counts(customer: Customer, today: date) -> bool:
    begun = customer.start is None or customer.start <= today
    ended = customer.until is not None and today > customer.until
    return begun and not ended
