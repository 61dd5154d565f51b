"""The desk's order within each thing it is filtered by."""

import sqlalchemy as sa
from alembic import op

revision = "r1_03"
down_revision = "r1_02"

FILTERS = ("project", "team", "status", "assignee", "applies", "mode")


def upgrade() -> None:
    for name in FILTERS:
        order = ("is_over", sa.text("priority DESC"), "created", "tracker", "id")
        op.create_index(f"ticket_order_{name}", "ticket", [name, *order], unique=False)
