"""What people said of records that may be one service, append-only like all the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLE = "match_decision"
# A server compares texts by the rules of its language, SQLite by their bytes: left before right
# means the same on both.
_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table, and the triggers that refuse to change its rows."""
    op.create_table(
        TABLE,
        sa.Column("decision_id", sa.Integer, primary_key=True),
        sa.Column("left_id", _ID, nullable=False),
        sa.Column("right_id", _ID, nullable=False),
        sa.Column("same", sa.Boolean, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.CheckConstraint("left_id < right_id", name="ordered_pair"),
    )
    op.create_index("match_decision_pair", TABLE, ["left_id", "right_id", "decision_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{change.lower()} BEFORE {change} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )


def downgrade() -> None:
    """Drop the table with all that it holds."""
    op.drop_table(TABLE)
