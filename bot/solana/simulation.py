"""The second line after the policy: does a simulated transaction move only what was confirmed?

Pure evaluation of accounts before and after. It never replaces decoding: what the policy refuses is refused.
Only harm is judged: an account that a keeper happens to fill meanwhile may hold more than expected, not less.
"""

from dataclasses import dataclass

from solders.pubkey import Pubkey

from bot import errors, texts
from bot.domain import costs, intents, orders
from bot.solana import answers, policy, programs
from bot.solana.programs import accounts, ids


@dataclass(frozen=True, slots=True)
class Watched:
    """Accounts that a transaction is expected to change, or to leave alone. None = plays no part."""

    user: Pubkey
    user_input: Pubkey | None = None
    user_output: Pubkey | None = None
    order: Pubkey | None = None
    order_input: Pubkey | None = None
    order_output: Pubkey | None = None
    receiver: Pubkey | None = None
    """Of what is sent: a wallet for SOL, a token account for tokens."""

    @property
    def keys(self) -> list[Pubkey]:
        """Without repetition; public nodes simulate with up to 13 accounts."""
        keys = (
            self.user,
            self.user_input,
            self.user_output,
            self.order,
            self.order_input,
            self.order_output,
            self.receiver,
        )
        return list(dict.fromkeys(key for key in keys if key is not None))


@dataclass(frozen=True, slots=True)
class Change:
    """One account before and after."""

    before: answers.AccountInfo | None
    after: answers.AccountInfo | None

    @property
    def lamports(self) -> int:
        return _lamports(self.after) - _lamports(self.before)

    @property
    def tokens(self) -> int:
        return _amount(self.after) - _amount(self.before)


def required_for(intent: intents.Intent) -> bool:
    """Whether a kind is never signed without simulation, whatever the settings.

    Their account lists (the closing of a price order, a withdrawal of its output) were never seen for real.
    """
    match intent:
        case intents.CancelOrder():
            return intent.family is orders.Family.PRICE
        case intents.Withdraw():
            return intent.side is orders.Side.OUT
    return False


def watch(intent: intents.Intent, checked: policy.Checked) -> Watched:
    """The accounts to look at for a transaction that passed the policy."""
    user = Pubkey.from_string(intent.user)
    match intent:
        case intents.Unwrap():
            return Watched(user, programs.ata(user, ids.WSOL_MINT))
        case intents.Send():
            to = Pubkey.from_string(intent.to)
            if intent.mint is None:
                return Watched(user, receiver=to)
            mint = Pubkey.from_string(intent.mint)
            return Watched(user, programs.ata(user, mint), receiver=programs.ata(to, mint))
    order = Pubkey.from_string(
        checked.order or "" if isinstance(intent, intents.CreateOrder) else intent.order
    )
    input_mint, output_mint = Pubkey.from_string(intent.input_mint), Pubkey.from_string(intent.output_mint)
    return Watched(
        user,
        programs.ata(user, input_mint),
        programs.ata(user, output_mint),
        order,
        programs.ata(order, input_mint),
        programs.ata(order, output_mint),
    )


def evaluate(
    intent: intents.Intent,
    limits: intents.Limits,
    checked: policy.Checked,
    before: answers.Snapshot,
    after: answers.Simulated,
) -> None:
    """Hold the simulated outcome of what passed the policy against what was confirmed.

    The accounts are those of `watch`, in the order of its keys.

    Raises OrderRejected with the reason in plain words when the transaction would fail, TransactionMismatch
    (rule `simulation`) when it would do something else.
    """
    if after.error is not None:
        raise errors.OrderRejected(texts.TRIAL_FAILED.format(reason=explain(after.error, intent)))
    watched = watch(intent, checked)
    keys = watched.keys
    changes = {
        key: Change(old, new) for key, old, new in zip(keys, before.accounts, after.accounts, strict=True)
    }
    _own_accounts_untouched(watched, changes)
    sol = changes[watched.user].lamports
    wrapped = programs.ata(watched.user, ids.WSOL_MINT)
    if wrapped in changes:
        sol += changes[wrapped].lamports
    paid = _tokens_paid(intent, watched, wrapped, changes)
    allowed = paid + costs.BASE_FEE + limits.priority_fee_lamports + _rent(intent, limits)
    if -sol > allowed:
        raise _refusal(f"the wallet would lose {-sol} lamports, at most {allowed} were confirmed")
    _returned(intent, watched, wrapped, changes, costs.BASE_FEE + checked.priority_fee_lamports)


