"""Every single change of a transaction, systematically."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from solders.pubkey import Pubkey

from bot.solana import programs
from bot.solana.programs import ids
from tests.fakes import solana
from tests.mutations import neutral
from tests.mutations.draft import Draft, Ix, cosigned, parse, pruned

Wanted = Callable[[], bool]
"""Asked once for every change there is."""


def _every_one() -> bool:
    return True


@dataclass(frozen=True)
class Mutant:
    label: str
    draft: Draft
    expected: neutral.Expected = neutral.Expected.REFUSED


def mutants(case: solana.Case, wanted: Wanted = _every_one) -> Iterator[Mutant]:
    """Every single change that is `wanted`, systematically; what is not is not made.

    The unchanged transaction is among them now and then.
    """
    draft = parse(case.transaction)
    for mutant in itertools.chain(structural(case), _sequence(case, draft)):
        if wanted():
            yield mutant
    yield from _data(case, draft, wanted)
    yield from _additions(case, draft, wanted)


def structural(case: solana.Case) -> Iterator[Mutant]:
    """The few thousand that change how the transaction is put together."""
    draft = parse(case.transaction)
    for source in (_wire, _header, _keys, _accounts):
        yield from source(case, draft)


def _wire(case: solana.Case, draft: Draft) -> Iterator[Mutant]:
    yield Mutant("another blockhash", replace(draft, blockhash=bytes(range(32))), neutral.Expected.NEUTRAL)
    yield Mutant("no blockhash", replace(draft, blockhash=bytes(32)))
    yield Mutant("version 0", replace(draft, prefix=b"\x80", suffix=b"\0"), neutral.Expected.NEUTRAL)
    yield Mutant("version 1", replace(draft, prefix=b"\x81", suffix=b"\0"))
    table = b"\1" + bytes(solana.STRANGER) + b"\1\0" + b"\0"
    yield Mutant("a lookup table", replace(draft, prefix=b"\x80", suffix=table))
    for length in (1, 2, 32, 64, 600):
        yield Mutant(f"{length} bytes appended", replace(draft, trailing=bytes(length)))
    (signature,) = draft.signatures
    for place in range(64):
        changed = signature[:place] + b"\1" + signature[place + 1 :]
        yield Mutant(f"signature byte {place}", replace(draft, signatures=(changed,)))
    yield Mutant("no signature slot", replace(draft, signatures=()))
    yield Mutant("two signature slots", replace(draft, signatures=(signature, signature)))


def _header(case: solana.Case, draft: Draft) -> Iterator[Mutant]:
    for place in range(3):
        for value in range(256):
            if value == draft.header[place] or (place == 0 and value == 0x80):
                continue
            header = list(draft.header)
            header[place] = value
            changed = replace(draft, header=(header[0], header[1], header[2]))
            yield Mutant(
                f"header byte {place} = {value}", changed, neutral.loosely(case, touches_close=place == 2)
            )
            if place == 0:
                slots = draft.signatures * value
                yield Mutant(f"{value} signers, with slots", replace(changed, signatures=slots))
    yield Mutant("a co-signer", cosigned(draft, solana.STRANGER))
    payer = (bytes(solana.STRANGER), *draft.keys)
    shifted = tuple(
        Ix(ix.program + 1, tuple(number + 1 for number in ix.accounts), ix.data) for ix in draft.instructions
    )
    yield Mutant(
        "somebody else pays, too",
        Draft(draft.signatures * 2, (2, *draft.header[1:]), payer, draft.blockhash, shifted),
    )


def _keys(case: solana.Case, draft: Draft) -> Iterator[Mutant]:
    strangers = (solana.STRANGER, programs.ata(solana.STRANGER, ids.USDC_MINT), ids.TOKEN_2022, ids.MEMO)
    for place, other in itertools.product(range(len(draft.keys)), strangers):
        keys = list(draft.keys)
        keys[place] = bytes(other)
        yield Mutant(f"key {place} replaced", replace(draft, keys=tuple(keys)))
    for one, two in itertools.permutations(range(len(draft.keys)), 2):
        keys = list(draft.keys)
        keys[one] = keys[two]
        yield Mutant(f"key {one} doubles key {two}", replace(draft, keys=tuple(keys)))
    for one, two in itertools.combinations(range(len(draft.keys)), 2):
        keys = list(draft.keys)
        keys[one], keys[two] = keys[two], keys[one]
        yield Mutant(
            f"keys {one} and {two} swapped",
            replace(draft, keys=tuple(keys)),
            neutral.loosely(case, touches_close=True),
        )
    for writable in (False, True):
        more, _ = draft.place(solana.STRANGER, writable=writable)
        yield Mutant(f"an unused key, writable={writable}", more)
    for place in range(len(draft.keys)):
        fewer = draft.keys[:place] + draft.keys[place + 1 :]
        yield Mutant(f"key {place} removed", replace(draft, keys=fewer))


def _accounts(case: solana.Case, draft: Draft) -> Iterator[Mutant]:
    for index, ix in enumerate(draft.instructions):
        loose = neutral.loosely(case, touches_close=index == len(draft.instructions) - 1)
        closing = ix.data == b"\x09" and draft.keys[ix.program] == bytes(ids.TOKEN)
        for place in range(len(ix.accounts)):
            for number in (*range(len(draft.keys)), 100, 255):
                changed = list(ix.accounts)
                changed[place] = number
                yield Mutant(
                    f"#{index} account {place} = {number}",
                    draft.put(index, replace(ix, accounts=tuple(changed))),
                    neutral.replaced_account(case, draft, index, place, number) or loose,
                )
            fewer = ix.accounts[:place] + ix.accounts[place + 1 :]
            superfluous = (
                closing and place in {0, 1, 2, 3} and fewer == ix.accounts[:3] and len(ix.accounts) == 4
            )
            yield Mutant(
                f"#{index} account {place} removed",
                draft.put(index, replace(ix, accounts=fewer)),
                neutral.Expected.NEUTRAL if superfluous else loose,
            )
        for number in range(len(draft.keys)):
            superfluous = closing and len(ix.accounts) == 3 and number == 0
            yield Mutant(
                f"#{index} account {number} added",
                draft.put(index, replace(ix, accounts=(*ix.accounts, number))),
                neutral.Expected.NEUTRAL if superfluous else loose,
            )
        for one, two in itertools.combinations(range(len(ix.accounts)), 2):
            swapped = list(ix.accounts)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            yield Mutant(
                f"#{index} accounts {one} and {two} swapped",
                draft.put(index, replace(ix, accounts=tuple(swapped))),
                loose,
            )
        for number in (*range(len(draft.keys)), 77):
            if number != ix.program:
                yield Mutant(f"#{index} program = {number}", draft.put(index, replace(ix, program=number)))


def _data(case: solana.Case, draft: Draft, wanted: Wanted) -> Iterator[Mutant]:
    for index, ix in enumerate(draft.instructions):
        for place, value in itertools.product(range(len(ix.data)), range(256)):
            if ix.data[place] == value or not wanted():
                continue
            data = ix.data[:place] + bytes([value]) + ix.data[place + 1 :]
            changed = draft.put(index, replace(ix, data=data))
            yield Mutant(
                f"#{index} byte {place} = {value}", changed, neutral.changed_data(case, changed, index, data)
            )
        for length in filter(lambda _: wanted(), range(len(ix.data))):
            yield Mutant(
                f"#{index} data cut to {length}", draft.put(index, replace(ix, data=ix.data[:length]))
            )
        for length in filter(lambda _: wanted(), (1, 8, 32)):
            longer = ix.data + bytes(length)
            yield Mutant(f"#{index} data {length} longer", draft.put(index, replace(ix, data=longer)))


def _sequence(case: solana.Case, draft: Draft) -> Iterator[Mutant]:
    count = len(draft.instructions)
    for index, ix in enumerate(draft.instructions):
        removed = replace(draft, instructions=draft.instructions[:index] + draft.instructions[index + 1 :])
        expected = neutral.removed(case, draft, index)
        yield Mutant(f"#{index} removed, keys too", pruned(removed), expected)
        if pruned(removed) != removed:  # what only the removed instruction used is listed in vain
            yield Mutant(f"#{index} removed", removed)
        for place in range(count + 1):
            yield Mutant(f"#{index} again at {place}", draft.insert(place, ix))
        for place in range(count):
            if place != index:
                moved = removed.insert(place, ix)
                yield Mutant(f"#{index} moved to {place}", moved, neutral.moved(case, moved))
    for permutation in itertools.islice(itertools.permutations(range(count)), 1, 721):
        shuffled = tuple(draft.instructions[number] for number in permutation)
        changed = replace(draft, instructions=shuffled)
        yield Mutant(f"in order {permutation}", changed, neutral.moved(case, changed))
    yield Mutant("no instructions", replace(draft, instructions=()))
    for start in range(1, count):
        yield Mutant(f"only from #{start}", replace(draft, instructions=draft.instructions[start:]))


def _additions(case: solana.Case, draft: Draft, wanted: Wanted) -> Iterator[Mutant]:
    """Any instruction of System, Token, ATA, Memo, Token-2022 and more, at every place."""
    user = neutral.user_of(case)
    own = [programs.ata(user, mint) for mint in (ids.WSOL_MINT, ids.USDC_MINT)]
    thief = programs.ata(solana.STRANGER, ids.USDC_MINT)
    word = (2**40).to_bytes(8, "little")
    lists: list[list[tuple[Pubkey, bool]]] = [
        [],
        [(user, True)],
        [(user, True), (solana.STRANGER, True)],
        [(user, True), (user, True)],
        [(own[0], True), (user, True), (user, True)],
        [(own[1], True), (user, True), (user, True)],
        [(own[0], True), (solana.STRANGER, True), (user, True)],
        [(own[1], True), (thief, True), (user, True)],
        [(own[1], True), (solana.STRANGER, False), (user, True)],
        [(own[1], True), (ids.USDC_MINT, False), (thief, True), (user, True)],
        [(own[0], True)],
        _creation(user, user, ids.WSOL_MINT),
        _creation(user, user, ids.USDC_MINT),
        _creation(user, solana.STRANGER, ids.USDC_MINT),
    ]
    choices = [
        *((ids.SYSTEM, tag.to_bytes(4, "little") + tail) for tag in range(14) for tail in (b"", word)),
        *(
            (program, bytes([tag]) + tail)
            for program in (ids.TOKEN, ids.TOKEN_2022)
            for tag in (*range(46), 255)
            for tail in (b"", word, word + b"\6")
        ),
        *((ids.ATA, data) for data in (b"", b"\0", b"\1", b"\2", b"\3", b"\1\1")),
        *((memo, text) for memo in (ids.MEMO, ids.MEMO_V1) for text in (b"", b"hello")),
        *((ids.COMPUTE_BUDGET, bytes([tag]) + bytes(4)) for tag in range(6)),
        *((program, programs.layouts.anchor_tag("deposit") + word) for program in (ids.DCA, ids.VA)),
        (solana.STRANGER, b""),
    ]
    for program, data in choices:
        for keys in lists:
            places = [place for place in range(len(draft.instructions) + 1) if wanted()]
            if not places:
                continue
            base, numbers = draft, []
            for key, writable in keys:
                base, _ = base.place(key, writable=writable)
            base, _ = base.place(program)
            numbers = [base.keys.index(bytes(key)) for key, _ in keys]
            ix = Ix(base.keys.index(bytes(program)), tuple(numbers), data)
            for place in places:
                expected = neutral.added(case, draft, program, data, keys, place)
                label = f"added {ids.NAMES.get(program)} {data.hex()} {len(keys)} accounts at {place}"
                yield Mutant(label, base.insert(place, ix), expected)


def _creation(user: Pubkey, owner: Pubkey, mint: Pubkey) -> list[tuple[Pubkey, bool]]:
    account = programs.ata(owner, mint)
    return [
        (user, True),
        (account, True),
        (owner, owner == user),
        (mint, False),
        (ids.SYSTEM, False),
        (ids.TOKEN, False),
    ]
