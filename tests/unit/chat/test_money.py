"""Cards: from the wish to the tap, and what is said afterwards."""

import asyncio
from dataclasses import replace

import pytest

from bot import errors, texts
from bot.domain import actions, intents, orders
from bot.services import proposals
from tests.fakes import chat_services as fakes
from tests.fakes import telegram
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time

PRICE = orders.Family.PRICE


def ready(chat: ChatDriver, family: orders.Family = PRICE) -> None:
    chat.fakes.wallets.wallets[7] = [fakes.wallet()]
    chat.fakes.orders.views[7] = [fakes.view(7, family=family)]


async def card(chat: ChatDriver, text: str = "/deposit 7 10") -> telegram.Sent:
    ready(chat)
    sent = await chat.send(text)
    assert sent is not None
    return sent


@in_virtual_time
async def test_card_is_sent_then_bound_then_given_its_buttons() -> None:
    """A button can only be tapped on a message that the confirmation already knows."""
    async with running() as chat:
        labels_when_bound: list[list[str]] = []

        def look(message_id: int) -> None:
            labels_when_bound.append(chat.api.sent[message_id].labels)

        chat.fakes.confirmations.before_attach = look
        sent = await card(chat)
        assert chat.fakes.confirmations.attached == {"token-01": sent.id}
        assert labels_when_bound == [[]]
        assert sent.labels
        (first, second) = (call.params for call in chat.api.calls if "Message" in call.method)
        assert "reply_markup" not in first
        assert "token-01" in str(second["reply_markup"])
        assert second["text"] == first["text"]


@in_virtual_time
async def test_the_card_says_everything() -> None:
    """What, from which wallet, to where, how much, fees and rent, and what happens next."""
    async with running() as chat:
        sent = await card(chat)
        for part in (
            "deposit into order #7",
            "10 USDC",
            "EPjF…Dt1v",
            "≈\u00a0$10.00",
            "Wallet 1",
            "7Ytt…j2G5",
            "order #7 · USDC → SOL · 8M2g…NqRR",
            "Network fee: at most 0.001005 SOL",
            "at most 0.00203928 SOL",
            "Available: 1234.5 USDC",
            "sent through Jupiter",
            "Valid for 2 minutes",
        ):
            assert part in sent.text
        assert sent.labels == ["✅ Confirm", "✖️ Cancel"]


@in_virtual_time
async def test_confirming_keeps_the_record() -> None:
    """The tap is answered, the card loses its buttons and keeps what was confirmed."""
    async with running() as chat:
        sent = await card(chat)
        await chat.tap(sent.data("Confirm"), sent)
        assert chat.fakes.confirmations.confirmed == ["token-01"]
        assert "Checking…" in sent.text
        assert "Deposit: 10 USDC" in sent.text
        assert sent.labels == []
        assert chat.api.called("answerCallbackQuery")[0]["text"] == texts.CONFIRM_TAKEN


@in_virtual_time
async def test_second_tap_does_nothing() -> None:
    """Whether at once or later, re-sent or not: one confirmation, one action, and the other tap is told."""
    async with running() as chat:
        sent = await card(chat)
        data = sent.data("Confirm")
        await chat.push(*(chat.tapped(data, sent) for _ in range(5)))
        assert chat.fakes.confirmations.confirmed == ["token-01"]
        said = [call.get("text", "") for call in chat.api.called("answerCallbackQuery")]
        assert said.count(texts.CONFIRM_TAKEN) == 1
        assert sum("no longer valid" in text for text in said) == 4
        assert "Checking…" in sent.text


@in_virtual_time
async def test_a_button_from_another_message_is_refused() -> None:
    """The same token under another message id confirms nothing."""
    async with running() as chat:
        sent = await card(chat)
        await chat.tap(sent.data("Confirm"), sent.id + 1)
        assert not chat.fakes.confirmations.confirmed


