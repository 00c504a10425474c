"""What each kind of confirmed intent allows a transaction to be: its core instructions and their helpers.

Every function walks one transaction to its end or refuses it, and returns what the common rules need to
explain it. The confirmed intent is the only source of truth; nothing here knows the API's answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from solders.pubkey import Pubkey

from bot import errors
from bot.domain import costs, intents, orders
from bot.solana import programs, sequence, transactions
from bot.solana.programs import ids, jupiter, native
from bot.solana.programs.layouts import Role

INDEX_TOLERANCE = timedelta(minutes=10)
"""How far the index of a new order (unix seconds of its making) may be from now."""
BOUND_TOLERANCE = 1
"""Base units by which a minimum or maximum may be rounded differently than on the card."""

_LEAST, _MOST = "min_out_amount", "max_out_amount"

Cast = dict[str, Pubkey]


@dataclass(frozen=True, slots=True)
class Explained:
    """What the walk found out."""

    writable: frozenset[Pubkey]
    """Accounts that a transaction of this kind may change at all."""
    order: Pubkey | None = None
    """The order that a create opens."""
    rent: int = 0
    """Most lamports that visible account creations may lock."""
    loose: frozenset[Pubkey] = field(default_factory=frozenset)
    """Accounts of an instruction whose layout is unknown, so that their flags cannot be predicted."""


def time_create(walk: sequence.Sequence, intent: intents.CreateOrder, now: datetime | None) -> Explained:
    user, input_mint, output_mint = _keys(intent.user, intent.input_mint, intent.output_mint)
    paying = programs.ata(user, input_mint)
    created = walk.creations(user, {paying: (user, input_mint)})
    wrapped = input_mint == ids.WSOL_MINT and walk.wrap(user, paying, intent.amount_raw)
    core = walk.must_take(jupiter.OPEN_DCA_V2)
    index = sequence.argument(core, "application_idx")
    order = programs.dca_order(user, input_mint, output_mint, index)
    cast = programs.cast(
        program=ids.DCA, user=user, order=order, input_mint=input_mint, output_mint=output_mint
    )
    _core(core, cast)
    sequence.equal(core, "in_amount", intent.amount_raw)
    sequence.equal(core, "in_amount_per_cycle", intent.amount_raw // intent.number_of_orders)
    sequence.equal(core, "cycle_frequency", intent.interval_s)
    _bound(core, _LEAST, intent.min_out_raw, intent.max_price)
    _bound(core, _MOST, intent.max_out_raw, intent.min_price)
    start = sequence.argument(core, "start_at") or None
    if start != (intent.start_at or None):
        raise sequence.refuse(f"start_at is {start}, confirmed was {intent.start_at}", "G16", core)
    if now is not None and abs(now.timestamp() - index) > INDEX_TOLERANCE.total_seconds():
        raise sequence.refuse(
            f"application_idx {index} is not of now ({now:%Y-%m-%d %H:%M:%S}Z)", "G16", core
        )
    if wrapped:
        _needs_creation(created, paying, core)
        if not walk.close_wrapped(user, paying):
            raise sequence.refuse("the wrapped-SOL account is not closed after it", "G12", core)
    rent = costs.TIME_ORDER_RENT + (2 + wrapped) * costs.TOKEN_ACCOUNT_RENT
    return Explained(_changing(cast), order=order, rent=rent)


def time_cancel(walk: sequence.Sequence, intent: intents.CancelOrder) -> Explained:
    cast = _cast(ids.DCA, intent)
    walk.creations(cast[Role.USER], _receivers(cast, Role.USER_INPUT, Role.USER_OUTPUT))
    _core(walk.must_take(jupiter.CLOSE_DCA), cast)
    _unwrap(walk, cast, Role.USER_INPUT, Role.USER_OUTPUT)
    return Explained(_changing(cast))


def price_deposit(walk: sequence.Sequence, intent: intents.Deposit) -> Explained:
    cast = _cast(ids.VA, intent)
    user, paying = cast[Role.USER], cast[Role.USER_INPUT]
    created = walk.creations(user, _receivers(cast, Role.USER_INPUT))
    wrapped = cast[Role.INPUT_MINT] == ids.WSOL_MINT and walk.wrap(user, paying, intent.amount_raw)
    core = walk.must_take(jupiter.DEPOSIT_VA)
    _core(core, cast)
    sequence.equal(core, "amount", intent.amount_raw)
    if wrapped:
        _needs_creation(created, paying, core)
        walk.close_wrapped(user, paying)
    return Explained(_changing(cast), rent=wrapped * costs.TOKEN_ACCOUNT_RENT)


def price_withdraw(walk: sequence.Sequence, intent: intents.Withdraw) -> Explained:
    cast = _cast(ids.VA, intent, intent.side)
    used = (Role.USER_INPUT, Role.USER_OUTPUT)
    created = walk.creations(cast[Role.USER], _receivers(cast, *used))
    core = walk.must_take(jupiter.WITHDRAW_VA)
    filled = _withdrawal(core, cast)
    sequence.equal(core, "amount", intent.amount_raw)
    sequence.equal(core, "withdrawal", intent.side.value)
    if not filled and cast[Role.USER_OUTPUT] in created:
        raise sequence.refuse("a token account is created that nothing uses", "G11", core)
    _unwrap(walk, cast, *(used if filled else used[:1]))
    return Explained(_changing(cast))


def price_cancel(walk: sequence.Sequence, intent: intents.CancelOrder) -> Explained:
    """At most one withdrawal of everything per side, then the closing.

    The account list of VA's close is not public: it may name any account of this order, and no other.
    """
    cast = _cast(ids.VA, intent)
    walk.creations(cast[Role.USER], _receivers(cast, Role.USER_INPUT, Role.USER_OUTPUT))
    sides = []
    while (core := walk.take(jupiter.WITHDRAW_VA)) is not None:
        side = sequence.argument(core, "withdrawal")
        if side in sides:
            raise sequence.refuse(f"withdraws side {side} again", "G15", core)
        sides.append(side)
        _withdrawal(core, _cast(ids.VA, intent, orders.Side(side)))
        sequence.equal(core, "amount", None)
    close = walk.must_take(jupiter.CLOSE_VA)
    known = frozenset(cast.values())
    for account in close.accounts:
        if account.key not in known:
            raise sequence.refuse(f"{account.key} has no part in this order", "G14", close)
    if not {cast[Role.USER], cast[Role.ORDER]} <= set(close.keys):
        raise sequence.refuse("does not name the wallet and the order", "G16", close)
    _unwrap(walk, cast, Role.USER_INPUT, Role.USER_OUTPUT)
    return Explained(_changing(cast), loose=frozenset(close.keys))


def send(walk: sequence.Sequence, intent: intents.Send) -> Explained:
    user, to = _keys(intent.user, intent.to)
    if intent.mint is None:
        transfer = walk.must_take(native.TRANSFER_SOL)
        sequence.exactly(transfer, [user, to], "G9")
        sequence.equal(transfer, "lamports", intent.amount_raw, "G9")
        return Explained(frozenset({user, to}))
    (mint,) = _keys(intent.mint)
    source, destination = programs.ata(user, mint), programs.ata(to, mint)
    created = walk.creations(user, {destination: (to, mint)})
    transfer = walk.must_take(native.TRANSFER_CHECKED)
    sequence.exactly(transfer, [source, mint, destination, user], "G10")
    sequence.equal(transfer, "amount", intent.amount_raw)
    sequence.equal(transfer, "decimals", intent.decimals)
    return Explained(frozenset({user, source, destination}), rent=len(created) * costs.TOKEN_ACCOUNT_RENT)


def unwrap(walk: sequence.Sequence, intent: intents.Unwrap) -> Explained:
    (user,) = _keys(intent.user)
    account = programs.ata(user, ids.WSOL_MINT)
    if not walk.close_wrapped(user, account):
        walk.must_take(native.CLOSE_ACCOUNT)
    return Explained(frozenset({user, account}))


def _keys(*texts: str) -> list[Pubkey]:
    return [Pubkey.from_string(text) for text in texts]


def _cast(
    program: Pubkey,
    intent: intents.OfAnOrder,
    side: orders.Side = orders.Side.IN,
) -> Cast:
    user, order, input_mint, output_mint = _keys(
        intent.user, intent.order, intent.input_mint, intent.output_mint
    )
    if intent.order_index is not None:
        derived = programs.derive.order(program, user, input_mint, output_mint, intent.order_index)
        if derived != order:
            raise sequence.refuse(f"order {order} does not derive from index {intent.order_index}", "G17")
    return programs.cast(
        program=program,
        user=user,
        order=order,
        input_mint=input_mint,
        output_mint=output_mint,
        side=side.value,
    )


def _core(instruction: transactions.Instruction, cast: Mapping[str, Pubkey]) -> None:
    """The accounts are exactly those that the layout's roles ask for."""
    slots = (instruction.layout.slots if instruction.layout else None) or ()
    sequence.exactly(instruction, [cast[slot.role] for slot in slots if slot.role is not None])


