"""The screens of an export: explained, announced with a Stop, shown once, over. Pure."""

from datetime import datetime, timedelta

from bot import texts
from bot.chat import markup, render, wallet_screens
from bot.chat.order_screens import When
from bot.domain import wallets


def build_explained(wallet: wallets.Wallet) -> markup.Screen:
    lines = texts.EXPORT_EXPLAINED.format(wallet=wallet_screens.name_of(wallet)).split("\n")
    start = markup.button(texts.B_START_EXPORT, "exported", wallet.id, style=markup.Style.DANGER)
    return markup.screen(lines, [markup.button(texts.B_BACK, "wallet", wallet.id)], [start])


def build_announced(wallet: wallets.Wallet, job_id: int, due_at: datetime, when: When) -> markup.Screen:
    """A message of its own, whose Stop works until the key is shown."""
    said = texts.EXPORT_ANNOUNCED.format(wallet=wallet_screens.name_of(wallet), when=comes(due_at, when))
    return markup.screen(said.split("\n"), [stopper(wallet.id, job_id)])


def comes(due_at: datetime, when: When) -> str:
    """`in 15 min, at 14:46`."""
    at = render.moment(due_at, when.now, when.zone)
    return texts.EXPORT_WHEN.format(relative=render.relative(due_at, when.now), at=at)


def stopper(wallet_id: int, job_id: int) -> markup.Button:
    """Stops whatever is announced for this wallet."""
    return markup.button(texts.B_STOP_EXPORT, "unexport", job_id, wallet_id, style=markup.Style.DANGER)


def build_replaced(wallet: wallets.Wallet) -> markup.Screen:
    """What an announcement becomes when the key is asked for again."""
    return _over(texts.EXPORT_REPLACED.format(wallet=wallet_screens.name_of(wallet)), wallet.id)


def build_stopped(wallet: wallets.Wallet, *, stopped: bool) -> markup.Screen:
    said = texts.EXPORT_STOPPED if stopped else texts.EXPORT_TOO_LATE
    return _over(said.format(wallet=render.foreign(wallet.name)), wallet.id)


def build_refused(wallet: wallets.Wallet, why: str) -> markup.Screen:
    return _over(f"⚠️ {render.sentence(why)}", wallet.id)


def build_shown(wallet: str, wallet_id: int) -> markup.Screen:
    """What the announcement becomes; `wallet` is finished HTML."""
    return _over(texts.EXPORT_SHOWN.format(wallet=wallet), wallet_id)


def build_key(wallet: str, key: str, shown_for: timedelta) -> markup.Screen:
    """The key itself. Only ever in a protected message whose deletion is scheduled already."""
    seconds = int(shown_for.total_seconds())
    lines = texts.EXPORT_KEY.format(wallet=wallet, key=key, seconds=seconds).split("\n")
    return markup.screen(lines, [markup.copy(texts.B_COPY_KEY, key)])


def _over(said: str, wallet_id: int) -> markup.Screen:
    return markup.screen(said.split("\n"), [markup.button(texts.B_WALLET, "wallet", wallet_id)])
