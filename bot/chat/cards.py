"""Confirm cards and the record they leave: what was confirmed, and what became of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import ports, texts
from bot.chat import markup, render
from bot.domain import actions, addresses, amounts, costs, intents, orders, wallets
from bot.services import proposals

_STATES: dict[actions.State, str] = {
    actions.State.CONFIRMED: texts.CARD_CHECKING,
    actions.State.CRAFTED: texts.CARD_CHECKING,
    actions.State.SIGNED: texts.CARD_SIGNED,
    actions.State.SUBMITTED: texts.CARD_SENT,
    actions.State.LANDED: texts.CARD_DONE,
    actions.State.FAILED: texts.CARD_FAILED,
    actions.State.LAPSED: texts.CARD_NOT_DONE,
    actions.State.REJECTED: texts.CARD_NOT_DONE,
    actions.State.REFUSED: texts.CARD_REFUSED,
}
_WHY: dict[actions.State, str] = {
    actions.State.FAILED: texts.CARD_FAILED_WHY,
    actions.State.LAPSED: texts.CARD_LAPSED_WHY,
    actions.State.REJECTED: texts.CARD_REJECTED_WHY,
    actions.State.REFUSED: texts.CARD_REFUSED_WHY,
}
"""Said of an end that nobody explained better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the mints, wallets and orders of an intent are called; None where that is not known now."""

    source: amounts.Token | None
    """What moves, or is sold."""
    target: amounts.Token | None = None
    """The other side of the order."""
    wallet: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNow:
    """What is only true while the card waits for its tap; the record that is kept does not repeat it."""

    worth: str = ""
    """The value in USD, to be appended to an amount."""
    available: Sequence[str] = ()
    returns: Sequence[str] = ()
    """What an order or account gives back."""


def build_proposal(proposal: proposals.Proposal) -> markup.Screen:
    """The card without buttons: they are attached once the confirmation knows the card's message."""
    order = proposal.order
    names = Names(
        source=proposal.token,
        target=order.output if order else proposal.output,
        wallet=proposal.wallet.name,
        number=order.number if order else None,
    )
    limits = proposal.confirmation.limits
    lines = record(proposal.intent, limits, names, intro="Confirm: ", now=_known_now(proposal))
    lines += [f"⚠️ {render.sentence(warning)}" for warning in proposal.warnings]
    lines += [f"ℹ️ {render.sentence(note)}" for note in proposal.notes]
    via = _via(proposal.intent, proposal.confirmation.submit_via)
    lines += ["", texts.CARD_NEXT.format(via=via), texts.CARD_VALID]
    return markup.screen(lines)


def with_buttons(card: markup.Screen, token: str, intent: intents.Intent) -> markup.Screen:
    style = markup.Style.DANGER if _leaves_order_or_wallet(intent) else markup.Style.SUCCESS
    confirm = markup.button("✅ Confirm", "ok", token, style=style)
    # "Cancel" under "cancel order" could be taken for the deed itself.
    decline = "✖️ Keep the order" if isinstance(intent, intents.CancelOrder) else "✖️ Cancel"
    return markup.Screen(card.html, ((confirm,), (markup.button(decline, "no", token),)))


def build_action(action: actions.Action, names: Names) -> markup.Screen:
    """The card of a confirmed action in its present state."""
    link = render.tx_link(action.signed.signature) if action.signed else "no transaction"
    lines = [*record(action.intent, action.limits, names), "", _STATES[action.state].format(link=link)]
    why = render.sentence(action.detail) if action.detail else _WHY.get(action.state)
    lines += [why] if why else []
    return markup.screen(lines, *_afterwards(action, names))


def build_expired(confirmation: ports.Confirmation, names: Names) -> markup.Screen:
    lines = [*record(confirmation.intent, confirmation.limits, names), "", texts.CARD_EXPIRED]
    return markup.screen(lines, [*_again(names), markup.opener("🏠 Home", "home")])


def build_declined(card_html: str) -> markup.Screen:
    """The card as the person saw it, closed; what would have come next is gone."""
    kept, _, _ = card_html.partition(texts.CARD_NEXT.partition("{")[0])
    lines = [*kept.rstrip().split("\n"), "", texts.CARD_DECLINED]
    return markup.screen(
        lines, [markup.opener("📋 Orders", "orders", "active", 0), markup.opener("🏠 Home", "home")]
    )


