"""Which changes are neutral: known from how the change was made, never by asking the policy."""

from enum import Enum

from solders.pubkey import Pubkey

from bot.domain import intents, orders
from bot.solana import programs
from bot.solana.programs import ids
from tests.fakes import solana
from tests.mutations.draft import Draft, parse

LIMITS = intents.Limits()


class Expected(Enum):
    REFUSED = "refused"
    NEUTRAL = "accepted"
    OPEN = "either"
    """Part of the one account list that nobody outside knows (closing a price order)."""


def user_of(case: solana.Case) -> Pubkey:
    return Pubkey.from_string(case.intent.user)


def changed_data(case: solana.Case, draft: Draft, index: int, data: bytes) -> Expected:
    """Compute limits and prices are neutral while the fee fits; price bounds tolerate one unit."""
    if index < 2 and data[0] == index + 2:
        units = int.from_bytes(draft.instructions[0].data[1:], "little")
        price = int.from_bytes(draft.instructions[1].data[1:], "little")
        fits = units <= 1_400_000 and -(-units * price // 10**6) <= LIMITS.priority_fee_lamports
        return Expected.NEUTRAL if fits else Expected.REFUSED
    opens = draft.keys[draft.instructions[index].program] == bytes(ids.DCA)
    if isinstance(case.intent, intents.CreateOrder) and case.intent.min_out_raw and opens:
        args = programs.instruction(ids.DCA, "open_dca_v2")
        try:
            now = args.decode(data)
        except ValueError:
            return Expected.REFUSED
        was = args.decode(parse(case.transaction).instructions[index].data)
        bounds = ("min_out_amount", "max_out_amount")
        same = all(now[name] == was[name] for name in now if name not in bounds)
        near = all(now[name] is not None and abs(now[name] - was[name]) <= 1 for name in bounds)
        return Expected.NEUTRAL if same and near else Expected.REFUSED
    return Expected.REFUSED


def loosely(case: solana.Case, *, touches_close: bool) -> Expected:
    return Expected.OPEN if touches_close and _closes_a_price_order(case) else Expected.REFUSED


def replaced_account(case: solana.Case, draft: Draft, index: int, place: int, number: int) -> Expected | None:
    """Where a withdrawal pays out SOL, the slot for it may name the wallet's account or be empty."""
    ix = draft.instructions[index]
    if place != 7 or not ix.data.startswith(programs.instruction(ids.VA, "withdraw").tag):
        return None
    either = {bytes(ids.VA), bytes(programs.ata(user_of(case), ids.WSOL_MINT))}
    pays_sol = draft.keys[ix.accounts[4]] == bytes(ids.WSOL_MINT)
    fits = number < len(draft.keys) and {draft.keys[number], draft.keys[ix.accounts[7]]} == either
    return Expected.NEUTRAL if pays_sol and fits else None


def _closes_a_price_order(case: solana.Case) -> bool:
    return isinstance(case.intent, intents.CancelOrder) and case.intent.family is orders.Family.PRICE


def _has(draft: Draft, program: Pubkey) -> bool:
    return any(draft.keys[ix.program] == bytes(program) for ix in draft.instructions)


def removed(case: solana.Case, draft: Draft, index: int) -> Expected:
    """A creation that may be left out, a closing that may, a withdrawal of a cancel."""
    ix = draft.instructions[index]
    program = Pubkey(draft.keys[ix.program])
    if program == ids.ATA and not _has(draft, ids.SYSTEM):  # which wraps SOL into what was created
        return Expected.NEUTRAL
    if program == ids.TOKEN and ix.data == b"\x09" and isinstance(case.intent, intents.Deposit):
        return Expected.NEUTRAL
    if _closes_a_price_order(case) and program == ids.VA and index < len(draft.instructions) - 1:
        return Expected.OPEN
    return Expected.REFUSED


def moved(case: solana.Case, changed: Draft) -> Expected:
    """The two withdrawals of a cancel may come in either order."""
    original = parse(case.transaction).instructions
    swapped = (*original[:2], *reversed(original[2:4]), *original[4:])
    return loosely(case, touches_close=changed.instructions == swapped)


def added(
    case: solana.Case,
    draft: Draft,
    program: Pubkey,
    data: bytes,
    keys: list[tuple[Pubkey, bool]],
    place: int,
) -> Expected:
    intent, user, count = case.intent, user_of(case), len(draft.instructions)
    if program == ids.COMPUTE_BUDGET and data[0] == 4 and not keys and place == 2:
        return Expected.NEUTRAL
    there = _has(draft, ids.ATA)
    creates = (program, data, place, len(keys)) == (ids.ATA, b"\1", 2, 6) and not there
    if isinstance(intent, intents.Send) and intent.mint and creates:
        return Expected.NEUTRAL if keys[2][0] == solana.STRANGER else Expected.REFUSED
    if isinstance(intent, intents.Send | intents.Unwrap | intents.CreateOrder):
        return Expected.REFUSED
    core = [ix for ix in draft.instructions if draft.keys[ix.program] in {bytes(ids.DCA), bytes(ids.VA)}]
    used = {draft.keys[number] for ix in core for number in ix.accounts}
    if _closes_a_price_order(case):  # its closing may use any account of the order
        used |= {bytes(programs.ata(user, mint)) for mint in (ids.WSOL_MINT, ids.USDC_MINT)}
    if creates:
        paid = not isinstance(intent, intents.Deposit) or keys[1][0] == programs.ata(
            user, Pubkey.from_string(intent.input_mint)
        )
        honest = keys[2][0] == user and bytes(keys[1][0]) in used
        return Expected.NEUTRAL if honest and paid else Expected.REFUSED
    wrapped = programs.ata(user, ids.WSOL_MINT)
    closes = (
        program == ids.TOKEN and data == b"\x09" and keys == [(wrapped, True), (user, True), (user, True)]
    )
    if closes and place == count and bytes(wrapped) in used and not isinstance(intent, intents.Deposit):
        return Expected.NEUTRAL
    return Expected.REFUSED
