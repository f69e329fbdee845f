"""One line of JSON a log record, with the request it belongs to. Not for customer text: no name or cell is logged."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from services import tracing

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"Which request is being served; every record of it says so."

_DETAIL: Final = re.compile(
    r"DETAIL:.*?(?=\n(?:HINT|CONTEXT|\[SQL|\(Background|The above|During handling)|\Z)", re.DOTALL
)
"Where PostgreSQL's errors quote the row, and so a customer's text."
_SECRET: Final = re.compile(r"(aisi_[0-9A-Za-z]{1,8})_[0-9A-Za-z]+|\beyJ[\w-]{8,}(?:\.[\w-]*)*")
"An API key, or a JWT: neither has a place in a log, wherever a caller put it."


def configure(level: str) -> None:
    """Make this process's root logger write JSON, where Lambda or the machine at hand reads it."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
    for handler in root.handlers:
        handler.setFormatter(Line())
    root.setLevel(level)
    for chatty in ("boto3", "botocore", "urllib3", "s3transfer", "mangum", "uvicorn.access", "openai", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class Line(logging.Formatter):
    """A record as one JSON object: when, how grave, where, what, and whatever was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := request_id.get():
            line["request_id"] = request
        if trace_id := tracing.trace_id():
            line["trace_id"] = trace_id
        line |= {name: value for name, value in vars(record).items() if name not in _own()}
        if record.exc_info:
            line["trace"] = _DETAIL.sub("DETAIL: left out", self.formatException(record.exc_info))
        return _SECRET.sub(_hidden, json.dumps(line, default=str))


def _hidden(found: re.Match[str]) -> str:
    return f"{found[1]}_..." if found[1] else "eyJ..."


@cache
def _own() -> frozenset[str]:
    """What every record has. Worked out late: making a record reads the clock, which importing must not."""
    return frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
