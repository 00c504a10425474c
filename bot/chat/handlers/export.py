"""Exports: explained, announced with a Stop button, revealed later by a durable job."""

from bot import errors, texts
from bot.chat import delivery, markup, render, wallet_screens
from bot.chat.context import Turn


async def explain(turn: Turn) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    if not wallet.owned:
        raise errors.WatchOnly
    await turn.show(
        markup.screen(
            texts.EXPORT_EXPLAINED.format(wallet=wallet_screens.name_of(wallet)).split("\n"),
            [markup.button(texts.B_BACK, "wallet", wallet.id)],
            [markup.button(texts.B_START_EXPORT, "exported", wallet.id, style=markup.Style.DANGER)],
        )
    )


async def request(turn: Turn) -> None:
    """The announcement is a message of its own, which stays when the wallet's screen is used further."""
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    message = await turn.send(delivery.plain_screen(texts.CARD_PREPARING))
    try:
        job = await turn.services.wallets.request_export(turn.user_id, wallet.id, turn.chat_id, message)
    except errors.BotError as exc:
        back = markup.button(texts.B_WALLET, "wallet", wallet.id)
        await turn.edit(message, markup.screen([f"⚠️ {render.sentence(exc.message)}"], [back]))
        return
    now = turn.when.now
    when = texts.EXPORT_WHEN.format(
        soon=render.relative(job.due_at, now), at=render.moment(job.due_at, now, turn.when.zone)
    )
    lines = texts.EXPORT_ANNOUNCED.format(wallet=wallet_screens.name_of(wallet), when=when).split("\n")
    stop = markup.button(texts.B_STOP_EXPORT, "unexport", job.id, wallet.id, style=markup.Style.DANGER)
    await turn.edit(message, markup.screen(lines, [stop]))


async def stop(turn: Turn) -> None:
    stopped = await turn.services.wallets.stop_export(turn.user_id, turn.callback.number(0))
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(1))
    said = texts.EXPORT_STOPPED.format(wallet=wallet_screens.name_of(wallet))
    await turn.show(
        markup.screen(
            [said if stopped else texts.EXPORT_TOO_LATE], [markup.button(texts.B_WALLET, "wallet", wallet.id)]
        )
    )
