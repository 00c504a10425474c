"""The long crash test: `python -m tests.crash --actions 200`; prints one JSON object, exit 1 on a flaw.

It goes on until so many actions were confirmed and the bot was killed so often: at least.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

from tests.crash import run


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--actions", type=int, default=200)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--submit-via", choices=("jupiter", "rpc"), default="jupiter")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        outcome = run.run(
            Path(folder),
            kills=chosen.kills,
            actions=chosen.actions,
            seed=chosen.seed,
            submit_via=chosen.submit_via,
        )
    sys.stdout.write(json.dumps(dataclasses.asdict(outcome) | {"flawless": outcome.flawless}) + "\n")
    return 0 if outcome.flawless else 1


if __name__ == "__main__":
    sys.exit(main())
