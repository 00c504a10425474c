"""/wallet: list, one wallet, create, import, rename, default, remove."""

from collections.abc import Mapping
from typing import Any

from bot import errors, texts
from bot.chat import markup, render, wallet_screens
from bot.chat.context import Turn
from bot.domain import orders, wallets
from bot.services import wallets as wallet_service


async def listing(turn: Turn) -> None:
    listed = await turn.services.wallets.list_of(turn.user_id)
    broken = await turn.services.wallets.count_broken(turn.user_id)
    note = texts.BROKEN_WALLETS.format(count=broken) if broken else ""
    await turn.show(wallet_screens.build_list(listed, note=note))


async def detail(turn: Turn) -> None:
    await show_wallet(turn, turn.callback.number(0))


async def show_wallet(turn: Turn, wallet_id: int, note: str = "") -> None:
    wallet = await turn.services.wallets.get(turn.user_id, wallet_id)
    balances, trouble = await _balances(turn, wallet.id)
    said = "\n".join(part for part in (note, trouble) if part)
    await turn.show(wallet_screens.build_wallet(wallet, balances, note=said))


async def _balances(turn: Turn, wallet_id: int) -> tuple[wallet_service.Balances | None, str]:
    try:
        return await turn.services.wallets.fetch_balances(turn.user_id, wallet_id), ""
    except errors.GatewayError as exc:
        return None, f"⚠️ I cannot read its balances now. {render.sentence(exc.message)}"


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
        await turn.show(wallet_screens.build_list(listed, note=texts.STALE_BUTTON))
        return
    wallet = await turn.services.wallets.create(turn.user_id)
    note = texts.WALLET_CREATED_SANDBOX if turn.services.sandbox else texts.WALLET_CREATED
    await turn.show(wallet_screens.build_added(wallet, "Wallet created", note=note))


async def ask_key(turn: Turn) -> None:
    lines = texts.IMPORT_PROMPT.split("\n")
    if turn.services.sandbox:
        lines[:0] = [texts.IMPORT_SANDBOX, ""]
    await turn.ask("import", markup.screen(lines, [markup.button("✖️ Stop", "stop")]))


async def take_key(turn: Turn, *, deleted: bool) -> None:
    """An import; the message with the key was deleted before, or could not be."""
    fate = texts.KEY_DELETED if deleted else texts.KEY_NOT_DELETED
    try:
        wallet = await turn.services.wallets.import_key(turn.user_id, turn.text)
    except errors.UserError as exc:
        again = markup.button("🔑 Try again", "import")
        await turn.end_dialog()
        await turn.send(
            markup.screen(
                [f"⚠️ {render.sentence(exc.message)}", fate], [again], [markup.button("🏠 Home", "home")]
            )
        )
        return
    await turn.end_dialog()
    await turn.send(wallet_screens.build_added(wallet, "Wallet imported", note=fate))


# --- changes ---------------------------------------------------------------------------------------------


async def ask_name(turn: Turn) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    screen = markup.screen(texts.RENAME_PROMPT.split("\n"), [markup.button("✖️ Stop", "stop")])
    await turn.ask("rename", screen, wallet=wallet.id)


async def take_name(turn: Turn, dialog: Mapping[str, Any]) -> None:
    wallet = await turn.services.wallets.rename(turn.user_id, int(dialog["wallet"]), turn.text)
    await turn.end_dialog()
    await show_wallet(turn, wallet.id, "✅ Renamed.")


async def make_default(turn: Turn) -> None:
    wallet = await turn.services.wallets.make_default(turn.user_id, turn.callback.number(0))
    await show_wallet(turn, wallet.id, "✅ This is your default wallet now.")


async def ask_remove(turn: Turn) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    balances, trouble = await _balances(turn, wallet.id) if wallet.owned else (None, "")
    active = await _active(turn, wallet)
    await turn.show(wallet_screens.build_remove(wallet, balances, active, unknown=trouble))


async def _active(turn: Turn, wallet: wallets.Wallet) -> int:
    listed = await turn.services.orders.list_of(turn.user_id, orders.Status.ACTIVE, fresh=False)
    return sum(view.wallet.id == wallet.id for view in listed.items)


async def remove(turn: Turn) -> None:
    """Asked and answered on one screen: the tap on it is the confirmation."""
    wallet = await turn.services.wallets.remove(turn.user_id, turn.callback.number(0))
    listed = await turn.services.wallets.list_of(turn.user_id)
    note = f"🗑 {wallet_screens.name_of(wallet)} was removed."
    await turn.show(wallet_screens.build_list(listed, note=note))
