"""Fills: once each, in order of time."""

from datetime import timedelta
from decimal import Decimal

from bot import ports, storage
from bot.domain import amounts
from tests.fakes.storage import NOW, ORDER, OWNER, build_fill


async def test_a_fill_is_new_once(stores: storage.Storage) -> None:
    """Recording it again says so and changes nothing, the USD value of the first time included."""
    fill = build_fill(in_raw=2**64 - 1)
    assert await stores.fills.record(OWNER, fill, NOW, Decimal("10.00"))
    assert not await stores.fills.record(OWNER, build_fill(in_raw=1), NOW + timedelta(1), None)
    known = ports.KnownFill(fill=fill, seen_at=NOW, usd=Decimal("10.00"))
    assert await stores.fills.find(OWNER, ORDER, "sig") == known
    assert await stores.fills.list_of_order(OWNER, ORDER) == [known]
    assert str(known.usd) == "10.00"


async def test_one_transaction_can_fill_several_orders(stores: storage.Storage) -> None:
    """Unique on owner, order and signature together."""
    assert await stores.fills.record(OWNER, build_fill(), NOW, None)
    assert await stores.fills.record(OWNER, build_fill(order_key="b"), NOW, None)
    assert await stores.fills.record("other", build_fill(), NOW, None)
    assert await stores.fills.record(OWNER, build_fill("sig2"), NOW, None)
    assert await stores.fills.find(OWNER, "b", "sig2") is None


async def test_fills_are_listed_by_time(stores: storage.Storage) -> None:
    """Oldest first for an order, newest first across orders, in pages, for these owners only."""
    for minute, signature in ((2, "c"), (0, "a"), (1, "b"), (1, "b2")):
        fill = build_fill(signature, confirmed_at=NOW + timedelta(minutes=minute))
        await stores.fills.record(OWNER, fill, NOW, None)
    await stores.fills.record("other", build_fill("x"), NOW, None)
    in_order = [known.fill.signature for known in await stores.fills.list_of_order(OWNER, ORDER)]
    assert in_order == ["a", "b", "b2", "c"]
    latest = [known.fill.signature for known in await stores.fills.latest({OWNER}, 3)]
    assert latest == ["c", "b2", "b"]
    rest = [known.fill.signature for known in await stores.fills.latest([OWNER, "other"], 3, offset=3)]
    assert rest == ["x", "a"]
    assert await stores.fills.latest([], 3) == []


async def test_tokens_are_kept_as_last_seen(stores: storage.Storage) -> None:
    """Whatever strangers call them; unknown mints are absent."""
    token = amounts.Token("mint", "EVIL\0\ud800", "<b>&\u202e", 255, verified=False, classic=False)
    await stores.tokens.record([token], NOW)
    found, seen_at = (await stores.tokens.find({"mint", "unknown"}))["mint"]
    assert (found.symbol, found.name, found.decimals) == ("EVIL\ufffd\ufffd", "<b>&\u202e", 255)
    assert (found.verified, found.classic, seen_at) == (False, False, NOW)
    again = amounts.Token("mint", "GOOD", "Good", 6, verified=True)
    await stores.tokens.record([again, amounts.Token("b", "B", "B", 0)], NOW + timedelta(1))
    assert (await stores.tokens.find(["mint"])) == {"mint": (again, NOW + timedelta(1))}
    assert await stores.tokens.find([]) == {}
