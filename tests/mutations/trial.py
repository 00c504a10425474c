"""Try changes on the policy, and count them."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from bot import errors
from bot.domain import intents
from bot.solana import policy
from tests.fakes import solana
from tests.mutations import changes, neutral
from tests.mutations.changes import Mutant
from tests.mutations.draft import parse


def accepted(transaction: str, intent: intents.Intent) -> bool:
    try:
        policy.check(transaction, intent, neutral.LIMITS)
    except errors.TransactionMismatch:
        return False
    return True


def try_one(case: solana.Case, mutant: Mutant) -> neutral.Expected | None:
    """What it was, or None when nothing changed. Raises AssertionError for a wrong verdict."""
    text = mutant.draft.encode()
    if text == case.transaction:
        return None
    verdict = accepted(text, case.intent)
    if mutant.expected is not neutral.Expected.OPEN and verdict != (
        mutant.expected is neutral.Expected.NEUTRAL
    ):
        raise AssertionError(f"{case.name}: {mutant.label}: {'accepted' if verdict else 'refused'}\n{text}")
    return mutant.expected


def pairs(case: solana.Case, count: int, luck: random.Random) -> Iterator[Mutant]:
    """A harmful change of an argument, together with another account, another key, or both."""
    draft = parse(case.transaction)
    with_data = [index for index, ix in enumerate(draft.instructions) if index > 1 and ix.data]
    for _ in range(count):
        index = luck.choice(with_data)
        ix = draft.instructions[index]
        place = luck.randrange(len(ix.data))
        value = (ix.data[place] + luck.randrange(2, 255)) % 256
        ix = replace(ix, data=ix.data[:place] + bytes([value]) + ix.data[place + 1 :])
        if neutral.changed_data(case, draft.put(index, ix), index, ix.data) is not neutral.Expected.REFUSED:
            continue
        if ix.accounts and luck.random() < 0.6:
            accounts = list(ix.accounts)
            accounts[luck.randrange(len(accounts))] = luck.randrange(len(draft.keys))
            ix = replace(ix, accounts=tuple(accounts))
        changed = draft.put(index, ix)
        if luck.random() < 0.6:
            keys = list(draft.keys)
            keys[luck.randrange(len(keys))] = luck.randbytes(32)
            changed = replace(changed, keys=tuple(keys))
        yield Mutant(f"pair at #{index}", changed)


def run_structural(cases: list[solana.Case]) -> Counter[str]:
    """Try every structural change; counts by expectation."""
    assert all(accepted(case.transaction, case.intent) for case in cases)
    tried = (try_one(case, mutant) for case in cases for mutant in changes.structural(case))
    return Counter(outcome.value for outcome in tried if outcome is not None)


def run(cases: list[solana.Case], *, share: float = 1.0, pair_count: int = 0, seed: int = 0) -> Counter[str]:
    """Try a share of all changes and some pairs; counts by expectation."""
    luck = random.Random(seed)
    counts: Counter[str] = Counter()
    for case in cases:
        assert accepted(case.transaction, case.intent), case.name
        singles = changes.mutants(case, lambda: share >= 1 or luck.random() < share)
        for mutant in itertools.chain(singles, pairs(case, pair_count, luck)):
            outcome = try_one(case, mutant)
            if outcome is not None:
                counts[outcome.value] += 1
    return counts
