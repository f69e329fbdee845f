"""Real events for a function of an unzipped package, which runs by itself over a database, AWS and a model made here.

Not the deployment (`make rehearse`): here nothing but the package is on trial.
"""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from local import children, resources
from local.gateway import request_event
from local.model_double import ModelDouble
from local.options import HOST
from local.postgres import Postgres
from local.resources import Resources
from local.worker import record
from services import ids, mock_data, settings, uploads
from services.adapters.storage import Bucket
from services.db.connection import Database
from services.db.migrate import upgrade
from services.errors import Failure
from services.insights import queue
from services.settings import Settings
from services.uploads import UploadRequest

ALONE: Final = Path(__file__).with_name("alone.py")
PATIENCE: Final = 120
"Seconds for all events of a function."
ACTOR: Final = "trial"
LEAVES: Final = {
    "ingest": ("select count(*) from accounts where name in ('Acme', 'Initech')", 1),
    "insights": ("select to_json(array_agg(distinct engine)) from insights", ["OPENAI", "RULES"]),
}
"What a function's events leave behind where its answers do not say: a statement, and what it then finds."


@dataclass(frozen=True, slots=True)
class Process:
    """What an interpreter and the folders on its path make of events."""

    python: str
    folders: Sequence[Path]
    environment: Mapping[str, str]

    def run(self, name: str, events: Sequence[object]) -> dict[str, str | None]:
        """Each module that was loaded for that function to answer, with its file. Raises Failure where it did not."""
        done = subprocess.run(
            [self.python, "-I", "-S", ALONE, name, *self.folders],
            input="".join(f"{json.dumps(event)}\n" for event in events), env=self.environment,
            cwd=self.folders[0], capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise Failure(_reason(done.stderr))
        *answers, files = map(json.loads, done.stdout.splitlines())
        loaded: dict[str, str | None] = files
        if refused := [answer for answer in answers if not _is_well(answer)]:
            raise Failure(f"{_reason(done.stderr)}: it answered {json.dumps(refused[0])[:300]}")
        return loaded


def _is_well(answer: Any) -> bool:
    if "statusCode" in answer:
        is_json = answer["headers"]["content-type"].startswith("application/json")
        return answer["statusCode"] == 200 and not (is_json and "errors" in json.loads(answer["body"]))
    return not answer.get("batchItemFailures")


def _reason(told: str) -> str:
    """What a process complained of last: a trace's last line where it told any, by itself or in a line of the log."""
    lines = told.splitlines() or ["it says nothing"]
    traces = [trace for line in lines if line.startswith("{") and (trace := json.loads(line).get("trace"))]
    return (traces or lines)[-1].splitlines()[-1]


@dataclass(frozen=True, slots=True)
class World:
    """What the functions find: accounts, a bucket, queues, a model."""

    database: Database
    settings: Settings
    made: Resources
    environment: Mapping[str, str]

    def events(self, name: str) -> list[object]:
        """Real events of that function, which it answers without a fault."""
        of: Mapping[str, Callable[[], list[object]]] = {
            "graphql": self._requests, "ingest": self._uploaded, "insights": self._asked,
            "maintenance": lambda: [{"task": task} for task in ("sweep", "nightly", "prune")],
        }  # fmt: skip
        return of[name]()

    def left_undone(self, name: str) -> str:
        """What is not as those events should have left it; empty where all is."""
        statement, wanted = LEAVES.get(name, ("select 0", 0))
        found = self.database.read(statement)
        return "" if found == wanted else f"{statement}: {found}, not {wanted}"

    def _requests(self) -> list[object]:
        form = '{kind: ACCOUNTS, fileName: "a.csv", sizeBytes: 9}'
        asked = (
            "mutation { generateMockData(input: {accounts: 2, days: 2, seed: 7}) { accountsCreated } }",
            "{ accounts(first: 2) { totalCount nodes { name health { score } } } portfolioMetrics { accountCount } }",
            f"mutation {{ requestUploadUrl(input: {form}) {{ target {{ url }} userErrors {{ message }} }} }}",
            "mutation { queuePortfolioInsight(input: {}) { job { id } userErrors { message } } }",
        )
        return [
            *(_request("POST", "/graphql", json.dumps({"query": query}).encode()) for query in asked * 2),
            _request("GET", "/healthz", b""),
        ]

    def _uploaded(self) -> list[object]:
        files = Bucket(self.settings)
        content = b"name,arr,segment,renewal_date\nAcme,1200,SMB,2027-01-31\nInitech,many,SMB,\n"
        wanted = UploadRequest("ACCOUNTS", file_name="accounts.csv", size_bytes=len(content))
        with self.database.writing() as session:
            opened = uploads.open(session, files, wanted, actor=ACTOR, now=datetime.now(UTC))
        form = opened.form
        assert form is not None, "nothing was sent to it yet"
        httpx.post(form.url, data=dict(form.fields), files={"file": ("a.csv", content, "text/csv")}).raise_for_status()
        return [self._received(self.made.ingest.url)]

    def _asked(self) -> list[object]:
        now = datetime.now(UTC)
        account_id = self.database.read("select min(id) from accounts")
        asked: dict[str, Any] = {"reuse_if_fresh": False, "idempotency_key": None, "actor": ACTOR, "now": now}
        by_rules = replace(self.settings, openai_base_url="")
        with self.database.writing() as session:
            jobs = [
                queue.account(session, account_id, settings=self.settings, **asked),
                queue.portfolio(session, None, None, settings=by_rules, **asked),
            ]
        sqs = resources.client("sqs", self.settings.aws_endpoint_url)
        for job in jobs:
            sqs.send_message(
                QueueUrl=self.made.insights.url, MessageBody=json.dumps({"job": ids.of(ids.JOB, job.job_id)})
            )
        return [self._received(self.made.insights.url)]

    def _received(self, url: str) -> object:
        sqs = resources.client("sqs", self.settings.aws_endpoint_url)
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
        return {"Records": [record(message, resources.arn(sqs, url)) for message in taken["Messages"]]}


def _request(method: str, path: str, body: bytes) -> object:
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "query_string": b"",
        "headers": [(b"host", b"api.example.com"), (b"content-type", b"application/json")],
    }  # fmt: skip
    return request_event(scope, body, at=datetime.now(UTC))


