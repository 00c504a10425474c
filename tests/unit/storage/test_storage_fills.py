"""Fills: once each, in order of time."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot import ports, storage
from bot.domain import amounts, fills
from bot.domain.orders import Family
from tests.fakes.storage import NOW, ORDER, OWNER, SOL, build_fill, build_order


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


async def test_the_fills_of_an_order_are_listed_by_time(stores: storage.Storage) -> None:
    """Oldest first; those of one instant as they were recorded."""
    for minute, signature in ((2, "c"), (0, "a"), (1, "b"), (1, "b2")):
        fill = build_fill(signature, confirmed_at=NOW + timedelta(minutes=minute))
        await stores.fills.record(OWNER, fill, NOW, None)
    await stores.fills.record("other", build_fill("x"), NOW, None)
    in_order = [known.fill.signature for known in await stores.fills.list_of_order(OWNER, ORDER)]
    assert in_order == ["a", "b", "b2", "c"]


async def test_the_fills_of_many_orders_are_listed_at_once(stores: storage.Storage) -> None:
    """By owner and order, each by time; of no pair that nobody asked for."""
    pairs = [(OWNER, "a"), (OWNER, "b"), ("other", "a"), ("other", "b")]
    for owner, key in pairs:
        for minute in (1, 0):
            fill = build_fill(f"sig{minute}", key, confirmed_at=NOW + timedelta(minutes=minute))
            await stores.fills.record(owner, fill, NOW, None)
    listed = await stores.fills.list_of_orders([(OWNER, "a"), ("other", "b"), (OWNER, "none")])
    assert listed == {
        pair: await stores.fills.list_of_order(*pair) for pair in ((OWNER, "a"), ("other", "b"))
    }
    assert await stores.fills.list_of_orders([]) == {}


async def _own(stores: storage.Storage, user: int, owner: str, *keys: str) -> None:
    """The person has the wallet, and its orders have numbers of theirs."""
    await stores.wallets.add(user, owner, owner[:5], None, NOW, 20)
    for key in keys:
        await stores.orders.record(build_order(key, owner), NOW)
    await stores.orders.assign_numbers(user, owner, keys)


async def _fill(stores: storage.Storage, owner: str, key: str, *days: int) -> None:
    for day in days:
        fill = build_fill(f"{key}{day}", key, confirmed_at=NOW + timedelta(days=day))
        await stores.fills.record(owner, fill, NOW, Decimal(day))


def _names(found: Sequence[ports.NumberedFill]) -> list[tuple[int, str]]:
    return [(each.number, each.known.fill.signature) for each in found]


async def test_fills_of_a_person_are_found_across_orders_and_wallets(stores: storage.Storage) -> None:
    """By wallet, order and time; nobody else's, and none of a wallet that was removed."""
    await _own(stores, 1, OWNER, "a", "b")
    await _own(stores, 1, "other", "c")
    await _own(stores, 2, "theirs", "d")
    await _own(stores, 2, OWNER, "b")
    await _fill(stores, OWNER, "a", 1, 4)
    await _fill(stores, OWNER, "b", 2)
    await _fill(stores, "other", "c", 3)
    await _fill(stores, "theirs", "d", 0, 9)
    await stores.fills.record(OWNER, build_fill("nobody's", "unnumbered"), NOW, None)

    async def newest(user: int = 1, **scope: Any) -> list[tuple[int, str]]:
        return _names(await stores.fills.newest(ports.FillScope(user_id=user, **scope), 9))

    assert await newest() == [(1, "a4"), (3, "c3"), (2, "b2"), (1, "a1")]
    assert await newest(2) == [(1, "d9"), (2, "b2"), (1, "d0")]
    assert await newest(3) == []
    assert await newest(owner=OWNER) == [(1, "a4"), (2, "b2"), (1, "a1")]
    assert await newest(owner="theirs") == []
    assert await newest(number=1) == [(1, "a4"), (1, "a1")]
    second, fourth = NOW + timedelta(days=2), NOW + timedelta(days=4)
    assert await newest(since=second, until=fourth) == [(3, "c3"), (2, "b2")]
    scope = ports.FillScope(user_id=1)
    assert _names(await stores.fills.newest(scope, 2, offset=1)) == [(3, "c3"), (2, "b2")]
    assert await stores.fills.extent(scope) == ports.FillExtent(4, NOW + timedelta(days=1), fourth)
    nothing = ports.FillScope(user_id=1, until=NOW)
    assert await stores.fills.extent(nothing) == ports.FillExtent(0, None, None)
    (wallet,) = [each for each in await stores.wallets.list_of(1) if each.pubkey == OWNER]
    await stores.wallets.remove(1, wallet.id)
    assert await newest() == [(3, "c3")]


async def test_pages_follow_each_other_without_gap_or_repeat(stores: storage.Storage) -> None:
    """Also among fills of one instant, and though one is recorded in between."""
    await _own(stores, 1, OWNER, "a")
    for signature in "edcba":
        await stores.fills.record(OWNER, build_fill(signature, "a"), NOW, None)
    await _fill(stores, OWNER, "a", 1, -1)
    scope, read, after = ports.FillScope(user_id=1), [], None
    while page := await stores.fills.page_after(scope, after, 2):
        read += _names(page)
        after = page[-1]
        if len(read) == 2:
            await _fill(stores, OWNER, "a", 2, -2)
    assert [name for _, name in read] == ["a-1", "e", "d", "c", "b", "a", "a1", "a2"]
    (first,) = await stores.fills.page_after(scope, None, 1)
    known = ports.KnownFill(
        fill=build_fill("a-2", "a", confirmed_at=NOW - timedelta(days=2)), seen_at=NOW, usd=Decimal(-2)
    )
    assert first == ports.NumberedFill(id=first.id, owner=OWNER, number=1, family=Family.PRICE, known=known)


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
