"""A thousand insights by rules, from the mutation through SQS to the rows: `python -m bench.insight_jobs [NUMBER]`.

Prints jobs a second and statements a job. Everything is real (PostgreSQL, SQS over HTTP, the handlers) and one process.
"""

import argparse
import json
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from local.lambdas import Context
from local.postgres import Postgres
from local.resources import CREDENTIALS, create
from local.worker import FUNCTIONS, poll


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.insight_jobs", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=1000, help="accounts, 1 to 1000 (1000)")
    number: int = parser.parse_args().number
    os.environ.update(CREDENTIALS, LOG_LEVEL="ERROR")
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").disabled = True
    aws = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    aws.start()
    host, port = aws.get_host_and_port()
    with tempfile.TemporaryDirectory() as folder, Postgres(Path(folder) / "pg") as server:
        _run(number, server.url, f"http://{host}:{port}", Path(folder))
    aws.stop()


def _run(number: int, database_url: str, aws_url: str, folder: Path) -> None:
    from services.db.migrate import upgrade

    upgrade(database_url)
    made = create(aws_url, folder / "files")
    os.environ.update(
        ACCESS="open", DATABASE_URL=database_url, AWS_ENDPOINT_URL=aws_url, INSIGHTS_QUEUE_URL=made.insights.url
    )
    import boto3

    import handler
    from services import wiring

    _ask("mutation ($n: Int!) { generateMockData(input: {accounts: $n, days: 180}) { accountsCreated } }", n=number)
    began = time.perf_counter()
    batch = _ask("""mutation ($n: Int!) { queueInsights(input: {filter: {includeChurned: true}, max: $n}) {
      matched job { id } } }""", n=number)["queueInsights"]  # fmt: skip
    print(f"queued {batch['matched']} in {(time.perf_counter() - began) * 1000:.0f} ms")
    sqs, statements = boto3.client("sqs", endpoint_url=aws_url), _counted()
    began, taken = time.perf_counter(), 0
    while received := poll(sqs, made.insights.url, FUNCTIONS["insights"], handler.insights, wait_seconds=0):
        taken += received
    seconds, asked = time.perf_counter() - began, len(statements)
    jobs = wiring.database().rows("select status, attempts, count(*) from jobs where kind = 'INSIGHT' group by 1, 2")
    insights, dropped = wiring.database().rows("select count(*), sum(sentences_dropped) from insights")[0]
    print(f"{taken} messages, jobs by status and attempts: {jobs}; {insights} insights, {dropped} sentences dropped")
    print(f"{seconds:.1f} s: {insights / seconds:.1f} jobs a second, {asked / max(insights, 1):.1f} statements a job")
    wiring.database().close()


def _ask(query: str, **variables: object) -> dict[str, Any]:
    import handler

    request = {
        "version": "2.0", "rawPath": "/graphql", "rawQueryString": "", "isBase64Encoded": False,
        "headers": {"host": "api", "content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/graphql", "sourceIp": "127.0.0.1", "protocol": "1.1"}},
        "body": json.dumps({"query": query, "variables": variables}),
    }  # fmt: skip
    answer = json.loads(handler.graphql(request, Context("graphql", 60.0))["body"])
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def _counted() -> list[str]:
    """Every statement from now on."""
    from sqlalchemy import Engine, event

    from services import wiring

    found: list[str] = []
    wiring.database()._observer = found.append
    event.listen(Engine, "before_cursor_execute", lambda *told: found.append(told[2]))
    event.listen(Engine, "begin", lambda _: found.append("begin"))
    event.listen(Engine, "commit", lambda _: found.append("commit"))
    return found


if __name__ == "__main__":
    main()
