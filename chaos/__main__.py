"""`make chaos`: break the running system in every way there is here, and see whether it keeps what it promised."""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from chaos.disturbing import Result, Tell, Wanted
from chaos.parts import calls, deliveries, disk, killed, outages

Part = Callable[[Path, Wanted, Tell], Result]

PARTS: Final[dict[str, Part]] = {
    "killed": killed.run, "outages": outages.run, "deliveries": deliveries.run, "calls": calls.run, "disk": disk.run,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for; 1 where a promise was broken."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started and mounted ends with us
    wanted = Wanted(asked.seed, asked.seconds, asked.every)
    results = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where we are root
        for name in asked.parts or PARTS:

            def tell(line: str, name: str = name) -> None:
                print(f"[{time.monotonic() - began:6.1f} s] {name}: {line}", flush=True)

            tell("starting")
            results[name] = PARTS[name](Path(folder) / name, wanted, tell)
            if results[name].broken:
                kept = Path(folder) / name / "output"
                lines = kept.read_text(errors="replace").splitlines() if kept.exists() else []
                print(*(line for line in lines[:-40] if '"trace"' in line), *lines[-40:], sep="\n")
    _print(results)
    if asked.json:
        asked.json.write_text(
            json.dumps({"seed": asked.seed, "parts": {n: vars(r) for n, r in results.items()}}, indent=1)
        )
    return int(any(result.broken for result in results.values()))


def _print(results: dict[str, Result]) -> None:
    for name, result in results.items():
        verdict = f"skipped: {result.skipped}" if result.skipped else f"{len(result.broken)} promises broken"
        print(f"\n{name}: {verdict}")
        for figure, value in result.figures.items():
            print(f"  {figure}: {value}")
        for promise in result.broken:
            print(f"  BROKEN: {promise}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m chaos", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)} (all)")
    parser.add_argument("--seed", type=int, default=1, help="of clients, faults and pauses (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30, help="of load in each part that has one (%(default)s)")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="kill a worker at every N-th of its steps (%(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
