"""Of which words of a record a person decided: a decision without them holds for none any more."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TABLE = "disclosure_decision"


def upgrade() -> None:
    """Add the hash of the words that were seen."""
    op.add_column(TABLE, sa.Column("words_sha256", sa.String(64)))


def downgrade() -> None:
    """Drop the hash: what was decided of words is asked by kinds again."""
    op.drop_column(TABLE, "words_sha256")