def _withdrawal(instruction: transactions.Instruction, cast: Cast) -> bool:
    """Accounts of a VA withdrawal; returns whether the slot for the output account is filled.

    It may be left empty where the output is SOL, which is then handed out natively.
    """
    empty = (
        cast[Role.OUTPUT_MINT] == ids.WSOL_MINT
        and len(instruction.accounts) > 7
        and instruction.accounts[7].key == ids.VA
    )
    _core(instruction, cast | {Role.USER_OUTPUT: ids.VA} if empty else cast)
    return not empty


def _receivers(cast: Cast, *roles: Role) -> dict[Pubkey, tuple[Pubkey, Pubkey]]:
    mints = {Role.USER_INPUT: Role.INPUT_MINT, Role.USER_OUTPUT: Role.OUTPUT_MINT}
    return {cast[role]: (cast[Role.USER], cast[mints[role]]) for role in roles}


def _unwrap(walk: sequence.Sequence, cast: Cast, *roles: Role) -> None:
    """Jupiter's SDK (not its API so far) closes the wrapped-SOL account that took SOL out of an order."""
    wrapped = programs.ata(cast[Role.USER], ids.WSOL_MINT)
    if wrapped in {cast[role] for role in roles}:
        walk.close_wrapped(cast[Role.USER], wrapped)


