"""API tokens, backfills, and the index by which tickets are searched."""

import sqlalchemy as sa
from alembic import op

revision = "r1_02"
down_revision = "r1_01"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "backfill",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "backfill_ticket",
        sa.Column("run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("plan", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run", "ticket"),
    )
    op.create_index("backfill_ticket_state", "backfill_ticket", ["run", "state"], unique=False)
    op.create_table(
        "ticket_word",
        sa.Column("word", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "tracker", "ticket"),
        sqlite_with_rowid=False,
    )
    op.create_index("ticket_word_ticket", "ticket_word", ["tracker", "ticket"], unique=False)
