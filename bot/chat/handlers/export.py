"""Exports: explained, announced with a Stop button, revealed later by a durable job."""

from contextlib import suppress

from bot import errors
from bot.chat import export_screens
from bot.chat.context import Turn


async def explain(turn: Turn) -> None:
    wallet = await turn.services.wallets.get(turn.user_id, turn.callback.number(0))
    if not wallet.owned:
        raise errors.WatchOnly
    await turn.show(export_screens.build_explained(wallet))


async def request(turn: Turn) -> None:
    """The announcement is a message of its own, which stays when the wallet's screen is used further."""
    wallets = turn.services.wallets
    wallet = await wallets.get(turn.user_id, turn.callback.number(0))
    earlier = await wallets.list_exports(turn.user_id, wallet.id)
    try:
        job = await wallets.request_export(turn.user_id, wallet.id, turn.chat_id)
    except errors.BotError as exc:
        await turn.send(export_screens.build_refused(wallet, exc.message))
        return
    # A kill here leaves a job that was never announced: it shows nothing, and the tap is handled again.
    try:
        message = await turn.send(export_screens.build_announced(wallet, job.id, job.due_at, turn.when))
    except errors.DeliveryError:
        # What nobody can stop must not come.
        await wallets.stop_export(turn.user_id, wallet.id)
        raise
    await wallets.record_announced(job, message)
    for over in earlier:
        if "message_id" in over.payload:
            with suppress(errors.DeliveryError):
                await turn.edit(int(over.payload["message_id"]), export_screens.build_replaced(wallet))


async def stop(turn: Turn) -> None:
    """Stops first: whatever else is wrong with the wallet, its key stays hidden."""
    wallet_id = turn.callback.number(1)
    stopped = await turn.services.wallets.stop_export(turn.user_id, wallet_id)
    wallet = await turn.services.wallets.find_any(turn.user_id, wallet_id)
    await turn.show(export_screens.build_stopped(wallet, stopped=stopped))
