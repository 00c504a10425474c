"""python -m tests.benchmarks [NAME…] [--seed N]: prints one JSON object a line."""

import argparse
import secrets
import sys
from collections.abc import Callable, Iterable
from typing import Final

from tests.benchmarks import at_size, charts, delivery, footprint, policy, polling, statement
from tests.benchmarks.figures import Figure

BENCHMARKS: Final[dict[str, Callable[[int], Iterable[Figure]]]] = {
    "polls_per_fill": polling.polls_per_fill,
    "fill_latency": polling.fill_latency,
    "policy_cost": policy.policy_cost,
    "chart": charts.chart,
    "memory": footprint.memory,
    "command_cost": footprint.command_cost,
    "at_size": at_size.at_size,
    "statement": statement.statement,
}
"""Each takes a seed and yields its figures."""
OF_NOTICES: Final[dict[str, Callable[[int], Iterable[Figure]]]] = {
    "notice_rate": delivery.notice_rate,
    "notice_cost": delivery.notice_cost,
    "tap_latency": delivery.tap_latency,
}
"""Each takes how many notices."""


def main() -> None:
    names = [*BENCHMARKS, *OF_NOTICES]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; default: all")
    # A fresh one each time: nothing may be tuned to the seeds that are reported.
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--notices", type=int, default=delivery.NOTICES, help="28 a second; in full: 10000")
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(names):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    sys.stderr.write(f"seed {wanted.seed}\n")
    for name in wanted.names or names:
        sizes = OF_NOTICES.get(name)
        for figure in sizes(wanted.notices) if sizes else BENCHMARKS[name](wanted.seed):
            sys.stdout.write(figure.line() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
