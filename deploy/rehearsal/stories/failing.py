"""What fails: a poison message beside good ones, a database that is away, and what is done about dead letters."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from deploy.rehearsal import logs
from deploy.rehearsal.deployed import Deployed, Queue
from deploy.rehearsal.postgres import Postgres
from deploy.rehearsal.report import Seen, demand, short, until
from deploy.rehearsal.stories import asking, files, using
from local.model_double import ModelDouble

POISON = "this is no event"
PATIENCE = 60.0
HURRIED = "2"
"Seconds, as SQS wants to be told."


def poison(deployed: Deployed) -> Seen:
    """A message that nobody can read, among files that are good."""
    queue = deployed.queues["ingest"]
    sqs = deployed.emulator.client("sqs")
    with hurried(deployed, queue):
        before = files.upload(deployed, _more(b"R-4"))
        message = sqs.send_message(QueueUrl=queue.url, MessageBody=POISON)["MessageId"]
        after = files.upload(deployed, _more(b"R-5"))
        for upload_id in (before, after):
            status = files.finished(deployed, upload_id)["status"]
            demand(status == "SUCCEEDED", f"a good file beside a poison message became {status}")
        yield "two good files around a poison message", "both SUCCEEDED"
        dead = _dead_letter(deployed, queue, POISON)
        yield f"the poison, after {queue.tries} receives", f"in {_name(queue.dead_letters)}"
        failed = f"message {message} failed"
        until(
            lambda: len(logs.lines(deployed, "ingest", failed)) >= queue.tries or None,
            f"ingest's log must say {queue.tries} times that {failed}", within=PATIENCE,
        )  # fmt: skip
        yield "what ingest's log says of it", f"failed {queue.tries} times"
        sqs.delete_message(QueueUrl=queue.dead_letters, ReceiptHandle=dead["ReceiptHandle"])


def refused(deployed: Deployed, model: ModelDouble) -> Seen:
    """A job that failed for good: its message ends among the dead letters, without a second model call."""
    model.become("refusal")
    with hurried(deployed, deployed.queues["insights"]):
        job_id = using.failed(deployed)
        yield "an insight that the model refuses", "FAILED"
        _dead_letter(deployed, deployed.queues["insights"], job_id)
        yield "its message", f"in {_name(deployed.queues['insights'].dead_letters)}"
    model.become("honest")


def away(deployed: Deployed, database: Postgres) -> Seen:
    """A file that comes while the database is away is imported once that is back and the dead letters are redriven."""
    queue = deployed.queues["ingest"]
    content = _more(b"R-6")
    upload_id, url, fields = files.form(deployed, content)
    with hurried(deployed, queue):
        database.stop()
        try:
            answer = files.post(deployed, url, fields, content)
            demand(answer.status_code in (200, 204), f"S3 refused a good file: {short(answer.text)}")
            yield from asking.masked(deployed, database.url.rpartition("@")[2])
            dead = _dead_letter(deployed, queue, upload_id)
            yield "S3's event, while the database is away", f"in {_name(queue.dead_letters)}"
        finally:
            database.start()
        yield "dead letters, redriven", _redrive(deployed, queue, dead)
        done = files.finished(deployed, upload_id)
        demand(done["status"] == "SUCCEEDED", f"after the redrive the file became {done}")
        yield "the file, with the database back", done["status"]


@contextmanager
def hurried(deployed: Deployed, queue: Queue) -> Iterator[None]:
    """For a while, messages that failed come back in two seconds: half an hour is what the template says."""
    sqs = deployed.emulator.client("sqs")
    kept = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": HURRIED})
    yield
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=kept)


def _more(external_id: bytes) -> bytes:
    """A file of one more account."""
    header, first, *_ = files.GOOD.splitlines(keepends=True)
    return header + first.replace(b"R-1", external_id).replace(b"One", external_id)


def _dead_letter(deployed: Deployed, queue: Queue, holding: str) -> dict[str, Any]:
    """The dead letter whose body holds the text."""
    sqs = deployed.emulator.client("sqs")

    def look() -> dict[str, Any] | None:
        found = sqs.receive_message(QueueUrl=queue.dead_letters, WaitTimeSeconds=1, VisibilityTimeout=0)
        return next((one for one in found.get("Messages", ()) if holding in one["Body"]), None)

    wanted = (
        f"a message that {queue.tries} receives of {_name(queue.url)} could not handle must be in "
        f"{_name(queue.dead_letters)}: does the mapping report batch item failures?"
    )
    return until(look, wanted, within=PATIENCE)


def _redrive(deployed: Deployed, queue: Queue, dead: dict[str, Any]) -> str:
    """Start what the console's button starts; where the emulator has no such task, do what it does."""
    sqs = deployed.emulator.client("sqs")
    try:
        sqs.start_message_move_task(SourceArn=queue.dead_letters_arn)
    except ClientError as error:
        demand(
            error.response["Error"]["Code"].rpartition(".")[2] in {"InvalidAction", "UnsupportedOperation"},
            f"no dead letter can be redriven: {error}",
        )
        sqs.send_message(QueueUrl=queue.url, MessageBody=dead["Body"])
        received = sqs.receive_message(QueueUrl=queue.dead_letters, MaxNumberOfMessages=10).get("Messages", [])
        for one in received:
            if one["MessageId"] == dead["MessageId"]:
                sqs.delete_message(QueueUrl=queue.dead_letters, ReceiptHandle=one["ReceiptHandle"])
        return "by hand: the emulator has no StartMessageMoveTask"
    return "by StartMessageMoveTask"


def _name(url: str) -> str:
    return url.rpartition("/")[2]
