"""The server that is fuzzed: PostgreSQL, the emulator, workers, uvicorn with ACCESS=keys, demo data, and keys.

All of it is real, starts within seconds in a folder of its own, and is gone at the end.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

import httpx
import orjson

from local import children, resources
from local.connections import SERVED
from local.postgres import Postgres
from services import key_texts, keys, mock_data
from services.db.connection import Database
from services.vocabulary import Role

REPOSITORY: Final = Path(__file__).parents[1]
ACCOUNTS: Final = 40
DAYS: Final = 60
SEED: Final = 1
PATIENCE: Final = 120
"Seconds until the server answers, on a machine that has a lot else to do."
FILE: Final = (
    "name,arr,segment,region,seats_purchased\nFuzzed One,1000,SMB,EMEA,10\nFuzzed Two,many,SMB,EMEA,10\n,1,SMB,EMEA,1\n"
)
"Of its rows one is good and two are bad, so that there is an error report."


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the server answers, the header that each kind of client sends (None: no such header), and what is there."""

    port: int
    credentials: dict[str, str | None]
    jobs: list[str]
    decoys: list[str]
    "Ids of API keys that nobody uses: they may be revoked."
    log: str
    "File that the server writes its log to."

    def written(self) -> bytes:
        return orjson.dumps(asdict(self))


@contextmanager
def running(log: Path) -> Iterator[Stage]:
    """The stage, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="insights-fuzz-") as name, Postgres(Path(name) / "pg") as postgres:
        from services.db.migrate import upgrade

        folder = Path(name)
        upgrade(postgres.url)
        port, aws_port = free_ports(2)
        environment = resources.CREDENTIALS | {
            "PATH": os.environ["PATH"], "DATABASE_URL": postgres.url, "DATA_DIR": str(folder), "PORT": str(port),
            "AWS_PORT": str(aws_port), "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws_port}", "ACCESS": "keys",
            "LOG_LEVEL": "ERROR", "STATEMENT_SECONDS": "25", "DATABASE_PATIENCE_SECONDS": "25",
        }  # fmt: skip
        started: list[children.Child] = []
        with log.open("wb") as output:
            try:
                started.append(_child("aws", environment))
                made = resources.create(environment["AWS_ENDPOINT_URL"], folder / "files")
                environment |= {
                    "UPLOADS_BUCKET": made.bucket, "UPLOADS_TOPIC_ARN": made.topic_arn,
                    "INGEST_QUEUE_URL": made.ingest.url, "INSIGHTS_QUEUE_URL": made.insights.url,
                }  # fmt: skip
                server = subprocess.Popen(
                    [sys.executable, *SERVED, "--host", "127.0.0.1", "--port", str(port)],
                    cwd=REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output, text=True,
                )  # fmt: skip
                started.append(children.Child("uvicorn", server, 30))
                started += [_child("worker ingest", environment), _child("worker insights", environment)]
                yield _filled(postgres.url, port, str(log))
            finally:
                for child in reversed(started):
                    child.stop()


def _child(name: str, environment: Mapping[str, str]) -> children.Child:
    child = children.start(name, environment, patience=30)
    if not child.said():
        raise SystemExit(f"{name} did not start: its reason stands above")
    return child


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago."""
    import socket

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def _filled(url: str, port: int, log: str) -> Stage:
    with closing(Database(url)) as database:
        now = datetime.now(UTC)
        with database.writing() as session:
            mock_data.generate(
                session, accounts=ACCOUNTS, days=DAYS, seed=SEED, replace=False, actor="fuzz", now=now
            )  # fmt: skip
        credentials, decoys = _credentials(database, now)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"authorization": credentials["ADMIN"] or ""}, timeout=60
        ) as client:
            _wait(client)
            jobs = _work(client)
    return Stage(port, credentials, jobs, decoys, log)


