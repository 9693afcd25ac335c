"""Which reports a person confirmed, and which repeat what their sender had reported."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TABLE = "report_confirmation"


def upgrade() -> None:
    """Add the column, and the table with the triggers that refuse to change its rows."""
    op.add_column(
        "report", sa.Column("repeated", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        TABLE,
        sa.Column("confirmation_id", sa.Integer, primary_key=True),
        sa.Column(
            "report_id",
            sa.Integer,
            sa.ForeignKey("report.report_id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )
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
    """Drop the table with all that it holds, and the column."""
    op.drop_table(TABLE)
    op.drop_column("report", "repeated")