@in_virtual_time
async def test_declining_keeps_the_record() -> None:
    """Cancel closes the card; a Confirm that comes later finds nothing."""
    async with running() as chat:
        sent = await card(chat)
        confirm = sent.data("Confirm")
        await chat.tap(sent.data("Cancel"), sent)
        assert "Not confirmed. Nothing was done." in sent.text
        assert "deposit into order #7" in sent.text
        assert "After Confirm" not in sent.text
        assert "Valid for" not in sent.text
        await chat.tap(confirm, sent)
        assert not chat.fakes.confirmations.confirmed


@in_virtual_time
async def test_the_card_shows_each_state_and_never_an_earlier_one() -> None:
    """Edits can overtake each other; what is shown never goes back."""
    async with running() as chat:
        sent = await card(chat)
        await chat.tap(sent.data("Confirm"), sent)
        signed = actions.Signed(fakes.SIGNATURE, "hash", b"raw")
        for state, words in (
            (actions.State.SIGNED, "Signed"),
            (actions.State.SUBMITTED, "Sent · transaction"),
            (actions.State.LANDED, "Done · transaction"),
        ):
            await chat.cards.show_action(fakes.action(state, message_id=sent.id, signed=signed))
            assert words in sent.text
            assert f"https://solscan.io/tx/{fakes.SIGNATURE}" in sent.html or state is actions.State.SIGNED
        await chat.cards.show_action(fakes.action(actions.State.SUBMITTED, message_id=sent.id, signed=signed))
        assert "✅ Done" in sent.text
        assert "Deposit: 10 USDC" in sent.text


@in_virtual_time
async def test_the_record_of_what_was_done_stays() -> None:
    """What a button of a finished card opens comes below it, not in its place."""
    async with running() as chat:
        sent = await card(chat)
        await chat.tap(sent.data("Confirm"), sent)
        await chat.cards.show_action(fakes.action(actions.State.REJECTED, message_id=sent.id))
        record = sent.text
        for label in ("Order #7", "Home"):
            opened = await chat.press(sent, label)
            assert opened.id != sent.id
            assert sent.text == record


@in_virtual_time
async def test_declining_a_cancel_is_not_called_cancel() -> None:
    """Under "cancel order" a button "Cancel" could be taken for the deed."""
    async with running() as chat:
        sent = await card(chat, "/cancel 7")
        assert "order #7 · USDC → SOL" in sent.text
        assert sent.labels == ["✅ Confirm", "✖️ Keep the order"]
        await chat.tap(sent.data("Keep"), sent)
        assert "Not confirmed" in sent.text


@in_virtual_time
async def test_what_we_build_ourselves_is_not_said_to_pass_through_jupiter() -> None:
    """A send goes to the network by our own way, whatever the setting says about orders."""
    async with running() as chat:
        sent = await card(chat, f"/send 1 USDC {fakes.OTHER}")
        assert "sent to the Solana network" in sent.text
        assert "Jupiter" not in sent.text


@in_virtual_time
async def test_a_deleted_card_still_tells_its_end() -> None:
    """If the person deleted the card, the outcome comes as a fresh message."""
    async with running() as chat:
        sent = await card(chat)
        sent.deleted = True
        await chat.cards.show_action(fakes.action(actions.State.LAPSED, message_id=sent.id))
        assert "No money moved" in chat.newest().text


@in_virtual_time
async def test_an_expired_card_says_so() -> None:
    """After two minutes the card itself says that nothing was done."""
    async with running() as chat:
        sent = await card(chat)
        made = chat.fakes.proposals.made["token-01"].confirmation
        await chat.cards.show_expired(replace(made, message_id=sent.id))
        assert "Expired. Nothing was done." in sent.text
        assert "Deposit: 10 USDC" in sent.text
        assert sent.labels == ["📄 Order #7", "🏠 Home"]


