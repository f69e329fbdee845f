"""What a call of each function takes, written to deploy/measured.json: `python -m deploy.measuring`. For deploy.cost.

Each function runs in new processes of its own, over an embedded PostgreSQL with a made-up portfolio and moto's S3 and
SQS, by the handlers that Lambda calls. CPU time is that of the function's process alone; the rest is waiting.
"""

import argparse
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from local.gateway import request_event
from local.postgres import Postgres
from local.resources import CREDENTIALS, Resources, client, create

ROOT: Final = Path(__file__).parents[1]
FILE: Final = Path(__file__).with_name("measured.json")
ACCOUNTS: Final = 1_000
ROWS: Final = 5_000
"Of the file that is imported."
PROCESSES: Final = 5
CALLS: Final = 20
"Warm ones, in each process."

CALLED: Final = """
import json, os, resource, sys, time
given = json.load(sys.stdin)
import handler
class Context:
    def get_remaining_time_in_millis(self): return 250_000
def taken():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.monotonic(), used.ru_utime + used.ru_stime
told, before = [], (given["began"], 0.0)
for event in given["events"]:
    answer = getattr(handler, given["function"])(event, Context())
    after = taken()
    told.append({"wall": after[0] - before[0], "cpu": after[1] - before[1], "bytes": len(answer.get("body", ""))})
    assert answer.get("statusCode", 200) == 200 and not answer.get("batchItemFailures"), answer
    before = taken()
# Not ru_maxrss: that begins with what the process that started this one had.
memory = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"calls": told, "memory": memory}), file=os.fdopen(3, "w"))
"""

LIST: Final = """
query { accounts(first: 25, orderBy: [{field: ATTENTION, direction: DESC}]) { totalCount nodes {
  id name segment owner arr { amount currency } renewalDate daysToRenewal health { score bucket change30d }
} pageInfo { hasNextPage endCursor } } }
"""
ACCOUNT: Final = """
query ($id: ID!) { account(id: $id) { id name arr { amount } health {
  score bucket coverage factors { label rawValue contribution pointsLost } }
  dailyMetrics(first: 30) { nodes { date logins events } } } }
"""
PORTFOLIO: Final = """
query { portfolioMetrics { accountCount averageScore medianScore totalArr { amount }
  byBucket { bucket accounts arr { amount } } renewals { window accounts arr { amount } } } }
"""
GENERATE: Final = "mutation ($i: GenerateMockDataInput!) { generateMockData(input: $i) { userErrors { message } } }"
UPLOAD: Final = """
mutation ($i: RequestUploadUrlInput!) { requestUploadUrl(input: $i) { upload { id } target { fields { name value } } } }
"""
QUEUE: Final = "mutation ($i: QueueInsightInput!) { queueInsight(input: $i) { job { id } userErrors { message } } }"


class Bench:
    """The functions over one environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}

    def call(self, function: str, events: Sequence[Any]) -> dict[str, Any]:
        """What a new process told of these calls, the first of which is cold, with the bytes that it logged."""
        read, write = os.pipe()
        given = {"function": function, "events": events, "began": time.monotonic()}
        with subprocess.Popen(
            [sys.executable, "-c", f"import os; os.dup2({write}, 3)\n{CALLED}"],
            env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            pass_fds=[write],
        ) as process:  # fmt: skip
            os.close(write)
            said, logged = process.communicate(orjson.dumps(given))
        with os.fdopen(read) as pipe:
            told = pipe.read()
        assert process.returncode == 0, logged.decode()[-2000:]
        return {**json.loads(told), "logged": len(said) + len(logged)}

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of one answer, by this process."""
        import handler

        answer = json.loads(handler.graphql(_request(query, variables))["body"])
        assert not answer.get("errors"), answer
        assert 'userErrors": [{' not in json.dumps(answer), answer
        data: dict[str, Any] = answer["data"]
        return data


def _request(query: str, variables: Mapping[str, object]) -> dict[str, Any]:
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/graphql", "raw_path": b"/graphql",
        "query_string": b"", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }  # fmt: skip
    return request_event(scope, orjson.dumps({"query": query, "variables": variables}), at=datetime.now(UTC))


