"""Statements: fills as files, one after the other, each made in pieces.

A hundred thousand fills keep nobody waiting but whoever asked for them: rows are written in a thread, and
never more than one file is in memory for each of those who are served.
"""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from bot import ports
from bot.domain import amounts, statements, wallets
from bot.services import subjects
from bot.services.tokens import Tokens

MOST_ROWS: Final = 20_000
"""Of everything in one file; more are split by year. About 8 MB of CSV, 15 MB of JSON."""
MOST_BYTES: Final = 40_000_000
"""After which a file ends, whatever is in it: Telegram takes 50 MB."""
_PAGE: Final = 1_000
"""Rows that are read at a time, of one wallet."""
_CHUNK: Final = 250
"""Rows that are written at a time."""
_NEVER: Final = (datetime.max.replace(tzinfo=UTC), 0)
_AT_ONCE: Final = 2
"""So many people are served, the others wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    content: bytes
    count: int
    first_at: datetime
    last_at: datetime
    year: int | None
    """Set where there is a file for each year."""
    part: int | None
    """From 1, where that was too much for one file."""


class Statements:
    def __init__(self, *, subjects: subjects.Subjects, fills: ports.FillStore, tokens: Tokens) -> None:
        self._subjects = subjects
        self._fills = fills
        self._tokens = tokens
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def files(
        self, user_id: int, subject: subjects.Subject, form: statements.Format
    ) -> AsyncGenerator[StatementFile, None]:
        """Oldest fill first; close it when done. A file for each year where one would hold MOST_ROWS.

        Raises OrderNotFound, WalletNotFound, VaultError.
        """
        mine = {wallet.pubkey: wallet for wallet in await self._subjects.wallets_of(user_id, subject)}
        scope = await self._subjects.scope_of(user_id, subject)
        years: list[int | None] = [None]
        if subject.year is None and (await self._fills.extent(scope)).count > MOST_ROWS:
            years = [*reversed(await self._subjects.years_of(scope))]
        tokens: dict[str, amounts.Token | None] = {}
        async with self._turns:
            for year in years:
                part = scope if year is None else subjects.within(scope, year)
                draft = _Draft(form, year)
                async for rows in self._rows(part, list(mine)):
                    await draft.write(await self._entries(rows, mine, tokens))
                    if draft.size > MOST_BYTES:
                        yield draft.finish(last=False)
                if draft.count:
                    yield draft.finish(last=True)

    async def _rows(
        self, scope: ports.FillScope, owners: Sequence[str]
    ) -> AsyncIterator[Sequence[ports.NumberedFill]]:
        """The fills of all wallets in one sequence, some at a time."""
        waiting: dict[str, Sequence[ports.NumberedFill]] = dict.fromkeys(owners, ())
        after: dict[str, ports.NumberedFill | None] = dict.fromkeys(owners)
        unread = set(owners)
        while True:
            for owner in [owner for owner in unread if not waiting[owner]]:
                page = await self._fills.page_after(replace(scope, owner=owner), after[owner], _PAGE)
                waiting[owner] = page
                if len(page) == _PAGE:
                    after[owner] = page[-1]
                else:
                    unread.remove(owner)
            # Nothing that is still unread is older than the last row that is there of its wallet.
            safe = min((_place(waiting[owner][-1]) for owner in unread), default=_NEVER)
            ready = sorted(
                (row for rows in waiting.values() for row in rows if _place(row) <= safe), key=_place
            )
            if not ready:
                return
            waiting = {owner: [row for row in rows if _place(row) > safe] for owner, rows in waiting.items()}
            for start in range(0, len(ready), _CHUNK):
                yield ready[start : start + _CHUNK]

    async def _entries(
        self,
        rows: Sequence[ports.NumberedFill],
        mine: Mapping[str, wallets.Wallet],
        tokens: dict[str, amounts.Token | None],
    ) -> list[statements.Entry]:
        """`tokens` are those looked for so far; each is looked for once."""
        traded = [row.known.fill for row in rows]
        mints = {mint for fill in traded for mint in (fill.input_mint, fill.output_mint, fill.fee_mint)}
        if missing := mints - tokens.keys() - {""}:
            tokens |= dict.fromkeys(missing) | await self._tokens.find_many(missing)
        return [
            statements.Entry(
                fill=row.known.fill,
                usd=row.known.usd,
                wallet_name=mine[row.owner].name,
                wallet_address=row.owner,
                number=row.number,
                family=row.family,
                sold=tokens.get(row.known.fill.input_mint),
                bought=tokens.get(row.known.fill.output_mint),
                fee=tokens.get(row.known.fill.fee_mint),
            )
            for row in rows
        ]


class _Draft:
    """A file that is being written; `finish` hands it over and begins the next part."""

    def __init__(self, form: statements.Format, year: int | None) -> None:
        self._form = form
        self._year = year
        self._part = 1
        self._begin()

    def _begin(self) -> None:
        # Hands its content over without a copy.
        self._file = io.BytesIO()
        self._file.write(statements.build_head(self._form))
        self._first_at = self._last_at = datetime.min.replace(tzinfo=UTC)
        self.count = 0

    @property
    def size(self) -> int:
        return self._file.tell()

    async def write(self, entries: Sequence[statements.Entry]) -> None:
        """At least one."""
        if not self.count:
            self._first_at = entries[0].fill.confirmed_at
        self._last_at = entries[-1].fill.confirmed_at
        # In a thread: it is pure computation, and the others need not wait for it.
        piece = await asyncio.to_thread(statements.build_rows, self._form, entries, first=not self.count)
        self._file.write(piece)
        self.count += len(entries)

    def finish(self, *, last: bool) -> StatementFile:
        self._file.write(statements.build_tail(self._form))
        file = StatementFile(
            content=self._file.getvalue(),
            count=self.count,
            first_at=self._first_at,
            last_at=self._last_at,
            year=self._year,
            part=None if last and self._part == 1 else self._part,
        )
        self._part += 1
        self._begin()
        return file


def _place(row: ports.NumberedFill) -> tuple[datetime, int]:
    return row.known.fill.confirmed_at, row.id
