"""The catalogue's schema, step by step: Alembic revisions that `Catalogue.open` runs."""
