"""Labels tickets from domains that somebody looks after, and lifts them to `high`.

caretaker:
  - {id: bank, domains: [bigbank.example], label: key-account}
  - {id: night, when: {text: {contains_any: [宕机, outage]}}, label: night-watch}
"""

# A template: copy it to `plugins/<name>.py` or into PLUGINS_DIR, list <name> under `plugins:` in a
# rule file, and give it a section of that name. `test_template.py` beside it is its test.

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connector import AddLabel, Change, Priority, SetPriority, Ticket, hookimpl

KEYS = {"id", "when", "domains", "label"}


@hookimpl
def check_rules(rules: Any) -> Iterator[str]:
    if not isinstance(rules, tuple) or not rules:
        yield "the section is a list of rules, each with an `id` and a `label`"
        return
    for number, rule in enumerate(rules, start=1):
        yield from _mistakes(number, rule)


@hookimpl
def propose(ticket: Ticket, rules: Iterable[Mapping[str, Any]]) -> Iterator[Change]:
    for rule in rules:
        if not _applies(rule, ticket):
            continue
        yield AddLabel(rule["label"], because=f"rule {rule['id']}", rule=rule["id"])
        if rule.get("domains") and ticket.priority < Priority.HIGH:
            yield SetPriority(Priority.HIGH, because=f"{ticket.requester.domain} is looked after", rule=rule["id"])


def _applies(rule: Mapping[str, Any], ticket: Ticket) -> bool:
    if "when" in rule and not rule["when"](ticket):
        return False
    return not rule.get("domains") or ticket.requester.domain in rule["domains"]


def _mistakes(number: int, rule: Any) -> Iterator[str]:
    if not isinstance(rule, Mapping):
        yield f"rule {number} is no mapping: write {{id: …, label: …}}"
        return
    for key in ("id", "label"):
        if not rule.get(key):
            yield f"rule {number} has no `{key}`"
    for key in sorted(set(rule) - KEYS):
        yield f"rule {number}: `{key}` is unknown; known are {', '.join(sorted(KEYS))}"
    if not rule.get("when") and not rule.get("domains"):
        yield f"rule {number} needs `when` or `domains`, or it would take every ticket"