def record(
    intent: intents.Intent,
    limits: intents.Limits,
    names: Names,
    *,
    intro: str = "",
    now: KnownNow | None = None,
) -> list[str]:
    """What is or was confirmed, in lines; from the stored intent, never from what an API says."""
    title = _title(intent, names)
    heading = intro + title if intro else title[0].upper() + title[1:]
    lines = [f"<b>{heading}</b>", *_what(intent, names, now or KnownNow())]
    fee = limits.priority_fee_lamports + costs.BASE_FEE
    lines.append(f"Network fee: at most {render.sol(fee)}")
    if limits.rent_lamports:
        lines.append(_rent(intent, render.sol(limits.rent_lamports)))
    return lines


def _title(intent: intents.Intent, names: Names) -> str:
    number = f" #{names.number}" if names.number is not None else ""
    match intent:
        case intents.Deposit():
            return f"deposit into order{number}"
        case intents.Withdraw():
            return f"withdraw from order{number}"
        case intents.CancelOrder():
            return f"cancel order{number}"
        case intents.CreateOrder():
            return "open a time order"
        case intents.Send():
            return "send tokens" if intent.mint else "send SOL"
        case intents.Unwrap():
            return "unwrap SOL"


def _what(intent: intents.Intent, names: Names, now: KnownNow) -> list[str]:
    match intent:
        case intents.Deposit():
            return [
                f"Deposit: <b>{_amount(intent.amount_raw, names.source, intent.input_mint)}</b>{now.worth}",
                f"Token: {_token(names.source, intent.input_mint)}",
                f"From: {_wallet(intent.user, names)}",
                *now.available,
                f"To: {_order(intent, names)}",
            ]
        case intents.Withdraw():
            return _withdraw(intent, names, now)
        case intents.CancelOrder():
            return [
                f"Close: {_order(intent, names)}",
                *(now.returns or ["What is left comes back to the wallet."]),
                f"To: {_wallet(intent.user, names)}",
            ]
        case intents.CreateOrder():
            return _create(intent, names, now)
        case intents.Send():
            mint = intent.mint or "SOL"
            return [
                f"Send: <b>{_amount(intent.amount_raw, names.source, mint)}</b>{now.worth}",
                f"Token: {'native SOL' if intent.mint is None else _token(names.source, mint)}",
                f"From: {_wallet(intent.user, names)}",
                *now.available,
                f"To: <code>{render.foreign(intent.to, 64)}</code>",
            ]
        case intents.Unwrap():
            return [
                "All wrapped SOL of the wallet becomes SOL; the rent of its account comes back, too.",
                *now.returns,
                f"Wallet: {_wallet(intent.user, names)}",
            ]


def _withdraw(intent: intents.Withdraw, names: Names, now: KnownNow) -> list[str]:
    mint = intent.output_mint if intent.side is orders.Side.OUT else intent.input_mint
    if intent.amount_raw is None:
        amount = ["Withdraw: <b>everything that is left then</b>", *now.returns]
    else:
        amount = [f"Withdraw: <b>{_amount(intent.amount_raw, names.source, mint)}</b>{now.worth}"]
        amount += now.available
    return [
        *amount,
        f"Token: {_token(names.source, mint)}",
        f"From: {_order(intent, names)}",
        f"To: {_wallet(intent.user, names)}",
    ]


def _create(intent: intents.CreateOrder, names: Names, now: KnownNow) -> list[str]:
    cycle = render.every(timedelta(seconds=intent.interval_s))
    each = intent.amount_raw // max(1, intent.number_of_orders)
    part = _amount(each, names.source, intent.input_mint)
    lines = [
        f"Sell: <b>{_amount(intent.amount_raw, names.source, intent.input_mint)}</b> in all{now.worth}",
        f"In <b>{intent.number_of_orders} parts</b> of {part}, {cycle}",
    ]
    if intent.min_price or intent.max_price:
        lines.append(_price_range(intent, names))
    if intent.start_at is not None:
        lines.append(f"Starts: {render.absolute(datetime.fromtimestamp(intent.start_at, UTC))}")
    return [
        *lines,
        f"Sells: {_token(names.source, intent.input_mint)}",
        f"Buys: {_token(names.target, intent.output_mint)}",
        f"From: {_wallet(intent.user, names)}",
        *now.available,
    ]


