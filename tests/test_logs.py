"""The log: one line of JSON a record, with the request it belongs to and the trace of what went wrong."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import logs
from services.errors import Unavailable


@contextmanager
def bare_root() -> Iterator[logging.Logger]:
    """The root logger without handlers, not even pytest's; afterwards everything is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def line(message: str = "scored %d accounts", **given: Any) -> dict[str, Any]:
    record = logging.LogRecord("services.scoring", logging.INFO, "", 1, message, given.pop("args", (3,)), None)
    record.created = datetime(2026, 3, 31, 12, 0, 0, 250_000, tzinfo=UTC).timestamp()
    vars(record).update(given)
    written: dict[str, Any] = json.loads(logs.Line().format(record))
    return written


def test_a_record_is_one_object_with_its_time_its_place_and_what_was_given_beside() -> None:
    assert line(seconds=1.5, day=datetime(2026, 3, 31, tzinfo=UTC)) == {
        "at": "2026-03-31T12:00:00.250+00:00",
        "level": "INFO",
        "logger": "services.scoring",
        "message": "scored 3 accounts",
        "seconds": 1.5,
        "day": "2026-03-31 00:00:00+00:00",
    }


def test_a_record_says_which_request_it_belongs_to() -> None:
    token = logs.request_id.set("req-1")
    try:
        assert line()["request_id"] == "req-1"
    finally:
        logs.request_id.reset(token)
    assert "request_id" not in line()


def test_a_message_of_several_lines_stays_on_one() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "first\nsecond", (), None)

    assert "\n" not in logs.Line().format(record)


def test_a_failure_brings_its_trace_with_the_code_and_without_the_message() -> None:
    cell = "Hooli"
    try:
        try:
            raise ValueError(cell)
        except ValueError as error:
            raise Unavailable(f"it was {cell}") from error
    except Unavailable:
        written = line("it failed", args=(), exc_info=sys.exc_info())

    assert [text.strip() for text in written["trace"].splitlines() if not text.startswith('  File "')] == [
        "Traceback (most recent call last):",
        "raise ValueError(cell)",
        "ValueError",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        'raise Unavailable(f"it was {cell}") from error',
        "services.errors.Unavailable",
    ]


def test_a_failure_while_another_was_handled_brings_both() -> None:
    cell = "Hooli"
    try:
        try:
            raise ValueError(cell)
        except ValueError:
            raise KeyError(cell)  # noqa: B904 - without a cause, as failures of handling come
    except KeyError:
        trace = line("it failed", args=(), exc_info=sys.exc_info())["trace"]

    assert "ValueError\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback" in trace
    assert trace.endswith("\nKeyError")
    assert cell not in trace


def test_an_error_of_postgresql_is_told_by_its_code_and_what_it_is_about(database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
        cursor.execute("create temporary table t (name text constraint only_one unique)")
        try:
            cursor.execute("insert into t values ('Hooli'), ('Hooli')")
        except psycopg2.Error:
            written = line("it failed", args=(), exc_info=sys.exc_info())

    assert written["trace"].splitlines()[-1] == "psycopg2.errors.UniqueViolation 23505 t only_one"


@pytest.mark.parametrize(
    ("secret", "said", "written"),
    [
        ("postgresql://u:pass%2Fword@host/db", "password pass/word, or pass%2Fword", "password ..., or ..."),
        ("postgresql://u:pass%2Fword@host/db", "no postgresql://u:pass%2Fword@host/db", "no ..."),
        ("host=h password=sesame7", "sesame7", "..."),
        ("a key of a provider", "refused: a key of a provider!", "refused: ...!"),
        ('with "quotes" \\ and é', 'with "quotes" \\ and é', "..."),
        ("short", "in short", "in short"),
        ("", "nothing", "nothing"),
    ],
)
def test_what_is_hidden_stands_in_no_line(
    secret: str, said: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_hidden", set())
    logs.hide(secret)

    assert line("%s", args=(said,))["message"] == written
    logs._known.cache_clear()


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("sk-proj-0123456789abcdefghij is refused", "sk-... is refused"),
        ("key AKIAIOSFODNN7EXAMPLE", "key AKIA..."),
        ("https://b/k?X-Amz-Signature=0a1b&X-Amz-Date=1", "https://b/k?X-Amz-Signature=...&X-Amz-Date=1"),
        ("no postgresql://u:p@ss:w/rd@host/db", "no postgresql://u:...@host/db"),
        ("host=h password=x user=u", "host=h password=... user=u"),
        ('host=h password=x"y\\ user=u', "host=h password=... user=u"),
        ('postgresql://u:p"s\\@host/db', "postgresql://u:...@host/db"),
        ('postgresql://zoë"\\:p@host/db', 'postgresql://zoë"\\:...@host/db'),
        (
            "task-0123456789abcdefghij at http://127.0.0.1:8000/a, dana@example.com",
            "task-0123456789abcdefghij at http://127.0.0.1:8000/a, dana@example.com",
        ),
    ],
)
def test_what_looks_like_a_secret_is_hidden(said: str, written: str) -> None:
    assert line("%s", args=(said,))["message"] == written


