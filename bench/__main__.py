"""The command line of `make bench`: `python -m bench --help`."""

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import figures, parts, sampling, world
from bench.figures import Differs, Figure, Missing

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for. 0 unless answers differ: that a limit is not met is told, and no failure."""
    asked = _parser().parse_args(arguments)
    usual = (asked.accounts, asked.days) == (world.ACCOUNTS, world.DAYS)
    results = asked.results or (RESULTS if usual else asked.data / "trial.json")
    console, started = Console(), time.perf_counter()
    measured: list[Figure] = []
    differ = False

    def tell(text: str) -> None:
        console.print(f"[{time.perf_counter() - started:5.0f} s] {text}", markup=False, highlight=False, soft_wrap=True)

    with world.opened(asked.accounts, asked.days, tell, asked.data) as made:
        if asked.profile:
            sampling.tell_all(made, tell)
        for name in asked.only or ([] if asked.profile else parts.names()):
            tell(f"--- {name} ---")
            try:
                found = parts.part(name).figures(made, tell, asked.rounds)
            except Missing as missing:
                tell(f"{name} is left out: {missing}")
            except Differs as difference:
                tell(f"{name} broke off: {difference}")
                differ = True
            else:
                measured += found
                figures.merge(results, found)
    if measured:
        console.print(table(measured))
        console.print(f"kept in {results}", markup=False, highlight=False)
    return 1 if differ else 0


def table(measured: Sequence[Figure]) -> Table:
    """The figures for people."""
    shown = Table("figure", "value", "limit", "", title="make bench")
    for one in measured:
        sign = "at most" if one.better == "lower" else "at least"
        shown.add_row(one.name, f"{one.value:.2f}", f"{sign} {one.limit:g}", "met" if one.met else "NOT MET")
    return shown


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, epilog="Under make: make bench ARGS='--only in_process --rounds 20'"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="PART", choices=parts.names(), help=f"of {', '.join(parts.names())}"
    )
    parser.add_argument("--profile", action="store_true", help="where our time goes, by layer; with --only, that too")
    parser.add_argument("--rounds", type=int, default=60, metavar="N", help="timed calls of each variant (60)")
    parser.add_argument("--accounts", type=int, default=world.ACCOUNTS, metavar="N",
                        help=f"size of the world ({world.ACCOUNTS}); fewer are for trying a part out")  # fmt: skip
    parser.add_argument("--days", type=int, default=world.DAYS, metavar="N", help=f"days of use each ({world.DAYS})")
    parser.add_argument(
        "--data", type=Path, default=world.FOLDER, metavar="DIR", help=f"where it lies ({world.FOLDER})"
    )
    parser.add_argument("--results", type=Path, metavar="FILE",
                        help="the file of figures (results.json here; of another size trial.json, in DIR)")  # fmt: skip
    return parser


if __name__ == "__main__":
    warnings.simplefilter("default")
    sys.exit(main())
