"""`python -m local run`: the whole system on one machine, until Ctrl-C, a signal, or the death of one of its processes.

Not a process manager: nothing is started twice. What dies is named, and everything stops.
"""

import errno
import fcntl
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from local import children, demo, options, recovery, resources
from local.children import Child
from local.options import HOST, Options
from services import settings, wiring
from services.access import LOCAL
from services.db.connection import Database
from services.errors import Failure, Unavailable
from services.settings import Settings
from services.vocabulary import InsightEngine

Say = Callable[[str], None]

PATIENCE = {
    "web": 8.0, "worker ingest": 20.0, "worker insights": 20.0, "scheduler": 5.0, "aws": 5.0, "postgres": 60.0,
}  # fmt: skip
"Seconds each has to stop: a worker may finish its message; where it cannot, the next start takes that up again."
SERVERS = ("postgres", "aws")
"What the others use, and need until they have stopped."


class Stopped(Exception):
    """Somebody asked for the end while the parts were still starting."""


def run(chosen: Options, say: Say) -> int:
    """Start everything, say what runs where, and stay. The exit code: 0 when asked to stop, 1 for anything else."""
    asked = threading.Event()

    def heard(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - how Python calls it
        asked.set()

    signal.signal(signal.SIGINT, heard)
    signal.signal(signal.SIGTERM, heard)
    try:
        with alone(chosen), _stopping(say) as running:
            _refuse_taken_ports(chosen)
            _start(chosen, running, asked, say)
            return _watch(running, asked, say)
    except Stopped:
        return 0
    except Failure as failure:
        say(str(failure))
        return 1


def _start(chosen: Options, running: list[Child], asked: threading.Event, say: Say) -> None:
    environment = _environment(chosen)
    known = settings.from_environment({**os.environ, **environment})
    say("starting ...")

    def start(*names: str) -> list[str]:
        started = [children.start(name, environment, patience=PATIENCE[name]) for name in names]
        running.extend(started)
        lines = [child.said() for child in started]
        if asked.is_set():
            raise Stopped
        for child, line in zip(started, lines, strict=True):
            if not line:
                raise Unavailable(f"{child.name} did not start: its reason stands above")
        return lines

    # what is referred to is kept where this process may read it, not in the emulator that the others see
    environment |= {"OPENAI_API_KEY": wiring.revealed(known.openai_api_key)} if known.openai_api_key else {}
    if chosen.database_url:
        url = wiring.revealed(known.database_url)
        start("aws")
    else:
        url, _ = start("postgres", "aws")
    from services.db.migrate import upgrade

    upgrade(wiring.revealed(known.database_url_direct) or url)
    made = resources.create(chosen.aws_url, chosen.data_dir / "files")
    database = Database(url)
    if not chosen.database_url:
        _resume(chosen, database, say)
    is_empty = database.read("select not exists (select from accounts)")
    database.close()
    environment |= {
        "DATABASE_URL": url,
        "UPLOADS_BUCKET": made.bucket,
        "UPLOADS_TOPIC_ARN": made.topic_arn,
        "INGEST_QUEUE_URL": made.ingest.url,
        "INSIGHTS_QUEUE_URL": made.insights.url,
    }
    start("worker ingest", "worker insights", "web")
    say(_banner(chosen, known, url, made))
    start("scheduler")
    if chosen.demo_data and is_empty and known.access == "keys" and not options.credentials():
        say("no demo data: that takes a key, in API_KEY, or ACCESS=open")
    elif chosen.demo_data and is_empty:
        threading.Thread(target=demo.load, args=(chosen.url, say), name="demo data", daemon=True).start()


def _environment(chosen: Options) -> dict[str, str]:
    return {
        **resources.CREDENTIALS,
        "AWS_ENDPOINT_URL": chosen.aws_url,
        "PORT": str(chosen.port),
        "AWS_PORT": str(chosen.aws_port),
        "DATA_DIR": str(chosen.data_dir),
        "CORS_ORIGINS": chosen.cors_origins,
        "ACCESS": os.environ.get("ACCESS") or "open",
        "GRAPHIQL": os.environ.get("GRAPHIQL") or "1",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
        "PYTHONUNBUFFERED": "1",
    }


def _resume(chosen: Options, database: Database, say: Say) -> None:
    s3 = resources.client("s3", chosen.aws_url)
    sent, lost = recovery.uploads(database, s3, chosen.data_dir / "files")
    if sent:
        say(f"taking up again {len(sent)} unfinished: {', '.join(sent)}")
    if jobs := recovery.insights(database):
        say(f"taking up again {jobs} insight{'s' if jobs > 1 else ''} that {'are' if jobs > 1 else 'is'} not written")
    if lost:
        say(f"marked as failed, because the file is gone from {chosen.data_dir / 'files'}: {', '.join(lost)}")


def _watch(running: list[Child], asked: threading.Event, say: Say) -> int:
    while not asked.wait(0.2):
        for child in running:
            if child.died():
                say(f"{child.name} ended by itself (exit code {child.process.returncode}): stopping the rest")
                return 1
    return 0


@contextmanager
def _stopping(say: Say) -> Iterator[list[Child]]:
    """A list of processes that are stopped at the end: together those that use the servers, then the servers."""
    running: list[Child] = []
    try:
        yield running
    finally:
        if running:
            say("stopping ...")
        for child in running:
            if child.name not in SERVERS:
                child.ask_to_stop()
        for child in reversed(running):
            child.stop()
        if running:
            say("stopped")


@contextmanager
def alone(chosen: Options) -> Iterator[None]:
    """Hold the data folder, so that no second run works in it. Raises Unavailable where one does."""
    try:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        lock = (chosen.data_dir / "lock").open("a+")
    except OSError as error:
        raise Unavailable(f"cannot keep data in {chosen.data_dir} ({error.strerror}): DATA_DIR=... make run") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Unavailable(
                f"{chosen.data_dir} is in use by {lock.read().strip() or 'another run'}: "
                f"stop that first, or run another beside it, as in DATA_DIR=.data2 PORT={chosen.port + 1} make run"
            ) from error
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {chosen.url}\n")
        lock.flush()
        yield


def _refuse_taken_ports(chosen: Options) -> None:
    for name, port in (("PORT", chosen.port), ("AWS_PORT", chosen.aws_port)):
        try:
            socket.create_server((HOST, port)).close()
        except OSError as error:
            reason = (
                "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had ({os.strerror(error.errno or 0)})"
            )
            raise Unavailable(f"port {port} {reason}: choose another, as in {name}={port + 1} make run") from error


def _banner(chosen: Options, known: Settings, database_url: str, made: resources.Resources) -> str:
    query = '{"query": "{ portfolioMetrics { accountCount totalArr { amount currency } arrInRed { amount } } }"}'
    insight = (
        'mutation { queueInsight(input: {accountId: \\"acc_1\\"})'
        " { job { id status pollAfterMs } userErrors { code message } } }"
    )
    return f"""
GraphQL     {chosen.url}  (GraphiQL in a browser)
PostgreSQL  {database_url}
S3, SQS     {chosen.aws_url}  (bucket {made.bucket}; credentials: local, local)
imports     what arrives under uploads/, told by {made.ingest.url}
insights    written by {_writer(known)}, asked for by {made.insights.url}
data        {chosen.data_dir}
access      {_access(known)}

curl -s {chosen.url} -H 'content-type: application/json' -d '{query}'
curl -s {chosen.url} -H 'content-type: application/json' -d '{{"query": "{insight}"}}'

Ctrl-C stops everything.
"""


def _access(known: Settings) -> str:
    if known.access == "open":
        return f"open: whoever asks from this machine may do everything, as ADMIN, under the name of {LOCAL.name}"
    return "by key: python -m local keys create --name me --role ADMIN"


def _writer(known: Settings) -> str:
    if known.insight_engine is InsightEngine.RULES:
        return "rules (OPENAI_API_KEY or OPENAI_BASE_URL sets a model)"
    return f"{known.openai_model} at {known.openai_base_url or 'OpenAI'}"
