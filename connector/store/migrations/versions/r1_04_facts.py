"""What the SLA clock goes by: every fact of a ticket's past, as it was learned."""

import sqlalchemy as sa
from alembic import op

revision = "r1_04"
down_revision = "r1_03"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("fact_ticket", "fact", ["tracker", "ticket", "id"], unique=False)
