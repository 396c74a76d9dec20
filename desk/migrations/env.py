"""Alembic's entry: migrations run on the connection that desk.migrate hands over."""

from alembic import context

from desk.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    user_module_prefix="",  # our types are imported by name in script.py.mako
)
with context.begin_transaction():
    context.run_migrations()
