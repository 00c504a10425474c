"""How a database came to be what `schema` says, step by step. Steps are never changed once released."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command, config


def upgrade(connection: sa.Connection) -> None:
    """Run every missing step in the connection's transaction. Needs no alembic.ini; leaves logging alone."""
    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
