"""The command line of `make fuzz`: starts the server, has the campaign run against it, and stops it."""

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fuzz import stage

FOLDER: Final = stage.REPOSITORY / "build" / "fuzz"
PYTHON: Final = FOLDER / "bin" / "python"
CASES: Final = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where nothing was found, 1 where something was: how to see it again is printed."""
    parser = argparse.ArgumentParser(
        "make fuzz", description=__doc__, epilog='Under make: make fuzz ARGS="--cases 500"'
    )
    parser.add_argument("--cases", type=int, default=CASES, metavar="N", help=f"requests ({CASES:,})")
    parser.add_argument("--seed", type=int, help="of what is asked, to ask it again (a new one)")
    parser.add_argument("--out", type=Path, default=FOLDER.parent / "fuzz.json", metavar="FILE",
                        help="where the figures go (build/fuzz.json)")  # fmt: skip
    asked = parser.parse_args(arguments)
    seed = asked.seed if asked.seed is not None else random.randrange(1_000_000)
    if not PYTHON.exists():
        print("Schemathesis is not here: `make fuzz` installs it into build/fuzz", file=sys.stderr)
        return 2
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"seed {seed}: starting the server", flush=True)
    with stage.running(asked.out.with_suffix(".log")) as running:
        told = asked.out.with_suffix(".stage")
        told.touch(mode=0o600)
        told.write_bytes(running.written())
        try:
            return subprocess.run(
                [PYTHON, "-m", "fuzz.campaign", told, "--cases", str(asked.cases), "--seed", str(seed), "--out", asked.out],
                cwd=stage.REPOSITORY, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(stage.REPOSITORY),
                                           "PYTHONHASHSEED": "0"}, check=False,
            ).returncode  # fmt: skip
        finally:
            told.unlink()


if __name__ == "__main__":
    sys.exit(main())
