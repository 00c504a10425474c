"""The long run."""

import random
import sys
import time

from tests.fakes import solana
from tests.mutations import trial


def main() -> None:
    started = time.monotonic()
    counts = trial.run(solana.every(), pair_count=5_000, seed=random.SystemRandom().randrange(2**32))
    total = sum(counts.values())
    sys.stdout.write(f"{total:,} changes tried in {time.monotonic() - started:.0f} s: {dict(counts)}\n")
    if total < 100_000:
        sys.exit("fewer than 100,000")


if __name__ == "__main__":
    main()
