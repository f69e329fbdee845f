"""AWS as the tests see it: moto's server over HTTP. It enforces no limit of a signed form, so it proves none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import boto3
import httpx

from services.ports import UploadForm
from services.settings import Settings

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}


@contextmanager
def emulated() -> Iterator[str]:
    """The address of an emulator on a free port of this machine."""
    from moto.server import ThreadedMotoServer

    os.environ.update(CREDENTIALS)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def a_bucket_and_a_topic(endpoint: str) -> Settings:
    """Settings that point at a bucket and a topic that no other test has."""
    name = f"uploads-{uuid4().hex}"
    s3, sns = (boto3.client(service, endpoint_url=endpoint) for service in ("s3", "sns"))
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    topic = sns.create_topic(Name=name)["TopicArn"]
    return Settings(uploads_bucket=name, uploads_topic_arn=topic, aws_endpoint_url=endpoint)


def post(form: UploadForm, content: bytes) -> None:
    """Send a file as a browser does."""
    answer = httpx.post(form.url, data=dict(form.fields), files={"file": ("file.csv", content, "text/csv")})
    assert answer.status_code == 204, answer.text
