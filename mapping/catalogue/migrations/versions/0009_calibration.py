"""What people found who called services and walked to them, to hold what is said against it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = ("calibration_call", "calibration_walk")


def upgrade() -> None:
    """Create the two tables, and the triggers that refuse to change their rows."""
    op.create_table(
        "calibration_call",
        sa.Column("call_id", sa.Integer, primary_key=True),
        *_item(),
        sa.Column("family", sa.String, nullable=False),
        sa.Column("word", sa.String, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("serves", sa.Boolean),
        *_stamp(),
    )
    op.create_table(
        "calibration_walk",
        sa.Column("walk_id", sa.Integer, primary_key=True),
        *_item(),
        sa.Column("quarter", sa.String, nullable=False),
        sa.Column("predicted_minutes", sa.Float, nullable=False),
        sa.Column("walked_minutes", sa.Float, nullable=False),
        sa.Column("obstacles", sa.String),
        *_stamp(),
    )
    for table in TABLES:
        _refuse_change(table)


def downgrade() -> None:
    """Drop the two tables with all that they hold."""
    for table in TABLES:
        op.drop_table(table)


def _item() -> list[sa.Column[str]]:
    names = ("edition_id", "code", "service_id")
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _stamp() -> list[sa.Column[object]]:
    return [
        sa.Column("done_on", sa.Date, nullable=False),
        sa.Column("done_by", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _refuse_change(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