def explain(error: object, intent: intents.Intent) -> str:
    """A failed simulation in a sentence for the person."""
    codes = _DCA_CODES if isinstance(intent, intents.CreateOrder) else _ANCHOR_CODES
    match error:
        case "AccountNotFound" | "InsufficientFundsForFee":
            return texts.TRIAL_NO_FEE
        case {"InsufficientFundsForRent": _}:
            return texts.TRIAL_NO_MINIMUM
        case "BlockhashNotFound":
            return texts.TRIAL_TOO_OLD
        case "AlreadyProcessed":
            return texts.TRIAL_SENT_BEFORE
        case {"InstructionError": [_, {"Custom": 1}]}:
            return texts.TRIAL_NOT_ENOUGH
        case {"InstructionError": [_, {"Custom": int(code)}]}:
            return codes.get(code, texts.TRIAL_CODE.format(code=code))
        case {"InstructionError": [_, "ComputationalBudgetExceeded" | "ProgramFailedToComplete"]}:
            return texts.TRIAL_COMPUTE
        case {"InstructionError": [_, str(name)]}:
            return texts.TRIAL_REFUSED.format(name=name[:60])
    return texts.TRIAL_NETWORK


_DCA_CODES = {
    6000: texts.TRIAL_AMOUNT,
    6001: texts.TRIAL_CYCLE,
    6003: texts.TRIAL_TOO_OFTEN,
    6014: texts.TRIAL_NOT_ENOUGH,
    6036: texts.TRIAL_NO_RENT,
}
"""Errors of the DCA program that a person can do something about (from its IDL). VA's are not public."""


_ANCHOR_CODES = dict.fromkeys((3007, 3012), texts.TRIAL_GONE)
"""Of the framework that both programs are made with: an account is another program's, or is not there."""


def _own_accounts_untouched(watched: Watched, changes: dict[Pubkey, Change]) -> None:
    for key in (watched.user_input, watched.user_output):
        if key is None:
            continue
        account = _token(changes[key].after)
        if account is None:
            continue
        earlier = _token(changes[key].before)
        if account.owner != watched.user:
            raise _refusal(f"token account {key} would belong to {account.owner}")
        if account.delegate is not None and (earlier is None or account.delegate != earlier.delegate):
            raise _refusal(f"{account.delegate} would be allowed to spend from token account {key}")
        if account.close_authority is not None and (
            earlier is None or account.close_authority != earlier.close_authority
        ):
            raise _refusal(f"{account.close_authority} would be allowed to close token account {key}")


def _tokens_paid(
    intent: intents.Intent, watched: Watched, wrapped: Pubkey, changes: dict[Pubkey, Change]
) -> int:
    """Check what leaves the wallet's token accounts; returns the part that is paid in SOL, in lamports."""
    allowed: dict[Pubkey | None, int] = {}
    in_sol = 0
    match intent:
        case intents.CreateOrder() | intents.Deposit():
            if watched.user_input == wrapped:
                in_sol = intent.amount_raw
            else:
                allowed[watched.user_input] = intent.amount_raw
        case intents.Send():
            if intent.mint is None or watched.user_input == wrapped:
                in_sol = intent.amount_raw
            else:
                allowed[watched.user_input] = intent.amount_raw
    for key in (watched.user_input, watched.user_output):
        if key is not None and key != wrapped and -changes[key].tokens > allowed.get(key, 0):
            raise _refusal(
                f"token account {key} would lose {-changes[key].tokens}, confirmed were {allowed.get(key, 0)}"
            )
    return in_sol


