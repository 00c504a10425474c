"""Which changes are neutral: known from how the change was made, never by asking the policy."""

from enum import Enum

from solders.pubkey import Pubkey

from bot.domain import intents
from bot.solana import programs
from bot.solana.programs import ids
from tests.fakes import solana
from tests.mutations.draft import Draft, parse

LIMITS = intents.Limits()
USER = Pubkey.from_string(solana.USER)


class Expected(Enum):
    REFUSED = "refused"
    NEUTRAL = "accepted"
    OPEN = "either"
    """Part of the one account list that nobody outside knows (closing a price order)."""


def changed_data(case: solana.Case, draft: Draft, index: int, data: bytes) -> Expected:
    """Compute limits and prices are neutral while the fee fits; price bounds tolerate one unit."""
    if index < 2 and data[0] == index + 2:
        units = int.from_bytes(draft.instructions[0].data[1:], "little")
        price = int.from_bytes(draft.instructions[1].data[1:], "little")
        fits = units <= 1_400_000 and -(-units * price // 10**6) <= LIMITS.priority_fee_lamports
        return Expected.NEUTRAL if fits else Expected.REFUSED
    if isinstance(case.intent, intents.CreateOrder) and case.intent.min_out_raw and index == 3:
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
    return Expected.OPEN if touches_close and case.name == "price-cancel" else Expected.REFUSED


def removed(case: solana.Case, draft: Draft, index: int) -> Expected:
    """A creation that may be left out, a closing that may, a withdrawal of a cancel."""
    ix = draft.instructions[index]
    program = Pubkey(draft.keys[ix.program])
    if program == ids.ATA and "sol" not in case.name and case.name != "time-create":
        return Expected.NEUTRAL
    if program == ids.TOKEN and ix.data == b"\x09" and isinstance(case.intent, intents.Deposit):
        return Expected.NEUTRAL
    if case.name == "price-cancel" and program == ids.VA and index < len(draft.instructions) - 1:
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
    intent, count = case.intent, len(draft.instructions)
    if program == ids.COMPUTE_BUDGET and data[0] == 4 and not keys and place == 2:
        return Expected.NEUTRAL
    if case.name == "send-token" and (program, data, place) == (ids.ATA, b"\1", 2) and len(keys) == 6:
        return Expected.NEUTRAL if keys[2][0] == solana.STRANGER else Expected.REFUSED
    if isinstance(intent, intents.Send | intents.Unwrap | intents.CreateOrder):
        return Expected.REFUSED
    core = [ix for ix in draft.instructions if draft.keys[ix.program] in {bytes(ids.DCA), bytes(ids.VA)}]
    used = {draft.keys[number] for ix in core for number in ix.accounts}
    if case.name == "price-cancel":  # its closing may use any account of the order
        used |= {bytes(programs.ata(USER, mint)) for mint in (ids.WSOL_MINT, ids.USDC_MINT)}
    if program == ids.ATA and data == b"\1" and len(keys) == 6 and place == 2:
        there = any(draft.keys[ix.program] == bytes(ids.ATA) for ix in draft.instructions)
        paid = not isinstance(intent, intents.Deposit) or keys[1][0] == programs.ata(
            USER, Pubkey.from_string(intent.input_mint)
        )
        honest = keys[2][0] == USER and bytes(keys[1][0]) in used
        return Expected.NEUTRAL if honest and paid and not there else Expected.REFUSED
    wrapped = programs.ata(USER, ids.WSOL_MINT)
    closes = (
        program == ids.TOKEN and data == b"\x09" and keys == [(wrapped, True), (USER, True), (USER, True)]
    )
    if closes and place == count and bytes(wrapped) in used and not isinstance(intent, intents.Deposit):
        return Expected.NEUTRAL
    return Expected.REFUSED
