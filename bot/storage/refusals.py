"""Why a database cannot be connected to, in a sentence that says what to do. No I/O here."""

import sqlite3

import sqlalchemy as sa

_NOT_LET_IN = ("28000", "28P01")
_NO_SUCH_DATABASE = "3D000"
"""PostgreSQL's codes (SQLSTATE)."""
_PORT = 5432


def explain(exc: Exception, url: sa.URL) -> str | None:
    """None for what is no refusal to connect. The password is never part of it."""
    cause = exc.orig if isinstance(exc, sa.exc.DBAPIError) else exc
    if isinstance(cause, sqlite3.Error):
        if cause.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            return None
        return f"DATABASE_URL: {url.database} is no SQLite database. Choose another file."
    if url.get_backend_name() != "postgresql":
        return None
    if isinstance(cause, OSError):
        where = f"{url.host}:{url.port or _PORT}" if url.host else "its socket"
        return f"DATABASE_URL: no server answers at {where}. Is it running?"
    state = getattr(cause, "sqlstate", None)
    if state in _NOT_LET_IN:
        return f"DATABASE_URL: the server does not let {url.username} in. Check the name and the password."
    if state == _NO_SUCH_DATABASE:
        return f"DATABASE_URL: the server has no database {url.database}. Make it: createdb {url.database}"
    return None
