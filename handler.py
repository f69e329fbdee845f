"""The Lambda entry points: unpack the event, call a service, answer. Not the place for rules or SQL.

What an entry point needs is imported when its first event comes, so that no function pays for another's imports.
A function with SnapStart or provisioned concurrency pays before its first event: see `before_snapshot`, `get_ready`
and docs/decisions/0019.
"""

import gc
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec
from urllib.parse import unquote, unquote_plus

from services import settings

if TYPE_CHECKING:
    from mangum import Mangum

P = ParamSpec("P")

log = logging.getLogger("success-insights")
log.setLevel(logging.INFO)

MARGIN = timedelta(seconds=5)
"Of a function's time, kept for what was begun to be ended and told."
DONE: Final = "done"
AGAIN: Final = "again"
"The message comes again, and may succeed then."
LARGEST: Final = 6 * 1024 * 1024
"Bytes of an answer that Lambda passes on. Sending more ends the process, and its client is not told why."
FAILED: Final = "failed"
"It comes again only to end among the dead letters, or nobody knows better."


def _tells_itself(answer: Callable[P, dict[str, Any]]) -> Callable[P, dict[str, Any]]:
    """An entry point that failed says so in our log, and not by its exception's message, which may quote a customer:
    Lambda's runtime writes that, and gives it to whoever called. Failures of ours name what is wrong and quote nothing.
    """

    @wraps(answer)
    def entry(*arguments: P.args, **named: P.kwargs) -> dict[str, Any]:
        from services.errors import Failure

        try:
            return answer(*arguments, **named)
        except Failure:
            raise
        except Exception as error:  # it is raised again, without its message
            log.exception("%s failed", answer.__name__)
            kind = type(error).__name__
        raise RuntimeError(f"{answer.__name__} failed: {kind}, which is in the log")

    return entry


