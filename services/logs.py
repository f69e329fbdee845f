"""One line of JSON a log record, with the request it belongs to. Not for customer text: no name or cell is logged.

What a record was not meant to hold is left out all the same: messages of exceptions, which quote values, and secrets.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from services import tracing

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"Which request is being served; every record of it says so."

OURS: Final = frozenset({"success-insights", "graph", "resolvers", "services", "local"})
"Whose records are written at any level. Libraries tell at the lower ones what they send and get."
SHORTEST: Final = 6
"Characters of a value that is hidden: shorter ones stand within words."

_SECRET: Final = re.compile(
    r"(?P<key>aisi_[0-9A-Za-z]{1,8})_[0-9A-Za-z]+"
    r"|\b(?P<jwt>eyJ)[\w-]{8,}(?:\.[\w-]*)*"
    r"|\b(?P<model>sk-)[\w-]{16,}"
    r"|\b(?P<aws>AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|(?P<link>X-Amz-(?:Signature|Credential|Security-Token)=)(?:\\.|[^\s&\"\\])+"
    r"|(?P<address>\w://(?:\\.|[^\s:/@\"\\]){0,100}:)(?:\\.|[^\s\"\\]){1,500}(?=@)"
    r"|(?P<dsn>\bpassword=)(?:\\.|[^\s&\"\\])+"
)
r"""What nobody gave us to hide and is a secret by its looks, wherever a caller or a library put it.

It is looked for in JSON, where what begins with a backslash goes as a whole: half of it would break the line. What is
looked for anew at each place has an end, or a text made for that takes seconds.
"""

_hidden: set[str] = set()


def configure(level: str) -> None:
    """Make this process's root logger write JSON, where Lambda or the machine at hand reads it."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
    for handler in root.handlers:
        handler.setFormatter(Line())
        handler.addFilter(_is_told)
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # it has handlers of its own, which write all
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True


def hide(secret: str) -> None:
    """Let no line from now on have the value, or the password in it where it is the address of a database."""
    pieces = {secret}
    if found := re.search(r"://[^:/@]*:(.+)@|\bpassword=(\S+)", secret):
        pieces |= {piece for piece in found.groups() if piece}
    for piece in (*pieces, *map(unquote, pieces)):
        if len(piece) >= SHORTEST:
            _hidden.add(json.dumps(piece)[1:-1])
    _known.cache_clear()


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
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = "".join(_trace(record.exc_info[1])).rstrip("\n")
        text = json.dumps(line, default=str)
        if _hidden:
            text = _known().sub("...", text)
        return _SECRET.sub(_shortened, text)


def _is_told(record: logging.LogRecord) -> bool:
    library = record.name.partition(".")[0]
    least = logging.INFO if record.name == "uvicorn.error" else logging.WARNING
    return record.levelno >= least or library in OURS


def _trace(error: BaseException) -> Iterator[str]:
    """Python's own, with the lines of code and without the messages: those quote a cell, a row, an address."""
    if error.__cause__ is not None:
        yield from _trace(error.__cause__)
        yield "\nThe above exception was the direct cause of the following exception:\n\n"
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _trace(error.__context__)
        yield "\nDuring handling of the above exception, another exception occurred:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_named(error)}\n"


def _named(error: BaseException) -> str:
    """The type; of PostgreSQL's errors also its code, and the table and constraint that it is about."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    told = [getattr(error, "pgcode", None)]
    if told[0]:
        diag = getattr(error, "diag", None)
        told += [getattr(diag, about, None) for about in ("table_name", "column_name", "constraint_name")]
    return " ".join([name, *(one for one in told if one)])


def _shortened(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    return f"{found[kind]}_..." if kind == "key" else f"{found[kind]}..."


@cache
def _known() -> re.Pattern[str]:
    """Whatever is to be hidden, the longest first: one may be a part of another."""
    return re.compile("|".join(map(re.escape, sorted(_hidden, key=len, reverse=True))))


@cache
def _own() -> frozenset[str]:
    """What every record has. Worked out late: making a record reads the clock, which importing must not."""
    return frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
