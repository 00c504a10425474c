"""Price samples: what a token was worth, moment by moment, while the bot watched."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.market import Sample
from bot.storage import database
from bot.storage.schema import price_samples

_PAGE = 500
"""Rows that are built in one go: the event loop waits for no more."""

_OF_MINT = sa.select(price_samples).where(price_samples.c.mint == sa.bindparam("mint"))
_WITHIN = (
    _OF_MINT.where(price_samples.c.at > sa.bindparam("after"), price_samples.c.at <= sa.bindparam("end"))
    .order_by(price_samples.c.at)
    .limit(_PAGE)
)
_BEFORE = (
    _OF_MINT.where(price_samples.c.at < sa.bindparam("start")).order_by(price_samples.c.at.desc()).limit(1)
)
_FROM = _OF_MINT.where(price_samples.c.at >= sa.bindparam("start")).order_by(price_samples.c.at).limit(1)
_AFTER = _OF_MINT.where(price_samples.c.at > sa.bindparam("end")).order_by(price_samples.c.at).limit(1)


class SqlPriceHistory:
    """ports.PriceHistory."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def record(self, samples: Mapping[str, Sample]) -> None:
        async with self._db.writing() as tx:
            # By mint, so that two processes that record the same ones do not wait for each other in a ring.
            for mint, sample in sorted(samples.items()):
                await tx.add(price_samples, _values(mint, sample), unless=["mint", "at"])

    async def list_between(self, mint: str, start: datetime, end: datetime) -> list[Sample]:
        async with self._db.reading() as tx:
            found = await tx.fetch(_BEFORE, _sample, mint=mint, start=start)
            found += await tx.fetch(_FROM, _sample, mint=mint, start=start)
            while found and found[-1].at < end:
                page = await tx.fetch(_WITHIN, _sample, mint=mint, after=found[-1].at, end=end)
                found += page
                if len(page) < _PAGE:
                    break
            if not found or found[-1].at <= end:
                found += await tx.fetch(_AFTER, _sample, mint=mint, end=end)
        return found

    async def find_last(self, mints: Collection[str]) -> dict[str, Sample]:
        newest = sa.select(price_samples.c.mint, sa.func.max(price_samples.c.at).label("at"))
        newest_of = newest.where(price_samples.c.mint.in_(mints)).group_by(price_samples.c.mint).subquery()
        rows = sa.select(price_samples).join(
            newest_of,
            sa.and_(price_samples.c.mint == newest_of.c.mint, price_samples.c.at == newest_of.c.at),
        )
        async with self._db.reading() as tx:
            return dict(await tx.fetch(rows, lambda row: (row.mint, _sample(row))))

    async def list_mints(self) -> list[str]:
        rows = sa.select(price_samples.c.mint).distinct().order_by(price_samples.c.mint)
        async with self._db.reading() as tx:
            return await tx.fetch(rows, lambda row: str(row.mint))

    async def replace(self, mint: str, start: datetime, end: datetime, samples: Sequence[Sample]) -> None:
        within = sa.and_(price_samples.c.mint == mint, price_samples.c.at.between(start, end))
        async with self._db.writing() as tx:
            await tx.run(sa.delete(price_samples).where(within))
            for place in range(0, len(samples), _PAGE):
                rows = [_values(mint, sample) for sample in samples[place : place + _PAGE]]
                await tx.run(sa.insert(price_samples).values(rows))


def _values(mint: str, sample: Sample) -> dict[str, Any]:
    return {"mint": mint, "at": sample.at, "price": sample.price, "since": sample.since}


def _sample(row: sa.Row[Any]) -> Sample:
    return Sample(row.at, row.price, row.since)
