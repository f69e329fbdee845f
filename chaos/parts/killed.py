"""A worker is killed at every step of an import and of an insight, before it and after it; another one follows.

A step is each time that the worker turns to PostgreSQL, S3, SQS or SNS. How many there are is counted first, with a
worker that lives.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from chaos import audit, ledger, machine
from chaos.between import Faults, before_aws, before_postgres
from chaos.clients import Client, Shared
from chaos.disturbing import Result, Tell, Wanted, fill
from chaos.ledger import Ledger
from chaos.machine import Machine
from chaos.settling import MINUTES, PASS
from chaos.steps import SIDES, Steps
from chaos.worker import forked
from services.db.connection import Database

LONGEST: Final = 60.0
"Seconds for what a worker does within one."
DONE: Final = {
    "ingest": "select count(*) from uploads where status not in ('SUCCEEDED', 'PARTIAL')",
    "insights": "select count(*) from jobs where status <> 'SUCCEEDED'",
}
"How many are not done with."
TABLES: Final = {"ingest": "uploads", "insights": "jobs"}
AGAIN: Final = 1
"Seconds until a dead worker's message comes again."


@dataclass
class Bench:
    """What the killings of one queue's workers need."""

    machine: Machine
    name: str
    database: Database
    give: Callable[[], None]
    "Give the worker something to do, as a client does."


def run(folder: Path, wanted: Wanted, tell: Tell) -> Result:
    """An import of a file with a bad row, which has the most steps, and an insight; then the account of both."""
    with (
        machine.started(folder) as one,
        closing(Database(one.database_url)) as database,
        closing(Ledger(folder / "ledger.jsonl")) as book,
    ):
        url = one.web()
        shared = Shared(url, book, fill(url))
        client = Client(shared, 0, wanted.seed)
        result = Result()
        for name, give in (("ingest", partial(client.upload, bad=1)), ("insights", client.ask)):
            machine.hide_for(one.sqs(), getattr(one.made, name).url, AGAIN)
            _kill(Bench(one, name, database, give), wanted, tell, result)
        known = ledger.writes(book.path)
        result.figures["acknowledged writes"] = len(known)
        result.broken += [*shared.false, *audit.broken(one.database_url, known)]
        return result


def _kill(bench: Bench, wanted: Wanted, tell: Tell, result: Result) -> None:
    """Kill a worker at each step, or at every so many-th."""
    name, deaths = bench.name, 0
    steps = len(_steps(bench))
    tell(f"{name}: {steps} steps")
    for number in range(1 + wanted.seed % wanted.every, steps + 1, wanted.every):
        for side in SIDES:
            deaths += _killed_at(bench, number, side)
        if number % 10 < wanted.every:
            tell(f"{name}: killed {deaths} times, up to step {number} of {steps}")
    again = bench.database.read(f"select count(*) from {TABLES[name]} where attempts > 1")
    dead = machine.dead_letters(bench.machine, getattr(bench.machine.made, name).dead_letters_url)
    result.figures |= {f"{name}: steps": steps, f"{name}: killed": deaths, f"{name}: begun again": again}
    result.broken += [f"{name}: nobody was killed"] * (not deaths)
    result.broken += [f"{name}: a message went to the dead letters: {letter}" for letter in dead]


def _steps(bench: Bench) -> list[str]:
    """The steps of a worker that lives until its work is done and its message deleted."""
    steps = Steps()
    bench.give()
    _work(bench, steps, lambda: _is_done(bench) and _is_deleted(steps))
    return steps.names


def _killed_at(bench: Bench, number: int, side: str) -> bool:
    """Whether a worker died at that step; another one has then done its work, with the dead one's lease ended."""
    steps = Steps(number, side)
    bench.give()
    _work(bench, steps, lambda: steps.killed.is_set() or (_is_done(bench) and _is_deleted(steps)))
    bench.database.rows(PASS, {"time": MINUTES})
    after = Steps()
    _work(bench, after, lambda: _is_done(bench) and _is_empty(bench))
    return steps.killed.is_set()


def _work(bench: Bench, steps: Steps, is_over: Callable[[], bool]) -> None:
    """Let a worker work, its steps counted, until that is so."""
    one = bench.machine
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        before_postgres(one.database_url, Path(folder), steps) as url,
        before_aws(one.aws_url, Faults(0), steps) as address,
    ):
        queue = f"{bench.name.upper()}_QUEUE_URL"
        environment = one.environment | {
            "DATABASE_URL": url,
            "AWS_ENDPOINT_URL": address,
            queue: one.environment[queue].replace(one.aws_url, address),
        }
        worker = forked(bench.name, environment)
        assert worker.pid is not None
        steps.process.set_result(worker.pid)
        until = time.monotonic() + LONGEST
        try:
            while not is_over():
                if time.monotonic() > until:
                    raise AssertionError(f"{bench.name}: not over after {LONGEST:.0f} s; steps: {steps.names}")
                time.sleep(0.02)
        finally:
            worker.kill()
            worker.join()


def _is_done(bench: Bench) -> bool:
    return not bench.database.read(DONE[bench.name])


def _is_deleted(steps: Steps) -> bool:
    """Whether the worker has asked for the next message after it deleted one."""
    names = list(steps.names)
    return "DeleteMessage" in names and "ReceiveMessage" in names[names.index("DeleteMessage") :]


def _is_empty(bench: Bench) -> bool:
    """Whether no message is there or on its way."""
    told: dict[str, Any] = bench.machine.sqs().get_queue_attributes(
        QueueUrl=getattr(bench.machine.made, bench.name).url, AttributeNames=["All"]
    )["Attributes"]
    return not any(int(told[f"ApproximateNumberOfMessages{what}"]) for what in ("", "NotVisible", "Delayed"))
