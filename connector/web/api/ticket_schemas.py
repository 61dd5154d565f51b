"""The shapes of tickets and of what was decided about them."""

from __future__ import annotations

from marshmallow import fields

from . import schemas as of


class PressingSchema(of.Shape):
    """The SLA clock of a ticket that presses most."""

    metric = of.text()
    state = of.text("`late`, `at-risk`, `due` or `paused`.")
    due_at = of.instant("When its target is used up, or since when it is late.", allow_none=True)


class TicketSchema(of.Shape):
    """One line of the desk."""

    tracker = of.text("The connection, such as `jira` or `local`.")
    id = of.text("The tracker's immutable id.")
    key = of.text("What people call it, such as `SUP-42`; it may change.")
    project = of.text()
    url = of.text("Its page at the tracker; empty for `local`.")
    title = of.text()
    priority = of.text("`none`, `low`, `normal`, `high` or `urgent`.")
    status = of.maybe("In our words, such as `open` or `done`.")
    team = of.maybe()
    assignee = of.maybe("The id of a person.")
    created = of.instant(allow_none=True)
    updated = of.instant(allow_none=True)
    applies = of.text("The rule file that applies to its project; empty if none does.")
    mode = of.text("`live`, `shadow`, or empty if no rule file applies.")
    gone = of.flag("Deleted at the tracker, or not visible to our account.")
    marks = of.words(
        "`refused`: the tracker refused a write of the newest plan; `parked`: an event was given up; "
        "`held`: we wrote too often, and stopped."
    )
    clock = fields.Nested(
        PressingSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The SLA clock that presses most; null if none goes on."},
    )


class DecisionSchema(of.Shape):
    plugin = of.text()
    rule = of.text()
    rules = of.words("Every rule that led to it.")
    slot = of.text("What it is about: `priority`, `team`, `label:vip` …")
    change = of.text("The kind of change.")
    value = of.value("What the rules want.")
    because = of.text()
    verdict = of.text("What became of it.")
    reason = fields.String(metadata={"description": "Why it was refused or left alone."})


class FailureSchema(of.Shape):
    plugin = of.text()
    error = of.text()
    text = of.text()


class ActorSchema(of.Shape):
    account = fields.String()
    name = fields.String()
    role = fields.String(allow_none=True)
    person = fields.String()
    email = fields.String()


class CauseSchema(of.Shape):
    kind = of.maybe("What had happened.")
    at = of.instant(allow_none=True)
    actor = fields.Nested(ActorSchema, required=True, allow_none=True)
    backfill = fields.Integer(metadata={"description": "The number of the backfill that asked for the plan."})


class EffectSchema(of.Shape):
    key = of.text("Its idempotency key.")
    slot = of.text()
    op = of.text()
    before = of.value()
    after = of.value()
    state = of.text("`pending`, `done`, `dropped` or `refused`.")
    why = of.text("Why it was dropped or refused.")
    done_at = of.instant(allow_none=True)


class PlanSchema(of.Shape):
    """A plan as `pointsman try` prints it, with what became of it."""

    id = of.number()
    at = of.instant()
    state = of.text("`open`, `done`, `shadow` or `empty`.")
    event = fields.Nested(CauseSchema, required=True)
    rules_digest = of.text("The rules by which it was made.")
    removed_at = of.instant("When its inputs were removed for their age; null while they are kept.", allow_none=True)
    applies = of.text()
    mode = of.text(dump_default="")
    decisions = of.many(DecisionSchema)
    facts = of.table("What plugins found out.", dump_default={})
    failures = of.many(FailureSchema, "Plugins that failed.")
    effects = of.many(EffectSchema, "What was written to the tracker.")


class MomentSchema(of.Shape):
    at = of.instant()
    what = of.text("`created`, `changed`, `commented` or `decided`.")
    who = of.text()
    slot = of.text()
    was = of.value()
    value = of.value()
    plan = of.number("The plan that was made then.", allow_none=True)


class WhyNotSchema(of.Shape):
    """A rule that did not match: its first condition that was false, what it wanted and what was there."""

    plugin = of.text()
    rule = of.text()
    field = of.text()
    wanted = of.text()
    seen = of.maybe()


class OddSchema(of.Shape):
    """A fact with an instant at which it cannot have been told."""

    id = of.text("The fact's name: `c…` is a comment, `h…` a change.")
    type = of.text()
    at = of.instant()


class ClocksSchema(of.Shape):
    """A ticket's clocks at an instant, by what was known at another."""

    tracker = of.text()
    id = of.text()
    key = of.text()
    policy = of.maybe("The policy that applied; null while none did.")
    as_of = of.instant()
    known_at = of.instant("Null: by what is known now.", allow_none=True)
    metrics = of.table(
        "Metric → its state, goal, time used, deadline and pauses, with `spans`: how the time adds up."
    )
    odd = of.many(OddSchema, "Facts dated before the creation or after that instant.")


class TroubleSchema(of.Shape):
    """One thing that stands in the way of a ticket."""

    code = of.text("A stable word, such as `refused`, `parked` or `plugin`.")
    cause = of.text("The same as for parked events; empty where there is none.")
    slot = of.text("What could not be written.")
    right = of.text("The right that our account lacks.")
    status = of.number("What the tracker answered; 0 for nothing.")
    name = of.text("The plugin, the rule file or the connection.")
    detail = of.text()
    event = of.number("The first parked event; 0 without one.")
    count = of.number()


class TicketPageSchema(of.Shape):
    """All that is known of one ticket."""

    ticket = fields.Nested(TicketSchema, required=True)
    document = of.table("The ticket as last read, as `POST /api/v1/try` takes it.")
    timeline = of.many(MomentSchema, "What happened, the newest first.")
    why = of.many(PlanSchema, "The plans, the newest first.")
    whynot = of.many(WhyNotSchema)
    troubles = of.many(TroubleSchema, "What stands in its way.")
    waiting = of.flag("Something is still on its way.")


class TypedSchema(of.Shape):
    tracker = of.text()
    key = of.text()
    url = of.text("Its page.")
