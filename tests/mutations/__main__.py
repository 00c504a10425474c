"""The long run."""

import random
import sys
import time

from tests.fakes import sandbox, solana
from tests.mutations import trial


def main() -> None:
    started = time.monotonic()
    cases = solana.every() + sandbox.cases()
    counts = trial.run(cases, pair_count=5_000, seed=random.SystemRandom().randrange(2**32))
    total = sum(counts.values())
    spent = time.monotonic() - started
    tried = f"{total:,} changes of {len(cases)} transactions"
    sys.stdout.write(f"{tried} tried in {spent:.0f} s: {dict(counts)}\n")
    if total < 100_000:
        sys.exit("fewer than 100,000")


if __name__ == "__main__":
    main()
