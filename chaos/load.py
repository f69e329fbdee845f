"""`make load`: minutes of mixed queries and writes over HTTP, at a steady number of connections, workers running.

It fails where any answer has an error, or where an acknowledged write is not there once afterwards. How fast it is, and
whether memory stays flat, it reports and does not judge: that depends on the machine.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from chaos import disturbing, machine
from chaos.asking import WEIGHTS, Asking
from chaos.clients import Shared
from chaos.disturbing import Tell
from chaos.ledger import Ledger
from chaos.machine import WORKERS

ACCOUNTS: Final = 500
DAYS: Final = 60
SAMPLED: Final = 5.0
"Seconds between two looks at the memory."
WARMED_UP: Final = 0.2
"Of the time, the share after which memory should stay as it is: caches are full by then."


class Memory(threading.Thread):
    """Looks at the resident memory of processes until it is told to stop."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        super().__init__(name="memory", daemon=True)
        self._processes = {name: psutil.Process(pid) for name, pid in processes.items()}
        self.stop = threading.Event()
        self.samples: dict[str, list[tuple[float, float]]] = {name: [] for name in processes}
        "By process: seconds since the start, and mebibytes."

    def run(self) -> None:
        began = time.monotonic()
        while not self.stop.is_set():
            for name, process in self._processes.items():
                self.samples[name].append((time.monotonic() - began, process.memory_info().rss / 2**20))
            self.stop.wait(SAMPLED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; 1 where an answer was an error, or a write was lost."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started ends with us
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where we are root
        report = run(Path(folder), asked.minutes, asked.connections, asked.seed, tell)
    _print(report)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(report, indent=1))
    tell(f"written to {asked.json}")
    return int(bool(report["errors"] or report["broken"]))


def run(folder: Path, minutes: float, connections: int, seed: int, tell: Tell) -> dict[str, Any]:
    """The report of so many minutes at so many connections."""
    with machine.started(folder) as one, closing(Ledger(folder / "ledger.jsonl")) as ledger:
        url, server = one.container()
        workers = one.start(*WORKERS, "scheduler")
        shared = Shared(url, ledger, disturbing.fill(url, ACCOUNTS, DAYS))
        processes = {"server": server} | {child.name: child.process.pid for child in workers}
        tell(f"{len(shared.accounts)} accounts; {connections} connections for {minutes:g} minutes")
        asking = [Asking(httpx.URL(url).port or 80, shared, at, seed) for at in range(connections)]
        memory = Memory(processes)
        load_before = os.getloadavg()
        began = time.monotonic()
        for thread in (memory, *asking):
            thread.start()
        while (left := began + minutes * 60 - time.monotonic()) > 0:
            time.sleep(min(left, 30))
            done = sum(len(times) for each in asking for times in each.measured.milliseconds.values())
            rss = ", ".join(f"{name} {samples[-1][1]:.0f} MiB" for name, samples in memory.samples.items())
            tell(f"{done:,} answers; {rss}")
        shared.stop.set()
        for each in asking:
            each.join(120)
        seconds = time.monotonic() - began
        memory.stop.set()
        memory.join()
        tell("settling")
        result = disturbing.accounted(one, shared, {}, tell)
        return _report(asking, memory, seconds, connections) | {
            "seed": seed, "accounts": len(shared.accounts), "writes": result.figures, "broken": result.broken,
            "load average of the machine": {"before": load_before, "after": os.getloadavg()}, "cores": os.cpu_count(),
        }  # fmt: skip


def _report(asking: Sequence[Asking], memory: Memory, seconds: float, connections: int) -> dict[str, Any]:
    by_kind = {kind: sorted(t for each in asking for t in each.measured.milliseconds[kind]) for kind in WEIGHTS}
    errors = sum((each.measured.errors for each in asking), Counter[str]())
    everything = sorted(t for times in by_kind.values() for t in times)
    return {
        "seconds": round(seconds, 1),
        "connections": connections,
        "requests": len(everything),
        "requests a second": round(len(everything) / seconds, 1),
        "errors": dict(errors),
        "milliseconds": {"all": _latencies(everything), **{kind: _latencies(times) for kind, times in by_kind.items()}},
        "memory": {name: _memory(samples) for name, samples in memory.samples.items()},
    }


def _latencies(times: Sequence[float]) -> dict[str, float]:
    """Of sorted milliseconds."""
    if not times:
        return {}
    p50, p99 = (times[min(len(times) - 1, int(len(times) * share))] for share in (0.50, 0.99))
    return {"count": len(times), "p50": round(p50, 2), "p99": round(p99, 2), "p99 over p50": round(p99 / p50, 2)}


def _memory(samples: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Mebibytes at the start, after warming up and at the end, and the slope in between of the last two."""
    warm = [sample for sample in samples if sample[0] >= WARMED_UP * samples[-1][0]]
    slope = 0.0
    if len(warm) > 2:
        slope = statistics.linear_regression([at for at, _ in warm], [size for _, size in warm]).slope
    return {
        "MiB at start": round(samples[0][1], 1),
        "MiB warmed up": round(warm[0][1], 1),
        "MiB at end": round(samples[-1][1], 1),
        "MiB a minute": round(slope * 60, 3),
        "samples": [(round(at), round(size, 1)) for at, size in samples],
    }


def _print(report: Mapping[str, Any]) -> None:
    print(
        f"\n{report['requests']:,} answers in {report['seconds']} s over {report['connections']} connections: "
        f"{report['requests a second']} a second, {sum(report['errors'].values())} errors"
    )
    for kind, found in report["milliseconds"].items():
        if found:
            print(
                f"  {kind:10} {found['count']:8,}  p50 {found['p50']:8.2f} ms  p99 {found['p99']:8.2f} ms  "
                f"p99/p50 {found['p99 over p50']}"
            )
    for name, found in report["memory"].items():
        print(
            f"  {name:16} {found['MiB at start']} MiB at start, {found['MiB warmed up']} warmed up, "
            f"{found['MiB at end']} at the end: {found['MiB a minute']:+} MiB a minute"
        )
    for figure in ("writes", "load average of the machine", "cores"):
        print(f"  {figure}: {report[figure]}")
    for error, times in report["errors"].items():
        print(f"  ERROR, {times} times: {error}")
    for promise in report["broken"]:
        print(f"  BROKEN: {promise}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m chaos.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="%(default)s")
    parser.add_argument("--connections", type=int, default=8, help="%(default)s")
    parser.add_argument("--seed", type=int, default=1, help="of the requests (%(default)s)")
    parser.add_argument("--json", type=Path, default=Path("build/load.json"), metavar="FILE", help="%(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
