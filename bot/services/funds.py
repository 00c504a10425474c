"""What an intent needs from its wallet, and whether that is there: for the card, and again after the tap."""

from dataclasses import dataclass

from bot import errors, ports, texts
from bot.domain import amounts, costs, intents


@dataclass(frozen=True, slots=True)
class Needs:
    lamports: int
    """SOL: what moves as SOL, fees and rents at their upper bound, and the minimum that must stay."""
    mint: str | None = None
    """Token that moves, if one does."""
    raw: int = 0


def needs_of(intent: intents.Intent, limits: intents.Limits) -> Needs:
    """Orders take native SOL, which Jupiter wraps on the way; a Send of wrapped SOL moves the token."""
    lamports = costs.total(limits) + costs.SIMPLE_SEND_RESERVE
    match intent:
        case intents.CreateOrder() | intents.Deposit():
            if intent.input_mint == amounts.WSOL_MINT:
                return Needs(lamports + intent.amount_raw)
            return Needs(lamports, intent.input_mint, intent.amount_raw)
        case intents.Send():
            if intent.mint is None:
                return Needs(lamports + intent.amount_raw)
            return Needs(lamports, intent.mint, intent.amount_raw)
    return Needs(lamports)


def available_raw(mint: str | None, limits: intents.Limits, holdings: ports.Holdings) -> int:
    """How much could move at most; of native SOL (None) what fees, rents and the minimum leave."""
    if mint is None:
        return max(0, holdings.lamports - costs.total(limits) - costs.SIMPLE_SEND_RESERVE)
    return holdings.tokens.get(mint, 0)


def check(
    intent: intents.Intent, limits: intents.Limits, holdings: ports.Holdings, token: amounts.Token | None
) -> None:
    """Raise InsufficientFunds, with the numbers, unless the wallet holds what the intent needs.

    `token` is the one that moves; None where its name is not known or none moves.
    """
    needs = needs_of(intent, limits)
    if needs.mint is not None:
        held = holdings.tokens.get(needs.mint, 0)
        if held < needs.raw:
            raise errors.InsufficientFunds(_too_little(needs.raw, held, token))
    if holdings.lamports < needs.lamports:
        raise errors.InsufficientFunds(
            texts.NEEDS_SOL.format(needed=sol(needs.lamports), held=sol(holdings.lamports))
        )


def sol(lamports: int) -> str:
    return amounts.format_amount(lamports, amounts.SOL_DECIMALS)


def _too_little(needed: int, held: int, token: amounts.Token | None) -> str:
    if token is None:
        return texts.NEEDS_MORE
    wanted, there = (amounts.format_amount(raw, token.decimals) for raw in (needed, held))
    return texts.NEEDS_TOKENS.format(needed=wanted, symbol=token.symbol, held=there)
