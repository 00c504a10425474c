"""Confirmations: exactly one tap gets one, and only the right one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import errors, ports, storage
from bot.domain import intents
from tests.fakes.storage import NOW, SOL, USDC, build_confirmation

RIGHT: dict[str, Any] = {"token": "token", "user_id": 1, "chat_id": 10, "message_id": 100, "now": NOW}


async def test_a_confirmation_is_consumed_once(stores: storage.Storage) -> None:
    """It comes back as it was stored, u64 amounts included; a second tap gets nothing."""
    await stores.confirmations.add(build_confirmation())
    assert await stores.confirmations.consume(**RIGHT) == build_confirmation()
    assert await stores.confirmations.consume(**RIGHT) is None


async def test_two_hundred_taps_have_one_winner(stores: storage.Storage) -> None:
    """At once, from as many tasks; everybody else is told nothing."""
    await stores.confirmations.add(build_confirmation())
    results: list[ports.Confirmation | None] = []

    async def tap() -> None:
        results.append(await stores.confirmations.consume(**RIGHT))

    async with asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(tap())
    assert len(results) == 200
    assert [result for result in results if result is not None] == [build_confirmation()]


async def test_two_processes_have_one_winner(shared_url: str) -> None:
    """Two connections to the same database, tapping at once: one winner again."""
    async with storage.Storage.open(shared_url) as one, storage.Storage.open(shared_url) as two:
        await one.confirmations.add(build_confirmation())
        results: list[ports.Confirmation | None] = []

        async def tap(stores: storage.Storage) -> None:
            results.append(await stores.confirmations.consume(**RIGHT))

        async with asyncio.TaskGroup() as group:
            for stores in [one, two] * 20:
                group.create_task(tap(stores))
    assert [result for result in results if result is not None] == [build_confirmation()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "tokem"},
        {"user_id": 2},
        {"chat_id": 11},
        {"message_id": 101},
        {"now": NOW + timedelta(minutes=2)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_a_wrong_tap_gets_nothing_and_spoils_nothing(
    stores: storage.Storage, wrong: dict[str, Any]
) -> None:
    """Another token, person, chat, message, or too late; the right tap still works."""
    await stores.confirmations.add(build_confirmation())
    assert await stores.confirmations.consume(**RIGHT | wrong) is None
    assert await stores.confirmations.consume(**RIGHT) is not None


async def test_a_card_without_its_message_cannot_be_tapped(stores: storage.Storage) -> None:
    """Until the message is attached, and then on that message only."""
    await stores.confirmations.add(build_confirmation(message_id=None))
    assert await stores.confirmations.consume(**RIGHT) is None
    await stores.confirmations.attach_message("token", 100)
    assert await stores.confirmations.consume(**RIGHT | {"message_id": 99}) is None
    assert await stores.confirmations.consume(**RIGHT) == build_confirmation()
    await stores.confirmations.attach_message("token", 99)
    assert await stores.confirmations.consume(**RIGHT | {"message_id": 99}) is None


async def test_a_cancelled_confirmation_is_over(stores: storage.Storage) -> None:
    """Only its person cancels it, once; a used one cannot be cancelled."""
    await stores.confirmations.add(build_confirmation())
    assert not await stores.confirmations.cancel("token", 2)
    assert await stores.confirmations.cancel("token", 1)
    assert not await stores.confirmations.cancel("token", 1)
    assert await stores.confirmations.consume(**RIGHT) is None
    await stores.confirmations.add(build_confirmation("used"))
    assert await stores.confirmations.consume(**RIGHT | {"token": "used"}) is not None
    assert not await stores.confirmations.cancel("used", 1)


async def test_expired_ones_are_listed_until_their_card_was_seen_to(stores: storage.Storage) -> None:
    """Pending ones past their time; a crash before the card says so loses nothing."""
    await stores.confirmations.add(build_confirmation("old", expires_at=NOW))
    await stores.confirmations.add(build_confirmation("used", expires_at=NOW + timedelta(seconds=1)))
    await stores.confirmations.add(build_confirmation("young"))
    await stores.confirmations.consume(**RIGHT | {"token": "used"})
    for _ in range(2):
        expired = await stores.confirmations.list_expired(NOW + timedelta(seconds=1))
        assert expired == [build_confirmation("old", expires_at=NOW)]
    await stores.confirmations.record_expired("old")
    assert await stores.confirmations.list_expired(NOW + timedelta(seconds=1)) == []
    assert [c.token for c in await stores.confirmations.list_expired(NOW + timedelta(days=1))] == ["young"]


async def test_a_token_is_used_for_one_card_only(stores: storage.Storage) -> None:
    """A second card with the same token is refused, not merged."""
    await stores.confirmations.add(build_confirmation())
    with pytest.raises(errors.StorageError):
        await stores.confirmations.add(build_confirmation(user_id=2))


@pytest.mark.parametrize(
    "intent",
    [
        intents.CreateOrder(
            user=SOL,
            input_mint=USDC,
            output_mint=SOL,
            amount_raw=2**64 - 1,
            number_of_orders=10,
            interval_s=86_400,
            min_price="1.50",
            start_at=1_800_000_000,
        ),
        intents.Withdraw(user=SOL, order=USDC, input_mint=USDC, output_mint=SOL, amount_raw=None),
        intents.Send(user=SOL, to=USDC, amount_raw=1, mint=USDC, decimals=6),
        intents.Unwrap(user=SOL),
    ],
    ids=lambda intent: intent.kind,
)
async def test_every_intent_comes_back_as_it_was(stores: storage.Storage, intent: intents.Intent) -> None:
    """What is executed is what was on the card."""
    confirmation = replace(build_confirmation(), intent=intent)
    await stores.confirmations.add(confirmation)
    assert await stores.confirmations.consume(**RIGHT) == confirmation


async def test_a_damaged_intent_is_an_error(stores: storage.Storage) -> None:
    """Never half an intent, and never the claim without the answer."""
    await stores.confirmations.add(build_confirmation(intent=intents.Unwrap(user="not an address")))
    with pytest.raises(errors.StorageError, match="cannot be read"):
        await stores.confirmations.consume(**RIGHT)
    assert await stores.confirmations.cancel("token", 1), "it was not consumed"
