"""From what Jupiter lists to what stands in the chat: real services, real screens, a strict Bot API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot import ports
from bot.chat.connection import BotConnection
from bot.chat.messenger import ChatMessenger
from bot.domain import amounts, orders
from bot.jupiter.recurring import JupiterRecurring
from bot.jupiter.transport import JupiterTransport
from bot.ports import Outgoing
from bot.services.delivery import Delivery
from tests.fakes import telegram
from tests.fakes import world as worlds
from tests.fakes.chain import make_address
from tests.fakes.jupiter import URL, FakeJupiter, Reply
from tests.fakes.world import USER, World, make_fill, make_order

MINUTE = timedelta(minutes=1)
NASTY = '<b>&"</a>'
BLOCKED = telegram.refused(403, "Forbidden: bot was blocked by the user")


@dataclass(frozen=True, slots=True)
class Chat:
    """Services whose messages arrive in a chat."""

    world: World
    api: telegram.FakeTelegram
    owner: str

    async def fills(self, *numbers: int, mint: str = amounts.USDC_MINT) -> None:
        """These fills of one order come, each confirmed in its minute; then everything is delivered."""
        known = [replace(make_fill("order", n, at=n * MINUTE), input_mint=mint) for n in numbers]
        order = make_order(self.owner, family=orders.Family.TIME, used=10_000_000 * max(numbers))
        item = orders.SeenOrder(replace(order, input_mint=mint), tuple(known))
        await self.world.ingest.take(self.owner, [item], first=True)
        await self.deliver()

    async def deliver(self) -> None:
        while await self.world.delivery.deliver_once():
            pass

    @property
    def texts(self) -> list[str]:
        return [sent.text for sent in self.api.in_chat(USER)]


@asynccontextmanager
async def open_chat() -> AsyncIterator[Chat]:
    api = telegram.FakeTelegram()
    connection = BotConnection(telegram.TOKEN, telegram.API_URL, request=api, updates_request=api)
    async with worlds.open_world() as world, connection:
        clock = world.time.clock
        messenger = ChatMessenger(
            connection.sender, world.people, world.telling, clock=clock, order_clock=world.time.order_clock
        )
        world.delivery = Delivery(
            outbox=world.outbox,
            people=world.people,
            messenger=messenger,
            operators=world.operators,
            health=world.health,
            clock=clock,
            sleep=world.time.sleep,
        )
        yield Chat(world, api, (await world.add_wallet()).pubkey)


async def test_what_was_filled_while_the_chat_was_blocked_is_summed_up_on_return() -> None:
    """One message with every fill and the sums; until then nothing is tried, and nothing lost."""
    async with open_chat() as chat:
        chat.api.fail_next("sendMessage", BLOCKED)
        for number in range(1, 6):
            await chat.fills(number)
        assert chat.texts == []
        assert len(chat.api.called("sendMessage")) == 1
        assert (await chat.world.stores.outbox.counts())[Outgoing.HELD] == 5
        await chat.world.people.meet(USER, USER)
        await chat.deliver()
        (text,) = chat.texts
        assert text.startswith("🟢 5 fills\n")
        assert [f"Fill {number}/10: " in text for number in range(1, 7)] == [True] * 5 + [False]
        assert "for 50 USDC" in text
        await chat.fills(6)
        assert chat.texts[1].startswith("🟢 Fill 6/10")


async def test_a_token_that_is_called_like_markup_is_told_like_any_other() -> None:
    """As text, not as plain text after a refusal; and the next one works."""
    async with open_chat() as chat:
        mint = make_address("mint")
        token = amounts.Token(mint, NASTY, NASTY, 6)
        chat.world.directory.tokens[mint] = token
        chat.world.chain.mints[mint] = ports.Mint(6, classic=True)
        await chat.fills(1, mint=mint)
        await chat.fills(2, mint=mint)
        assert len(chat.api.called("sendMessage")) == 2
        for number, text in enumerate(chat.texts, 1):
            assert f"Fill {number}/10 · {NASTY}" in text


def _listed(owner: str, key: str, **changes: Any) -> dict[str, Any]:
    """A time order as Jupiter lists it, with one fill."""
    mints = {"inputMint": amounts.USDC_MINT, "outputMint": amounts.WSOL_MINT}
    trade = mints | {
        "orderKey": key,
        "keeper": "keeper",
        "rawInputAmount": "10000000",
        "rawOutputAmount": "70000000",
        "feeMint": amounts.WSOL_MINT,
        "rawFeeAmount": "70000",
        "txId": f"tx{key}",
        "confirmedAt": "2026-11-20T12:01:00Z",
        "action": "Fill",
    }
    order = mints | {
        "userPubkey": owner,
        "orderKey": key,
        "rawInDeposited": "100000000",
        "rawInWithdrawn": "0",
        "rawInUsed": "10000000",
        "rawOutReceived": "70000000",
        "rawOutWithdrawn": "70000000",
        "rawInAmountPerCycle": "10000000",
        "cycleFrequency": 3600,
        "createdAt": "2026-11-20T12:00:00Z",
        "updatedAt": "2026-11-20T12:01:00Z",
        "openTx": "open",
        "trades": [trade],
    }
    return {name: value for name, value in (order | changes).items() if value is not ...}


def _list(wire: FakeJupiter, owner: str, *active: dict[str, Any]) -> None:
    def answer(request: httpx.Request) -> Reply:
        status = request.url.params["orderStatus"]
        listed = list(active) if status == "active" else []
        return Reply({"user": owner, "orderStatus": status, "totalPages": 1, "page": 1, "time": listed})

    wire.on("/recurring/v1/getRecurringOrders", answer)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"unknown": {"deep": [1]}, "trades2": None}, True),
        ({"rawInUsed": ...}, False),
        ({"rawInDeposited": "9" * 5000}, False),
        ({"rawInDeposited": 2**70}, False),
        ({"cycleFrequency": "1e400"}, False),
        ({"createdAt": NASTY}, False),
        ({"trades": "none"}, True),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_an_odd_order_in_jupiter_s_list_costs_nothing_but_itself(
    changes: dict[str, Any], told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Unknown fields are ignored; what cannot be read is logged and left out; the order beside it and the
    next answer are told."""
    async with open_chat() as chat:
        keys = [make_address(name) for name in ("odd", "good")]
        odd, good = _listed(chat.owner, keys[0], **changes), _listed(chat.owner, keys[1])
        wire = FakeJupiter()
        _list(wire, chat.owner, odd, good)
        async with JupiterTransport(URL, "key", 100, wire=wire.wire) as transport:
            chat.world.gateway.fetch_orders = JupiterRecurring(transport).fetch_orders  # type: ignore[method-assign]  # the real reader
            assert await chat.world.polling.poll_once() == 1
            await chat.deliver()
            assert len(chat.texts) == 1
            known = await chat.world.stores.orders.list_known(USER, [chat.owner])
            assert {item.order.key for item in known} == set(keys if told else keys[1:])
            assert ("Left out of the orders" in caplog.text) == ("unknown" not in changes)
            second = good["trades"][0] | {"txId": "next", "confirmedAt": "2026-11-20T13:01:00Z"}
            later = good | {"trades": [*good["trades"], second], "rawInUsed": "20000000"}
            _list(wire, chat.owner, odd, later)
            chat.world.time.advance(3700)
            await chat.world.polling.poll_once()
            await chat.deliver()
            assert "Fill 2/10" in chat.texts[-1]
