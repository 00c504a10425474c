"""Statements of what is stored: whole, exact, of the right fills, and never too large for a file."""

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import errors, ports
from bot.domain import fills, orders
from bot.domain.statements import Format
from bot.services import statements
from bot.services.statements import StatementFile
from bot.services.subjects import Subject
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.clock import START
from tests.fakes.world import USER, World, make_fill, make_order

ALL = Subject()
YEAR = timedelta(days=365)


async def _fill(world: World, owner: str, name: str, *fills_: fills.Fill) -> None:
    used = sum(fill.in_raw for fill in fills_)
    await world.ingest.take(owner, [orders.SeenOrder(make_order(owner, name, used=used), fills_)])


async def _files(world: World, subject: Subject = ALL, form: Format = Format.CSV) -> list[StatementFile]:
    async with aclosing(world.statements.files(USER, subject, form)) as files:
        return [file async for file in files]


async def _rows(world: World, subject: Subject = ALL) -> list[dict[str, str]]:
    return [row for file in await _files(world, subject) for row in _read(file)]


def _read(file: StatementFile) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == file.count
    return rows


def _signatures(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["signature"] for row in rows]


async def test_a_statement_adds_up_to_the_orders_to_the_base_unit() -> None:
    """Of every order: what it used, and what it received."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        for name in ("a", "b"):
            odd = [make_fill(name, n, at=timedelta(hours=n), in_raw=10_000_001 + n**5) for n in range(7)]
            await _fill(world, owner, name, *odd)
        rows = await _rows(world)
        for item in await world.stores.orders.list_known(USER, [owner]):
            mine = [row for row in rows if row["order"] == str(item.number)]
            assert sum(int(row["sold_raw"]) for row in mine) == item.order.in_used_raw
            assert sum(int(row["bought_raw"]) for row in mine) == item.order.out_received_raw
            assert {row["order_key"] for row in mine} == {item.order.key}


async def test_fills_of_all_wallets_stand_in_one_sequence() -> None:
    """Oldest first, more than one page of each, several of one instant."""
    async with worlds.open_world() as world:
        many = 300
        for name, step in (("a", 2), ("b", 3)):
            owner = (await world.add_wallet()).pubkey
            await _fill(
                world, owner, name, *(make_fill(name, n, at=timedelta(hours=n * step)) for n in range(many))
            )
        (file,) = await _files(world)
        rows = _read(file)
        times = [row["time"] for row in rows]
        assert len(rows) == 2 * many
        assert times == sorted(times)
        assert (file.first_at, file.last_at) == (START, START + timedelta(hours=3 * (many - 1)))
        names = [(row["order"], row["signature"]) for row in rows]
        assert len(set(names)) == len(names)


async def test_a_statement_is_of_what_was_asked_for() -> None:
    """An order, a wallet, a year, and both."""
    async with worlds.open_world() as world:
        first, second = await world.add_wallet(), await world.add_wallet()
        await _fill(world, first.pubkey, "a", make_fill("a", 1, at=-YEAR), make_fill("a", 2))
        await _fill(world, first.pubkey, "b", make_fill("b", 3))
        await _fill(world, second.pubkey, "c", make_fill("c", 4, at=timedelta(hours=1)))
        assert _signatures(await _rows(world)) == ["fill1", "fill2", "fill3", "fill4"]
        assert _signatures(await _rows(world, Subject(number=1))) == ["fill1", "fill2"]
        assert _signatures(await _rows(world, Subject(wallet_id=second.id))) == ["fill4"]
        assert _signatures(await _rows(world, Subject(year=2026))) == ["fill2", "fill3", "fill4"]
        assert _signatures(await _rows(world, Subject(number=1, year=2025))) == ["fill1"]
        assert await _files(world, Subject(year=2024)) == []
        described = await world.subjects.describe(USER, Subject(year=2025))
        assert (described.extent.count, described.years) == (1, [2026, 2025])


async def test_a_year_begins_and_ends_in_utc() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        last = datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC) - START
        first = last + timedelta(microseconds=1)
        await _fill(world, owner, "a", make_fill("a", 1, at=last), make_fill("a", 2, at=first))
        assert _signatures(await _rows(world, Subject(year=2025))) == ["fill1"]
        assert _signatures(await _rows(world, Subject(year=2026))) == ["fill2"]


async def test_what_belongs_to_others_cannot_be_asked_for() -> None:
    async with worlds.open_world() as world:
        wallet = await world.add_wallet()
        await _fill(world, wallet.pubkey, "a", make_fill("a", 1))
        theirs = await world.add_wallet(user=USER + 1)
        await _fill(world, theirs.pubkey, "b", make_fill("b", 2))
        with pytest.raises(errors.WalletNotFound):
            await _files(world, Subject(wallet_id=theirs.id))
        with pytest.raises(errors.OrderNotFound):
            await _files(world, Subject(number=2))
        assert _signatures(await _rows(world)) == ["fill1"]


async def test_usd_is_that_of_when_the_fill_was_found() -> None:
    """Blank for a fill from before somebody watched."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await _fill(world, owner, "a", make_fill("a", 1, at=-timedelta(days=1)), make_fill("a", 2))
        assert [row["usd"] for row in await _rows(world)] == ["", "10"]


