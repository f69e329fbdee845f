"""The insight function as it runs deployed: handlers over the environment, SQS before it, dead letters behind it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import orjson

import handler
from local.lambdas import Context
from local.worker import FUNCTIONS, poll
from services import wiring
from tests.api import event

PARTS = (
    wiring.the_settings, wiring.database, wiring.request_database, wiring.files, wiring.insight_queue, wiring.writers, handler._http,
)  # fmt: skip


@dataclass(frozen=True)
class Deployed:
    """The API and the worker of a process whose environment names the test's database and queue."""

    sqs: Any
    queue_url: str
    dead_letters_url: str
    environment: Mapping[str, str]

    def ask(self, query: str, /, **variables: object) -> dict[str, Any]:
        """The data of an answer of `handler.graphql`."""
        body = orjson.dumps({"query": query, "variables": variables})
        answer = handler.graphql(event("POST", "/graphql", body), Context("graphql", 30.0))
        told: dict[str, Any] = json.loads(answer["body"])
        assert "errors" not in told, told
        data: dict[str, Any] = told["data"]
        return data

    def work(self) -> int:
        """Let `handler.insights` take what is in the queue; how many messages there were."""
        return poll(self.sqs, self.queue_url, FUNCTIONS["insights"], handler.insights, wait_seconds=0)

    def dead(self) -> list[Any]:
        """The bodies of the dead letters."""
        found = self.sqs.receive_message(QueueUrl=self.dead_letters_url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]


@contextmanager
def deployed(database_url: str, aws: str, **settings: str) -> Iterator[Deployed]:
    """Everything over a queue of its own, whose messages come back a second after they failed."""
    sqs = boto3.client("sqs", endpoint_url=aws)
    name = f"insights-{uuid4().hex}"
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    queue = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1", "RedrivePolicy": redrive})[
        "QueueUrl"
    ]
    environment = {
        "DATABASE_URL": database_url, "AWS_ENDPOINT_URL": aws, "INSIGHTS_QUEUE_URL": queue, "LOG_LEVEL": "ERROR",
        "ACCESS": "open", **settings,
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    _forget()
    try:
        yield Deployed(sqs, queue, dead, environment)
    finally:
        wiring.database().close()
        wiring.request_database().close()
        _close_clients()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _forget()
        sqs.close()


def _close_clients() -> None:
    """What a Lambda container keeps open until it ends."""
    parts: list[Any] = [wiring.insight_queue()]
    parts += wiring.writers().values() if wiring.writers.cache_info().currsize else []
    for part in parts:
        for client in (getattr(part, "_sqs", None), getattr(part, "_openai", None)):
            if client is not None:
                client.close()


def _forget() -> None:
    for part in PARTS:
        part.cache_clear()
