"""Wallets, orders, exports and the rest of the conversation."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import errors, ports, texts
from bot.chat.messenger import ChatMessenger
from bot.domain import actions, addresses, notices, orders, quiet
from tests.fakes import chat_services as fakes
from tests.fakes import qr_reader, telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time

KEY = addresses.encode_base58(bytes(range(1, 65)))


def ready(chat: ChatDriver, count: int = 1) -> None:
    chat.fakes.wallets.wallets[7] = [fakes.wallet()]
    chat.fakes.orders.views[7] = [fakes.view(number) for number in range(count, 0, -1)]


async def shown(chat: ChatDriver, text: str) -> telegram.Sent:
    """The answer to a command."""
    answer = await chat.send(text)
    assert answer is not None
    return answer


# --- start -----------------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_newcomer_hears_that_it_is_custodial() -> None:
    """Said plainly, with three ways in, the one without a key first."""
    async with running() as chat:
        start = await chat.send("/start")
        assert start is not None
        assert "This bot is custodial" in start.text
        assert start.labels == ["👁 Watch an address", "✨ Create a wallet", "🔑 Import a wallet"]


@in_virtual_time
async def test_known_people_come_home() -> None:
    """Wallets, active orders, the next fill, and what needs attention."""
    async with running() as chat:
        ready(chat)
        home = await chat.send("/start")
        assert home is not None
        for part in (
            "Active orders: 1",
            "Wallet 1 · 7Ytt…j2G5 · ⭐ default",
            "≈ $1,533.75 · 1.5 SOL",
            "in 59 min",
        ):
            assert part in home.text
        assert "attention" not in home.text


@in_virtual_time
async def test_create_twice_by_a_double_tap_makes_one() -> None:
    """A tap that is sent again must not make a second wallet."""
    async with running() as chat:
        start = await chat.send("/start")
        assert start is not None
        data = start.data("Create")
        await chat.push(chat.tapped(data, start), chat.tapped(data, start))
        assert len(chat.fakes.wallets.wallets[7]) == 1
        assert "out of date" in chat.newest().text


# --- wallets ---------------------------------------------------------------------------------------------


@in_virtual_time
async def test_wallet_detail() -> None:
    """Native and wrapped SOL apart, tokens with value, the address to copy."""
    async with running() as chat:
        ready(chat)
        listing = await chat.send("/wallet")
        assert listing is not None
        detail = await chat.press(listing, "Wallet 1")
        for part in (
            "1.5 SOL (≈\u00a0$256.50)",
            "Wrapped SOL: 0.25 SOL (≈\u00a0$42.75)",
            "1234.5 USDC",
            fakes.OWNER,
        ):
            assert part in detail.text
        copies = [b["copy_text"]["text"] for row in detail.keyboard for b in row if "copy_text" in b]
        assert copies == [fakes.OWNER]
        styles = {b["text"]: b.get("style") for row in detail.keyboard for b in row}
        assert styles["🔑 Export key"] == styles["🗑 Remove"] == "danger"


@in_virtual_time
async def test_an_address_comes_as_a_picture_too() -> None:
    """A photo whose caption says the whole address; its buttons open screens below and leave it alone."""
    async with running() as chat:
        ready(chat)
        detail = await chat.press(await shown(chat, "/wallet"), "Wallet 1")
        photo = await chat.press(detail, "QR code")
        assert photo.id != detail.id
        modules, _ = qr_reader.squares(photo.picture, 4)
        assert qr_reader.read(modules) == fakes.OWNER
        assert f"<code>{fakes.OWNER}</code>" in photo.html
        copies = [b["copy_text"]["text"] for row in photo.keyboard for b in row if "copy_text" in b]
        assert copies == [fakes.OWNER]
        opened = await chat.press(photo, "Open wallet")
        assert opened.id > photo.id
        assert len(photo.versions) == 1


@in_virtual_time
async def test_wallet_without_the_chain() -> None:
    """Balances that cannot be read do not take the wallet away."""
    async with running() as chat:
        ready(chat)
        chat.fakes.wallets.balance_error = errors.GatewayUnavailable(service="Solana")
        await chat.tap("wallet:1", 1)
        assert "cannot read its balances" in chat.newest().text
        assert fakes.OWNER in chat.newest().text


@in_virtual_time
async def test_wallets_that_cannot_be_opened_are_not_passed_over_in_silence() -> None:
    """A wallet that failed its check is not shown, and the person is told that it is not."""
    async with running() as chat:
        ready(chat)
        chat.fakes.wallets.broken = [replace(fakes.wallet(9, pubkey=fakes.OTHER), name="Bad one")]
        listing = await shown(chat, "/wallet")
        assert "cannot open, and whose address I do not show: 1" in listing.text
        broken = await chat.press(listing, "Bad one")
        assert "Bad one cannot be opened" in broken.text
        erase = await chat.press(broken, "Remove anyway")
        assert "could still restore" in erase.text
        for screen in (listing, broken, erase):
            assert fakes.OTHER[:4] not in str(screen.versions)
        await chat.press(erase, "Erase for good")
        assert chat.fakes.wallets.removed == [9]


@in_virtual_time
async def test_rename_and_default() -> None:
    """By question and button; a bad name keeps the question open."""
    async with running() as chat:
        ready(chat)
        await chat.tap("rename:1", 1)
        answer = await chat.send("x" * 40)
        assert answer is not None
        assert "1 to 32" in answer.text
        await chat.send("<Savings>")
        assert "<Savings>" in chat.newest().text
        await chat.tap("default:1", 1)
        assert "default wallet now" in chat.newest().text


@in_virtual_time
async def test_removal_warns_and_asks_twice() -> None:
    """What would be lost is listed, the key is offered first, and the button that loses it comes last."""
    async with running() as chat:
        ready(chat)
        await chat.tap("remove:1", 1)
        asked = chat.newest()
        for part in ("1234.5 USDC", "≈ $1,533.75", "Active orders that pay out to it: 1"):
            assert part in asked.text
        assert asked.labels[:2] == ["‹ Keep it", "🔑 Export key first"]
        await chat.press(asked, "Remove anyway")
        last = chat.newest()
        assert fakes.OWNER in last.text
        assert "It holds ≈ $1,533.75." in last.text
        assert not chat.fakes.wallets.removed
        await chat.press(last, "Erase")
        assert chat.fakes.wallets.removed == [1]
        assert "Wallet 1 was removed" in chat.newest().text


@in_virtual_time
async def test_an_old_button_erases_no_key() -> None:
    """Whatever the chat's past holds, a key goes only with what is true now before one's eyes."""
    async with running() as chat:
        ready(chat)
        await chat.tap("erase:1", 1)
        last = chat.newest()
        data = last.data("Erase")
        await asyncio.sleep(121)
        await chat.tap(data, last)
        assert "out of date" in chat.newest().text
        assert "It holds:" in chat.newest().text
        for forged in ("removed:1", "removed:1:0", "removed:1:99999999999", "removed:1:x"):
            await chat.tap(forged, last)
        assert not chat.fakes.wallets.removed


@in_virtual_time
async def test_a_button_to_stop_watching_erases_no_key_that_came_since() -> None:
    async with running() as chat:
        ready(chat)
        chat.fakes.wallets.wallets[7] = [fakes.wallet(owned=False)]
        await chat.tap("remove:1", 1)
        stop = chat.newest()
        chat.fakes.wallets.wallets[7] = [fakes.wallet()]
        await chat.press(stop, "Stop watching")
        assert "Its key is kept here" in chat.newest().text
        assert not chat.fakes.wallets.removed
        chat.fakes.wallets.wallets[7] = [fakes.wallet(owned=False)]
        await chat.tap("removed:1", 1)
        assert chat.fakes.wallets.removed == [1]


@in_virtual_time
async def test_a_wallet_with_something_under_way_is_not_removed() -> None:
    """And what is under way is a tap away."""
    async with running() as chat:
        ready(chat)
        chat.fakes.confirmations.unsettled = [fakes.action(actions.State.SUBMITTED)]
        for data in ("remove:1", "erase:1"):
            await chat.tap(data, 1)
            assert "cannot be removed now" in chat.newest().text
        under_way = await chat.press(chat.newest(), "Under way")
        for part in ("Deposit into order #1", "waiting for the network", "Confirmed just now"):
            assert part in under_way.text


@in_virtual_time
async def test_removal_without_the_chain() -> None:
    """What cannot be seen is called so, twice."""
    async with running() as chat:
        ready(chat)
        chat.fakes.wallets.balance_error = errors.GatewayUnavailable(service="Solana")
        await chat.tap("remove:1", 1)
        assert "I cannot see what it holds now" in chat.newest().text
        await chat.press(chat.newest(), "Remove anyway")
        assert "I cannot see what it holds now" in chat.newest().text


@in_virtual_time
async def test_twenty_wallets_and_more_page() -> None:
    """Six a page, by editing; the sum is over all of them."""
    async with running() as chat:
        ready(chat)
        chat.fakes.wallets.wallets[7] = [
            fakes.wallet(number, owned=number % 2 == 0, pubkey=addresses.encode_base58(bytes([number]) * 32))
            for number in range(1, 26)
        ]
        first = await shown(chat, "/wallet")
        assert "Wallets · 25 · page 1 of 5" in first.text
        assert "Together ≈ $38,343.75" in first.text
        assert ["Wallet 6 " in first.text, "Wallet 7 " in first.text] == [True, False]
        second = await chat.press(first, "Page 2")
        assert second.id == first.id
        assert "Wallet 7 " in second.text
        assert "Wallet 12" in (await chat.press(second, "Wallet 12")).text
        assert "page 2 of 5" in (await chat.press(second, "Back")).text
        home = await shown(chat, "/start")
        assert "… and 20 more" in home.text
        assert "Wallet 13" in (await shown(chat, "/wallet wallet 13")).text
        assert "no wallet called <b>x" in (await shown(chat, "/wallet <b>x")).text


@in_virtual_time
async def test_home_leads_to_where_things_are_put_right() -> None:
    """Each line that needs the person has its button."""
    async with running() as chat:
        ready(chat)
        poor = replace(fakes.wallet(2, pubkey=fakes.OTHER), name="Poor")
        chat.fakes.wallets.wallets[7].append(poor)
        chat.fakes.wallets.held[2] = fakes.held(poor, lamports=5, sol_usd=None, wrapped_raw=0, tokens=[])
        chat.fakes.wallets.broken = [fakes.wallet(3)]
        chat.fakes.confirmations.unsettled = [fakes.action(actions.State.SUBMITTED)]
        late = fakes.view(2, created_at=fakes.START - timedelta(days=3))
        known = [replace(late.fills[0], fill=replace(late.fills[0].fill, confirmed_at=late.order.created_at))]
        late = replace(late, fills=known, last_fill=known[0].fill, wallet=chat.fakes.wallets.wallets[7][0])
        low = fakes.view(1, family=orders.Family.PRICE, in_deposited_raw=30_000_000)
        chat.fakes.orders.views[7] = [late, low]
        home = await shown(chat, "/start")
        for line, label, there in (
            ("One confirmed action is not settled yet", "Under way", "Deposit into order"),
            ("Low on funds: #1", "Deposit into #1", "Deposit into #1"),
            ("Overdue: #2", "Order #2", "overdue since"),
            ("Too little SOL for fees: Poor", "Fund Poor", fakes.OTHER),
            ("A wallet cannot be opened", "Wallets", "cannot open"),
        ):
            await chat.tap("home", home)
            assert line in home.text
            assert there in (await chat.press(home, label)).text


@in_virtual_time
async def test_watch_in_one_line_and_by_question() -> None:
    """With a name or without; a pasted address is offered to be watched."""
    async with running() as chat:
        await chat.send(f"/watch {fakes.OTHER} Cold storage")
        assert "Cold storage" in chat.newest().text
        await chat.send("/watch")
        await chat.send(fakes.OWNER)
        assert fakes.OWNER in chat.newest().text
        offered = await chat.send(fakes.OTHER)
        assert offered is not None
        await chat.press(offered, "Watch it")
        assert len(chat.fakes.wallets.wallets[7]) == 3


# --- import ----------------------------------------------------------------------------------------------


@in_virtual_time
async def test_import() -> None:
    """The message with the key is deleted before anything else, and the key is in no answer."""
    async with running() as chat:
        await chat.tap("import", 1)
        assert "seed phrases" in chat.newest().text
        await chat.send(KEY)
        methods = [call.method for call in chat.api.calls]
        assert methods.index("deleteMessage") < len(methods) - 1 - methods[::-1].index("sendMessage")
        assert "Wallet imported" in chat.newest().text
        assert texts.KEY_DELETED in chat.newest().text
        assert chat.fakes.wallets.imported == [KEY]
        assert not chat.fakes.dialogs.dialogs


@in_virtual_time
async def test_import_that_cannot_be_deleted_is_called_exposed() -> None:
    """A key that stays in the chat is exposed, and the person is told what to do."""
    async with running() as chat:
        await chat.tap("import", 1)
        update = chat.message(KEY)
        chat.api.undeletable.add(update["message"]["message_id"])
        await chat.push(update)
        assert "could not delete your message" in chat.newest().text
        assert "exposed" in chat.newest().text


@in_virtual_time
async def test_a_bad_key_is_not_repeated() -> None:
    """The refusal names no part of what was sent."""
    async with running() as chat:
        await chat.tap("import", 1)
        await chat.send("5Kbroken")
        assert "not a private key" in chat.newest().text
        assert "5Kbroken" not in chat.newest().text
        assert chat.api.called("deleteMessage")


@in_virtual_time
async def test_any_command_ends_a_question() -> None:
    """Whoever walks away from the import is not surprised by it later."""
    async with running() as chat:
        await chat.tap("import", 1)
        await chat.send("/help")
        await chat.send("5Kbroken")
        assert not chat.fakes.wallets.imported


@in_virtual_time
async def test_a_forgotten_question_ends_by_itself() -> None:
    """After a quarter of an hour a text is no longer taken for the answer."""
    async with running() as chat:
        await chat.tap("watch", 1)
        await asyncio.sleep(16 * 60)
        answer = await chat.send("hello")
        assert answer is not None
        assert "did not understand" in answer.text


# --- export ----------------------------------------------------------------------------------------------


@in_virtual_time
async def test_export_is_announced_revealed_once_and_deleted() -> None:
    """After the delay: protected, behind a spoiler, gone a minute later."""
    async with running() as chat:
        ready(chat)
        await chat.tap("export:1", 1)
        await chat.press(chat.newest(), "Start export")
        announced = chat.newest()
        assert "in 15 min" in announced.text
        assert announced.labels == ["✋ Stop"]
        await asyncio.sleep(15 * 60 + 2)
        shown = chat.newest()
        # No <code> inside: Telegram would drop the spoiler around it.
        assert f"<tg-spoiler>{chat.fakes.wallets.key}</tg-spoiler>" in shown.html
        assert shown.protected
        copies = [b["copy_text"]["text"] for row in shown.keyboard for b in row if "copy_text" in b]
        assert copies == [chat.fakes.wallets.key]
        assert "was shown, once" in announced.text
        assert announced.labels == ["👛 Wallet"]
        await asyncio.sleep(65)
        assert shown.deleted
        assert len(chat.fakes.wallets.revealed) == 1


@in_virtual_time
async def test_a_stopped_export_shows_nothing() -> None:
    """Stop is what the delay is for."""
    async with running() as chat:
        ready(chat)
        await chat.tap("exported:1", 1)
        await chat.press(chat.newest(), "Stop")
        assert "Export stopped" in chat.newest().text
        await asyncio.sleep(3600)
        assert not chat.fakes.wallets.revealed
        assert not any(chat.fakes.wallets.key in sent.html for sent in chat.api.sent.values())


@in_virtual_time
async def test_deletion_of_an_export_is_scheduled_before_the_key_is_opened() -> None:
    """Whatever crashes in between, no key stays in the chat."""
    async with running() as chat:
        ready(chat)
        await chat.tap("exported:1", 1)
        order: list[str] = []
        real_delete = chat.fakes.wallets.schedule_delete
        real_reveal = chat.fakes.wallets.unsafe_reveal

        async def schedule(user_id: int, chat_id: int, message_id: int, due_at: datetime) -> None:
            order.append("schedule")
            await real_delete(user_id, chat_id, message_id, due_at)

        async def reveal(job: ports.Job) -> str | None:
            order.append("reveal")
            return await real_reveal(job)

        chat.fakes.wallets.schedule_delete = schedule  # type: ignore[method-assign]  # to see the order
        chat.fakes.wallets.unsafe_reveal = reveal  # type: ignore[method-assign]  # as above
        await asyncio.sleep(15 * 60 + 2)
        assert order == ["schedule", "reveal"]


@in_virtual_time
async def test_a_deletion_is_tried_until_it_works() -> None:
    """Telegram being away for a while does not leave a key in the chat."""
    async with running() as chat:
        ready(chat)
        await chat.tap("exported:1", 1)
        await asyncio.sleep(15 * 60 + 2)
        chat.api.fail_next("deleteMessage", *(telegram.not_sent() for _ in range(5)))
        shown = chat.newest()
        await asyncio.sleep(200)
        assert shown.deleted


# --- orders ----------------------------------------------------------------------------------------------


@in_virtual_time
async def test_orders_five_a_page_by_editing() -> None:
    """Paging edits the same message; the first look asks Jupiter, paging does not."""
    async with running() as chat:
        ready(chat, 12)
        first = await chat.send("/orders")
        assert first is not None
        assert [f"#{n} " in first.text for n in (12, 8, 7)] == [True, True, False]
        second = await chat.press(first, "Page 2")
        assert second.id == first.id
        assert "#7 " in second.text
        assert chat.fakes.orders.fresh == [True, False]
        assert "No finished orders" in (await chat.press(second, "History")).text


@in_virtual_time
async def test_order_detail_fills_and_mute() -> None:
    """Detail says everything; Fills and Mute come back to it."""
    async with running() as chat:
        ready(chat)
        detail = await chat.send("/orders 1")
        assert detail is not None
        for part in (
            "time order · active",
            "▓▓▓░░░░░░░ 30 % · 3 of 10 fills",
            "Spent: 30 USDC of 100 USDC",
            "Left: 70 USDC",
            "Bought (net): 0.174 SOL",
            "Average: 172.41 USDC per SOL",
            "10 USDC every 1 h",
            "Next fill: ≈ 14:30 UTC (in 59 min)",
            "8M2g…NqRR",
        ):
            assert part in detail.text
        assert f"https://solscan.io/account/{fakes.ORDER_KEY}" in str(detail.keyboard)
        fills = await chat.press(detail, "Fills")
        assert "3. 0.058 SOL for 10 USDC" in fills.text
        detail = await chat.press(fills, "Back")
        muted = await chat.press(detail, "Mute")
        assert "🔕 muted" in muted.text
        assert "🔔 Unmute" in muted.labels


@in_virtual_time
async def test_a_button_of_an_order_that_is_gone_says_so() -> None:
    """A Telegram window stays clickable forever; the truth is read again."""
    async with running() as chat:
        ready(chat)
        await chat.tap("order:77", 1)
        assert "no such order" in chat.newest().text
        assert "out of date" in chat.newest().text


@in_virtual_time
async def test_refreshing_what_did_not_change_is_fine() -> None:
    """Telegram's "not modified" is success: nothing is sent anew, and the screen keeps its markup."""
    async with running() as chat:
        screen = await chat.send("/help")
        assert screen is not None
        shown, versions = screen.html, len(screen.versions)
        await chat.tap("help", screen)
        await chat.tap("help", screen)
        assert len(chat.api.called("editMessageText")) == 2
        assert len(chat.api.called("sendMessage")) == 1
        assert (screen.html, len(screen.versions)) == (shown, versions)


