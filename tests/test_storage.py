"""The bucket and the topic through boto3: what a form allows, how a failure is named, what is announced."""

import base64
import io
import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from services.adapters import announcements
from services.adapters.announcements import Nobody, Topic
from services.adapters.storage import Bucket
from services.db.connection import Database
from services.errors import NotFound, Rejected, Unavailable
from services.settings import Settings
from tests.aws import post
from tests.importing import NOON, Importer

NOWHERE = Settings(
    aws_endpoint_url="http://127.0.0.1:9", uploads_topic_arn="arn:aws:sns:eu-central-1:123456789012:none"
)
"Nothing listens on the discard port."


def test_the_form_lets_s3_enforce_size_type_key_and_time(aws_settings: Settings) -> None:
    form = Bucket(aws_settings).form("uploads/upl_1.csv", now=NOON)

    fields = dict(form.fields)
    policy = json.loads(base64.b64decode(fields["policy"]))
    conditions: list[Any] = policy["conditions"]
    assert form.url == f"{aws_settings.aws_endpoint_url}/{aws_settings.uploads_bucket}"
    assert form.expires_at == NOON + timedelta(minutes=5)
    assert (fields["key"], fields["Content-Type"], fields["x-amz-algorithm"]) == (
        "uploads/upl_1.csv",
        "text/csv",
        "AWS4-HMAC-SHA256",
    )
    assert ["content-length-range", 1, 10_485_760] in conditions
    for condition in (
        {"Content-Type": "text/csv"},
        {"key": "uploads/upl_1.csv"},
        {"bucket": aws_settings.uploads_bucket},
    ):
        assert condition in conditions
    stated = {name for condition in conditions if isinstance(condition, dict) for name in condition}
    assert set(fields) - {"policy", "x-amz-signature"} <= stated  # a field that no condition allows is refused by S3


def test_in_aws_the_bucket_has_its_own_host(aws: str) -> None:
    form = Bucket(Settings(uploads_bucket="ours", aws_region="eu-central-1")).form("uploads/upl_1.csv", now=NOON)

    assert form.url == "https://ours.s3.eu-central-1.amazonaws.com/"


def test_an_object_comes_back_as_it_was_posted(aws_settings: Settings) -> None:
    bucket, content = Bucket(aws_settings), io.BytesIO()
    post(bucket.form("uploads/upl_1.csv", now=NOON), b"name\nAcme\n" * 100_000)

    assert bucket.fetch("uploads/upl_1.csv", content, limit=1_000_000) == 1_000_000
    assert content.getvalue() == b"name\nAcme\n" * 100_000


def test_an_object_that_is_too_large_is_not_copied(aws_settings: Settings) -> None:
    bucket, content = Bucket(aws_settings), io.BytesIO()
    bucket.store("uploads/upl_1.csv", io.BytesIO(b"12345"))

    with pytest.raises(Rejected) as refused:
        bucket.fetch("uploads/upl_1.csv", content, limit=4)
    assert (refused.value.code, content.getvalue()) == ("OUT_OF_RANGE", b"")


def test_failures_are_named_in_our_words(aws_settings: Settings) -> None:
    with pytest.raises(NotFound, match=r"the bucket has no object reports/none\.csv"):
        Bucket(aws_settings).fetch("reports/none.csv", io.BytesIO(), limit=1)
    no_bucket = Settings(uploads_bucket="no-such-bucket", aws_endpoint_url=aws_settings.aws_endpoint_url)
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        Bucket(no_bucket).store("reports/a.csv", io.BytesIO())
    with pytest.raises(Unavailable, match="did not answer"):
        Bucket(NOWHERE).fetch("uploads/a.csv", io.BytesIO(), limit=1)
    with pytest.raises(Unavailable, match="did not answer"):
        Topic(NOWHERE).upload_finished({"kind": "ACCOUNTS", "status": "FAILED"})


def test_without_a_topic_nobody_is_told() -> None:
    told = announcements.to(Settings())

    assert isinstance(told, Nobody)
    told.upload_finished({})


def test_a_finished_upload_is_announced(database: Database, aws_settings: Settings) -> None:
    assert isinstance(announcements.to(aws_settings), Topic)
    sns, sqs = (boto3.client(service, endpoint_url=aws_settings.aws_endpoint_url) for service in ("sns", "sqs"))
    queue = sqs.create_queue(QueueName=aws_settings.uploads_bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(
        TopicArn=aws_settings.uploads_topic_arn, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )

    upload = Importer(database, aws_settings).load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\nBeta,x,SMB\n")

    message = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]
    assert json.loads(message["Body"]) == {
        "uploadId": f"upl_{upload['id'].replace('-', '')}",
        "kind": "ACCOUNTS",
        "status": "PARTIAL",
        "fileName": "file.csv",
        "dryRun": False,
        "duplicateOf": None,
        "counts": {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 1},
        "failure": None,
    }
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "kind": "ACCOUNTS",
        "status": "PARTIAL",
    }
