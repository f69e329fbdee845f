"""A worker process that is really killed, as Lambda or the kernel kills one, and the process that follows it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.db.connection import Database
from services.scoring import ACCOUNTS_LOCK
from services.settings import Settings
from tests.importing import Importer, event

ROOT = Path(__file__).parents[1]
WORKER = "import json, sys, handler; print(json.dumps(handler.ingest(json.load(sys.stdin))))"
ACCOUNTS = "external_id,name,arr,segment\n" + "".join(f"A-{one},Account {one},1,SMB\n" for one in range(20))
DAYS = "external_id,date,logins\n" + "".join(
    f"A-{one},{date(2025, 1, 1) + timedelta(at)},{at}\n" for one in range(20) for at in range(360)
)
WITH_A_BAD_ROW = DAYS + "A-1,2026-01-01,x\n"
STAGED = "select rows_done > 0 from uploads where id = %(id)s"
WAITS_FOR_A_LOCK = """
select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())
"""


class Workers:
    """Starts processes that handle an upload's event as the Lambda function does."""

    def __init__(self, settings: Settings, database_url: str) -> None:
        self._environment = os.environ | {
            "DATABASE_URL": database_url,
            "UPLOADS_BUCKET": settings.uploads_bucket,
            "UPLOADS_TOPIC_ARN": settings.uploads_topic_arn,
            "AWS_ENDPOINT_URL": settings.aws_endpoint_url,
            "PYTHONPATH": str(ROOT),
        }
        self._started: list[subprocess.Popen[str]] = []

    def start(self, upload_id: UUID) -> "subprocess.Popen[str]":
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], env=self._environment, cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._started.append(worker)
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(event("uploaded", upload_id)))
        worker.stdin.close()
        worker.stdin = None
        return worker

    def run(self, upload_id: UUID) -> Any:
        """The messages that must come again."""
        out, err = self.start(upload_id).communicate(timeout=120)
        assert out, err
        return json.loads(out)["batchItemFailures"]

    def close(self) -> None:
        for worker in self._started:
            worker.kill()
            worker.communicate()


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    importer = Importer(database, aws_settings, now=datetime.now(UTC))
    importer.load("ACCOUNTS", ACCOUNTS)
    return importer


@pytest.fixture
def workers(importer: Importer, database_url: str) -> Iterator[Workers]:
    workers = Workers(importer.settings, database_url)
    yield workers
    workers.close()


@pytest.mark.parametrize(
    ("obstacle", "sign"),
    [
        pytest.param(f"select pg_advisory_xact_lock({ACCOUNTS_LOCK})", STAGED, id="while it stages"),
        # the days are merged by then, and not committed: the scoring is stopped
        pytest.param("select id from accounts for update", WAITS_FOR_A_LOCK, id="in the middle of the merge"),
    ],
)
def test_a_process_that_is_killed_is_followed_by_another_once_its_lease_has_ended(
    importer: Importer, workers: Workers, database_url: str, obstacle: str, sign: str
) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    values = {"id": str(upload_id)}
    blocker = psycopg2.connect(database_url)
    with blocker, blocker.cursor() as cursor:
        cursor.execute(obstacle)
        killed = workers.start(upload_id)
        wait_until(importer.database, sign, values)
        killed.send_signal(signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
    blocker.close()
    assert importer.upload(upload_id)["status"] in ("VALIDATING", "IMPORTING")
    assert importer.database.read("select count(*) from daily_metrics") == 0

    assert len(workers.run(upload_id)) == 1
    importer.database.rows("update uploads set lease_until = now() where id = %(id)s returning id", values)
    assert workers.run(upload_id) == []

    upload = importer.upload(upload_id)
    assert (upload["status"], upload["counts"], upload["attempts"], upload["has_report"]) == (
        "PARTIAL", {"created": 7200, "failed": 1}, 2, True,
    )  # fmt: skip
    assert importer.errors(upload_id) == [(7202, "logins", "NOT_A_NUMBER", "x")]
    assert importer.database.rows(
        "select external_id, count(*), sum(logins) from accounts join daily_metrics on account_id = accounts.id group by 1"
        " order by length(external_id), external_id"
    ) == [(f"A-{one}", 360, sum(range(360))) for one in range(20)]


def wait_until(database: Database, question: str, values: dict[str, Any]) -> None:
    ends = time.monotonic() + 60
    while not database.read(question, values):
        assert time.monotonic() < ends, f"never came true: {question}"
        time.sleep(0.01)
