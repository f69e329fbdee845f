"""Insight workers that are really killed, at every step of a job; and two workers that get every message three times."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from local.model_double import ModelDouble
from services.db.connection import Database
from services.insights.work import Done, Failed
from services.vocabulary import JobFailureCode
from tests.insight_function import Deployed, deployed
from tests.insights import ASK, MODEL, Scripted, Worker, failing_account, honest, insights, job, kinds
from tests.test_insights_work import failure

ROOT = Path(__file__).parents[1]
WORKER = """
import json, sys, handler
from local.lambdas import Context
print(json.dumps(handler.insights(json.load(sys.stdin), Context("insights", 60.0))))
"""
BLOCKED = """
select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())
"""


class Processes:
    """Starts processes that handle a job's message as the Lambda function does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        self._started: list[subprocess.Popen[str]] = []

    def start(self, job_id: str) -> "subprocess.Popen[str]":
        record = {"messageId": "m", "receiptHandle": "gone", "body": json.dumps({"job": job_id})}
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER], env=self._environment, cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._started.append(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps({"Records": [record]}))
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, job_id: str) -> Any:
        """The messages that must come again."""
        out, err = self.start(job_id).communicate(timeout=60)
        assert out, err
        return json.loads(out)["batchItemFailures"]

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def model(database: Database, database_url: str, aws: str, double: ModelDouble) -> Iterator[Deployed]:
    with deployed(database_url, aws, OPENAI_BASE_URL=double.url) as found:
        yield found


@pytest.fixture
def processes(model: Deployed) -> Iterator[Processes]:
    processes = Processes(model.environment)
    yield processes
    processes.close()


@pytest.mark.parametrize(
    ("obstacle", "attempts"),
    [
        pytest.param("select 1 from jobs for update", 1, id="while it claims"),
        pytest.param("lock table health_snapshots in access exclusive mode", 2, id="while it reads"),
        pytest.param(None, 2, id="while the model writes"),
        pytest.param("lock table insights in access exclusive mode", 2, id="while it saves"),
        pytest.param("lock table events in access exclusive mode", 2, id="while it tells, all but committed"),
    ],
)
def test_a_process_that_is_killed_is_followed_by_another(
    database: Database, database_url: str, model: Deployed, double: ModelDouble, processes: Processes,
    obstacle: str | None, attempts: int,
) -> None:  # fmt: skip
    job_id = model.ask(ASK, account=failing_account(database), reuse=False)["queueInsight"]["job"]["id"]
    if obstacle is None:
        double.become("silent")
        killed = processes.start(job_id)
        wait_until(lambda: bool(double.calls))
        kill(killed)
        double.become("honest")
    else:
        blocker = psycopg2.connect(database_url)
        with blocker, blocker.cursor() as cursor:
            cursor.execute(obstacle)
            killed = processes.start(job_id)
            wait_until(lambda: bool(database.read(BLOCKED)))
            kill(killed)
        blocker.close()
    wait_until(lambda: not database.read(BLOCKED))
    assert insights(database) == []

    if attempts > 1:
        assert len(processes.run(job_id)) == 1, "the dead worker's lease still holds"
        database.rows("update jobs set lease_until = now() returning 1")
    assert processes.run(job_id) == []
    assert processes.run(job_id) == []

    row = job(database, job_id)
    assert (row["status"], row["attempts"], row["failure_code"]) == ("SUCCEEDED", attempts, None)
    assert (len(insights(database)), kinds(database)) == (1, ["INSIGHT_READY"])


def test_a_process_that_is_killed_after_it_saved_is_followed_by_nothing_to_do(
    database: Database, model: Deployed, processes: Processes
) -> None:
    job_id = model.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]
    process = processes.start(job_id)
    wait_until(lambda: bool(insights(database)))
    kill(process)

    assert processes.run(job_id) == []
    assert (len(insights(database)), kinds(database)) == (1, ["INSIGHT_READY"])


def test_every_message_three_times_to_two_workers_at_once(
    database: Database, database_url: str, model: Deployed
) -> None:
    accounts = [failing_account(database, f"Account {number}") for number in range(12)]
    job_ids = [model.ask(ASK, account=one)["queueInsight"]["job"]["id"] for one in accounts]
    outcomes: list[tuple[str, object]] = []

    def work(seed: int) -> None:
        mine = Database(database_url)
        dice = random.Random(seed)
        # Some answers come slowly, some fail for good, some for now.
        worker = Worker(mine, Scripted(), MODEL)
        todo = job_ids * 3
        dice.shuffle(todo)
        while todo:
            job_id = todo.pop(0)
            number = job_ids.index(job_id)
            worker.writer = Scripted([failure(JobFailureCode.PROVIDER_REFUSED) if number % 4 == 3 else honest])
            outcome = worker.deliver(job_id)
            outcomes.append((job_id, outcome))
            if outcome not in (Done(), Failed()):
                todo.append(job_id)
        mine.close()

    database.rows("update jobs set created_at = '2026-03-10T12:00Z', expires_at = '2026-03-11T12:00Z' returning 1")
    workers = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    expected = ["FAILED" if number % 4 == 3 else "SUCCEEDED" for number in range(12)]
    assert [job(database, job_id)["status"] for job_id in job_ids] == expected
    assert [job(database, job_id)["attempts"] for job_id in job_ids] == [1] * 12
    assert len(insights(database)) == 9
    assert sorted(kinds(database)) == ["INSIGHT_FAILED"] * 3 + ["INSIGHT_READY"] * 9
    assert len([outcome for _, outcome in outcomes if outcome in (Done(), Failed())]) == 72


def kill(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait() in (-signal.SIGKILL, 0)


def wait_until(is_so: Any, *, within: timedelta = timedelta(seconds=20)) -> None:
    until = time.monotonic() + within.total_seconds()
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)