def _rent(intent: intents.Intent, most: str) -> str:
    if isinstance(intent, intents.Send):
        return f"Opening the receiver's account: at most {most}, which you do not get back"
    return f"Rent for new accounts, returned when they close: at most {most}"


def _price_range(intent: intents.CreateOrder, names: Names) -> str:
    """The stored bounds, which are input per output, in the pair's usual direction, lowest first."""
    low, high = intent.min_price or "any", intent.max_price or "any"
    if names.source is None or names.target is None:
        unit = "input per output"
    else:
        unit = render.price_unit(names.source, names.target)
        low, high = (render.bound(text, names.source, names.target) for text in (low, high))
        if render.inverted(names.source, names.target):
            low, high = high, low
    return f"Only at prices from {render.foreign(low)} to {render.foreign(high)} {unit}"


def _known_now(proposal: proposals.Proposal) -> KnownNow:
    worth = render.usd(proposal.usd)
    back = " and ".join(render.amount(raw, token) for token, raw in proposal.returns)
    # The value is that of one token: of what a cancel brings back it may be a part only.
    told = f"Comes back, as of now: <b>{back}</b>"
    if not isinstance(proposal.intent, intents.CancelOrder):
        told = f"As of now: <b>{back}</b>{worth}"
    returns = [told] if proposal.returns else []
    place = "In the order" if isinstance(proposal.intent, intents.Withdraw) else "Available"
    available = f"{place}: {render.amount(proposal.available_raw, proposal.token)}"
    return KnownNow(worth=worth, available=(available,), returns=tuple(returns))


def _afterwards(action: actions.Action, names: Names) -> Sequence[markup.Row]:
    if not action.final:
        return ()
    row = [*_again(names), markup.opener("🏠 Home", "home")]
    if not action.signed:
        return (row,)
    return (row, (markup.link("🔎 Transaction", render.tx_url(action.signed.signature)),))


def _again(names: Names) -> markup.Row:
    if names.number is None:
        return (markup.opener("📋 Orders", "orders", "active", 0),)
    return (markup.opener(f"📄 Order #{names.number}", "order", names.number),)


def _leaves_order_or_wallet(intent: intents.Intent) -> bool:
    return isinstance(intent, (intents.CancelOrder, intents.Send))


def _amount(raw: int, token: amounts.Token | None, mint: str) -> str:
    return render.amount(raw, token) if token else f"{raw} base units of {addresses.shorten(mint)}"


def _token(token: amounts.Token | None, mint: str) -> str:
    return render.token_to_confirm(token) if token else f"<code>{render.foreign(mint, 64)}</code>"


def _order(intent: intents.Deposit | intents.Withdraw | intents.CancelOrder, names: Names) -> str:
    number = f" #{names.number}" if names.number is not None else ""
    parts = [f"order{number}", f"<code>{addresses.shorten(render.foreign(intent.order, 64))}</code>"]
    if names.source and names.target:
        sides = (names.source, names.target)
        out = isinstance(intent, intents.Withdraw) and intent.side is orders.Side.OUT
        parts.insert(1, render.pair(*(reversed(sides) if out else sides)))
    return " · ".join(parts)


def _wallet(pubkey: str, names: Names) -> str:
    short = f"<code>{addresses.shorten(pubkey)}</code>"
    return f"{render.foreign(names.wallet)} · {short}" if names.wallet else short


def _via(intent: intents.Intent, submit_via: str) -> str:
    """What we build ourselves never passes through Jupiter."""
    ours = isinstance(intent, intents.Send | intents.Unwrap)
    return "through Jupiter" if submit_via == "jupiter" and not ours else "to the Solana network"


def wallet_line(wallet: wallets.Wallet) -> str:
    """A wallet in one line: name, short address, what it can do."""
    kind = "" if wallet.owned else " · 👁 watched"
    star = "⭐ " if wallet.default else ""
    return (
        f"{star}<b>{render.foreign(wallet.name)}</b> · <code>{addresses.shorten(wallet.pubkey)}</code>{kind}"
    )
