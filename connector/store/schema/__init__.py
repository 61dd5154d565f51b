"""Every table as the newest migration leaves it; a test holds the two against each other.

Customers' words (raw bodies, texts, frozen inputs) lie in `payload` and nowhere else; other tables refer to them by
id, and where they must be proven later by digest too.
"""

from .base import metadata
from .console import api_token, backfill, backfill_ticket, ticket_word
from .cycles import cycle
from .issues import issue, issue_change, issue_comment
from .loads import load_entry, load_share, load_sum, turn
from .memory import alias, comment, effect, fact, history, in_order, is_open, plan, rule_text, ticket, working_order
from .queue import audit, counter, fences, in_state, inbox, lane, meta, payload, periodic, seen, timer

__all__ = [
    "alias",
    "api_token",
    "audit",
    "backfill",
    "backfill_ticket",
    "comment",
    "counter",
    "cycle",
    "effect",
    "fact",
    "fences",
    "history",
    "in_order",
    "in_state",
    "inbox",
    "is_open",
    "issue",
    "issue_change",
    "issue_comment",
    "lane",
    "load_entry",
    "load_share",
    "load_sum",
    "meta",
    "metadata",
    "payload",
    "periodic",
    "plan",
    "rule_text",
    "seen",
    "ticket",
    "ticket_word",
    "timer",
    "turn",
    "working_order",
]
