"""Tokens as last seen."""

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.amounts import Token
from bot.storage import database
from bot.storage.schema import tokens

_FIND = sa.select(tokens).where(tokens.c.mint.in_(sa.bindparam("mints", expanding=True)))


class SqlTokenStore:
    """ports.TokenStore."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def find(self, mints: Collection[str]) -> dict[str, tuple[Token, datetime]]:
        async with self._db.reading() as tx:
            found = await tx.fetch(_FIND, _token, mints=list(mints))
        return {token.mint: (token, seen_at) for token, seen_at in found}

    async def record(self, tokens_: Collection[Token], now: datetime) -> None:
        async with self._db.writing() as tx:
            # By mint, so that two processes that record the same ones do not wait for each other in a ring.
            for token in sorted(tokens_, key=lambda token: token.mint):
                await tx.upsert(tokens, asdict(token) | {"seen_at": now}, key=["mint"])


def _token(row: sa.Row[Any]) -> tuple[Token, datetime]:
    return Token(**{field.name: getattr(row, field.name) for field in fields(Token)}), row.seen_at
