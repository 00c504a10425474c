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
    lines = record(proposal.intent, limits, names, intro=texts.CARD_CONFIRM, now=_known_now(proposal))
    lines += [f"⚠️ {render.sentence(warning)}" for warning in proposal.warnings]
    lines += [f"ℹ️ {render.sentence(note)}" for note in proposal.notes]
    via = _via(proposal.intent, proposal.confirmation.submit_via)
    lines += ["", texts.CARD_NEXT.format(via=via), texts.CARD_VALID]
    return markup.screen(lines)


def with_buttons(card: markup.Screen, token: str, intent: intents.Intent) -> markup.Screen:
    style = markup.Style.DANGER if _leaves_order_or_wallet(intent) else markup.Style.SUCCESS
    confirm = markup.button(texts.B_CONFIRM, "ok", token, style=style)
    # "Cancel" under "cancel order" could be taken for the deed itself.
    decline = texts.B_KEEP if isinstance(intent, intents.CancelOrder) else texts.B_DECLINE
    return markup.Screen(card.html, ((confirm,), (markup.button(decline, "no", token),)))


def build_action(action: actions.Action, names: Names) -> markup.Screen:
    """The card of a confirmed action in its present state."""
    lines = [*record(action.intent, action.limits, names), "", state_line(action)]
    why = render.sentence(action.detail) if action.detail else _WHY.get(action.state)
    lines += [why] if why else []
    return markup.screen(lines, *_afterwards(action, names))


def state_line(action: actions.Action) -> str:
    """How far it is."""
    link = render.tx_link(action.signed.signature) if action.signed else texts.NO_TRANSACTION
    return _STATES[action.state].format(link=link)


def heading(intent: intents.Intent, number: int | None) -> str:
    """What it does, in a few words."""
    title = _title(intent, Names(source=None, number=number))
    return title[0].upper() + title[1:]


def build_expired(confirmation: ports.Confirmation, names: Names) -> markup.Screen:
    lines = [*record(confirmation.intent, confirmation.limits, names), "", texts.CARD_EXPIRED]
    return markup.screen(lines, [*_again(names), markup.opener(texts.B_HOME, "home")])


def build_declined(card_html: str) -> markup.Screen:
    """The card as the person saw it, closed; what would have come next is gone."""
    kept, _, _ = card_html.partition(texts.CARD_NEXT.partition("{")[0])
    lines = [*kept.rstrip().split("\n"), "", texts.CARD_DECLINED]
    return markup.screen(
        lines, [markup.opener(texts.B_ORDERS, "orders", "active", 0), markup.opener(texts.B_HOME, "home")]
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
    title = intro + _title(intent, names) if intro else heading(intent, names.number)
    lines = [f"<b>{title}</b>", *_what(intent, names, now or KnownNow())]
    fee = limits.priority_fee_lamports + costs.BASE_FEE
    lines.append(texts.CARD_FEE.format(most=render.sol(fee)))
    if limits.rent_lamports:
        lines.append(_rent(intent, render.sol(limits.rent_lamports)))
    return lines


def _title(intent: intents.Intent, names: Names) -> str:
    number = f" #{names.number}" if names.number is not None else ""
    match intent:
        case intents.Deposit():
            return texts.VERB_DEPOSIT.format(order=number)
        case intents.Withdraw():
            return texts.VERB_WITHDRAW.format(order=number)
        case intents.CancelOrder():
            return texts.VERB_CANCEL.format(order=number)
        case intents.CreateOrder():
            return texts.VERB_OPEN
        case intents.Send():
            return texts.VERB_SEND_TOKENS if intent.mint else texts.VERB_SEND_SOL
        case intents.Unwrap():
            return texts.VERB_UNWRAP


def _what(intent: intents.Intent, names: Names, now: KnownNow) -> list[str]:
    match intent:
        case intents.Deposit():
            return [
                texts.CARD_DEPOSIT.format(
                    amount=_amount(intent.amount_raw, names.source, intent.input_mint), worth=now.worth
                ),
                texts.CARD_TOKEN.format(token=_token(names.source, intent.input_mint)),
                texts.CARD_FROM.format(place=_wallet(intent.user, names)),
                *now.available,
                texts.CARD_TO.format(place=_order(intent, names)),
            ]
        case intents.Withdraw():
            return _withdraw(intent, names, now)
        case intents.CancelOrder():
            return [
                texts.CARD_CLOSE.format(order=_order(intent, names)),
                *(now.returns or [texts.CARD_REST_BACK]),
                texts.CARD_TO.format(place=_wallet(intent.user, names)),
            ]
        case intents.CreateOrder():
            return _create(intent, names, now)
        case intents.Send():
            mint = intent.mint or "SOL"
            return [
                texts.CARD_SEND.format(
                    amount=_amount(intent.amount_raw, names.source, mint), worth=now.worth
                ),
                texts.CARD_TOKEN.format(
                    token=texts.NATIVE_SOL if intent.mint is None else _token(names.source, mint)
                ),
                texts.CARD_FROM.format(place=_wallet(intent.user, names)),
                *now.available,
                texts.CARD_TO_ADDRESS.format(address=render.foreign(intent.to, 64)),
            ]
        case intents.Unwrap():
            return [
                texts.CARD_UNWRAP,
                *now.returns,
                texts.CARD_WALLET.format(wallet=_wallet(intent.user, names)),
            ]


def _withdraw(intent: intents.Withdraw, names: Names, now: KnownNow) -> list[str]:
    mint = intent.output_mint if intent.side is orders.Side.OUT else intent.input_mint
    if intent.amount_raw is None:
        amount = [texts.CARD_WITHDRAW_ALL, *now.returns]
    else:
        amount = [
            texts.CARD_WITHDRAW.format(amount=_amount(intent.amount_raw, names.source, mint), worth=now.worth)
        ]
        amount += now.available
    return [
        *amount,
        texts.CARD_TOKEN.format(token=_token(names.source, mint)),
        texts.CARD_FROM.format(place=_order(intent, names)),
        texts.CARD_TO.format(place=_wallet(intent.user, names)),
    ]


def _create(intent: intents.CreateOrder, names: Names, now: KnownNow) -> list[str]:
    cycle = render.every(timedelta(seconds=intent.interval_s))
    each = intent.amount_raw // max(1, intent.number_of_orders)
    part = _amount(each, names.source, intent.input_mint)
    lines = [
        texts.CARD_SELL.format(
            amount=_amount(intent.amount_raw, names.source, intent.input_mint), worth=now.worth
        ),
        texts.CARD_PARTS.format(count=intent.number_of_orders, part=part, cycle=cycle),
    ]
    if intent.min_price or intent.max_price:
        lines.append(_price_range(intent, names))
    if intent.start_at is not None:
        lines.append(
            texts.CARD_STARTS.format(when=render.absolute(datetime.fromtimestamp(intent.start_at, UTC)))
        )
    return [
        *lines,
        texts.SELLS.format(token=_token(names.source, intent.input_mint)),
        texts.BUYS.format(token=_token(names.target, intent.output_mint)),
        texts.CARD_FROM.format(place=_wallet(intent.user, names)),
        *now.available,
    ]


def _rent(intent: intents.Intent, most: str) -> str:
    if isinstance(intent, intents.Send):
        return texts.CARD_RECEIVER_RENT.format(most=most)
    return texts.CARD_RENT.format(most=most)


def _price_range(intent: intents.CreateOrder, names: Names) -> str:
    """The stored bounds, which are input per output, in the pair's usual direction, lowest first."""
    low, high, unit = intent.min_price or "", intent.max_price or "", texts.INPUT_PER_OUTPUT
    if names.source is not None and names.target is not None:
        unit = render.price_unit(names.source, names.target)
        low, high = (render.bound(text, names.source, names.target) for text in (low, high))
        if render.inverted(names.source, names.target):
            low, high = high, low
    said = texts.CARD_PRICES if low and high else texts.CARD_PRICES_FROM if low else texts.CARD_PRICES_TO
    return said.format(low=render.foreign(low), high=render.foreign(high), unit=unit)


def _known_now(proposal: proposals.Proposal) -> KnownNow:
    worth = render.usd(proposal.usd)
    back = texts.AND.join(render.named_amount(raw, token) for token, raw in proposal.returns)
    # The value is that of one token: of what a cancel brings back it may be a part only.
    told = texts.CARD_COMES_BACK.format(back=back)
    if not isinstance(proposal.intent, intents.CancelOrder):
        told = texts.CARD_AS_OF_NOW.format(back=back, worth=worth)
    returns = [told] if proposal.returns else []
    place = texts.IN_THE_ORDER if isinstance(proposal.intent, intents.Withdraw) else texts.AVAILABLE
    available = f"{place}: {render.amount(proposal.available_raw, proposal.token)}"
    return KnownNow(worth=worth, available=(available,), returns=tuple(returns))


def _afterwards(action: actions.Action, names: Names) -> Sequence[markup.Row]:
    if not action.final:
        return ()
    row = [*_again(names), markup.opener(texts.B_HOME, "home")]
    if not action.signed:
        return (row,)
    return (row, (markup.link(texts.B_TRANSACTION, render.tx_url(action.signed.signature)),))


def _again(names: Names) -> markup.Row:
    if names.number is None:
        return (markup.opener(texts.B_ORDERS, "orders", "active", 0),)
    return (markup.opener(texts.B_ORDER.format(number=names.number), "order", names.number),)


def _leaves_order_or_wallet(intent: intents.Intent) -> bool:
    return isinstance(intent, (intents.CancelOrder, intents.Send))


def _amount(raw: int, token: amounts.Token | None, mint: str) -> str:
    return (
        render.amount(raw, token) if token else texts.BASE_UNITS.format(raw=raw, mint=addresses.shorten(mint))
    )


def _token(token: amounts.Token | None, mint: str) -> str:
    return render.token_to_confirm(token) if token else f"<code>{render.foreign(mint, 64)}</code>"


def _order(intent: intents.Deposit | intents.Withdraw | intents.CancelOrder, names: Names) -> str:
    number = f" #{names.number}" if names.number is not None else ""
    key = addresses.shorten(render.foreign(intent.order, 64))
    parts = [texts.THE_ORDER.format(number=number), f"<code>{key}</code>"]
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
    return texts.VIA_JUPITER if submit_via == "jupiter" and not ours else texts.VIA_NETWORK


def wallet_line(wallet: wallets.Wallet) -> str:
    """A wallet in one line: name, short address, what it is."""
    facts = [
        f"<b>{render.foreign(wallet.name)}</b>",
        f"<code>{addresses.shorten(wallet.pubkey)}</code>",
        *([texts.WATCHED] if not wallet.owned else []),
    ]
    return " · ".join(facts)
