"""python -m tests.benchmarks [NAME…] [--seed N]: prints one JSON object a line."""

import argparse
import secrets
import sys
from collections.abc import Callable, Iterable
from typing import Final

from tests.benchmarks import policy, polling
from tests.benchmarks.figures import Figure

BENCHMARKS: Final[dict[str, Callable[[int], Iterable[Figure]]]] = {
    "polls_per_fill": polling.polls_per_fill,
    "fill_latency": polling.fill_latency,
    "policy_cost": policy.policy_cost,
}
"""Each takes a seed and yields its figures."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    # A fresh one each time: nothing may be tuned to the seeds that are reported.
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    sys.stderr.write(f"seed {wanted.seed}\n")
    for name in wanted.names or BENCHMARKS:
        for figure in BENCHMARKS[name](wanted.seed):
            sys.stdout.write(figure.line() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
