"""What people report of a service, and what came of it, append-only like all the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = ("report", "report_outcome")
# A server compares texts by the rules of its language, SQLite by their bytes.
_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the two tables, and the triggers that refuse to change their rows."""
    _create_report()
    _create_outcome()
    refuse = _refuse_in_postgresql if op.get_bind().dialect.name == "postgresql" else _refuse
    for table in TABLES:
        refuse(table)


def downgrade() -> None:
    """Drop the two tables with all that they hold."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_report() -> None:
    op.create_table(
        "report",
        sa.Column("report_id", sa.Integer, primary_key=True),
        sa.Column("service_id", _ID, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("said", sa.String),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("report_service", "report", ["service_id", "report_id"])


def _create_outcome() -> None:
    op.create_table(
        "report_outcome",
        sa.Column("outcome_id", sa.Integer, primary_key=True),
        sa.Column(
            "report_id",
            sa.Integer,
            sa.ForeignKey("report.report_id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("note", sa.String),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )


def _refuse_in_postgresql(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _refuse(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
