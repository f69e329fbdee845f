"""The log: one line of JSON a record, with the request it belongs to and the trace of what went wrong."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from services import logs

CHATTY = ("boto3", "botocore", "urllib3", "s3transfer", "mangum", "uvicorn.access")


@contextmanager
def bare_root() -> Iterator[logging.Logger]:
    """The root logger without handlers, not even pytest's; afterwards everything is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in CHATTY}
    root.handlers[:] = []
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


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


def test_a_failure_brings_its_trace() -> None:
    try:
        raise ValueError("no such thing")
    except ValueError:
        written = line("it failed", args=(), exc_info=sys.exc_info())

    assert written["trace"].startswith("Traceback (most recent call last):")
    assert written["trace"].endswith("ValueError: no such thing")


def test_a_process_without_a_log_writes_json_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)

    with bare_root():
        logs.configure("INFO")
        logging.getLogger("services").info("hello")
        logging.getLogger("services").debug("not shown")
        logging.getLogger("botocore").info("not shown either")
        quiet = {logging.getLogger(name).level for name in CHATTY}

    assert [json.loads(text)["message"] for text in stderr.getvalue().splitlines()] == ["hello"]
    assert quiet == {logging.WARNING}


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
