"""Fills: once each, in order of time."""

from datetime import timedelta
from decimal import Decimal

from bot import ports, storage
from bot.domain import amounts, fills
from tests.fakes.storage import NOW, ORDER, OWNER, SOL, build_fill


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


async def test_summaries_are_exact_beyond_64_bits(stores: storage.Storage) -> None:
    """Sums, count and last fill of each order as the domain makes them from the fills themselves."""
    raws = [2**64 - 1, 2**64 - 1, 2**63, 10**9, 10**9 - 1, 1, 0, 999_999_999_999]
    expected = {}
    for key in ("a", "b", "c"):
        known = [
            build_fill(
                f"{key}{place}",
                key,
                in_raw=raw,
                out_raw=raws[-place],
                fee_raw=raws[-place] // 1000,
                fee_mint=SOL if place % 2 else "other",
                confirmed_at=NOW + timedelta(minutes=place // 2),
            )
            for place, raw in enumerate(raws)
        ]
        for fill in known:
            await stores.fills.record(OWNER, fill, NOW, None)
        expected[OWNER, key] = fills.summary(known)
    await stores.fills.record("other", build_fill("x", "a"), NOW, None)
    asked = {*expected, (OWNER, "none"), ("nobody", "a")}
    assert await stores.fills.summaries(asked) == expected
    assert await stores.fills.summaries([("other", "a"), (OWNER, "b")]) == {
        ("other", "a"): fills.summary([build_fill("x", "a")]),
        (OWNER, "b"): expected[OWNER, "b"],
    }
    assert await stores.fills.summaries([]) == {}


async def test_signatures_are_listed_by_order(stores: storage.Storage) -> None:
    for signature, key in (("1", "a"), ("2", "a"), ("1", "b"), ("3", "c")):
        await stores.fills.record(OWNER, build_fill(signature, key), NOW, None)
    await stores.fills.record("other", build_fill("4", "a"), NOW, None)
    found = await stores.fills.list_signatures(OWNER, ["a", "b", "none"])
    assert found == {"a": {"1", "2"}, "b": {"1"}}
    assert await stores.fills.list_signatures(OWNER, []) == {}