def _credentials(database: Database, now: datetime) -> tuple[dict[str, str | None], list[str]]:
    def made(name: str, role: Role, at: datetime = now, ends: datetime | None = None) -> str:
        with database.writing() as session:
            key = keys.create(
                session, name=name, role=role, expires_at=ends, idempotency_key=None, actor="fuzz", now=at
            )  # fmt: skip
        assert key.text is not None
        return key.text

    def prefix(text: str) -> str:
        found = key_texts.prefix(text)
        assert found is not None
        return found

    admin, revoked = made("admin", Role.ADMIN), made("revoked", Role.ADMIN)
    with database.writing() as session:
        keys.revoke(session, prefix(revoked), actor="fuzz", now=now)
    yesterday = now - timedelta(days=1)
    valid = {role.value: f"Bearer {made(role.value.lower(), role)}" for role in Role}
    refused = {
        "none": None,
        "malformed": "Bearer aisi_not-a-key",
        "unknown": f"Bearer {key_texts.make(token_bytes)}",
        "wrong secret": f"Bearer {_with_another_secret(admin)}",
        "expired": f"Bearer {made('expired', Role.ADMIN, yesterday - timedelta(days=1), yesterday)}",
        "revoked": f"Bearer {revoked}",
        "basic": "Basic YWRtaW46YWRtaW4=",
        "JWT": "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiQURNSU4iLCJzdWIiOiJ4In0.",
    }
    return {**valid, **refused}, [f"key_{prefix(made(f'decoy {number}', Role.VIEWER))}" for number in range(8)]


def _with_another_secret(key: str) -> str:
    """A key of the same prefix whose checksum is right."""
    number = 0
    for digit in key_texts.prefix(key) or "":
        number = number * len(key_texts.DIGITS) + key_texts.DIGITS.index(digit)
    return key_texts.make(lambda size: number.to_bytes(8) if size == 8 else token_bytes(size))


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > until:
            raise SystemExit("the server does not answer")
        time.sleep(0.1)


def _work(client: httpx.Client) -> list[str]:
    """Have a few insights written and a file imported, so that there is something to read; the jobs."""
    found = _asked(client, "{ accounts(first: 6) { nodes { id } } }")["accounts"]["nodes"]
    jobs = [_asked(client, QUEUE, {"id": one["id"]})["queueInsight"]["job"]["id"] for one in found]
    jobs.append(
        _asked(client, "mutation { recomputeHealth(input: {}) { job { id } } }")["recomputeHealth"]["job"]["id"]
    )
    opened = _asked(client, OPEN, {"size": len(FILE)})["requestUploadUrl"]
    fields = {field["name"]: field["value"] for field in opened["target"]["fields"]}
    sent = httpx.post(
        opened["target"]["url"], data=fields, files={"file": ("fuzzed.csv", FILE, "text/csv")}, timeout=60
    )
    sent.raise_for_status()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        asked = _asked(client, STATE, {"ids": jobs, "upload": opened["upload"]["id"]})
        if asked["upload"]["pollAfterMs"] is None and all(one["pollAfterMs"] is None for one in asked["nodes"] if one):
            return jobs
        time.sleep(0.2)
    raise SystemExit("the workers do not work")


def _asked(client: httpx.Client, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
    answer = client.post("/graphql", json={"query": query, "variables": dict(variables or {})}).json()
    data: dict[str, Any] = answer["data"]
    return data


QUEUE: Final = "mutation ($id: ID!) { queueInsight(input: {accountId: $id}) { job { id } } }"
OPEN: Final = """mutation ($size: Int!) {
  requestUploadUrl(input: {kind: ACCOUNTS, fileName: "fuzzed.csv", sizeBytes: $size}) {
    upload { id } target { url fields { name value } }
  }
}"""
STATE: Final = """query ($ids: [ID!]!, $upload: ID!) {
  nodes(ids: $ids) { ... on Job { pollAfterMs } } upload(id: $upload) { pollAfterMs }
}"""
