"""/wallet: list, one wallet, create, import, rename, default."""

from collections.abc import Collection, Mapping
from typing import Any

from bot import errors, texts
from bot.chat import export_screens, markup, render, wallet_screens
from bot.chat.context import Turn
from bot.domain import search
from bot.services.balances import Balances


async def command(turn: Turn) -> None:
    """`/wallet [name]`."""
    listed = await turn.services.wallets.list_of(turn.user_id)
    named = [wallet for wallet in listed if search.is_wallet_name(turn.text, [wallet.name])]
    if turn.text and len(named) == 1:
        await show_wallet(turn, named[0].id)
        return
    note = texts.NO_WALLET_NAMED.format(name=render.foreign(turn.text)) if turn.text and not named else ""
    await show_list(turn, note=note)


async def listing(turn: Turn) -> None:
    """The tapped button says which page, or from which wallet it leads back to the page that this is on."""
    around = turn.callback.rest(1)
    await show_list(turn, turn.callback.number(0) if turn.callback.args else 0, around=around)


async def show_list(turn: Turn, page: int = 0, *, around: Collection[int] = (), note: str = "") -> None:
    listed = await turn.services.wallets.list_of(turn.user_id)
    places = [place for place, wallet in enumerate(listed) if wallet.id in around]
    page = places[0] // wallet_screens.PAGE if places else page
    broken = await turn.services.wallets.list_broken(turn.user_id)
    await turn.services.wallets.glance(wallet_screens.page_of(listed, page))
    find = turn.services.wallets.find_balances
    balances = {wallet.id: seen for wallet in listed if (seen := find(wallet)) is not None}
    await turn.show(wallet_screens.build_list(listed, balances, turn.when, page, broken=broken, note=note))


async def detail(turn: Turn) -> None:
    page = turn.callback.number(1) if len(turn.callback.args) > 1 else 0
    await show_wallet(turn, turn.callback.number(0), page=page)


async def show_wallet(turn: Turn, wallet_id: int, note: str = "", *, page: int = 0) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, wallet_id)
    balances, trouble = await fetch_balances(turn, wallet.id)
    exports = await turn.services.wallets.list_exports(turn.user_id, wallet.id)
    pending = [
        texts.EXPORT_PENDING.format(when=export_screens.comes(job.due_at, turn.when)) for job in exports
    ]
    said = "\n".join(part for part in (note, trouble, *pending) if part)
    stop = [export_screens.stopper(wallet.id, job.id) for job in exports]
    await turn.show(wallet_screens.build_wallet(wallet, balances, page, note=said, stop=stop))
    await turn.services.painter.prepare()


async def fetch_balances(turn: Turn, wallet_id: int) -> tuple[Balances | None, str]:
    """Or None, and why."""
    try:
        return await turn.services.wallets.fetch_balances(turn.user_id, wallet_id), ""
    except errors.GatewayError as exc:
        return None, texts.BALANCES_UNREAD.format(why=render.sentence(exc.message))


async def picture(turn: Turn) -> None:
    """The address as a QR code; a message of its own, because a screen of text cannot become a picture."""
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    drawn = turn.services.draw_qr(wallet.pubkey)
    attachment = markup.Attachment(f"{wallet.pubkey}.png", drawn, picture=True)
    await turn.send_file(attachment, wallet_screens.build_picture(wallet))


# --- ways in ---------------------------------------------------------------------------------------------


async def create(turn: Turn) -> None:
    """Only while the person has as many wallets as the button says: a second tap makes no second one."""
    listed = await turn.services.wallets.list_of(turn.user_id)
    if len(listed) != turn.callback.number(0):
        await show_list(turn, note=texts.STALE_BUTTON)
        return
    wallet = await turn.services.wallets.create(turn.user_id)
    note = texts.WALLET_CREATED_SANDBOX if turn.services.sandbox else texts.WALLET_CREATED
    await turn.show(wallet_screens.build_added(wallet, texts.WALLET_IS_CREATED, note=note))


async def ask_key(turn: Turn) -> None:
    lines = texts.IMPORT_PROMPT.split("\n")
    if turn.services.sandbox:
        lines[:0] = [texts.IMPORT_SANDBOX, ""]
    await turn.ask("import", markup.screen(lines, [markup.button(texts.B_STOP, "stop")]))


async def take_key(turn: Turn, *, deleted: bool) -> None:
    """An import; the message with the key was deleted before, or could not be."""
    fate = texts.KEY_DELETED if deleted else texts.KEY_NOT_DELETED
    try:
        wallet = await turn.services.wallets.import_key(turn.user_id, turn.text)
    except errors.UserError as exc:
        again = markup.button(texts.B_IMPORT_AGAIN, "import")
        await turn.end_dialog()
        await turn.send(
            markup.screen(
                [f"⚠️ {render.sentence(exc.message)}", fate], [again], [markup.button(texts.B_HOME, "home")]
            )
        )
        return
    await turn.end_dialog()
    await turn.send(wallet_screens.build_added(wallet, texts.WALLET_IS_IMPORTED, note=fate))


# --- changes ---------------------------------------------------------------------------------------------


async def ask_name(turn: Turn) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    screen = markup.screen(texts.RENAME_PROMPT.split("\n"), [markup.button(texts.B_STOP, "stop")])
    await turn.ask("rename", screen, wallet=wallet.id)


async def take_name(turn: Turn, dialog: Mapping[str, Any]) -> None:
    wallet = await turn.services.wallets.rename(turn.user_id, int(dialog["wallet"]), turn.text)
    await turn.end_dialog()
    await show_wallet(turn, wallet.id, texts.RENAMED)


async def make_default(turn: Turn) -> None:
    wallet = await turn.services.wallets.make_default(turn.user_id, turn.callback.number(0))
    await show_wallet(turn, wallet.id, texts.IS_DEFAULT)
