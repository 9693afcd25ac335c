"""Run by Alembic: migrate over the connection that `Catalogue.open` has already locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
