"""What can be asked of an upload, as SQL, and the reads of one and of all. Not for opening or importing one."""

from collections.abc import Sequence
from typing import Any, Final

from services.asks import Ask
from services.db import pages
from services.db.connection import Database
from services.db.pages import Key, Rows
from services.db.statement import Fields, Statement, document, element, moment
from services.job_fields import failure, poll_after_ms, progress

FINAL: Final = ("SUCCEEDED", "PARTIAL", "FAILED", "EXPIRED", "REVERTED", "READY_TO_COMMIT")


def find(database: Database, ask: Ask, statement: Statement) -> Any:
    """The asked-for page of uploads, the newest first. Raises Rejected."""
    keys = (Key("u.created_at", "timestamptz", descending=True), Key("u.id", "uuid", descending=True))
    rows = Rows("uploads u", "true", "u", keys)
    answer = pages.connection(ask, rows, _fields("u"), statement)
    return database.document(statement.document(answer), statement.values)


def upload(asks: Sequence[Ask], statement: Statement, u: str = "u") -> str:
    """The asked-for document of the upload whose table has the alias `u`."""
    return document(asks, _fields(u), statement)


def _status(u: str) -> str:
    """A form that nobody used has expired, without anybody having to say so."""
    return f"case when {u}.status = 'AWAITING_FILE' and {u}.expires_at < now() then 'EXPIRED' else {u}.status end"


def _fields(u: str) -> Fields:
    status = _status(u)
    return {
        "id": f"'upl_' || replace({u}.id::text, '-', '')",
        "kind": f"{u}.kind",
        "status": status,
        "file_name": f"{u}.file_name",
        "dry_run": f"{u}.dry_run",
        "policy": f"{u}.policy",
        "progress": progress(f"{u}.rows_done", f"{u}.rows_total"),
        "poll_after_ms": poll_after_ms(status, FINAL, u),
        "columns": lambda ask, statement: element("m", ask.asks, _COLUMN, statement, f"{u}.columns"),
        "counts": lambda ask, statement: document(ask.asks, _counts(u), statement),
        "row_errors": lambda ask, statement: _row_errors(ask, statement, u),
        "preview": lambda ask, statement: _preview(ask, statement, u),
        "error_report_url": f"case when {u}.has_report then replace({u}.id::text, '-', '') end",
        "duplicate_of": lambda ask, statement: _duplicate_of(ask, statement, u),
        "failure": failure(u),
        "created_at": moment(f"{u}.created_at"),
        "finished_at": moment(f"{u}.finished_at"),
    }


_COLUMN: Final[Fields] = {
    "header": "m ->> 'header'",
    "column": "m ->> 'column'",
    "ignored": "(m ->> 'ignored')::boolean",
    "date_order": "m ->> 'date_order'",
}
_ROW_ERROR: Final[Fields] = {
    "line": "e.line",
    "column": "e.column_name",
    "code": "e.code",
    "message": "e.message",
    "value": "e.value",
}
_FIELD_CHANGE: Final[Fields] = {name: f"x ->> '{name}'" for name in ("field", "before", "after")}
_ROW_CHANGE: Final[Fields] = {
    "line": "(c ->> 'line')::int",
    "action": "c ->> 'action'",
    "key": "c ->> 'key'",
    "fields": lambda ask, statement: element("x", ask.asks, _FIELD_CHANGE, statement, "c -> 'fields'"),
}


def _counts(u: str) -> Fields:
    names = ("created", "updated", "unchanged", "skipped", "failed")
    return {"rows": f"coalesce({u}.rows_total, 0)"} | {name: f"{u}.{name}_count" for name in names}


def _row_errors(ask: Ask, statement: Statement, u: str) -> str:
    keys = (Key("e.line", "bigint"), Key("e.id", "bigint"))
    rows = Rows("upload_row_errors e", f"e.upload_id = {u}.id", "e", keys)
    totals = {"total_count": "count(*)"}
    return pages.connection(ask, rows, _ROW_ERROR, statement, totals=totals)


def _preview(ask: Ask, statement: Statement, u: str) -> str:
    return element("c", ask.asks, _ROW_CHANGE, statement, f"{u}.preview", most=pages.size(ask.args, 20))


def _duplicate_of(ask: Ask, statement: Statement, u: str) -> str:
    earlier = f"{u}x"
    body = upload(ask.asks, statement, earlier)
    return f"(select {body} from uploads {earlier} where {earlier}.id = {u}.duplicate_of)"
