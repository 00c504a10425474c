"""Every command and every kind of button, with tokens and names that somebody means to deceive by."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot import texts
from bot.chat import callbacks, markup, render
from bot.domain import actions, addresses, orders
from bot.services import balances
from tests.fakes import chat_services as fakes
from tests.fakes import pretenders, telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time

ORDERS, WALLETS = 45, 25
EACH = 2
"""Buttons of one kind that are pressed on one kind of screen."""
COMMANDS = (
    "/start",
    "/orders",
    "/orders history",
    "/orders usd",
    "/orders wallet",
    "/deposit",
    "/deposit usdt 10",
    "/deposit 1",
    "/deposit 1 10",
    "/deposit 2 max",
    "/withdraw",
    "/withdraw 1",
    "/withdraw 1 all",
    "/withdraw 2 50%",
    "/cancel",
    "/cancel 2",
    "/new",
    "/wallet",
    "/send",
    "/fills",
    "/fills 1",
    "/export",
    "/export 1 json",
    "/chart 1",
    "/report",
    "/report 1",
    "/settings",
    "/settings mute 1",
    "/status",
    "/help",
)
NEVER = ("ok", "removed", "exported")
"""What moves money, erases or shows a key: tried elsewhere."""
_NUMBERS = re.compile(r"\d+|[1-9A-HJ-NP-Za-km-z]{32,44}")


def _order(number: int, wallet: Any) -> Any:
    source = pretenders.OTHERS[number % len(pretenders.OTHERS)]
    target = pretenders.OTHERS[number // 5 % len(pretenders.OTHERS)] if number % 3 else fakes.SOL
    over: dict[str, Any] = {"status": orders.Status.HISTORY} if number % 4 == 0 else {}
    return fakes.view(
        number,
        family=orders.Family.PRICE if number % 2 else orders.Family.TIME,
        owner=wallet,
        source=source,
        target=target,
        key=addresses.encode_base58(bytes([number]) * 32),
        out_withdrawn_raw=1,
        min_out_raw=number * 1_000_000,
        **over,
    )


def prepare(chat: ChatDriver) -> None:
    """More wallets and orders than fit anywhere, all with names that break what can be broken."""
    mine = [
        replace(
            fakes.wallet(number, owned=number % 5 != 4, pubkey=addresses.encode_base58(bytes([number]) * 32)),
            name=f"<b>{'W' * 24}{number}",
        )
        for number in range(1, WALLETS + 1)
    ]
    chat.fakes.wallets.wallets[7] = mine
    chat.fakes.wallets.broken = [replace(fakes.wallet(99), name="\u202ebroken" + "x" * 20)]
    held = [balances.TokenBalance(token=token, raw=10**18 + 1, usd=None) for token in pretenders.OTHERS]
    chat.fakes.wallets.held = {wallet.id: fakes.held(wallet, lamports=5, tokens=held * 8) for wallet in mine}
    chat.fakes.tokens.known |= {token.mint: token for token in pretenders.OTHERS}
    chat.fakes.orders.views[7] = [_order(n, mine[n % WALLETS]) for n in range(ORDERS, 0, -1)]
    chat.fakes.confirmations.unsettled = [
        fakes.action(actions.State.SUBMITTED, id=number) for number in range(20)
    ]


def check(sent: telegram.Sent) -> None:
    rows = [
        tuple(markup.Button(button["text"], data=button.get("callback_data", "")) for button in row)
        for row in sent.keyboard
    ]
    assert "Something went wrong" not in sent.text, sent.text
    pretenders.look_for_flags(sent.text, markup.Screen(sent.html, tuple(rows)), pretenders.OTHERS)
    assert not set(sent.text) & set("\u202a\u202b\u202c\u202d\u202e"), repr(sent.text)


def buttons(sent: telegram.Sent) -> Iterator[str]:
    """Their data, but for what is never pressed here."""
    for row in sent.keyboard:
        for button in row:
            data = callbacks.parse(button.get("callback_data"))
            if data is not None and data.verb not in NEVER:
                yield button["callback_data"]


class Walk:
    def __init__(self, chat: ChatDriver) -> None:
        self.chat = chat
        self.pressed: dict[tuple[str, str], int] = {}
        self.kinds: set[str] = set()

    async def follow(self, sent: telegram.Sent, depth: int = 0) -> None:
        check(sent)
        kind = _NUMBERS.sub("#", sent.text.partition("\n")[0])
        self.kinds.add(kind)
        for data in list(buttons(sent)):
            once = (kind, _NUMBERS.sub("#", data))
            if depth < 6 and self.pressed.get(once, 0) < EACH:
                self.pressed[once] = self.pressed.get(once, 0) + 1
                await self.chat.tap(data, sent)
                for shown in self.chat.api.in_chat(7)[-2:]:
                    check(shown)
                await self.follow(self.chat.newest(), depth + 1)


@in_virtual_time
async def test_nothing_that_somebody_else_named_deceives_or_breaks_a_screen() -> None:
    """All words are in place, all limits are kept, and every button leads on."""
    async with running() as chat:
        prepare(chat)
        walk = Walk(chat)
        for command in COMMANDS:
            answer = await chat.send(command)
            assert answer is not None
            await walk.follow(answer)
        assert len(walk.pressed) > 150
        assert len(walk.kinds) > 40, sorted(walk.kinds)
        assert texts.UNEXPECTED not in {sent.text for sent in chat.api.sent.values()}


@in_virtual_time
async def test_the_questions_of_a_new_order_name_a_pretender_for_what_it_is() -> None:
    """From the first choice to the card."""
    async with running() as chat:
        prepare(chat)
        false = pretenders.OTHERS[0]
        await chat.send("/new")
        for said in (false.mint, "", fakes.USDC.mint, "", "500", "10", "1d", "", ""):
            check(chat.newest())
            if said:
                await chat.send(said)
            else:
                await chat.tap(next(buttons(chat.newest())), chat.newest())
        assert "Confirm: open a time order" in chat.newest().text


@in_virtual_time
async def test_a_new_order_may_sell_from_any_wallet() -> None:
    """However many there are, each has its button on some page; a false token in it is called so."""
    async with running() as chat:
        prepare(chat)
        await chat.send("/new")
        asked = chat.newest()
        assert "possible look-alike" in asked.text
        offered: set[str] = set()
        while True:
            offered |= {data for data in buttons(asked) if data.startswith("nwallet:")}
            check(asked)
            onward = [label for label in asked.labels if label.endswith("›")]
            if not onward:
                break
            await chat.press(asked, onward[0])
        owned = [wallet.id for wallet in chat.fakes.wallets.wallets[7] if wallet.owned]
        assert len(offered) == len(owned) - 1


def test_a_label_is_cut_without_letting_its_direction_run_on() -> None:
    """A right-to-left name ends where it is cut, whatever follows it."""
    name = render.clean("دولار" * 10, 32)
    for limit in range(3, 32):
        cut = markup.cut(name, limit)
        assert len(cut) <= limit
        assert cut.count("\u2068") == cut.count("\u2069")
