"""Who may, tried with every handler there is."""

import asyncio

import pytest

from bot import texts
from bot.chat import app, doorway, routes
from bot.domain import orders, wallets
from tests.fakes import chat_services as fakes
from tests.fakes.chat_driver import ChatDriver, running
from tests.fakes.virtual_time import in_virtual_time

STRANGER, MEMBER, OTHER, LEAVER = 99, 7, 8, 50
COMMANDS = sorted(f"/{name}" for name in routes.COMMANDS)
BUTTONS = sorted(routes.BUTTONS)
FITTING = {"orders": "active:0", "reorders": "active:0", "nsell": fakes.USDC.mint, "nbuy": fakes.SOL.mint}
FITTING |= {"watchit": fakes.OTHER, "create": "1", "ok": "token-01", "no": "token-01"}


def data(verb: str) -> str:
    return f"{verb}:{FITTING.get(verb, '1:1')}"


def owned(chat: ChatDriver, user: int) -> wallets.Wallet:
    mine = fakes.wallet(user_id=user)
    chat.fakes.wallets.wallets[user] = [mine]
    chat.fakes.orders.views[user] = [fakes.view(1)]
    return mine


def changed(chat: ChatDriver) -> bool:
    """Whether anything was done for anybody."""
    services = chat.fakes
    return bool(
        services.proposals.asked
        or services.confirmations.confirmed
        or services.confirmations.closed
        or services.dialogs.dialogs
        or services.jobs.jobs
        or services.wallets.removed
        or services.wallets.imported
        or services.wallets.wallets.get(STRANGER)
        or len(services.wallets.wallets.get(MEMBER, [])) != 1
        or STRANGER in services.people.people
    )


@in_virtual_time
async def test_strangers_learn_their_id_and_nothing_else() -> None:
    """Every command and text of a stranger is answered with one sentence, and touches nothing."""
    for text in [*COMMANDS, "hello", fakes.OTHER]:
        async with running() as chat:
            owned(chat, MEMBER)
            answer = await chat.send(text, user=STRANGER)
            assert answer is not None
            assert answer.text == texts.PRIVATE_BOT_SHORT.format(user_id=STRANGER)
            assert not changed(chat)


@in_virtual_time
async def test_every_button_refuses_strangers() -> None:
    """A forwarded or forged button is as closed as a command."""
    for verb in BUTTONS:
        async with running() as chat:
            owned(chat, MEMBER)
            await chat.tap(data(verb), 1, user=STRANGER)
            (said,) = chat.api.called("answerCallbackQuery")
            assert str(STRANGER) in said["text"]
            assert not chat.api.in_chat(STRANGER)
            assert not changed(chat)


@in_virtual_time
async def test_groups_are_refused_even_for_members() -> None:
    """The person is known, but others would read along."""
    for text in COMMANDS:
        async with running() as chat:
            owned(chat, MEMBER)
            await chat.send(text, chat="group")
            assert [sent.text for sent in chat.api.in_chat(-100)] == [texts.PRIVATE_CHAT_ONLY]
            assert not changed(chat)
    for verb in BUTTONS:
        async with running() as chat:
            owned(chat, MEMBER)
            await chat.tap(data(verb), 1, chat="supergroup")
            assert chat.api.called("answerCallbackQuery")[0]["text"] == texts.PRIVATE_CHAT_ONLY
            assert not changed(chat)


@in_virtual_time
async def test_chatter_in_groups_is_ignored() -> None:
    """Only what is meant for the bot is answered there."""
    async with running() as chat:
        await chat.send("what do you think?", chat="group")
        assert not chat.api.in_chat(-100)


@in_virtual_time
async def test_another_user_reaches_nothing_of_mine() -> None:
    """Ids in buttons are only ids: everything is looked up as the person who taps."""
    for verb in BUTTONS:
        async with running() as chat:
            owned(chat, MEMBER)
            await chat.tap(data(verb), 1, user=OTHER)
            await asyncio.sleep(1)
            assert not chat.fakes.wallets.removed
            assert not chat.fakes.jobs.jobs
            assert not chat.fakes.confirmations.confirmed
            assert chat.fakes.wallets.wallets[MEMBER] == [fakes.wallet(user_id=MEMBER)]
            shown = " ".join(sent.text for sent in chat.api.in_chat(OTHER))
            assert fakes.OWNER not in shown


@pytest.mark.parametrize("name", sorted(routes.COMMANDS))
def test_people_who_were_removed_can_only_leave(name: str) -> None:
    """Export, withdraw, cancel and looking stay open; everything else says that it is closed."""

    @in_virtual_time
    async def try_it() -> None:
        async with running() as chat:
            owned(chat, LEAVER)
            chat.fakes.people.leaving.add(LEAVER)
            answer = await chat.send(f"/{name}", user=LEAVER)
            assert answer is not None
            closed = "no longer on this bot's list" in answer.text
            assert closed == (name in {"deposit", "new", "watch", "send"})

    try_it()