@pytest.mark.parametrize(
    "data", ["nonsense", "order", "order:x", "orders:never:0", "wallet:1:2:3", "ok", "x" * 64]
)
def test_unknown_buttons_are_answered(data: str) -> None:
    """No tap is left spinning, whatever it carries."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            await chat.tap(data, 1)
            assert chat.api.called("answerCallbackQuery")
            assert chat.api.in_chat(7)

    try_it()


@in_virtual_time
async def test_a_late_answer_to_a_tap_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """ "Query is too old" happens after every outage."""
    async with running() as chat:
        too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
        chat.api.fail_next("answerCallbackQuery", telegram.refused(400, too_old))
        await chat.tap("help", 1)
        assert "What works" in chat.newest().text
        assert not caplog.records


@in_virtual_time
async def test_pictures_and_stickers_are_answered() -> None:
    """What is no text gets a sentence, not silence."""
    async with running() as chat:
        await chat.push(chat.message("", sticker={"file_id": "x", "file_unique_id": "x", "type": "regular",
                                                  "width": 1, "height": 1, "is_animated": False,
                                                  "is_video": False}))  # fmt: skip
        assert "only read text" in chat.newest().text


# --- adapters --------------------------------------------------------------------------------------------


def outgoing(notice: notices.Notice, *, repeat: bool = False) -> ports.OutboxMessage:
    return ports.OutboxMessage(
        id=1, user_id=7, notice=notice, attempts=0, possible_repeat=repeat, created_at=fakes.START
    )


@in_virtual_time
async def test_messenger_delivers_and_maps_errors() -> None:
    """Delivered, known not delivered, unknown, gone: the outbox hears exactly which."""
    from bot.chat.connection import BotConnection

    mine, api = fakes.FakeServices(), telegram.FakeTelegram()
    mine.orders.views[7] = [fakes.view()]
    await mine.people.meet(7, 70)
    seen = fakes.view().fills[2].fill
    batch = [
        outgoing(notices.FillSeen(owner=fakes.OWNER, order_key=seen.order_key, signature=seen.signature))
    ]
    async with BotConnection(
        telegram.TOKEN, telegram.API_URL, request=api, updates_request=api
    ) as connection:
        messenger = ChatMessenger(
            connection.sender, mine.people, mine.telling, clock=mine.clock, order_clock=mine.clock
        )
        message_id = await messenger.deliver(batch)
        assert api.sent[message_id].text.startswith("🟢 Fill 3/10")
        assert api.sent[message_id].chat_id == 70
        for failure, expected in (
            (telegram.refused(429, "Too Many Requests", retry_after=9), errors.DeliveryDelayed),
            (telegram.not_sent(), errors.DeliveryDelayed),
            (telegram.answer_lost(), errors.DeliveryUnknown),
            (telegram.refused(502, "Bad Gateway"), errors.DeliveryUnknown),
            ((200, b"<html>"), errors.DeliveryUnknown),
            (telegram.refused(403, "Forbidden: bot was blocked by the user"), errors.ChatGone),
            (telegram.refused(400, "Bad Request: chat not found"), errors.ChatGone),
        ):
            api.fail_next("sendMessage", failure)
            with pytest.raises(expected) as caught:
                await messenger.deliver(batch)
            if failure == telegram.refused(429, "Too Many Requests", retry_after=9):
                assert isinstance(caught.value, errors.DeliveryDelayed)
                assert caught.value.retry_after.total_seconds() == 9


@in_virtual_time
async def test_a_message_makes_a_sound_only_when_it_may() -> None:
    """By the person's wishes at the time at which it is sent."""
    from bot.chat.connection import BotConnection

    mine, api = fakes.FakeServices(), telegram.FakeTelegram()
    mine.orders.views[7] = [fakes.view()]
    await mine.people.meet(7, 7)
    fill = notices.FillSeen(owner=fakes.OWNER, order_key=fakes.ORDER_KEY, signature="unknown")
    told = notices.OperatorTold(topic="t", text="x")
    async with BotConnection(
        telegram.TOKEN, telegram.API_URL, request=api, updates_request=api
    ) as connection:
        messenger = ChatMessenger(
            connection.sender, mine.people, mine.telling, clock=mine.clock, order_clock=mine.clock
        )
        for wishes, notice, silent in (
            (quiet.Wishes(), fill, False),
            (quiet.Wishes(fills=quiet.Fills.SILENT), fill, True),
            (quiet.Wishes(quiet=(13 * 60, 14 * 60)), fill, True),
            (quiet.Wishes(quiet=(13 * 60, 14 * 60)), told, False),
            (quiet.Wishes(quiet=(14 * 60, 13 * 60)), fill, False),
        ):
            await mine.people.record_wishes(7, wishes)
            await messenger.deliver([outgoing(notice)])
            assert api.called("sendMessage")[-1].get("disable_notification", False) is silent


