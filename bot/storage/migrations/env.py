"""What Alembic runs: the steps, in the transaction of the connection that `upgrade` hands over."""

from alembic import context

from bot.storage import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    # Transactions are ours (see database), so SQLite undoes tables, too, when a step fails or is killed.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