@contextmanager
def world() -> Iterator[World]:
    """A PostgreSQL, an emulated AWS and a stand-in for a model, with the product's tables and a few accounts."""
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="trial-")))
        url = open_.enter_context(Postgres(folder / "postgres")).url
        upgrade(url)
        with socket.create_server((HOST, 0)) as free:
            port = free.getsockname()[1]
        aws = children.start("aws", {"AWS_PORT": str(port), "DATA_DIR": str(folder)}, patience=PATIENCE)
        open_.callback(aws.stop)
        if not aws.said():
            raise Failure("the emulator of S3, SQS and SNS did not start")
        endpoint = f"http://{HOST}:{port}"
        made = resources.create(endpoint, folder / "objects")
        environment = {
            **resources.CREDENTIALS,
            "ACCESS": "open", "DATABASE_URL": url, "AWS_ENDPOINT_URL": endpoint, "UPLOADS_BUCKET": made.bucket,
            "UPLOADS_TOPIC_ARN": made.topic_arn, "INSIGHTS_QUEUE_URL": made.insights.url,
            "OPENAI_BASE_URL": open_.enter_context(ModelDouble()).url, "LANG": "C.UTF-8",
        }  # fmt: skip
        os.environ.update(resources.CREDENTIALS)  # of this process, which signs the form that a client would ask for
        database = Database(url)
        open_.callback(database.close)
        with database.writing() as session:
            mock_data.generate(session, accounts=3, days=3, seed=5, replace=False, actor=ACTOR, now=datetime.now(UTC))
        yield World(database, settings.from_environment(environment), made, environment)