@in_virtual_time
async def test_an_error_while_confirming_does_not_claim_that_nothing_happened() -> None:
    """When the answer is unknown, the person is told exactly that."""
    async with running() as chat:
        sent = await card(chat)
        chat.fakes.confirmations.error = errors.StorageError()
        await chat.tap(sent.data("Confirm"), sent)
        assert "cannot happen twice" in chat.newest().text
        assert "moved no money" not in chat.newest().text


# --- by buttons and in one line --------------------------------------------------------------------------


@in_virtual_time
async def test_deposit_by_buttons() -> None:
    """Choose the order, choose a share, get the card."""
    async with running() as chat:
        ready(chat)
        choice = await chat.send("/deposit")
        assert choice is not None
        amount = await chat.press(choice, "#7")
        assert "Available: 1234.5 USDC" in amount.text
        assert amount.id == choice.id
        await chat.press(amount, "25 %")
        assert chat.fakes.proposals.asked == [fakes.Asked("deposit", (7, "25%"))]
        assert "Confirm" in chat.newest().labels[0]


@pytest.mark.parametrize(
    ("family", "press", "asked"),
    [("deposit", "Max", (7, "max")), ("withdraw", "All", (7, "all", orders.Side.IN))],
)
def test_everything_by_button(family: str, press: str, asked: tuple[object, ...]) -> None:
    """Max and All ask for whatever is there."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready(chat)
            amount = await chat.send(f"/{family} 7")
            assert amount is not None
            await chat.press(amount, press)
            assert chat.fakes.proposals.asked == [fakes.Asked(family, asked)]

    try_it()


@in_virtual_time
async def test_withdraw_in_one_line() -> None:
    """Amount, everything, and the output side."""
    async with running() as chat:
        ready(chat)
        for text in ("/withdraw 7 10", "/withdraw #7 all", "/withdraw 7 all out", "/withdraw 7 2.5 in"):
            await chat.send(text)
        sides = [(asked.args[1], asked.args[2].value) for asked in chat.fakes.proposals.asked]
        assert sides == [("10", "In"), ("all", "In"), ("all", "Out"), ("2.5", "In")]


@in_virtual_time
async def test_typed_amount_survives_a_mistake() -> None:
    """A wrong amount gets its sentence, and the question stays open."""
    async with running() as chat:
        ready(chat)
        await chat.send("/deposit 7")
        answer = await chat.send("1,000")
        assert answer is not None
        assert "Could be 1000 or 1.000" in answer.text
        await chat.send("12.5")
        assert chat.fakes.proposals.asked[-1].args == (7, "12.5")
        assert not chat.fakes.dialogs.dialogs


@in_virtual_time
async def test_time_orders_offer_what_works_instead() -> None:
    """No top-up for time orders: a new one, or cancelling."""
    async with running() as chat:
        ready(chat, orders.Family.TIME)
        answer = await chat.send("/deposit 7 10")
        assert answer is not None
        assert "no way to add funds" in answer.text
        await chat.press(answer, "same settings")
        request = chat.fakes.proposals.asked[-1].args[0]
        assert (request.amount, request.number_of_orders, request.interval_s) == ("100", 10, 3600)
        answer = await chat.send("/withdraw 7 10")
        assert answer is not None
        assert "cancel" in answer.text
        await chat.press(answer, "Cancel, get rest")
        assert chat.fakes.proposals.asked[-1].what == "cancel"


BAD = {
    "/deposit 99 10": "no order #99",
    "/deposit 7 0": "more than zero",
    "/deposit 7 -5": "cannot be negative",
    "/deposit 7 1.1234567": "finer than the token",
    "/deposit 7 1e9": "write the number out",
    "/deposit 7 1,000": "1000 or 1.000",
    "/deposit 7 🙂": "not an amount",
    "/deposit 7 " + "9 " * 5_000: "too long",
    "/watch nonsense": "not a Solana address",
    "/watch 0x" + "a" * 40: "Ethereum",
    "word " * 2_000: "too long",
    "🙂": "did not understand",
    "/unknown": "do not know that command",
    "/new 500 USDC": "/new 500 USDC to SOL in 10 every 1d",
    "/new 500 NOPE to SOL in 10 every 1d": "do not know a token",
    "/new 500 USDC to SOL in 2.5 every 1d": "whole number",
    "/new 500 USDC to SOL in 10 every 1y": "4h, 1d or 1w",
    "/send 1 USDC": "1.5 USDC ADDRESS",
    "/send 1 NOPE " + fakes.OTHER: "holds no token",
    "/send 1 USDC nonsense": "not a Solana address",
    "/orders nonsense": "no order that fits “nonsense”",
}


@pytest.mark.parametrize("text", sorted(BAD))
def test_bad_input_gets_its_sentence_and_changes_nothing(text: str) -> None:
    """A clear answer, no card, no stack trace."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready(chat)
            answer = await chat.send(text)
            assert answer is not None
            assert BAD[text] in answer.text
            assert "Traceback" not in answer.text
            assert not chat.fakes.proposals.made
            assert not chat.fakes.confirmations.attached

    try_it()


