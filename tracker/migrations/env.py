"""Alembic's environment. It runs all migrations in one transaction, on the connection that tracker.schema passes."""

from alembic import context

from tracker.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
