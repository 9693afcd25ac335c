"""What a service says in Italian, said in other languages; append-only like all the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = "content_translation"
# A server compares texts by the rules of its language, SQLite by their bytes.
_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table, and the triggers that refuse to change its rows."""
    op.create_table(
        TABLE,
        sa.Column("translation_id", sa.Integer, primary_key=True),
        sa.Column("service_id", _ID, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("italian", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("translator", sa.String, nullable=False),
        sa.Column("translated_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    columns = ["service_id", "field", "language", "translation_id"]
    op.create_index("content_translation_service", TABLE, columns)
    if op.get_bind().dialect.name == "postgresql":
        _refuse_in_postgresql()
    else:
        _refuse()


def downgrade() -> None:
    """Drop the table with all that it holds."""
    op.drop_table(TABLE)


def _refuse_in_postgresql() -> None:
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _refuse() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{change.lower()} BEFORE {change} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )
