"""Confirm cards and the record they leave: what was confirmed, and what became of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import ports
from bot.chat import markup, render, texts
from bot.domain import actions, addresses, amounts, costs, intents, orders, wallets
from bot.services import proposals

_STATES: dict[actions.State, str] = {
    actions.State.CONFIRMED: texts.CARD_CHECKING,
    actions.State.CRAFTED: texts.CARD_CHECKING,
    actions.State.SIGNED: texts.CARD_SIGNED,
    actions.State.SUBMITTED: texts.CARD_SENT,
    actions.State.LANDED: texts.CARD_DONE,
    actions.State.FAILED: texts.CARD_FAILED,
    actions.State.LAPSED: texts.CARD_LAPSED,
    actions.State.REJECTED: texts.CARD_REJECTED,
    actions.State.REFUSED: texts.CARD_REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the mints, wallets and orders of an intent are called; None where that is not known now."""

    source: amounts.Token | None
    """What moves, or is sold."""
    target: amounts.Token | None = None
    """The other side of the order."""
    wallet: str = ""
    number: int | None = None


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
    lines = record(proposal.intent, limits, names, intro="Confirm: ", estimates=_estimates(proposal))
    lines += [f"⚠️ {render.sentence(note)}" for note in proposal.notes]
    lines += [
        "",
        f"Sent through: {_via(proposal.confirmation.submit_via)}",
        texts.CARD_NEXT,
        texts.CARD_VALID,
    ]
    return markup.screen(lines)


def with_buttons(card: markup.Screen, token: str, intent: intents.Intent) -> markup.Screen:
    style = markup.Style.DANGER if _leaves_order_or_wallet(intent) else markup.Style.SUCCESS
    confirm = markup.button("✅ Confirm", "ok", token, style=style)
    return markup.Screen(card.html, ((confirm,), (markup.button("✖️ Cancel", "no", token),)))


def build_action(action: actions.Action, names: Names) -> markup.Screen:
    """The card of a confirmed action in its present state."""
    link = render.tx_link(action.signed.signature) if action.signed else "no transaction"
    lines = [*record(action.intent, action.limits, names), "", _STATES[action.state].format(link=link)]
    if action.final and action.detail:
        lines.append(render.sentence(action.detail))
    return markup.screen(lines, *_afterwards(action, names))


def build_expired(confirmation: ports.Confirmation, names: Names) -> markup.Screen:
    lines = [*record(confirmation.intent, confirmation.limits, names), "", texts.CARD_EXPIRED]
    return markup.screen(lines, _again(names))


def build_declined(card_html: str) -> markup.Screen:
    """The card as the person saw it, closed."""
    kept = card_html.replace(texts.CARD_VALID, "").rstrip()
    return markup.screen([*kept.split("\n"), "", texts.CARD_DECLINED])


def record(
    intent: intents.Intent,
    limits: intents.Limits,
    names: Names,
    *,
    intro: str = "",
    estimates: Sequence[str] = (),
) -> list[str]:
    """What is or was confirmed, in lines; from the stored intent, never from what an API says."""
    title = _title(intent, names)
    heading = intro + title if intro else title[0].upper() + title[1:]
    lines = [f"<b>{heading}</b>", *_what(intent, names), *estimates]
    lines.append(f"Wallet: {_wallet(intent.user, names)}")
    fee = limits.priority_fee_lamports + costs.BASE_FEE
    lines.append(f"Network fee: at most {render.sol(fee)}")
    if limits.rent_lamports:
        lines.append(
            f"Rent for new accounts: at most {render.sol(limits.rent_lamports)}, locked until they close"
        )
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
            return "send"
        case intents.Unwrap():
            return "unwrap SOL"


def _what(intent: intents.Intent, names: Names) -> list[str]:
    match intent:
        case intents.Deposit():
            return [
                f"Deposit: <b>{_amount(intent.amount_raw, names.source, intent.input_mint)}</b>",
                f"Token: {_token(names.source, intent.input_mint)}",
                f"To: {_order(intent.order, names)}",
            ]
        case intents.Withdraw():
            out = intent.side is orders.Side.OUT
            mint = intent.output_mint if out else intent.input_mint
            amount = "everything there is then" if intent.amount_raw is None else ""
            amount = amount or _amount(intent.amount_raw or 0, names.source, mint)
            return [
                f"Withdraw: <b>{amount}</b>",
                f"Token: {_token(names.source, mint)}",
                f"From: {_order(intent.order, names)}",
            ]
        case intents.CancelOrder():
            return [f"Close: {_order(intent.order, names)}", "What is left comes back to the wallet."]
        case intents.CreateOrder():
            return _create(intent, names)
        case intents.Send():
            mint = intent.mint or "SOL"
            return [
                f"Send: <b>{_amount(intent.amount_raw, names.source, mint)}</b>",
                f"Token: {'native SOL' if intent.mint is None else _token(names.source, mint)}",
                f"To: <code>{render.foreign(intent.to, 64)}</code>",
            ]
        case intents.Unwrap():
            return ["All wrapped SOL of the wallet becomes SOL; the rent of its account comes back, too."]


def _create(intent: intents.CreateOrder, names: Names) -> list[str]:
    cycle = render.every(timedelta(seconds=intent.interval_s))
    each = intent.amount_raw // max(1, intent.number_of_orders)
    lines = [
        f"Sell: <b>{_amount(intent.amount_raw, names.source, intent.input_mint)}</b> in all",
        f"Token: {_token(names.source, intent.input_mint)}",
        f"Buy: {_token(names.target, intent.output_mint)}",
        f"In {intent.number_of_orders} parts of {_amount(each, names.source, intent.input_mint)}, {cycle}",
    ]
    if intent.min_price or intent.max_price:
        lines.append(_price_range(intent, names))
    if intent.start_at is not None:
        lines.append(f"Starts: {render.absolute(datetime.fromtimestamp(intent.start_at, UTC))}")
    return lines


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


def _estimates(proposal: proposals.Proposal) -> list[str]:
    lines = []
    if proposal.usd is not None:
        lines.append(f"Worth {render.usd(proposal.usd).strip(' ()')}")
    if proposal.amount_raw is not None and not isinstance(proposal.intent, intents.CancelOrder):
        lines.append(f"Available there: {render.amount(proposal.available_raw, proposal.token)}")
    if proposal.returns:
        back = " and ".join(render.amount(raw, token) for token, raw in proposal.returns)
        lines.append(f"Comes back, as of now: <b>{back}</b>")
    return lines


def _afterwards(action: actions.Action, names: Names) -> Sequence[markup.Row]:
    if not action.final:
        return ()
    row = [*_again(names)]
    if action.signed:
        row.append(markup.link("🔎 Solscan", render.tx_url(action.signed.signature)))
    return (row, (markup.button("🏠 Home", "home"),))


def _again(names: Names) -> markup.Row:
    if names.number is None:
        return (markup.button("📋 Orders", "orders", "active", 0),)
    return (markup.button(f"📄 Order #{names.number}", "order", names.number),)


def _leaves_order_or_wallet(intent: intents.Intent) -> bool:
    return isinstance(intent, (intents.CancelOrder, intents.Send))


def _amount(raw: int, token: amounts.Token | None, mint: str) -> str:
    return render.amount(raw, token) if token else f"{raw} base units of {addresses.shorten(mint)}"


def _token(token: amounts.Token | None, mint: str) -> str:
    return render.token_name(token) if token else f"<code>{addresses.shorten(mint)}</code>"


def _order(key: str, names: Names) -> str:
    number = f"#{names.number} · " if names.number is not None else ""
    return f"order {number}<code>{addresses.shorten(render.foreign(key, 64))}</code>"


def _wallet(pubkey: str, names: Names) -> str:
    short = f"<code>{addresses.shorten(pubkey)}</code>"
    return f"{render.foreign(names.wallet)} · {short}" if names.wallet else short


def _via(submit_via: str) -> str:
    return "Jupiter" if submit_via == "jupiter" else "our own Solana node"


def wallet_line(wallet: wallets.Wallet) -> str:
    """A wallet in one line: name, short address, what it can do."""
    kind = "" if wallet.owned else " · 👁 watched"
    star = "⭐ " if wallet.default else ""
    return (
        f"{star}<b>{render.foreign(wallet.name)}</b> · <code>{addresses.shorten(wallet.pubkey)}</code>{kind}"
    )
