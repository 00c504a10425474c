"""The sentences on a card that say how an action ended: what happened, and what to do next."""

from bot import errors, texts
from bot.domain import amounts, intents, orders

RESTARTED = texts.END_RESTARTED
NO_WALLET = texts.END_NO_WALLET
UNREADABLE_KEY = texts.END_UNREADABLE_KEY
LAPSED = texts.END_LAPSED
UNCLEAR = texts.MEANWHILE_UNCLEAR
JUPITER_SAYS_NO = texts.MEANWHILE_JUPITER_SAYS_NO


def mismatch(intent: intents.Intent) -> str:
    ours = isinstance(intent, intents.Send | intents.Unwrap)
    who = texts.MISMATCH_OURS if ours else texts.MISMATCH_JUPITER
    return texts.END_MISMATCH.format(who=who)


def other_bounds(exc: errors.OtherBounds, bought: amounts.Token | None) -> str:
    """With both numbers: how prices become bounds is documented nowhere, so it may be a mistake."""
    none = texts.BOUND_NONE_LEAST if exc.least else texts.BOUND_NONE_MOST
    some = texts.BOUND_LEAST if exc.least else texts.BOUND_MOST
    crafted, confirmed = (
        none if raw is None else some.format(amount=_amount(raw, bought))
        for raw in (exc.crafted, exc.confirmed)
    )
    return texts.END_OTHER_BOUNDS.format(crafted=crafted, confirmed=confirmed)


def _amount(raw: int, token: amounts.Token | None) -> str:
    if token is None:
        return texts.BOUND_RAW.format(raw=raw)
    return f"{amounts.format_amount(raw, token.decimals)} {token.symbol}"


def fee_above_cap(fee_lamports: int, cap_lamports: int, *, can_be_raised: bool) -> str:
    """`can_be_raised`: the person's own cap refused it, the operator allows that much."""
    fee, cap = (
        amounts.format_amount(lamports, amounts.SOL_DECIMALS) for lamports in (fee_lamports, cap_lamports)
    )
    advice = texts.RAISE_CAP if can_be_raised else texts.ABOVE_OPERATOR_CAP
    return texts.END_FEE_ABOVE_CAP.format(fee=fee, cap=cap, advice=advice)


def landed(intent: intents.Intent) -> str:
    match intent:
        case intents.CreateOrder():
            return texts.DONE_CREATED
        case intents.CancelOrder():
            return texts.DONE_CANCELLED.format(wrapped=_wrapped(intent))
        case intents.Deposit():
            return texts.DONE_DEPOSITED
        case intents.Withdraw():
            return texts.DONE_WITHDRAWN.format(wrapped=_wrapped(intent))
        case intents.Send():
            return texts.DONE_SENT
        case intents.Unwrap():
            return texts.DONE_UNWRAPPED


def _wrapped(intent: intents.CancelOrder | intents.Withdraw) -> str:
    came = {intent.input_mint, intent.output_mint}
    if isinstance(intent, intents.Withdraw):
        came = {intent.output_mint if intent.side is orders.Side.OUT else intent.input_mint}
    return texts.DONE_WRAPPED if amounts.WSOL_MINT in came else ""


def failed(error: str) -> str:
    reason = f" ({error})" if error else ""
    return texts.END_FAILED.format(reason=reason)


def rejected(exc: errors.BotError) -> str:
    return texts.END_REJECTED.format(reason=_sentence(exc.message))


def unanswered(reason: str) -> str:
    return texts.END_UNANSWERED.format(reason=_sentence(reason))


def _sentence(text: str) -> str:
    text = text.removesuffix(texts.NOTHING_SIGNED).removesuffix(texts.NOTHING_SENT).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
