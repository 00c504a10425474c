"""How a database came to be what `schema` says, step by step. Steps are never changed once released."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command, config, util

from bot import errors


def upgrade(connection: sa.Connection) -> None:
    """Run every missing step in the connection's transaction. Needs no alembic.ini; leaves logging alone.

    Raises StorageError for a database that a newer version of the bot has changed.
    """
    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except util.CommandError as exc:
        raise errors.StorageError("The database is not one that this version of the bot knows.") from exc