def _returned(
    intent: intents.Intent,
    watched: Watched,
    wrapped: Pubkey,
    changes: dict[Pubkey, Change],
    fees_lamports: int,
) -> None:
    """What leaves an order by a withdrawal or a cancel must arrive in the wallet, less the fees."""
    match intent:
        case intents.Withdraw():
            sides, asked = [intent.side], intent.amount_raw or 0
        case intents.CancelOrder():
            sides, asked = list(orders.Side), 0
            _closed(watched, changes)
        case _:
            return
    in_sol = isinstance(intent, intents.CancelOrder)  # at least the rents
    for side in sides:
        vault = watched.order_input if side is orders.Side.IN else watched.order_output
        own = watched.user_input if side is orders.Side.IN else watched.user_output
        if own == wrapped:
            in_sol = True
        elif vault is not None and own is not None:
            _arrives(max(-changes[vault].tokens, asked), changes[own].tokens, "base units")
    if in_sol:
        left = max(_sol_left(watched, wrapped, changes), asked)
        _arrives(left, _sol_arrived(watched, wrapped, changes) + fees_lamports, "lamports")


def _arrives(left: int, arrived: int, unit: str) -> None:
    if arrived < left:
        raise _refusal(f"{left} {unit} would leave the order, but not arrive in the wallet ({arrived})")


def _closed(watched: Watched, changes: dict[Pubkey, Change]) -> None:
    """After a cancel there is no order, and neither of its token accounts holds anything."""
    for key in (watched.order_input, watched.order_output):
        after = None if key is None else changes[key].after
        if after is None or after.lamports == 0 or (after.owner == ids.SYSTEM and not after.data):
            continue
        account = _token(after)
        if account is None or account.amount:
            raise _refusal(f"funds would stay behind in token account {key} of the order")
    after = None if watched.order is None else changes[watched.order].after
    if after is not None and after.lamports > 0:
        raise _refusal("the order would still be there")


def _sol_left(watched: Watched, wrapped: Pubkey, changes: dict[Pubkey, Change]) -> int:
    """Lamports that leave the order's accounts: wrapped SOL, and the rent of those that are closed."""
    left = 0
    for key, own in (
        (watched.order, None),
        (watched.order_input, watched.user_input),
        (watched.order_output, watched.user_output),
    ):
        if key is not None:
            left += max(0, -changes[key].lamports, -changes[key].tokens if own == wrapped else 0)
    return left


def _sol_arrived(watched: Watched, wrapped: Pubkey, changes: dict[Pubkey, Change]) -> int:
    """Lamports that the wallet gains, natively or wrapped; rent of its own new accounts is not lost."""
    arrived = changes[watched.user].lamports
    for key in (watched.user_input, watched.user_output):
        if key is None:
            continue
        change, most = changes[key], 0
        if _token(change.after) is not None:
            if key == wrapped:
                most = change.lamports
            elif _token(change.before) is None:
                most = costs.TOKEN_ACCOUNT_RENT
        arrived += min(change.lamports, most)
    return arrived


def _rent(intent: intents.Intent, limits: intents.Limits) -> int:
    if limits.rent_lamports is not None:
        return limits.rent_lamports
    if isinstance(intent, intents.CreateOrder):
        return costs.rent(intent, frozenset())
    return 2 * costs.TOKEN_ACCOUNT_RENT


def _refusal(reason: str) -> errors.TransactionMismatch:
    return errors.TransactionMismatch(f"simulation: {reason}", rule="simulation")


def _lamports(info: answers.AccountInfo | None) -> int:
    return 0 if info is None else info.lamports


def _amount(info: answers.AccountInfo | None) -> int:
    account = _token(info)
    return 0 if account is None else account.amount


def _token(info: answers.AccountInfo | None) -> accounts.TokenAccount | None:
    if info is None or info.owner != ids.TOKEN:
        return None
    try:
        return accounts.TokenAccount.parse(info.data)
    except ValueError:
        return None
