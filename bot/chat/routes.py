"""Everything that a person can do here, in one list: commands, buttons, and answers to questions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.chat.context import Turn
from bot.chat.handlers import (
    cancel,
    charts,
    confirm,
    create,
    create_steps,
    deposit,
    export,
    fills,
    orders,
    removal,
    send,
    settings,
    start,
    statement,
    status,
    telling,
    wallets,
    watch,
    withdraw,
)

Handler = Callable[[Turn], Awaitable[None]]
Answer = Callable[[Turn, Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    handler: Handler
    leaving: bool = False
    """Also for people who were removed from the list and still own a wallet here."""
    keeps_dialog: bool = False
    """Belongs to a question that is still open; everything else ends what a person was in the middle of."""
    answers: bool = False
    """The handler answers the tap itself, because what it says depends on what it did."""


COMMANDS: dict[str, Route] = {
    "start": Route(start.home, leaving=True),
    "orders": Route(orders.command, leaving=True),
    "fills": Route(fills.command, leaving=True),
    "export": Route(statement.command, leaving=True),
    "chart": Route(charts.command, leaving=True),
    "report": Route(charts.report_command, leaving=True),
    "deposit": Route(deposit.command),
    "withdraw": Route(withdraw.command, leaving=True),
    "new": Route(create.command),
    "cancel": Route(cancel.command, leaving=True),
    "wallet": Route(wallets.command, leaving=True),
    "watch": Route(watch.command),
    "send": Route(send.command),
    "settings": Route(settings.command, leaving=True),
    "status": Route(status.show, leaving=True),
    "help": Route(start.help_, leaving=True),
    "stop": Route(start.stop, leaving=True, keeps_dialog=True),
}

BUTTONS: dict[str, Route] = {
    "home": Route(start.home, leaving=True),
    "help": Route(start.help_, leaving=True),
    "stop": Route(start.stop, leaving=True, keeps_dialog=True),
    "underway": Route(start.under_way, leaving=True),
    # orders
    "orders": Route(orders.page, leaving=True),
    "reorders": Route(orders.refresh, leaving=True),
    "whose": Route(orders.whose, leaving=True),
    "around": Route(orders.around, leaving=True),
    "order": Route(orders.detail, leaving=True),
    "reorder": Route(orders.refresh_detail, leaving=True),
    "fills": Route(fills.of_order, leaving=True),
    "latest": Route(fills.page, leaving=True),
    "relatest": Route(fills.refresh, leaving=True),
    "statements": Route(statement.choose, leaving=True),
    "statement": Route(statement.show, leaving=True),
    "file": Route(statement.send, leaving=True),
    "mute": Route(orders.mute, leaving=True),
    "charts": Route(charts.choose, leaving=True),
    "chart": Route(charts.of_order, leaving=True),
    "reports": Route(charts.choose_report, leaving=True),
    "report": Route(charts.report, leaving=True),
    # money
    "ok": Route(confirm.confirm, leaving=True, answers=True),
    "no": Route(confirm.decline, leaving=True, answers=True),
    "deposits": Route(deposit.choose),
    "deposit": Route(deposit.order_chosen),
    "put": Route(deposit.share_chosen),
    "withdraws": Route(withdraw.choose, leaving=True),
    "withdraw": Route(withdraw.order_chosen, leaving=True),
    "take": Route(withdraw.share_chosen, leaving=True),
    "takeout": Route(withdraw.output_chosen, leaving=True),
    "cancels": Route(cancel.choose, leaving=True),
    "cancel": Route(cancel.order_chosen, leaving=True),
    "send": Route(send.from_wallet),
    "unwrap": Route(send.unwrap),
    # new orders
    "new": Route(create.begin),
    "like": Route(create.like),
    "nwallets": Route(create_steps.wallets_turned, keeps_dialog=True),
    "nwallet": Route(create_steps.wallet_chosen, keeps_dialog=True),
    "nsell": Route(create_steps.sell_chosen, keeps_dialog=True),
    "nbuy": Route(create_steps.buy_chosen, keeps_dialog=True),
    "ncount": Route(create_steps.count_chosen, keeps_dialog=True),
    "nevery": Route(create_steps.every_chosen, keeps_dialog=True),
    "nprices": Route(create_steps.any_price, keeps_dialog=True),
    "nstart": Route(create_steps.start_now, keeps_dialog=True),
    "nback": Route(create_steps.back, keeps_dialog=True),
    # wallets
    "wallets": Route(wallets.listing, leaving=True),
    "wallet": Route(wallets.detail, leaving=True),
    "create": Route(wallets.create),
    "import": Route(wallets.ask_key),
    "watch": Route(watch.ask),
    "watchit": Route(watch.pasted),
    "rename": Route(wallets.ask_name),
    "default": Route(wallets.make_default),
    "qr": Route(wallets.picture, leaving=True),
    "wchart": Route(charts.of_wallet, leaving=True),
    "export": Route(export.explain, leaving=True),
    "exported": Route(export.request, leaving=True),
    "unexport": Route(export.stop, leaving=True),
    "broken": Route(removal.broken),
    "remove": Route(removal.ask),
    "erase": Route(removal.ask_again),
    "removed": Route(removal.remove),
    "status": Route(status.show, leaving=True),
    # settings
    "settings": Route(settings.show, leaving=True),
    "setfee": Route(settings.fee, leaving=True),
    "feecap": Route(settings.fee_chosen, leaving=True),
    "askfee": Route(settings.ask_fee, leaving=True),
    "setroute": Route(settings.route, leaving=True),
    "route": Route(settings.route_chosen, leaving=True),
    "muted": Route(settings.muted, leaving=True),
    "unmute": Route(settings.unmute, leaving=True),
    "askzone": Route(telling.zone, leaving=True),
    "zone": Route(settings.zone_chosen, leaving=True),
    "setfills": Route(telling.fills, leaving=True),
    "tell": Route(telling.way_chosen, leaving=True),
    "tellat": Route(telling.hour_chosen, leaving=True),
    "tellon": Route(telling.day_chosen, leaving=True),
    "tellnow": Route(settings.tell_now, leaving=True),
    "setquiet": Route(telling.quiet_hours, leaving=True),
    "quietfrom": Route(telling.ask_from, leaving=True),
    "quietto": Route(telling.ask_to, leaving=True),
    "quiet": Route(telling.quiet_chosen, leaving=True),
}

ANSWERS: dict[str, Answer] = {
    "watch": watch.take_address,
    "rename": wallets.take_name,
    "which chart": charts.take_name,
    "which report": charts.take_report_name,
    "which deposit": deposit.take_order,
    "which withdraw": withdraw.take_order,
    "which cancel": cancel.take_order,
    "deposit": deposit.take_amount,
    "withdraw": withdraw.take_amount,
    "new": create_steps.take,
    "send": send.take,
    "settings": settings.take_answer,
}
"""By kind of question. A key that is imported takes another way, see dispatch."""

ANSWERS_LEAVING = frozenset(
    {"which chart", "which report", "which withdraw", "which cancel", "withdraw", "settings"}
)