@in_virtual_time
async def test_refusals_of_the_service_reach_the_person() -> None:
    """What the service says is said as it is; an outage says that nothing was sent."""
    async with running() as chat:
        ready(chat)
        for refusal, words in (
            (errors.InsufficientFunds("The wallet holds 3 USDC, not 10."), "holds 3 USDC"),
            (errors.OrderNotProven(), "could not prove"),
            (errors.WatchOnly(), "watched only"),
            (
                errors.GatewayUnavailable(service="Jupiter"),
                "Jupiter does not answer right now. Nothing was sent.",
            ),
            (errors.UnexpectedResponse("no JSON in getBalance"), "gave an answer that I cannot read"),
        ):
            chat.fakes.proposals.refusal = refusal
            answer = await chat.send("/deposit 7 10")
            assert answer is not None
            assert words in answer.text


@in_virtual_time
async def test_unexpected_errors_have_an_id_that_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The person gets an id, the operator the traceback; the person never sees the traceback."""
    async with running() as chat:
        ready(chat)
        chat.fakes.orders.error = RuntimeError("secret inner workings")
        answer = await chat.send("/orders")
        assert answer is not None
        assert "moved no money" in answer.text
        assert "inner workings" not in answer.text
        error_id = answer.text.rsplit("Error id: ", 1)[1].strip()
        assert f"error {error_id}" in caplog.text
        assert "inner workings" in caplog.text


# --- new orders and sending ------------------------------------------------------------------------------


@in_virtual_time
async def test_new_in_one_line() -> None:
    """Everything in one line becomes one request, with prices and start."""
    async with running() as chat:
        ready(chat)
        sent = await chat.send("/new 500 USDC to SOL in 10 every 1d between 150 and 180 from 2026-12-01")
        assert sent is not None
        request = chat.fakes.proposals.asked[-1].args[0]
        assert (request.input_mint, request.output_mint) == (fakes.USDC.mint, fakes.SOL.mint)
        assert (request.amount, request.number_of_orders, request.interval_s) == ("500", 10, 86400)
        assert (request.min_price, request.max_price) == ("150", "180")
        assert request.start_at.isoformat() == "2026-12-01T00:00:00+00:00"
        for part in (
            "500 USDC",
            "10 parts of 50 USDC, every day",
            "from 150 to 180 USDC per SOL",
            "2026-12-01",
        ):
            assert part in sent.text


@in_virtual_time
async def test_new_step_by_step() -> None:
    """Seven questions, by buttons and by text, lead to the same request."""
    async with running() as chat:
        ready(chat)
        screen = await chat.send("/new")
        assert screen is not None
        await chat.press(screen, "USDC")
        await chat.send("solana")
        screen = await chat.send("sol")
        assert screen is not None
        await chat.press(screen, "SOL So11")
        await chat.send("1000")
        await chat.press(chat.newest(), "20")
        await chat.send("4h")
        await chat.press(chat.newest(), "Any price")
        await chat.press(chat.newest(), "Now")
        request = chat.fakes.proposals.asked[-1].args[0]
        assert (request.input_mint, request.output_mint) == (fakes.USDC.mint, fakes.SOL.mint)
        assert (request.amount, request.number_of_orders, request.interval_s) == ("1000", 20, 14400)
        assert (request.min_price, request.max_price, request.start_at) == (None, None, None)
        assert "Confirm" in chat.newest().labels[0]
        assert not chat.fakes.dialogs.dialogs


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("above 150", "Only at prices of 150 USDC per SOL or more"),
        ("below 180", "Only at prices of 180 USDC per SOL or less"),
        ("between 150 and 180", "Only at prices from 150 to 180 USDC per SOL"),
        ("", ""),
    ],
)
def test_the_card_says_the_price_range_that_was_typed(typed: str, said: str) -> None:
    """With a least price, a highest one, both or neither; in one line or as the answer to the question."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            ready(chat)
            await chat.send(f"/new 500 USDC to SOL in 10 every 1d {typed}")
            assert _prices(chat.newest()) == said
            await chat.send("/new")
            for label in ("USDC", "SOL"):
                await chat.press(chat.newest(), label)
            for answer in ("500", "10", "1d"):
                await chat.send(answer)
            if typed:
                await chat.send(typed)
            else:
                await chat.press(chat.newest(), "Any price")
            assert _prices(await chat.press(chat.newest(), "Now")) == said

    try_it()


