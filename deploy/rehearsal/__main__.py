"""`make rehearse`: deploys to an emulator both ways, uses what came of it, and says what it saw.

The mistakes are planted in a copy, one at a time, and each must be found.
"""

import argparse
import signal
import sys
import time
from types import FrameType

from deploy.rehearsal import gaps, mistakes, tools
from deploy.rehearsal.deploying import KINDS
from deploy.rehearsal.rehearsing import rehearse
from services.errors import Failure


def main() -> int:
    asked = _parser().parse_args()
    signal.signal(signal.SIGTERM, _interrupted)
    began = time.monotonic()
    try:
        found = tools.ready(_say)
        if asked.mistakes:
            mistakes.run(found, _say, list(mistakes.MISTAKES))
        else:
            plant = mistakes.MISTAKES[asked.plant].plant if asked.plant else None
            for by in [asked.only] if asked.only else KINDS:
                rehearse(found, by, _say, plant)
            _say("\n".join(gaps.lines()))
    except Failure as failure:
        print(f"\nWRONG  {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    _say(f"\ndone in {time.monotonic() - began:.0f} s")
    return 0


def _interrupted(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - how Python calls it
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m deploy.rehearsal", description=__doc__)
    parser.add_argument("--only", choices=KINDS, help="one way to deploy")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--mistakes", action="store_true", help="plant every mistake, and tell what found it")
    chosen.add_argument("--plant", choices=mistakes.MISTAKES, help="rehearse with that mistake")
    return parser


if __name__ == "__main__":
    sys.exit(main())
