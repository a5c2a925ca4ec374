"""Differences of a candidate policy that runs in the shadow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "shadow_changes",
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("candidate", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "candidate", name="pk_shadow_changes"),
    )
    op.create_index("ix_shadow_changes_candidate_at", "shadow_changes", ["candidate", "at"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_shadow_changes_candidate_at", table_name="shadow_changes")
    op.drop_table("shadow_changes")