def measure() -> dict[str, Any]:
    """Every function, cold and warm."""
    with _machine() as (bench, made):
        bench.ask(GENERATE, i={"accounts": ACCOUNTS, "days": 60, "seed": 1})
        ids = [node["id"] for node in bench.ask("{ accounts(first: 100) { nodes { id } } }")["accounts"]["nodes"]]
        asked = [_request(LIST, {}), _request(PORTFOLIO, {}), *(_request(ACCOUNT, {"id": ids[at]}) for at in range(2))]
        sweep = [{"task": "sweep"}]
        found = {
            "graphql": _summary([bench.call("graphql", (asked * CALLS)[: CALLS + 1]) for _ in range(PROCESSES)]),
            "ingest": _summary([bench.call("ingest", [_file(bench, made, n) for n in range(3)]) for _ in range(2)]),
            "insights": _summary([bench.call("insights", _jobs(bench, ids[n * 10 :][:10])) for n in range(3)]),
            "sweep": _summary([bench.call("maintenance", sweep * 3) for _ in range(3)]),
            "nightly": _summary([bench.call("maintenance", [{"task": "nightly"}])]),
        }
    return {
        "on": datetime.now(UTC).date().isoformat(),
        "with": f"Python {platform.python_version()} on its source, {ACCOUNTS:,} accounts, files of {ROWS:,} rows",
        "functions": found,
    }


@contextmanager
def _machine() -> Iterator[tuple[Bench, Resources]]:
    from moto.server import ThreadedMotoServer

    from services.db.migrate import upgrade

    logging.getLogger("werkzeug").disabled = True
    aws = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    aws.start()
    host, port = aws.get_host_and_port()
    address = f"http://{host}:{port}"
    with tempfile.TemporaryDirectory() as folder, Postgres(Path(folder) / "pg") as server:
        upgrade(server.url)
        made = create(address, Path(folder) / "objects")
        environment = {
            **CREDENTIALS, "DATABASE_URL": server.url, "AWS_ENDPOINT_URL": address, "UPLOADS_BUCKET": made.bucket,
            "ACCESS": "open", "INSIGHTS_QUEUE_URL": made.insights.url, "UPLOADS_TOPIC_ARN": made.topic_arn,
        }  # fmt: skip
        os.environ.update({**environment, "LOG_LEVEL": "WARNING"})
        yield Bench(environment), made
        import handler

        handler.forget()
    aws.stop()


def _file(bench: Bench, made: Resources, number: int) -> dict[str, Any]:
    """The event of a file of new accounts that lies in the bucket."""
    unique = f"{number}-{time.monotonic_ns()}"
    lines = [
        f"M-{unique}-{row},Account {unique} {row},{1000 + row},SMB,EMEA,2027-03-01,{row % 90}" for row in range(ROWS)
    ]
    content = "\n".join(["external_id,name,arr,segment,region,renewal_date,active_users", *lines]).encode()
    wanted = {"kind": "ACCOUNTS", "fileName": "accounts.csv", "sizeBytes": len(content)}
    fields = bench.ask(UPLOAD, i=wanted)["requestUploadUrl"]["target"]["fields"]
    key = next(field["value"] for field in fields if field["name"] == "key")
    client("s3", os.environ["AWS_ENDPOINT_URL"]).put_object(Bucket=made.bucket, Key=key, Body=content)
    return _message({"Records": [{"s3": {"object": {"key": key}}}]})


def _jobs(bench: Bench, ids: Sequence[str]) -> list[dict[str, Any]]:
    return [_message({"job": bench.ask(QUEUE, i={"accountId": one})["queueInsight"]["job"]["id"]}) for one in ids]


def _message(body: object) -> dict[str, Any]:
    return {"Records": [{"messageId": "1", "receiptHandle": "none", "body": json.dumps(body)}]}


def _summary(processes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Milliseconds and MB. CPU time is the median; waiting is the quietest call's, since a busy machine only adds."""
    cold = [one["calls"][0] for one in processes]
    warm = [call for one in processes for call in one["calls"][1:]] or cold
    return {
        "cold_cpu_ms": _median(cold),
        "cold_wait_ms": _least(cold),
        "warm_cpu_ms": _median(warm),
        "warm_wait_ms": _least(warm),
        "memory_mb": round(max(one["memory"] for one in processes) / 1e6),
        "answer_bytes": round(statistics.mean(call["bytes"] for call in warm)),
        "logged_bytes": round(statistics.mean(one["logged"] / len(one["calls"]) for one in processes)),
    }


def _median(calls: Sequence[Mapping[str, float]]) -> float:
    return round(statistics.median(call["cpu"] for call in calls) * 1000, 1)


def _least(calls: Sequence[Mapping[str, float]]) -> float:
    return round(max(0.0, min(call["wall"] - call["cpu"] for call in calls)) * 1000, 1)


def main() -> None:
    argparse.ArgumentParser("python -m deploy.measuring", description=__doc__.partition("\n")[0]).parse_args()
    found = measure()
    FILE.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
