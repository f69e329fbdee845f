"""Lambda's poller of the queue: takes messages, calls `handler.ingest` with them as SQS events, deletes what succeeded.

What the handler names in batchItemFailures, or all of it where the handler raises, stays and comes back later.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from local import children
from local.lambdas import REGION, Context, Crashed, Handler, invoke
from local.resources import TRIES, VISIBILITY, client

log = logging.getLogger(__name__)

BATCH = 10
TIMEOUT = 120.0
"Seconds that the ingest function has on AWS."


def poll(sqs: Any, queue_url: str, handler: Handler, *, wait_seconds: int) -> int:
    """Receive up to ten messages, handle them, and say how many there were. Waits for the first one."""
    messages = sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=wait_seconds, AttributeNames=["All"]
    ).get("Messages", [])
    if not messages:
        return 0
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    answer = invoke(handler, {"Records": [_record(message, arn) for message in messages]}, Context("ingest", TIMEOUT))
    failed = _failed(answer, [message["MessageId"] for message in messages])
    for message in messages:
        if message["MessageId"] in failed:
            tries = int(message["Attributes"]["ApproximateReceiveCount"])
            after = f"it comes back in {VISIBILITY} s" if tries < TRIES else "it goes to the dead letters"
            log.warning("message %s failed, try %d of %d: %s", message["MessageId"], tries, TRIES, after)
        else:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return len(messages)


def _record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def _failed(answer: Any, ids: Sequence[str]) -> set[str]:
    """As Lambda reads it: nothing named is all well; an exception or an id that was not sent is all failed."""
    if isinstance(answer, Crashed):
        return set(ids)
    named = {item.get("itemIdentifier") for item in (answer or {}).get("batchItemFailures") or ()}
    return named if named <= set(ids) else set(ids)


def main() -> None:
    from handler import ingest

    children.log_as("worker")
    told = children.until_told()
    sqs = client("sqs", os.environ["AWS_ENDPOINT_URL"])
    children.ready()
    while not told.is_set():
        poll(sqs, os.environ["INGEST_QUEUE_URL"], ingest, wait_seconds=1)


if __name__ == "__main__":
    main()