def _changing(cast: Cast) -> frozenset[Pubkey]:
    """Every account that an order's transaction may change; the VA program's id fills empty slots."""
    roles = (
        Role.USER,
        Role.ORDER,
        Role.USER_INPUT,
        Role.USER_OUTPUT,
        Role.ORDER_INPUT,
        Role.ORDER_OUTPUT,
        Role.INTERMEDIATE,
    )
    changing = {cast[role] for role in roles if role in cast}
    return frozenset(changing | ({ids.VA} if cast[Role.PROGRAM] == ids.VA else set()))


def _bound(core: transactions.Instruction, name: str, confirmed: int | None, price: str | None) -> None:
    """None and zero both mean no bound; else one unit of rounding is tolerated."""
    value = sequence.argument(core, name) or 0
    wanted = confirmed or 0
    if price is not None and not wanted:
        raise sequence.refuse(f"{name} cannot be checked against the confirmed price {price}", "G16", core)
    if bool(value) != bool(wanted) or abs(value - wanted) > BOUND_TOLERANCE:
        crafted, meant = value or None, wanted or None
        refusal = sequence.refuse(f"{name} is {crafted}, confirmed was {meant}", "G16", core)
        raise errors.OtherBounds(
            refusal.reason, least=name == _LEAST, crafted=crafted, confirmed=meant, instruction=core.index
        )


def _needs_creation(created: frozenset[Pubkey], account: Pubkey, core: transactions.Instruction) -> None:
    if account not in created:
        raise sequence.refuse("SOL is wrapped into an account that is not created first", "G11", core)
