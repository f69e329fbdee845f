"""The real system in a folder of its own on free ports, from the processes that `make run` consists of.

They are started one by one, so that each can be given another way to what it depends on, and be broken. What waits for
minutes in production waits here for seconds: see VISIBILITY, and chaos.settling for the leases.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import httpx

from chaos.server import Server
from local import children, resources
from local.children import Child
from local.connections import SERVED
from local.options import HOST
from local.resources import Resources
from services.errors import Unavailable

VISIBILITY: Final = 3
"Seconds after which a message that failed comes back: 30 minutes for an import on AWS."
PATIENCE: Final = 15.0
"Seconds that a process has to stop."
WORKERS: Final = ("worker ingest", "worker insights")


@dataclass
class Machine:
    """PostgreSQL, migrated, and the emulator with its queues; what is started besides ends with them."""

    folder: Path
    database_url: str
    aws_url: str
    made: Resources
    server: Server
    log: IO[bytes]
    running: list[Child] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that reaches everything straight."""
        return {
            **resources.CREDENTIALS,
            "AWS_ENDPOINT_URL": self.aws_url,
            "DATABASE_URL": self.database_url,
            "DATABASE_URL_DIRECT": "",
            "DATA_DIR": str(self.folder),
            "UPLOADS_BUCKET": self.made.bucket,
            "UPLOADS_TOPIC_ARN": self.made.topic_arn,
            "INGEST_QUEUE_URL": self.made.ingest.url,
            "INSIGHTS_QUEUE_URL": self.made.insights.url,
            "ACCESS": "open",
            "OPENAI_API_KEY": "",
            "OPENAI_BASE_URL": "",
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, *names: str, **others: str) -> list[Child]:
        """Start `local`'s processes of those names side by side, with other settings where some are given."""
        environment = self.environment | others
        started = [children.start(name, environment, patience=PATIENCE, log=self.log) for name in names]
        self.running += started
        for child in started:
            if not child.said():
                raise Unavailable(f"{child.name} did not start: its reason stands in {self.log.name}")
        return started

    def web(self, **others: str) -> str:
        """Start the web server of `make run`; the address of its GraphQL."""
        [port] = free_ports(1)
        self.start("web", PORT=str(port), **others)
        return f"http://{HOST}:{port}/graphql"

    def container(self, **others: str) -> tuple[str, int]:
        """Start uvicorn over the container's application; the address of its GraphQL, and its process id."""
        [port] = free_ports(1)
        process = subprocess.Popen(
            [sys.executable, *SERVED, "--log-level", "warning", "--port", str(port)],
            env={**os.environ, **self.environment, **others},
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, text=True, start_new_session=True,
        )  # fmt: skip
        self.running.append(Child("uvicorn", process, PATIENCE))
        url = f"http://{HOST}:{port}/graphql"
        _wait_for(url)
        return url, process.pid

    def died(self) -> list[str]:
        """The names of the processes that ended by themselves."""
        return [child.name for child in self.running if child.died()]

    def sqs(self) -> Any:
        return resources.client("sqs", self.aws_url)


@contextmanager
def started(folder: Path) -> Iterator[Machine]:
    """A machine with an empty database, whose processes end with the block, the servers last."""
    [aws_port] = free_ports(1)
    aws_url = f"http://{HOST}:{aws_port}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(resources.CREDENTIALS)  # for the product's own clients in this process, which sweeps
    with (folder / "output").open("ab") as log:
        environment = {**resources.CREDENTIALS, "DATA_DIR": str(folder), "AWS_PORT": str(aws_port)}
        servers = [children.start(name, environment, patience=60, log=log) for name in ("postgres", "aws")]
        machine = None
        try:
            url, ready = (child.said() for child in servers)
            if not (url and ready):
                raise Unavailable(f"no servers: their reason stands in {log.name}")
            from services.db.migrate import upgrade

            upgrade(url)
            made = resources.create(aws_url, folder / "files")
            machine = Machine(folder, url, aws_url, made, Server(folder / "postgres"), log)
            for queue in (made.ingest, made.insights):
                hide_for(machine.sqs(), queue.url, VISIBILITY)
            yield machine
        finally:
            _stop(machine, servers)


def hide_for(sqs: Any, queue_url: str, seconds: int) -> None:
    """Let messages of the queue that are received come back after so many seconds unless they are deleted."""
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"VisibilityTimeout": str(seconds)})


def another_queue(machine: Machine, name: str) -> str:
    """The URL of a queue like the machine's own, without dead letters."""
    made = machine.sqs().create_queue(QueueName=name, Attributes={"VisibilityTimeout": str(VISIBILITY)})
    url: str = made["QueueUrl"]
    return url


def dead_letters(machine: Machine, queue_url: str) -> list[dict[str, Any]]:
    """Take what lies among the dead letters of that queue; their bodies."""
    found = []
    while messages := machine.sqs().receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            machine.sqs().delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def _stop(machine: Machine | None, servers: list[Child]) -> None:
    running = machine.running if machine else []
    for child in running:
        child.ask_to_stop()
    for child in running:
        child.stop()
    if machine is not None:
        # The process that started PostgreSQL first stops that one alone, and not a later one.
        machine.server.end()
    for child in reversed(servers):
        child.stop()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            httpx.post(url, json={"query": "{ __typename }"}, timeout=10)
            return
        except httpx.TransportError as error:
            if time.monotonic() > until:
                raise Unavailable(f"nobody answers at {url}") from error
            time.sleep(0.1)
