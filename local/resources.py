"""What the deployment's template makes on AWS, made on the emulator: bucket, queues, topic, and who is told of what.

Objects that an earlier run kept are put back before anyone listens, so that they are there and announce nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from local.lambdas import REGION

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
BUCKET = "success-insights-uploads"
TRIES = 5
"How often a message is received before it goes to the dead letters."
VISIBILITY = {"ingest": 60, "insights": 90}
"""The queues, and the seconds until a message that failed comes back. Longer on AWS, where several workers poll: here
there is one for each."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a queue answers, and the one that takes what fails too often."""

    url: str
    dead_letters_url: str


@dataclass(frozen=True, slots=True)
class Resources:
    """What the other processes need to know of them."""

    bucket: str
    ingest: Queue
    insights: Queue
    topic_arn: str


def client(service: Any, endpoint: str) -> Any:
    """A boto3 client of the emulator, whatever the machine's own AWS settings say."""
    return _session().client(service, endpoint_url=endpoint)


@cache
def _session() -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def create(endpoint: str, kept: Path) -> Resources:
    """Make everything, with the objects that lie in `kept`."""
    s3, sqs, sns = client("s3", endpoint), client("sqs", endpoint), client("sns", endpoint)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, path in _objects(kept):
        put(s3, key, path)
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [CORS]})
    ingest, insights = (_queue(sqs, name) for name in ("ingest", "insights"))
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": arn(sqs, ingest.url),
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}},
                }
            ]
        },
    )
    topic = sns.create_topic(Name="uploads")["TopicArn"]
    return Resources(BUCKET, ingest, insights, topic)


def _queue(sqs: Any, name: str) -> Queue:
    dead_letters = sqs.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"]
    redrive = {"deadLetterTargetArn": arn(sqs, dead_letters), "maxReceiveCount": TRIES}
    attributes = {"VisibilityTimeout": str(VISIBILITY[name]), "RedrivePolicy": json.dumps(redrive)}
    return Queue(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], dead_letters)


CORS = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD", "POST"], "AllowedHeaders": ["*"]}


def put(s3: Any, key: str, path: Path) -> None:
    """Store the file as the object `key`, which is told to the queue once that listens."""
    with path.open("rb") as content:
        s3.put_object(Bucket=BUCKET, Key=key, Body=content, ContentType="text/csv")


def _objects(kept: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(kept.rglob("*")):
        if path.is_file() and path.suffix != ".part":
            yield path.relative_to(kept).as_posix(), path


@cache
def arn(sqs: Any, url: str) -> str:
    """The queue's name for AWS; asked for once, since it stays."""
    found: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return found