@in_virtual_time
async def test_refused_markup_goes_out_as_plain_text_once() -> None:
    """400 means that the text is at fault: plain text, then a dead letter."""
    from bot.chat import markup
    from bot.chat.connection import BotConnection

    api = telegram.FakeTelegram()
    async with BotConnection(
        telegram.TOKEN, telegram.API_URL, request=api, updates_request=api
    ) as connection:
        sent = await connection.sender.send(7, markup.Screen("<nope>a &lt; b</nope>"))
        assert api.sent[sent].text == "a < b"
        broken = telegram.refused(400, "Bad Request: can't parse entities")
        api.fail_next("sendMessage", broken, broken)
        with pytest.raises(errors.DeliveryRejected):
            await connection.sender.send(7, markup.Screen("text"))
        assert len(api.called("sendMessage")) == 4


@in_virtual_time
async def test_an_order_that_cannot_be_read_now_delays_its_notice() -> None:
    """A notice is not sent without its facts because a service is away for a minute."""
    from bot.chat.connection import BotConnection

    mine, api = fakes.FakeServices(), telegram.FakeTelegram()
    await mine.people.meet(7, 7)
    async with BotConnection(
        telegram.TOKEN, telegram.API_URL, request=api, updates_request=api
    ) as connection:
        messenger = ChatMessenger(
            connection.sender, mine.people, mine.telling, clock=mine.clock, order_clock=mine.clock
        )
        mine.telling.away = True
        with pytest.raises(errors.DeliveryDelayed):
            await messenger.deliver([outgoing(notices.FundsLow(owner="o", order_key=fakes.ORDER_KEY))])
        assert not api.calls


def test_order_status_words_match_the_buttons() -> None:
    """Filters in callback data are the domain's own words."""
    assert {status.value for status in orders.Status} == {"active", "history"}