def _prices(card: telegram.Sent) -> str:
    """What a card says of prices."""
    assert card.text.startswith("Confirm: open a time order")
    return "\n".join(line for line in card.text.split("\n") if "rice" in line)


@in_virtual_time
async def test_new_refuses_where_it_can_still_be_put_right() -> None:
    """Each answer is checked before the next question: what is wrong is asked again, by button, too."""
    async with running() as chat:
        ready(chat)
        screen = await chat.send("/new")
        assert screen is not None
        buy = await chat.press(screen, "USDC")
        await chat.tap("nbuy:" + fakes.USDC.mint, buy)
        assert "two different" in chat.newest().text
        await chat.press(buy, "SOL")
        for answer, words in (("99", "too little"), ("1,000", "Could be 1000 or 1.000"), ("500", "how many")):
            await chat.send(answer)
            assert words in chat.newest().text
        count = chat.newest()
        refused = await chat.press(count, "20")
        assert "20 parts that is too little" in refused.text
        assert refused.labels == ["✖️ Stop", "🏠 Home"]
        assert "at least 2 parts" in (await chat.send("1") or refused).text
        await chat.press(count, "5")
        assert "at least 30 seconds" not in chat.newest().text
        await chat.send("400d")
        assert "at most a year" in chat.newest().text
        await chat.send("1d")
        await chat.send("180 and 150")
        assert "above the highest" in chat.newest().text
        await chat.send("150 and 180")
        assert "Start when?" in chat.newest().text
        assert not chat.fakes.proposals.asked


@in_virtual_time
async def test_every_answer_of_new_can_be_taken_back() -> None:
    """Question by question to the first; what is answered then is what the card says, and nothing else is."""
    async with running() as chat:
        ready(chat)
        screen = await chat.send("/new")
        assert screen is not None
        assert "‹ Back" not in screen.labels
        asked = [screen.text]
        asked += [(await chat.press(chat.newest(), answer)).text for answer in ("USDC", "SOL")]
        asked += [(await chat.send(answer) or screen).text for answer in ("500", "10", "1d", "150 and 180")]
        assert "7 of 7" in asked.pop()
        while asked:
            assert (await chat.press(chat.newest(), "Back")).text == asked.pop()
        assert "‹ Back" not in chat.newest().labels
        for answer in ("SOL", "USDC"):
            await chat.press(chat.newest(), answer)
        for answer in ("600", "5", "1w"):
            await chat.send(answer)
        await chat.press(chat.newest(), "Any price")
        await chat.press(chat.newest(), "Now")
        (asked_for,) = chat.fakes.proposals.asked
        assert asked_for.args == (
            proposals.CreateRequest(
                wallet_id=1,
                input_mint=fakes.SOL.mint,
                output_mint=fakes.USDC.mint,
                amount="600",
                number_of_orders=5,
                interval_s=604_800,
            ),
        )


