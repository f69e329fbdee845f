"""The queue of the insight worker, on an emulated SQS."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import boto3
import pytest
from mypy_boto3_sqs.client import SQSClient

from services.adapters import insight_queue
from services.errors import Unavailable
from services.settings import Settings


@pytest.fixture
def sqs(aws: str) -> SQSClient:
    return boto3.client("sqs", endpoint_url=aws)


@pytest.fixture
def settings(aws: str, sqs: SQSClient) -> Iterator[Settings]:
    url = sqs.create_queue(QueueName=f"insights-{uuid4().hex}", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    yield Settings(insights_queue_url=url, aws_endpoint_url=aws)
    sqs.delete_queue(QueueUrl=url)


def _messages(sqs: SQSClient, settings: Settings) -> list[tuple[dict[str, str], str]]:
    """Body and receipt of every message that can be received."""
    found = []
    while got := sqs.receive_message(QueueUrl=settings.insights_queue_url, MaxNumberOfMessages=10).get("Messages"):
        found += [(json.loads(message["Body"]), message["ReceiptHandle"]) for message in got]
    return found


def test_each_job_gets_a_message(sqs: SQSClient, settings: Settings) -> None:
    jobs = [f"job_{at:032x}" for at in range(23)]

    unsent = insight_queue.to(settings).send(jobs)

    assert list(unsent) == []
    assert sorted(body["job"] for body, _ in _messages(sqs, settings)) == jobs


def test_nothing_to_send_is_nothing_sent(sqs: SQSClient, settings: Settings) -> None:
    assert list(insight_queue.to(settings).send([])) == []
    assert _messages(sqs, settings) == []


def test_a_postponed_message_comes_back_when_it_is_told_to(sqs: SQSClient, settings: Settings) -> None:
    queue = insight_queue.to(settings)
    queue.send(["job_1"])
    [(body, receipt)] = _messages(sqs, settings)
    assert _messages(sqs, settings) == []

    queue.postpone(receipt, timedelta())

    assert [again for again, _ in _messages(sqs, settings)] == [body]


@pytest.mark.parametrize("delay", [timedelta(days=3), timedelta(seconds=-5)])
def test_a_delay_that_sqs_does_not_know_is_the_nearest_that_it_does(
    sqs: SQSClient, settings: Settings, delay: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    queue = insight_queue.to(settings)
    queue.send(["job_1"])
    [(_, receipt)] = _messages(sqs, settings)

    queue.postpone(receipt, delay)

    assert [record for record in caplog.records if record.name == insight_queue.log.name] == []
    assert len(_messages(sqs, settings)) == (1 if delay < timedelta() else 0)


def test_a_queue_that_is_not_there_names_every_job_and_breaks_nothing(aws: str) -> None:
    queue = insight_queue.to(Settings(insights_queue_url=f"{aws}/123456789012/nowhere", aws_endpoint_url=aws))
    jobs = [f"job_{at}" for at in range(12)]

    assert list(queue.send(jobs)) == jobs
    queue.postpone("a receipt", timedelta(minutes=1))


def test_a_server_that_is_not_there_names_every_job_and_breaks_nothing() -> None:
    nowhere = "http://127.0.0.1:9"
    queue = insight_queue.to(Settings(insights_queue_url=f"{nowhere}/1/insights", aws_endpoint_url=nowhere))

    assert list(queue.send(["job_1"])) == ["job_1"]
    queue.postpone("a receipt", timedelta(minutes=1))


def test_one_message_that_is_refused_is_named_alone(sqs: SQSClient, settings: Settings) -> None:
    huge = f"job_{'f' * 1_100_000}"

    unsent = insight_queue.to(settings).send(["job_1", huge])

    assert set(unsent) >= {huge}
    assert {body["job"] for body, _ in _messages(sqs, settings)} == {"job_1", huge} - set(unsent)


def test_without_an_address_nothing_can_be_queued() -> None:
    queue = insight_queue.to(Settings())

    with pytest.raises(Unavailable, match="INSIGHTS_QUEUE_URL is not set: 2 jobs cannot be queued"):
        queue.send(["job_1", "job_2"])
    with pytest.raises(Unavailable, match="INSIGHTS_QUEUE_URL is not set: there is no message to postpone"):
        queue.postpone("a receipt", timedelta())
