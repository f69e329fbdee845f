"""Lambda's poller of a queue: takes messages, calls a handler with them as SQS events, deletes what succeeded.

What the handler names in batchItemFailures, or all of it where the handler raises, stays and comes back later: when
its visibility timeout ends, or when the handler said. `python -m local.worker insights` serves that queue.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from local import children
from local.lambdas import REGION, Context, Crashed, Handler, invoke
from local.resources import TRIES, arn, client

log = logging.getLogger(__name__)

PAUSE: Final = 1.0
"Seconds after which a queue that did not answer is asked again."


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function that a queue of the same name feeds.

    `seconds` is its timeout on AWS, `batch` how many messages a call gets: one where a model's answer fills the time.
    """

    name: str
    seconds: float
    batch: int


FUNCTIONS = {function.name: function for function in (Function("ingest", 120.0, 10), Function("insights", 60.0, 1))}


def serve(sqs: Any, queue_url: str, function: Function, handler: Handler, told: threading.Event) -> None:
    """Poll until it is told to stop. A queue that does not answer is asked again: what was received comes once more."""
    while not told.is_set():
        try:
            poll(sqs, queue_url, function, handler, wait_seconds=1)
        except (BotoCoreError, ClientError) as error:
            log.warning("the queue does not answer: %s", error)
            told.wait(PAUSE)


def poll(sqs: Any, queue_url: str, function: Function, handler: Handler, *, wait_seconds: int) -> int:
    """Receive what the function takes at once, handle it, and say how many messages it was. Waits for the first."""
    messages = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=function.batch,
        WaitTimeSeconds=wait_seconds,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    if not messages:
        return 0
    event = {"Records": [record(message, arn(sqs, queue_url)) for message in messages]}
    answer = invoke(handler, event, Context(function.name, function.seconds))
    failed = _failed(answer, [message["MessageId"] for message in messages])
    for message in messages:
        if message["MessageId"] in failed:
            tries = int(message["Attributes"]["ApproximateReceiveCount"])
            after = "it comes again" if tries < TRIES else "it goes to the dead letters"
            log.warning("message %s is not done, try %d of %d: %s", message["MessageId"], tries, TRIES, after)
        else:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return len(messages)


def record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """A message that was received, as Lambda hands it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {"stringValue": one["StringValue"], "dataType": one["DataType"]}
            for name, one in message.get("MessageAttributes", {}).items()
        },
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
    import handler

    function = FUNCTIONS[sys.argv[1]]
    children.log_as(f"{function.name} worker")
    told = children.until_told()
    sqs = client("sqs", os.environ["AWS_ENDPOINT_URL"])
    queue_url = os.environ[f"{function.name.upper()}_QUEUE_URL"]
    children.ready()
    serve(sqs, queue_url, function, getattr(handler, function.name), told)


if __name__ == "__main__":
    main()
