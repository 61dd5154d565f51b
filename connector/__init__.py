"""The plugin API: everything a plugin may import, and nothing else."""

from .changes import (
    AddLabel,
    AssignTo,
    Change,
    DueBy,
    Link,
    MoveTo,
    Notify,
    Once,
    RemoveLabel,
    RouteTo,
    Say,
    SetFact,
    SetField,
    SetPriority,
    SetSeverity,
    WakeAt,
)
from .core.assigning import Assignment, assignment, matching
from .core.candidate_words import chosen_words
from .core.candidates import Against, Candidate, Method, Need, Record
from .core.climb import Act, Climb, climb
from .core.clock import Clock
from .core.clock_words import metric_name
from .core.ladder import Step
from .core.mention import mention
from .core.neutral import neutral
from .core.order_answers import Answers
from .core.orders import Order, commander, handle_of, may_order, orders_in
from .core.outlook import Deadline, Outlook, Standing, outlook
from .core.prose import own_words, plain_words
from .core.sla import Metric
from .core.spelling import nearest
from .core.wording import choose, reason, render
from .desk import Agent, Customer, Desk
from .hooks import Fact, FactType, hookimpl
from .messages import Draft, Message
from .model import Actor, Audience, Comment, Event, Kind, Person, Pin, Priority, Role, Ticket
from .plan import Plan

__all__ = [
    "Act",
    "Actor",
    "AddLabel",
    "Against",
    "Agent",
    "Answers",
    "AssignTo",
    "Assignment",
    "Audience",
    "Candidate",
    "Change",
    "Climb",
    "Clock",
    "Comment",
    "Customer",
    "Deadline",
    "Desk",
    "Draft",
    "DueBy",
    "Event",
    "Fact",
    "FactType",
    "Kind",
    "Link",
    "Message",
    "Method",
    "Metric",
    "MoveTo",
    "Need",
    "Notify",
    "Once",
    "Order",
    "Outlook",
    "Person",
    "Pin",
    "Plan",
    "Priority",
    "Record",
    "RemoveLabel",
    "Role",
    "RouteTo",
    "Say",
    "SetFact",
    "SetField",
    "SetPriority",
    "SetSeverity",
    "Standing",
    "Step",
    "Ticket",
    "WakeAt",
    "assignment",
    "choose",
    "chosen_words",
    "climb",
    "commander",
    "handle_of",
    "hookimpl",
    "matching",
    "may_order",
    "mention",
    "metric_name",
    "nearest",
    "neutral",
    "orders_in",
    "outlook",
    "own_words",
    "plain_words",
    "reason",
    "render",
]
