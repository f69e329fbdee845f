"""The schedules' events, as they are set on AWS, at the Lambda entry point."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

import handler
from local.lambdas import Context
from services import wiring
from services.db.connection import Database
from services.db.tables import Event, Job
from services.errors import Rejected
from tests.worlds import account

ROOT = Path(__file__).parents[1]
CONTEXT = Context("maintenance", 1e6)


@pytest.fixture
def queue_url(database: Database, database_url: str, aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The queue of a process whose environment names it and the test's database."""
    sqs = boto3.client("sqs", endpoint_url=aws)
    url = sqs.create_queue(QueueName=f"insights-{uuid4().hex}")["QueueUrl"]
    sqs.close()
    environment = {"DATABASE_URL": database_url, "AWS_ENDPOINT_URL": aws, "INSIGHTS_QUEUE_URL": url}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    parts = (wiring.the_settings, wiring.database, wiring.insight_queue)
    for part in parts:
        part.cache_clear()
    yield url
    wiring.database().close()
    for part in parts:
        part.cache_clear()


@pytest.mark.usefixtures("queue_url")
def test_a_sweep_folds_the_ledger_of_the_portfolio(database: Database) -> None:
    for name in ("Acme", "Initech"):
        with database.writing() as session:
            account(session, name)
    assert database.read("select count(*) from portfolio_ledger where facet = 'REGION'") == 2

    handler.maintenance({"task": "sweep"}, CONTEXT)

    assert database.rows("select accounts, arr::int from portfolio_ledger where facet = 'REGION'") == [(2, 2000)]


def test_a_sweep_sends_what_was_lost(database: Database, aws: str, queue_url: str) -> None:
    job_id, now = uuid4(), datetime.now(UTC)
    with database.writing() as session:
        session.add(Job(id=job_id, kind="INSIGHT", status="QUEUED", input={}, requested_by="tests", created_at=now))

    assert handler.maintenance({"task": "sweep"}, CONTEXT) == {"sent": 1, "expired": 0, "uploads_ended": 0}
    assert handler.maintenance({"task": "sweep"}, CONTEXT) == {"sent": 0, "expired": 0, "uploads_ended": 0}

    sqs = boto3.client("sqs", endpoint_url=aws)
    [message] = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    sqs.close()
    assert json.loads(message["Body"]) == {"job": f"job_{job_id.hex}"}


@pytest.mark.usefixtures("queue_url")
def test_a_night_scores_as_many_accounts_as_the_function_has_time_for(database: Database) -> None:
    with database.writing() as session:
        account(session, "Acme", since=datetime.now(UTC).date())
    too_late = Context("maintenance", handler.MARGIN.total_seconds())

    assert handler.maintenance({"task": "nightly"}, too_late) == {
        "accounts": 0, "changed_buckets": 0, "finished": False,
    }  # fmt: skip
    assert handler.maintenance({"task": "nightly"}, CONTEXT) == {"accounts": 1, "changed_buckets": 0, "finished": True}
    assert handler.maintenance({"task": "nightly"}, CONTEXT) == {"accounts": 0, "changed_buckets": 0, "finished": True}


@pytest.mark.usefixtures("queue_url")
def test_pruning_says_what_went(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with database.writing() as session:
        session.add(Event(at=datetime.now(UTC) - timedelta(days=91), kind="ACCOUNT_CHANGED", subject="acc_1"))

    with caplog.at_level(logging.INFO, logger="success-insights"):
        told = handler.maintenance({"task": "prune"}, CONTEXT)

    assert told == {
        "events": 1, "jobs": 0, "kept_answers": 0, "model_calls": 0, "upload_row_errors": 0, "finished": True,
    }  # fmt: skip
    [record] = [record for record in caplog.records if record.name == "success-insights"]
    assert (record.getMessage(), vars(record) | told | {"task": "prune"} == vars(record)) == ("task done", True)


@pytest.mark.usefixtures("queue_url")
@pytest.mark.parametrize(("event", "named"), [({"task": "dance"}, "'dance'"), ({}, "None"), ({"task": None}, "None")])
def test_an_unknown_task_is_an_error_that_names_it(event: dict[str, Any], named: str) -> None:
    with pytest.raises(Rejected, match=f"no such task: {named}; there are sweep, nightly and prune"):
        handler.maintenance(event, CONTEXT)


FRESH = """
import logging, handler
for _ in range(2):
    {call}
root = logging.getLogger()
print([type(one.formatter).__name__ for one in root.handlers], root.level)
"""


@pytest.mark.parametrize("call", ["handler.ingest({})", "handler.insights({}, None)"], ids=["ingest", "insights"])
def test_each_function_sets_up_its_log_once(call: str) -> None:
    environment = {"PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", FRESH.format(call=call)], env=environment, cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == f"['Line'] {logging.ERROR}\n"
