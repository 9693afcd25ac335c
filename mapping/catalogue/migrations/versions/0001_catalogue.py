"""Service revisions, ingest runs and the quarantine, all append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = ("ingest_run", "quarantine", "service_revision")

_REFUSE_IN_POSTGRESQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    """Create the three tables, and the triggers that refuse to change their rows."""
    _create_ingest_run()
    _create_quarantine()
    _create_service_revision()
    refuse = {"sqlite": _refuse_in_sqlite, "postgresql": _refuse_in_postgresql}
    refuse[op.get_bind().dialect.name]()


def downgrade() -> None:
    """Drop the three tables with all that they hold."""
    op.drop_table("quarantine")
    op.drop_table("service_revision")
    op.drop_table("ingest_run")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _create_ingest_run() -> None:
    op.create_table(
        "ingest_run",
        sa.Column("run_id", sa.Integer, primary_key=True),
        sa.Column("source_id", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("taken_from", sa.String, nullable=False),
        sa.Column("rows_in", sa.Integer, nullable=False),
        sa.Column("rows_kept", sa.Integer, nullable=False),
        sa.Column("rows_out_of_scope", sa.Integer, nullable=False),
        sa.Column("rows_quarantined", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "rows_in = rows_kept + rows_out_of_scope + rows_quarantined", name="rows_balance"
        ),
    )
    op.create_index("ingest_run_source", "ingest_run", ["source_id", "run_id"])


def _create_quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("ingest_run.run_id"), nullable=False),
        sa.Column("source_id", sa.String, nullable=False),
        sa.Column("line", sa.Integer),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("raw", sa.JSON, nullable=False),
    )
    op.create_index("quarantine_run", "quarantine", ["run_id"])


def _create_service_revision() -> None:
    op.create_table(
        "service_revision",
        sa.Column("revision_id", sa.Integer, primary_key=True),
        sa.Column("service_id", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("source_id", sa.String, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'published', 'withdrawn')", name="known_state"),
    )
    op.create_index("service_revision_service", "service_revision", ["service_id", "revision_id"])


def _refuse_in_sqlite() -> None:
    for table in TABLES:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _refuse_in_postgresql() -> None:
    op.execute(_REFUSE_IN_POSTGRESQL)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
