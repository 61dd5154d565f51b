"""Says prepared texts when something happens: to the team, or to the customer where a rule says `public`.

    replies:
      - id: acknowledge
        on: created
        when: {channel: [mail, form]}
        audience: public
        say:
          zh: "您好 {requester.name}，已收到您的请求。"
          en: "Hello {requester.name}, we have your request."

`on` is one kind of event or a list of them: `created`, `updated`, `commented`, `comment_edited`,
`moved`, `timer` (a condition on `age` has come true), or `reopened`. Every rule that matches speaks.
The text is the one in the ticket's language (`zh` serves `zh-Hans` and `zh-Hant`), else `default`,
else `en`, else the first. `once` is `per_ticket` (the default), `per_cycle` (again after each
reopening) or `every` (for each such event).

`audience` is `internal` unless the rule says `public`. A public text never answers a machine, and no
text answers one of ours. A ticket that reconcile looks at again says nothing. Without a section it
has no opinion.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from connector import Audience, Event, Kind, Once, Role, Say, Ticket, choose, hookimpl, reason, render

Rule = Mapping[str, Any]


@hookimpl
def propose(event: Event, ticket: Ticket, rules: Any) -> Iterator[Say]:
    for rule in rules or ():
        if _fires(rule, event) and rule["when"](ticket):
            yield _say(rule, event, ticket)


def _fires(rule: Rule, event: Event) -> bool:
    on = rule["on"]
    wanted = (on,) if isinstance(on, str) else on
    happened = event.kind in wanted or ("reopened" in wanted and _reopens(event))
    return happened and _may_answer(_audience(rule), event)


def _reopens(event: Event) -> bool:
    return any(c.slot == "status" and c.was == "done" and c.value not in (None, "done") for c in event.changes)


def _may_answer(audience: Audience, event: Event) -> bool:
    """Machines get no public text. We answer nothing of ours, except an issue that we opened for somebody.

    When time has passed nobody is answered: the rule asks for the text itself.
    """
    if event.by is Role.US:
        return event.kind is Kind.CREATED
    return audience is Audience.INTERNAL or event.by is not Role.SYSTEM or event.kind is Kind.TIMER


def _say(rule: Rule, event: Event, ticket: Ticket) -> Say:
    _, template = choose(rule["say"], ticket.facts.get("language") or ticket.language)
    text = render(template, ticket, {"hits": rule["when"].hits(ticket)}).strip()
    name, once = rule["id"], Once(rule.get("once") or Once.PER_TICKET)
    because = reason(rule, ticket, f"rule {name}")
    key = _key(name, once, event, ticket)
    return Say(key, text, _audience(rule), once, because=because, rule=name, rules=(name,))


def _audience(rule: Rule) -> Audience:
    return Audience(rule.get("audience") or Audience.INTERNAL)


def _key(name: str, once: Once, event: Event, ticket: Ticket) -> str:
    """The same key for the same occasion, however often it is told: a text is said once per key."""
    match once:
        case Once.PER_TICKET:
            return name
        case Once.PER_CYCLE:
            return f"{name}/{ticket.reopen_count}"
        case Once.EVERY:
            return f"{name}/{_occasion(event)}"


def _occasion(event: Event) -> str:
    if event.comment and event.comment.id:
        return f"comment-{event.comment.id}"
    if event.kind is Kind.CREATED:
        return "created"
    mark = event.at.isoformat() if event.at else event.delivery
    return sha256(f"{event.kind.value} {mark}".encode()).hexdigest()[:12]
