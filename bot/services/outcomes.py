"""The sentences on a card that say how an action ended: what happened, and what to do next."""

from bot import errors
from bot.domain import amounts, intents, orders

RESTARTED = "The bot restarted before anything was signed: nothing moved. You can try again."
NO_WALLET = "The wallet is no longer here with its key. Nothing was signed, nothing moved."
UNREADABLE_KEY = (
    "The wallet's key cannot be opened, so nothing was signed and nothing moved. "
    "It is recorded for the operator."
)
LAPSED = "It never reached the chain and no longer can: nothing moved. You can try again."
UNCLEAR = "Jupiter did not say clearly what became of it. The chain decides: I keep looking."
JUPITER_SAYS_NO = "Jupiter says that it failed. Only the chain decides: I keep looking."


def mismatch(intent: intents.Intent) -> str:
    ours = isinstance(intent, intents.Send | intents.Unwrap)
    who = "The transaction that was built does" if ours else "Jupiter returned a transaction that does"
    return (
        f"{who} something else than you confirmed: nothing was signed, nothing moved. "
        "It is recorded for the operator. Do not try again before you heard from them."
    )


def fee_above_cap(fee_lamports: int, cap_lamports: int, *, can_be_raised: bool) -> str:
    """`can_be_raised`: the person's own cap refused it, the operator allows that much."""
    fee, cap = (
        amounts.format_amount(lamports, amounts.SOL_DECIMALS) for lamports in (fee_lamports, cap_lamports)
    )
    advice = (
        "Raise the cap in /settings, or try again later."
        if can_be_raised
        else "That is more than the operator allows, and is recorded for them. Try again later."
    )
    return (
        f"Jupiter asked for a priority fee of {fee} SOL, your cap is {cap} SOL: nothing was signed. {advice}"
    )


def landed(intent: intents.Intent) -> str:
    match intent:
        case intents.CreateOrder():
            return "The order is open. You will be told of every fill."
        case intents.CancelOrder():
            return f"The order is closed and what was left is back in the wallet.{_wrapped(intent)}"
        case intents.Deposit():
            return "The funds are in the order."
        case intents.Withdraw():
            return f"The funds are back in the wallet.{_wrapped(intent)}"
        case intents.Send():
            return "It has arrived."
        case intents.Unwrap():
            return "It is native SOL now."


def _wrapped(intent: intents.CancelOrder | intents.Withdraw) -> str:
    came = {intent.input_mint, intent.output_mint}
    if isinstance(intent, intents.Withdraw):
        came = {intent.output_mint if intent.side is orders.Side.OUT else intent.input_mint}
    return " SOL may be wrapped: its wallet can unwrap it." if amounts.WSOL_MINT in came else ""


def failed(error: str) -> str:
    reason = f" ({error})" if error else ""
    return (
        f"The chain refused it{reason}: only the network fee was paid, nothing else moved. You can try again."
    )


def rejected(exc: errors.BotError) -> str:
    return f"{_sentence(exc.message)} Nothing was signed, nothing moved."


def unanswered(reason: str) -> str:
    return f"{_sentence(reason)} I tried for two minutes: nothing was signed, nothing moved. Try again later."


def _sentence(text: str) -> str:
    text = text.removesuffix("Nothing was signed.").removesuffix("Nothing was sent.").strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
