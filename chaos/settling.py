"""The time after a disturbance: what production does within hours is let happen within seconds, until all is final.

Leases and lost messages wait for minutes. Those that nothing has happened to for a while are moved into the past, as if
the minutes had gone by; what then happens is the workers' and the sweep's own doing.
"""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from chaos.machine import Machine, dead_letters
from services.adapters import insight_queue
from services.db.connection import Database
from services.errors import Unavailable
from services.maintenance import account_sums, sweep
from services.ports import Queue
from services.settings import Settings

LONGEST: Final = timedelta(seconds=120)
"In which something must become final, until everything is: workers may have much to catch up with."
QUIET: Final = 4.0
"Seconds without any change until time is moved."
MINUTES: Final = timedelta(minutes=20)
"More than a lease lasts, and than the sweep waits for a message."
HOURS: Final = timedelta(hours=25)
"More than the sweep waits for somebody who sends a dead letter again."

_OPEN: Final = """
select 'insight', id::text, status, attempts from jobs where status in ('QUEUED', 'RUNNING') and kind = 'INSIGHT'
union all
select 'upload', id::text, status, attempts from uploads
where status in ('QUEUED', 'VALIDATING', 'IMPORTING') or id::text = any(%(accepted)s) and status = 'AWAITING_FILE'
order by 1, 2
"""
PASS: Final = """
with jobs as (
  update jobs set sent_at = sent_at - %(time)s, lease_until = lease_until - %(time)s,
    next_try_at = next_try_at - %(time)s
  where status in ('QUEUED', 'RUNNING') returning 1
), uploads as (
  update uploads set lease_until = lease_until - %(time)s where status in ('VALIDATING', 'IMPORTING') returning 1
)
select (select count(*) from jobs) + (select count(*) from uploads)
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """How it went: what did not become final, how long it took, what was needed for it."""

    hanging: tuple[str, ...]
    seconds: float
    moved: int
    "How often time was moved."
    swept: int
    "Messages that the sweep sent again."
    redriven: int
    "Messages of imports that were taken from the dead letters, as the alarm on them says."


def settle(machine: Machine, accepted: list[str], tell: Callable[[str], None]) -> Settled:
    """Wait until every job, and every upload that has a file (`accepted` by its row's id), is final."""
    began = time.monotonic()
    queue = insight_queue.to(_settings(machine))
    moved = swept = redriven = 0
    before: object = None
    quiet_since = last_final = began
    fewest = None
    with closing(Database(machine.database_url)) as database:
        while True:
            unfinished = database.rows(_OPEN, {"accepted": accepted})
            now = time.monotonic()
            if fewest is None or len(unfinished) < fewest:
                fewest, last_final = len(unfinished), now
            if not unfinished or now - last_final > LONGEST.total_seconds():
                break
            if unfinished != before:
                before, quiet_since = unfinished, now
            elif now - quiet_since > QUIET:
                # Hours only where minutes have not helped.
                passed = HOURS if moved >= 5 else MINUTES
                tell(f"{len(unfinished)} not final: {passed} pass, and the sweep runs")
                database.rows(PASS, {"time": passed})
                moved += 1
                quiet_since = now
                redriven += _redrive(machine)
                swept += _swept(database, queue)
            time.sleep(0.25)
        account_sums.fold(database)
    hanging = tuple(f"{kind} {id_} is {status} after {tries} tries" for kind, id_, status, tries in unfinished)
    return Settled(hanging, time.monotonic() - began, moved, swept, redriven)


def _swept(database: Database, queue: Queue) -> int:
    try:
        return sweep(database, queue, now=datetime.now(UTC)).sent
    except Unavailable:
        return 0


def _redrive(machine: Machine) -> int:
    letters = dead_letters(machine, machine.made.ingest.dead_letters_url)
    for letter in letters:
        machine.sqs().send_message(QueueUrl=machine.made.ingest.url, MessageBody=json.dumps(letter))
    return len(letters)


def _settings(machine: Machine) -> Settings:
    return Settings(insights_queue_url=machine.made.insights.url, aws_endpoint_url=machine.aws_url)