@in_virtual_time
async def test_a_look_alike_is_marked_on_its_button_too() -> None:
    """Whoever reads only the buttons is warned as well."""
    async with running() as chat:
        ready(chat)
        fake = replace(fakes.USDC, mint=fakes.OTHER, verified=False)
        chat.fakes.tokens.known[fake.mint] = fake
        await chat.send("/new")
        await chat.send("usdc")
        marked = [label for label in chat.newest().labels if label.startswith("⚠️")]
        assert marked == ["⚠️ USDC GRhU…GgB1"]


@in_virtual_time
async def test_stale_buttons_of_a_question_do_nothing() -> None:
    """An answer to a question that is no longer open says so."""
    async with running() as chat:
        ready(chat)
        for data in ("ncount:5", "nstart", "nsell:" + fakes.USDC.mint, "nback:prices", "nback:sell"):
            await chat.tap(data, 1)
            assert "out of date" in chat.newest().text
        assert not chat.fakes.proposals.asked


@in_virtual_time
async def test_ambiguous_symbols_are_never_guessed() -> None:
    """Two verified tokens of one symbol: the person has to say which mint."""
    async with running() as chat:
        ready(chat)
        twin = replace(fakes.USDC, mint=fakes.OTHER)
        chat.fakes.tokens.known[twin.mint] = twin
        answer = await chat.send("/new 500 USDC to SOL in 10 every 1d")
        assert answer is not None
        assert fakes.OTHER in answer.text
        assert not chat.fakes.proposals.asked


@in_virtual_time
async def test_send_and_unwrap() -> None:
    """The whole address is on the card."""
    async with running() as chat:
        ready(chat)
        sent = await chat.send(f"/send 1.5 usdc {fakes.OTHER}")
        assert sent is not None
        asked = chat.fakes.proposals.asked
        assert asked[-1].args == (1, "1.5", fakes.USDC.mint, fakes.OTHER)
        assert fakes.OTHER in sent.text
        await chat.send(f"/send 0.2 SOL {fakes.OTHER}")
        assert list(asked[-1].args[1:]) == ["0.2", None, fakes.OTHER]
        await chat.tap("unwrap:1", 1)
        assert "wrapped SOL" in chat.newest().text


@in_virtual_time
async def test_wrapped_sol_keeps_its_name_on_the_card() -> None:
    """What was sent is not called SOL, before the tap and after it."""
    async with running() as chat:
        ready(chat)
        await chat.send(f"/send 1 WSOL {fakes.OTHER}")
        assert chat.fakes.proposals.asked[-1].args[2] == fakes.SOL.mint
        sent = intents.Send(
            user=fakes.OWNER, to=fakes.OTHER, amount_raw=10**9, mint=fakes.SOL.mint, decimals=9
        )
        card_id = chat.newest().id
        await chat.cards.show_action(fakes.action(message_id=card_id, intent=sent))
        assert "Send: 1 wSOL" in chat.newest().text
        native = replace(sent, mint=None)
        await chat.cards.show_action(fakes.action(actions.State.REJECTED, message_id=card_id, intent=native))
        assert "Send: 1 SOL" in chat.newest().text


@in_virtual_time
async def test_an_answer_that_telegram_refused_comes_again() -> None:
    """A person who waits is answered although Telegram failed meanwhile."""
    async with running() as chat:
        ready(chat)
        chat.api.fail_next("sendMessage", telegram.not_sent(), telegram.answer_lost())
        await card(chat)
        await asyncio.sleep(1)
        assert chat.newest().labels == ["✅ Confirm", "✖️ Cancel"]