@_tells_itself
def graphql(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
    """Answer one request of the HTTP API (payload version 2.0)."""
    if event is not _NO_QUESTION and not _http.cache_info().currsize:
        _connect_meanwhile()
    answer = _http()(dict(event), context)  # type: ignore[arg-type]
    return answer if _size(answer) <= LARGEST else _too_large(answer)


def _connect_meanwhile() -> None:
    """Begin to connect before the rest is loaded: the one waits for others, the other works."""
    from services import wiring

    _observe()  # a connection is watched from its beginning on, or never
    wiring.request_database().open_meanwhile()


def _size(answer: Mapping[str, Any]) -> int:
    """Bytes of the answer as Lambda's runtime writes it; of a small one, no more than these."""
    most = 6 * len(answer["body"])  # a character that JSON escapes
    return most if most <= LARGEST // 2 else len(json.dumps(answer, ensure_ascii=False).encode())


def _too_large(answer: Mapping[str, Any]) -> dict[str, Any]:
    message = f"the answer has {_size(answer):,} bytes, and {LARGEST:,} are passed on: ask for fewer entries at once"
    log.warning(message)
    error = {"message": message, "extensions": {"code": "ANSWER_TOO_LARGE"}}
    body = json.dumps({"data": None, "errors": [error]})
    headers = {**answer["headers"], "content-length": str(len(body))}
    return {**answer, "headers": headers, "body": body, "isBase64Encoded": False}


@cache
def _http() -> "Mangum":
    gc.disable()  # loading makes objects that stay: looking for garbage among them takes a seventh of a cold start
    try:
        from mangum import Mangum

        from graph.app import Parts, application
        from services import wiring

        _observe()
        parts = Parts(
            wiring.the_settings(),
            wiring.request_database,
            wiring.files,
            wiring.insight_queue,
            wiring.clock,
            tokens=wiring.tokens,
        )
        return Mangum(application(parts), lifespan="off")
    finally:
        gc.freeze()
        gc.enable()


def warm() -> None:
    """Load, build and run what a query needs, up to the database, which is not connected to."""
    import msgspec  # noqa: F401 - graph.completion loads it with the first plan, for what is asked a second time

    graphql(_NO_QUESTION)
    from graph.schema import schema

    schema.execute_sync("{ __typename }")  # whoever sends no key is not answered, and so warms nothing behind the door


def forget() -> None:
    """Let go of connections, clients, settings and credentials: the next event takes them as they then are."""
    from services import wiring

    _http.cache_clear()
    _observe.cache_clear()
    wiring.forget()


def get_ready() -> None:
    """Load what the first event needs, where somebody waits for its answer."""
    if settings.entry_point() == "graphql":
        warm()


def before_snapshot() -> None:
    """Get ready to be copied into many processes, none of which may find what only one of them may have."""
    get_ready()
    forget()


def after_restore() -> None:
    """Be one of the many: the state of `random` was copied too."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed()


@_tells_itself
def ingest(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:  # noqa: ARG001 - Lambda gives it
    """Import the files that S3 told the queue of. Messages that must come again are named in the answer."""
    _observe()

    def handle(message: Mapping[str, Any]) -> str:
        _import_files(message["body"])
        return DONE

    return _each(event, handle)


@_tells_itself
def insights(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Write the insights whose jobs the queue names. Messages that must come again are named in the answer.

    So are those of jobs that failed for good: they come until the queue puts them among the dead letters.
    """
    _observe()
    return _each(event, lambda message: _write_insight(message, context))


def _each(event: Mapping[str, Any], handle: Callable[[Mapping[str, Any]], str]) -> dict[str, Any]:
    """Handle each message of a queue's event; the answer names those that are not done with."""
    failures = []
    for message in event.get("Records", ()):
        began = time.perf_counter()
        outcome = _outcome(message, handle)
        told = {"message_id": message["messageId"], "outcome": outcome, "seconds": _since(began)}
        log.info("message handled", extra=told)
        if outcome != DONE:
            failures.append(message["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _outcome(message: Mapping[str, Any], handle: Callable[[Mapping[str, Any]], str]) -> str:
    from services import tracing
    from services.errors import Unavailable

    facts = {"messaging.system": "aws_sqs", "messaging.message.id": message["messageId"]}
    try:
        attributes = message.get("messageAttributes") or {}
        found = {name: attributes.get(name, {}).get("stringValue") for name in tracing.CARRIED}
        sender = {name: text for name, text in found.items() if text}  # of whatever kind somebody sent
        with tracing.span("process message", facts, kind="CONSUMER", parent=sender):
            outcome = handle(message)
            tracing.note({"outcome": outcome}, failed=outcome != DONE)
            return outcome
    except Unavailable as error:
        log.warning("message %s must come again: %s", message.get("messageId"), error)
        return AGAIN
    except Exception:  # a poison message belongs in the dead-letter queue, its neighbours do not
        log.exception("message %s failed", message.get("messageId"))
        return FAILED


def _write_insight(message: Mapping[str, Any], context: Any) -> str:
    from services import ids, wiring
    from services.errors import NotFound
    from services.insights import work

    job_id = ids.uuid(json.loads(message["body"])["job"], ids.JOB, "job")
    try:
        outcome = work.work(
            wiring.database(), wiring.insight_queue(), wiring.writers(), job_id,
            settings=wiring.the_settings(), clock=wiring.clock, within=_time_left(context),
        )  # fmt: skip
    except NotFound as error:
        log.warning("dropped: %s", error)
        return DONE
    if isinstance(outcome, work.Done):
        return DONE
    delay = outcome.delay if isinstance(outcome, work.Later) else timedelta(0)
    wiring.insight_queue().postpone(message["receiptHandle"], delay)
    return AGAIN if isinstance(outcome, work.Later) else FAILED


def _import_files(body: str) -> None:
    """Import every file that can be, and then fail by the first that cannot: the message comes again for that one."""
    told = json.loads(body)
    if told.get("Event") == "s3:TestEvent":
        log.info("the bucket can reach the queue")
        return
    failures = []
    for record in told["Records"]:
        try:
            _import_file(record["s3"]["object"])
        except Exception as error:  # noqa: BLE001 - it is raised again
            failures.append(error)
    for other in failures[1:]:
        log.error("another file of the message failed", exc_info=other)
    if failures:
        raise failures[0]


def _import_file(found: Mapping[str, Any]) -> None:
    from services import ingest, uploads, wiring
    from services.errors import NotFound

    key = found["key"]
    # S3 writes a space as "+"; some emulators and samples write it as "%20" or encode nothing.
    ids = (uploads.upload_of(form) for form in (unquote_plus(key), unquote(key), key))
    upload_id = next(filter(None, ids), None)
    if upload_id is None:
        # its key is of somebody's choosing
        log.warning("not an upload of ours: the object with ETag %s", found.get("eTag"))
        return
    try:
        ingest.import_file(wiring.database(), wiring.files(), wiring.announcements(), upload_id, clock=wiring.clock)
    except NotFound as error:
        log.warning("dropped: %s", error)


@_tells_itself
def maintenance(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Do the task that the schedule names, `{"task": "sweep"}`, and say in figures what was done.

    What the function's time does not suffice for is done when the task comes next.
    """
    from services import tracing, wiring
    from services.errors import Rejected
    from services.maintenance import Night, Pruned, Swept, account_sums, nightly, prune, sweep

    _observe()
    began, task = time.perf_counter(), event.get("task")
    within = _time_left(context)
    done: Swept | Night | Pruned
    with tracing.span("maintenance", {"task": str(task)}):
        if task == "sweep":
            account_sums.fold(wiring.database())
            done = sweep(wiring.database(), wiring.insight_queue(), now=wiring.clock())
        elif task == "nightly":
            done = nightly(wiring.database(), clock=wiring.clock, within=within)
        elif task == "prune":
            done = prune(wiring.database(), clock=wiring.clock, within=within)
        else:
            raise Rejected("INVALID_VALUE", f"no such task: {task!r}; there are sweep, nightly and prune", ["task"])
    figures = asdict(done)
    log.info("task done", extra={"task": task, **figures, "seconds": _since(began)})
    return figures


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 3)


def _time_left(context: Any) -> timedelta:
    return timedelta(milliseconds=context.get_remaining_time_in_millis()) - MARGIN


@cache
def _observe() -> None:
    from services import wiring

    wiring.observe()


_NO_QUESTION: Final[Mapping[str, Any]] = {
    "version": "2.0",
    "rawPath": "/graphql",
    "rawQueryString": "",
    "headers": {"content-type": "application/json", "x-request-id": "warming"},
    "requestContext": {"http": {"method": "POST", "path": "/graphql", "sourceIp": "127.0.0.1"}},
    "body": '{"query": "{ __typename }"}',
    "isBase64Encoded": False,
}
"A request of the HTTP API that no resolver is called for."

try:
    from snapshot_restore_py import register_after_restore, register_before_snapshot
except ImportError:
    pass  # it is a part of Lambda's own runtime, which calls these where SnapStart is on
else:
    register_before_snapshot(before_snapshot)
    register_after_restore(after_restore)

# Such a container is made before it has an event, and paid for so that the first one need not wait.
if settings.is_kept_ready():
    get_ready()
