"""A notice together with what it is about, and the pieces that every form of it shares. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from bot import ports, texts
from bot.chat import markup, render
from bot.chat.order_screens import View, When
from bot.domain import funding, notices, orders

LATE = timedelta(hours=2)
"""A fill that is told so much later says when it was, in order time."""


@dataclass(frozen=True, slots=True)
class Told:
    """`view` None = the order is not known here any more, or the notice is about none."""

    notice: notices.Notice
    view: View | None

    @property
    def fill_number(self) -> int | None:
        """Which fill of its order this is, from 1; None when it is not known here."""
        if self.view is None or not isinstance(self.notice, notices.FillSeen):
            return None
        return places(self.view).get(self.notice.signature)


def concerns(message: ports.OutboxMessage) -> str | None:
    """Key of the order that a queued message is about."""
    notice = message.notice
    return notice.order_key if isinstance(notice, notices.AboutAnOrder) else None


def places(view: View) -> dict[str, int]:
    """Which fill of its order a transaction is, from 1."""
    return {known.fill.signature: place for place, known in enumerate(view.fills, start=1)}


def pair(view: View) -> str:
    return render.pair(view.input, view.output)


def of(view: View, number: int) -> str:
    """`3/10`; `3` where there is no end."""
    total = view.order.cycles_total
    return f"{number}/{max(total, number)}" if total else str(number)


def is_finished(view: View) -> bool:
    """It bought all that it can; one that was cancelled is something else."""
    over = not view.order.active and not view.order.user_closed
    spent = view.order.family is orders.Family.TIME and view.order.in_left_raw == 0
    return over or spent


def progress(view: View, when: When) -> list[str]:
    left = texts.LEFT.format(amount=render.amount(view.order.in_left_raw, view.input))
    following = [texts.NEXT_FILL.format(when=when.due(view.next_fill_at))] if view.next_fill_at else []
    return [f"{render.bar(view.order.percent)} · {left}", *following]


def order_button(view: View) -> markup.Button:
    return markup.opener(texts.B_ORDER.format(number=view.number), "order", view.number)


def report_button(view: View) -> markup.Button:
    return markup.opener(texts.B_REPORT, "report", view.number)


def is_low(view: View) -> bool:
    """Whether it still is, by what is known now."""
    last = view.last_fill.in_raw if view.last_fill else None
    needed = funding.next_cycle_raw(view.order, view.input, view.input_usd, last)
    return funding.is_low(view.order, needed)


def deposit_button(view: View) -> markup.Button | None:
    """Where money can be put in at all: an active price order of a wallet whose key is here."""
    order = view.order
    if not (order.active and order.family is orders.Family.PRICE and view.wallet.owned):
        return None
    return markup.opener(texts.B_DEPOSIT, "deposit", view.number, style=markup.Style.PRIMARY)