async def test_a_token_that_nobody_knows_costs_no_row() -> None:
    """Its amounts are blank, the base units are there; it is looked for once."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        mint = make_address("strange")
        strange = [replace(make_fill("a", n), input_mint=mint, signature=f"{n}") for n in range(600)]
        order = replace(make_order(owner, "a", used=1), input_mint=mint)
        await world.ingest.take(owner, [orders.SeenOrder(order, tuple(strange))])
        before = world.faults.calls["mints"]
        rows = await _rows(world)
        assert {(row["sold"], row["sold_token"], row["sold_raw"]) for row in rows} == {("", "", "10000000")}
        assert world.faults.calls["mints"] - before <= 1


async def test_json_holds_the_same_fills() -> None:
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await _fill(world, owner, "a", *(make_fill("a", n, at=timedelta(hours=n)) for n in range(300)))
        (file,) = await _files(world, form=Format.JSON)
        listed: list[dict[str, str | int | None]] = json.loads(file.content)
        assert len(listed) == 300
        as_csv = [{name: str("" if fact is None else fact) for name, fact in row.items()} for row in listed]
        assert as_csv == await _rows(world)


async def test_too_many_for_one_file_are_split_by_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a year that is too large into parts; no row is lost, and each file stands for itself."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        made = [make_fill("a", n, at=-n * timedelta(days=1)) for n in range(600)]
        await _fill(world, owner, "a", *made)
        monkeypatch.setattr(statements, "MOST_ROWS", 599)
        by_year = await _files(world)
        assert [(file.year, file.part) for file in by_year] == [(2025, None), (2026, None)]
        monkeypatch.setattr(statements, "MOST_BYTES", 1)
        parts = await _files(world)
        assert [(file.year, file.part) for file in parts] == [(2025, 1), (2025, 2), (2026, 1), (2026, 2)]
        for files in (by_year, parts):
            assert {row["time"][:4] for row in _read(files[0])} == {"2025"}
            rows = [row for file in files for row in _read(file)]
            assert sorted(_signatures(rows)) == sorted(fill.signature for fill in made)
        for file in await _files(world, form=Format.JSON):
            assert len(json.loads(file.content)) == file.count


async def test_a_year_without_fills_is_not_offered() -> None:
    """Neither between two others, nor around a single one."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await _fill(world, owner, "a", make_fill("a", 1))
        assert (await world.subjects.describe(USER, ALL)).years == [2026]
        fills = [make_fill("b", number, at=-timedelta(days=days)) for number, days in ((2, 1200), (3, 400))]
        await _fill(world, owner, "b", *fills)
        assert (await world.subjects.describe(USER, ALL)).years == [2026, 2025, 2023]
        of_a_year = await world.subjects.describe(USER, replace(ALL, year=2025))
        assert (of_a_year.extent.count, of_a_year.years) == (1, [2026, 2025, 2023])


async def test_only_some_are_served_at_a_time() -> None:
    """Whoever comes third waits until a file is done with: memory is for two."""
    async with worlds.open_world() as world:
        owner = (await world.add_wallet()).pubkey
        await _fill(world, owner, "a", make_fill("a", 1))
        scope = ports.FillScope(user_id=USER)
        assert (await world.stores.fills.extent(scope)).count == 1
        first, second = (world.statements.files(USER, ALL, Format.CSV) for _ in range(2))
        await anext(first)
        await anext(second)
        third = world.statements.files(USER, ALL, Format.CSV)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(third)
        await first.aclose()
        fourth = world.statements.files(USER, ALL, Format.CSV)
        assert (await anext(fourth)).count == 1
        await second.aclose()
        await fourth.aclose()
