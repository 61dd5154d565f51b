"""How SLA clocks stood when they were last counted: what lists are filtered by, and reports are made of."""

import sqlalchemy as sa
from alembic import op

revision = "r1_05"
down_revision = "r1_04"

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("stopped_at IS NULL")
FOUND_BY = ["is_last", "metric", "is_over"]


def upgrade() -> None:
    op.create_table(
        "cycle",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text()),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text()),
        sa.Column("zone", sa.Text()),
        sa.Column("goal_s", sa.Integer()),
        sa.Column("elapsed_s", sa.Integer(), nullable=False),
        sa.Column("remaining_s", sa.Integer()),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("stopped_at", INSTANT),
        sa.Column("due_at", INSTANT),
        sa.Column("breached_at", INSTANT),
        sa.Column("standing", sa.Text()),
        sa.Column("breach_at", INSTANT),
        sa.Column("breached_before", sa.Boolean(), nullable=False),
        sa.Column("zero_mark", sa.BigInteger()),
        sa.Column("due_mark", sa.BigInteger()),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("applies", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "ticket", "metric", "number"),
    )
    _index("remaining", [*FOUND_BY, "state", "calendar", "due_mark"])
    _index("elapsed", [*FOUND_BY, "state", "calendar", "zero_mark"], OPEN)
    _index("breach", [*FOUND_BY, "breach_at"])
    op.create_index(
        "cycle_breached_before",
        "cycle",
        FOUND_BY,
        unique=False,
        sqlite_where=sa.text("breached_before IS 1"),
        postgresql_where=sa.text("breached_before IS true"),
    )
    _index("rules", ["applies", "rules", "due_at"], OPEN)
    _index("stopped", ["stopped_at"])


def _index(name: str, columns: list[str], where: sa.TextClause | None = None) -> None:
    op.create_index(f"cycle_{name}", "cycle", columns, unique=False, sqlite_where=where, postgresql_where=where)
