"""What people decided of records whose words speak of a confidential place; append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TABLE = "disclosure_decision"
# A server compares texts by the rules of its language, SQLite by their bytes.
_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table, and the triggers that refuse to change its rows."""
    op.create_table(
        TABLE,
        sa.Column("decision_id", sa.Integer, primary_key=True),
        sa.Column("service_id", _ID, nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("suspicions", sa.JSON, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String, nullable=False),
    )
    op.create_index("disclosure_decision_service", TABLE, ["service_id", "decision_id"])
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
