"""The long crash tests; each prints one JSON object, and ends with exit code 1 on a flaw.

python -m tests.crash --actions 200         people confirm and the bot is killed, at least so often
python -m tests.crash fills --fills 1500    orders fill, the bot is killed every fraction of a second
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

from tests.crash import fills, run


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("what", nargs="?", choices=("actions", "fills"), default="actions")
    options.add_argument("--actions", type=int, default=200)
    options.add_argument("--kills", type=int, default=50, help="at least so many")
    options.add_argument("--fills", type=int, default=1500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--submit-via", choices=("jupiter", "rpc"), default="jupiter")
    chosen = options.parse_args()
    outcome: run.Outcome | fills.Outcome
    with tempfile.TemporaryDirectory(prefix="crash-") as name:
        folder = Path(name)
        if chosen.what == "fills":
            outcome = fills.run(folder, fills=chosen.fills, kills=chosen.kills, seed=chosen.seed)
        else:
            outcome = run.run(
                folder,
                kills=chosen.kills,
                actions=chosen.actions,
                seed=chosen.seed,
                submit_via=chosen.submit_via,
            )
    sys.stdout.write(json.dumps(dataclasses.asdict(outcome) | {"flawless": outcome.flawless}) + "\n")
    return 0 if outcome.flawless else 1


if __name__ == "__main__":
    sys.exit(main())
