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
from .core.clock import Clock
from .core.ladder import Due, Ladder, Step, as_held, due_rungs, held, ladder_of
from .core.mention import mention
from .core.neutral import neutral
from .core.orders import Order, orders_in
from .core.outlook import Deadline, Outlook, Standing, outlook
from .core.prose import own_words, plain_words
from .core.sla import Metric
from .core.spelling import nearest
from .core.wording import choose, reason, render
from .desk import Customer, Desk
from .hooks import Fact, FactType, hookimpl
from .messages import Draft, Message
from .model import Actor, Audience, Comment, Event, Kind, Person, Pin, Priority, Role, Ticket
from .plan import Plan

__all__ = [
    "Actor",
    "AddLabel",
    "AssignTo",
    "Audience",
    "Change",
    "Clock",
    "Comment",
    "Customer",
    "Deadline",
    "Desk",
    "Draft",
    "Due",
    "DueBy",
    "Event",
    "Fact",
    "FactType",
    "Kind",
    "Ladder",
    "Link",
    "Message",
    "Metric",
    "MoveTo",
    "Notify",
    "Once",
    "Order",
    "Outlook",
    "Person",
    "Pin",
    "Plan",
    "Priority",
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
    "as_held",
    "choose",
    "due_rungs",
    "held",
    "hookimpl",
    "ladder_of",
    "mention",
    "nearest",
    "neutral",
    "orders_in",
    "outlook",
    "own_words",
    "plain_words",
    "reason",
    "render",
]