WORDS = (
    '"', "\\", '\\"', "@", "&", " ", "\n", "\u202e", "x://u:", "password=", "X-Amz-Signature=", "X-Amz-Credential=", "eyJabcdefgh", ".",
    "aisi_abcd1234_", "sk-0123456789abcdefghij", "AKIAIOSFODNN7EXAMPLE", ',"level":"ERROR',
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=8).map("".join))
def test_nothing_that_is_said_breaks_the_line(said: str) -> None:
    written = line("%s", args=(said,), path=said)

    assert sorted(written) == ["at", "level", "logger", "message", "path"]
    assert written["level"] == "INFO"


def test_what_is_looked_for_at_each_place_has_an_end() -> None:
    """Without one a text of ten thousand beginnings takes seconds to be read to its end from each."""
    long = f"x://{'u' * 101}:p@ x://u:{'p' * 501}@"

    assert line("%s", args=(long,))["message"] == long


def test_a_process_without_a_log_writes_json_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)

    with bare_root():
        logs.configure("INFO")
        logging.getLogger("services").info("hello")
        logging.getLogger("services").debug("not shown")
        logging.getLogger("botocore").info("not shown either")
        logging.getLogger("uvicorn.error").info("started")
        logging.getLogger("uvicorn.access").info("nor this")

    assert [json.loads(text)["message"] for text in stderr.getvalue().splitlines()] == ["hello", "started"]


def test_libraries_tell_only_what_is_grave_however_much_is_asked_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)

    with bare_root():
        logs.configure("DEBUG")
        for name in ("services.db", "handler", "botocore.endpoint", "httpx2", "openai"):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING):
                logging.getLogger(name).log(level, logging.getLevelName(level))

    told = [json.loads(text) for text in stderr.getvalue().splitlines()]
    assert [(one["logger"], one["level"]) for one in told] == [
        ("services.db", "DEBUG"), ("services.db", "INFO"), ("services.db", "WARNING"), ("handler", "WARNING"),
        ("botocore.endpoint", "WARNING"), ("httpx2", "WARNING"), ("openai", "WARNING"),
    ]  # fmt: skip


def test_a_web_server_s_own_handlers_are_replaced() -> None:
    server, there = logging.getLogger("uvicorn"), logging.StreamHandler(io.StringIO())
    server.addHandler(there)
    server.propagate = False

    with bare_root():
        logs.configure("INFO")

    assert (server.handlers, server.propagate) == ([], True)


def test_the_handler_that_lambda_brings_is_kept_and_made_to_write_json() -> None:
    there = io.StringIO()
    handler = logging.StreamHandler(there)

    with bare_root() as root:
        root.addHandler(handler)
        logs.configure("WARNING")
        logging.getLogger("services").warning("careful")
        kept = root.handlers[:]

    assert kept == [handler]
    assert json.loads(there.getvalue())["message"] == "careful"
