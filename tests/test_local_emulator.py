"""The emulator's objects outlive it, a worker treats its messages as Lambda does, a start takes up what was left."""

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from local import recovery, resources, worker
from local.aws import ForThisMachine, WriteThrough
from services import maintenance
from services.db.connection import Database
from services.uploads import file_key

FRONT_END = "http://app.test:3000"
INGEST, INSIGHTS = worker.FUNCTIONS["ingest"], worker.FUNCTIONS["insights"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def endpoint(files: Path) -> Iterator[str]:
    """An emulator of this test's own that writes through to `files`."""
    emulator = WriteThrough(DomainDispatcherApplication(create_backend_app), files)
    server = make_server("127.0.0.1", 0, ForThisMachine(emulator, [FRONT_END]), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    httpx.post(f"{address}/moto-api/reset")
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def made(endpoint: str, files: Path) -> resources.Resources:
    return resources.create(endpoint, files)


@pytest.fixture
def sqs(endpoint: str, made: resources.Resources) -> Iterator[Any]:
    sqs = resources.client("sqs", endpoint)
    taken(sqs, made)  # the s3:TestEvent
    yield sqs
    sqs.close()


@pytest.fixture
def s3(endpoint: str, made: resources.Resources) -> Iterator[Any]:
    s3 = resources.client("s3", endpoint)
    yield s3
    s3.close()


def taken(sqs: Any, made: resources.Resources) -> list[str]:
    """Take every message from the queue: their bodies."""
    bodies: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> None:
        bodies.extend(record["body"] for record in event["Records"])

    while worker.poll(sqs, made.ingest.url, INGEST, handler, wait_seconds=0):
        pass
    return bodies


def waiting(sqs: Any, queue_url: str) -> tuple[int, int]:
    """Messages that can be received, and messages that are in somebody's hands."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def test_a_message_that_succeeded_is_deleted(sqs: Any, made: resources.Resources) -> None:
    sqs.send_message(QueueUrl=made.ingest.url, MessageBody="hello")
    events: list[dict[str, Any]] = []

    def handler(event: dict[str, Any], context: Any) -> None:
        assert (context.function_name, 119_000 < context.get_remaining_time_in_millis() <= 120_000) == ("ingest", True)
        events.append(event)

    assert worker.poll(sqs, made.ingest.url, INGEST, handler, wait_seconds=0) == 1
    assert waiting(sqs, made.ingest.url) == (0, 0)
    (record,) = events[0]["Records"]
    assert sorted(record) == [
        "attributes", "awsRegion", "body", "eventSource", "eventSourceARN", "md5OfBody", "messageAttributes",
        "messageId", "receiptHandle",
    ]  # fmt: skip
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {name: record[name] for name in ("body", "md5OfBody", "eventSource", "eventSourceARN", "awsRegion")} == {
        "body": "hello",
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:ingest",
        "awsRegion": "eu-central-1",
    }


def test_a_message_that_the_handler_names_stays_and_its_neighbours_go(sqs: Any, made: resources.Resources) -> None:
    for body in ("good", "bad", "good"):
        sqs.send_message(QueueUrl=made.ingest.url, MessageBody=body)

    def handler(event: dict[str, Any], context: Any) -> Any:
        bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in bad]}

    assert worker.poll(sqs, made.ingest.url, INGEST, handler, wait_seconds=0) == 3
    assert waiting(sqs, made.ingest.url) == (0, 1)


@pytest.mark.parametrize(
    "answer", [RuntimeError("broken"), {"batchItemFailures": [{"itemIdentifier": "not one of them"}]}]
)
def test_where_the_handler_breaks_every_message_stays(sqs: Any, made: resources.Resources, answer: Any) -> None:
    for body in ("one", "two"):
        sqs.send_message(QueueUrl=made.ingest.url, MessageBody=body)

    def handler(event: dict[str, Any], context: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert worker.poll(sqs, made.ingest.url, INGEST, handler, wait_seconds=0) == 2
    assert waiting(sqs, made.ingest.url) == (0, 2)


def test_a_message_that_the_handler_postpones_comes_when_the_handler_said(sqs: Any, made: resources.Resources) -> None:
    for body in ("soon", "later"):
        sqs.send_message(QueueUrl=made.insights.url, MessageBody=body)
    bodies: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> Any:
        for record in event["Records"]:
            bodies.append(record["body"])
            seconds = 0 if record["body"] == "soon" else 600
            receipt = record["receiptHandle"]
            sqs.change_message_visibility(QueueUrl=made.insights.url, ReceiptHandle=receipt, VisibilityTimeout=seconds)
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}

    assert worker.poll(sqs, made.insights.url, replace(INSIGHTS, batch=10), handler, wait_seconds=0) == 2
    assert worker.poll(sqs, made.insights.url, replace(INSIGHTS, batch=10), handler, wait_seconds=0) == 1
    assert (sorted(bodies[:2]), bodies[2:]) == (["later", "soon"], ["soon"])
    assert waiting(sqs, made.insights.url) == (1, 1)


def test_insights_have_a_queue_and_a_function_of_their_own(sqs: Any, made: resources.Resources) -> None:
    sqs.send_message(QueueUrl=made.insights.url, MessageBody="job_1")
    seen: list[Any] = []

    def handler(event: dict[str, Any], context: Any) -> None:
        seen.append((context.function_name, 59_000 < context.get_remaining_time_in_millis() <= 60_000))
        seen.append((event["Records"][0]["body"], event["Records"][0]["eventSourceARN"]))

    assert worker.poll(sqs, made.insights.url, INSIGHTS, handler, wait_seconds=0) == 1
    assert seen == [("insights", True), ("job_1", "arn:aws:sqs:eu-central-1:123456789012:insights")]
    asked = sqs.get_queue_attributes(QueueUrl=made.insights.url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"])
    assert (asked["Attributes"]["VisibilityTimeout"], json.loads(asked["Attributes"]["RedrivePolicy"])) == (
        "90",
        {"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:insights-dead-letters", "maxReceiveCount": 5},
    )


@pytest.mark.parametrize("function", worker.FUNCTIONS.values(), ids=str)
def test_a_message_that_always_fails_ends_among_the_dead_letters(
    sqs: Any, made: resources.Resources, function: worker.Function
) -> None:
    queue: resources.Queue = getattr(made, function.name)
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "0"})
    sqs.send_message(QueueUrl=queue.url, MessageBody="poison")

    def handler(event: dict[str, Any], context: Any) -> Any:
        raise RuntimeError("broken")

    tries = sum(worker.poll(sqs, queue.url, function, handler, wait_seconds=0) for _ in range(resources.TRIES + 3))
    assert tries == resources.TRIES
    assert waiting(sqs, queue.dead_letters_url) == (1, 0)


def test_a_file_is_on_disk_before_its_sender_hears_so(
    sqs: Any, s3: Any, made: resources.Resources, files: Path
) -> None:
    form = s3.generate_presigned_post(made.bucket, "uploads/upl_1.csv")
    answer = httpx.post(form["url"], data=form["fields"], files={"file": ("a.csv", b"name,arr\n")})
    assert answer.status_code == 204
    assert (files / "uploads" / "upl_1.csv").read_bytes() == b"name,arr\n"
    assert waiting(sqs, made.ingest.url) == (1, 0)


def test_files_that_come_at_once_are_all_on_disk(s3: Any, made: resources.Resources, files: Path) -> None:
    def store(number: int) -> None:
        s3.put_object(Bucket=made.bucket, Key=f"uploads/upl_{number}.csv", Body=b"%d" % number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(store, range(40)))
    assert {int(path.read_text()) for path in (files / "uploads").iterdir()} == set(range(40))


def test_a_key_that_leads_out_of_the_folder_is_not_written(s3: Any, made: resources.Resources, files: Path) -> None:
    s3.put_object(Bucket=made.bucket, Key="uploads/../../escaped.csv", Body=b"x")
    assert not (files.parent / "escaped.csv").exists()


def test_kept_objects_are_back_after_a_restart_and_announce_nothing(endpoint: str, files: Path) -> None:
    (files / "reports").mkdir(parents=True)
    (files / "reports" / "upl_1.csv").write_bytes(b"line\n")
    (files / "uploads").mkdir()
    (files / "uploads" / "upl_1.csv").write_bytes(b"name\n")
    made = resources.create(endpoint, files)
    s3, sqs = resources.client("s3", endpoint), resources.client("sqs", endpoint)
    assert s3.get_object(Bucket=made.bucket, Key="reports/upl_1.csv")["Body"].read() == b"line\n"
    assert [body for body in taken(sqs, made) if "s3:TestEvent" not in body] == []


def test_a_start_takes_up_unfinished_uploads_and_says_which_are_lost(
    database: Database, sqs: Any, s3: Any, made: resources.Resources, files: Path
) -> None:
    killed, done, never_sent, deleted, late = (uuid4() for _ in range(5))
    _upload(database, killed, "killed.csv", "IMPORTING")
    _upload(database, done, "done.csv", "SUCCEEDED")
    _upload(database, never_sent, "never.csv", "AWAITING_FILE")
    _upload(database, deleted, "deleted.csv", "VALIDATING")
    _upload(database, late, "late.csv", "EXPIRED")
    for upload_id in (killed, done, late):
        path = files / file_key(upload_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"name\n")
    assert recovery.uploads(database, s3, files) == (["killed.csv", "late.csv"], ["deleted.csv"])
    assert waiting(sqs, made.ingest.url) == (2, 0)
    assert database.rows("select file_name, status, lease_until <= now(), failure_code from uploads order by 1") == [
        ("deleted.csv", "FAILED", None, "FILE_UNREADABLE"),
        ("done.csv", "SUCCEEDED", None, None),
        ("killed.csv", "IMPORTING", True, None),
        ("late.csv", "EXPIRED", None, None),
        ("never.csv", "AWAITING_FILE", None, None),
    ]


def test_a_worker_outlives_a_queue_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PAUSE", 0.0)
    told = threading.Event()
    asked = []

    class Failing:
        """A queue that refuses, cannot be reached, and then has nothing."""

        def receive_message(self, **_: object) -> dict[str, object]:
            asked.append(1)
            if len(asked) == 1:
                raise ClientError({"Error": {"Code": "InternalError"}}, "ReceiveMessage")
            if len(asked) == 2:
                raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
            told.set()
            return {}

    worker.serve(Failing(), "queue", INGEST, lambda *_: None, told)

    assert len(asked) == 3


def test_a_start_frees_unfinished_insights_and_has_the_next_sweep_send_them(database: Database) -> None:
    held, waiting, postponed, done = (uuid4() for _ in range(4))
    _job(database, held, "RUNNING", lease="5 minutes")
    _job(database, waiting, "QUEUED")
    _job(database, postponed, "QUEUED", next_try="5 minutes")
    _job(database, done, "SUCCEEDED")

    class Sent:
        def send(self, job_ids: Sequence[str]) -> Sequence[str]:
            sent.extend(job_ids)
            return ()

        def postpone(self, receipt: str, delay: timedelta) -> None:
            """Nothing was received."""

    sent: list[str] = []
    now = datetime.now(UTC)
    assert maintenance.sweep(database, Sent(), now=now) == maintenance.Swept(0, 0)

    assert recovery.insights(database) == 3
    assert maintenance.sweep(database, Sent(), now=datetime.now(UTC)) == maintenance.Swept(2, 0)
    assert sorted(sent) == sorted([f"job_{held.hex}", f"job_{waiting.hex}"])
    assert maintenance.sweep(database, Sent(), now=now + timedelta(minutes=6)) == maintenance.Swept(1, 0)
    assert sent[2:] == [f"job_{postponed.hex}"]


def _job(
    database: Database, job_id: UUID, status: str, *, lease: str | None = None, next_try: str | None = None
) -> None:
    database.rows(
        """
        insert into jobs (id, kind, status, input, requested_by, sent_at, lease_until, next_try_at)
        values (%(id)s, 'INSIGHT', %(status)s, '{}', 'test', now(), now() + %(lease)s::interval,
          now() + %(next)s::interval)
        returning 1
        """,
        {"id": str(job_id), "status": status, "lease": lease, "next": next_try},
    )


def _upload(database: Database, upload_id: UUID, name: str, status: str) -> None:
    database.rows(
        """
        insert into uploads (id, kind, status, file_name, size_bytes, policy, requested_by, expires_at, lease_until)
        values (%(id)s, 'ACCOUNTS', %(status)s, %(name)s, 5, 'SKIP_BAD_ROWS', 'test', now(),
          case when %(status)s in ('VALIDATING', 'IMPORTING') then now() + interval '6 minutes' end)
        returning 1
        """,
        {"id": str(upload_id), "name": name, "status": status},
    )


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),
        ({"origin": "http://localhost:3000"}, True),
        ({"origin": FRONT_END}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://localhost.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"host": "evil.example:9000"}, False),
    ],
    ids=str,
)
def test_no_page_of_others_reaches_the_emulator(
    endpoint: str, s3: Any, headers: dict[str, str], is_let_in: bool
) -> None:
    """Such a page could read and delete what was uploaded, in the browser of whoever runs this."""
    s3.put_object(Bucket=resources.BUCKET, Key="uploads/a", Body=b"name")

    listed = httpx.get(f"{endpoint}/{resources.BUCKET}?list-type=2", headers=headers)
    asked = httpx.options(
        f"{endpoint}/{resources.BUCKET}/uploads/a", headers={**headers, "access-control-request-method": "DELETE"}
    )
    reset = httpx.post(f"{endpoint}/moto-api/reset", headers=headers)

    there = httpx.get(f"{endpoint}/{resources.BUCKET}?list-type=2").text
    assert (listed.status_code, reset.status_code) == ((200, 200) if is_let_in else (403, 403))
    assert is_let_in or "access-control-allow-origin" not in {*listed.headers, *asked.headers}
    assert ("uploads/a" in there) != is_let_in