@in_virtual_time
async def test_removed_people_can_export_withdraw_and_cancel() -> None:
    """The ways out work to the end."""
    async with running() as chat:
        owned(chat, LEAVER)
        chat.fakes.people.leaving.add(LEAVER)
        await chat.send("/cancel 1", user=LEAVER)
        await chat.tap("exported:1", 1, user=LEAVER)
        chat.fakes.orders.views[LEAVER] = [fakes.view(1, family=orders.Family.PRICE)]
        await chat.send("/withdraw 1 all", user=LEAVER)
        assert [asked.what for asked in chat.fakes.proposals.asked] == ["cancel", "withdraw"]
        assert [job.kind for job in chat.fakes.jobs.jobs.values()] == ["reveal"]


@in_virtual_time
async def test_a_flood_is_answered_once() -> None:
    """Hundreds of messages get one word about it, and somebody else is served at once."""
    async with running() as chat:
        flood = [chat.message("/help") for _ in range(300)]
        other = chat.message("/help", user=OTHER)
        await chat.push(*flood, other)
        said = [sent.text for sent in chat.api.in_chat(MEMBER)]
        assert said.count(texts.TOO_FAST) == 1
        assert len(said) < 60
        assert len(chat.api.in_chat(OTHER)) == 1


@in_virtual_time
async def test_a_group_is_told_once_a_minute() -> None:
    """Telegram silences a bot that writes too much in one group, and then nobody is served anywhere."""
    async with running() as chat:
        await chat.push(*(chat.message("/help", chat="group") for _ in range(25)))
        assert len(chat.api.in_chat(-100)) == 1
        await asyncio.sleep(doorway.GROUP_PAUSE_S)
        await chat.push(*(chat.message("/help", chat="group", user=OTHER) for _ in range(2)))
        assert len(chat.api.in_chat(-100)) == 2


@in_virtual_time
async def test_a_crowd_of_strangers_keeps_nobody_waiting() -> None:
    """Hundreds of accounts at once: a member is answered before them, and they cost little."""
    async with running() as chat:
        crowd = [chat.message("/start", user=1000 + n) for n in range(300)]
        mine = chat.message("/help")
        chat.api.batches.put_nowait([*crowd, mine])
        began = asyncio.get_running_loop().time()
        await chat.fakes.inbox.wait_handled(mine["update_id"])
        assert asyncio.get_running_loop().time() - began < 0.5
        assert len(chat.api.in_chat(MEMBER)) == 1
        for update in crowd:
            await chat.fakes.inbox.wait_handled(update["update_id"])
        assert 0 < len(chat.api.called("sendMessage")) - 1 <= 2 * doorway.AT_ONCE


@in_virtual_time
async def test_blocking_and_returning_is_noted() -> None:
    """A chat that is gone is not written to; /start or unblocking brings it back."""
    async with running() as chat:
        await chat.send("/help")
        person = {"id": 7, "is_bot": False, "first_name": "S"}
        bot = {"id": 42, "is_bot": True, "first_name": "Bot"}
        left = {"user": bot, "status": "kicked", "until_date": 0}
        here = {"user": bot, "status": "member"}
        change = {"chat": {"id": 7, "type": "private"}, "from": person, "date": 1_790_000_000}
        change |= {"old_chat_member": here, "new_chat_member": left}
        await chat.push({"update_id": 10_000, "my_chat_member": change})
        assert chat.fakes.people.people[7].blocked
        await chat.send("/help")
        assert not chat.fakes.people.people[7].blocked


@in_virtual_time
async def test_the_menu_holds_only_what_works() -> None:
    """Telegram's command menu is set at start, and each entry is answered."""
    async with running() as chat:
        await chat.send("/help")
        (menu,) = chat.api.called("setMyCommands")
        names = [entry["command"] for entry in menu["commands"]]
        looks = ["start", "orders", "fills", "chart", "report"]
        assert names == [*looks, "deposit", "withdraw", "new", "wallet", "settings", "help"]
        for name in names:
            answer = await chat.send(f"/{name}")
            assert answer is not None
            assert "do not know that command" not in answer.text


@in_virtual_time
async def test_an_empty_chat_says_what_this_is() -> None:
    """The first thing a stranger reads says that the bot is custodial; it is set once, not at every start."""
    async with running() as chat:
        await chat.send("/help")
        assert "custodial" in chat.api.description
        assert len(chat.api.called("setMyDescription")) == 1
        await chat.app._describe()
        assert len(chat.api.called("setMyDescription")) == 1


def test_verbs_used_by_screens_exist() -> None:
    """The visible list is complete: a screen cannot offer a button that nobody handles."""
    import re
    from pathlib import Path

    folder = Path(app.__file__).parent
    used = set()
    for file in [*folder.glob("*.py"), *folder.glob("handlers/*.py")]:
        used |= set(
            re.findall(
                r'markup\.(?:button|opener)\(\s*(?:f?"[^"]*"|texts\.\w+(?:\.format\([^)]*\))?)(?: if [^,]*)?,'
                r'\s*"([a-z]+)"',
                file.read_text(),
            )
        )
    assert len(used) > 20
    assert used <= set(routes.BUTTONS)
