"""A span for each statement, read or write, where spans are made: its verb and how many rows, never its text."""

from typing import TYPE_CHECKING, Any

from services import tracing
from services.db.connection import Cursor

if TYPE_CHECKING:
    from psycopg2.extensions import connection


class TracedCursor(Cursor):
    """One of ours, watched."""

    def execute(self, query: Any, vars: Any = None) -> None:
        with _statement(query):
            super().execute(query, vars)
            tracing.note({"db.response.returned_rows": self.rowcount})

    def executemany(self, query: Any, vars_list: Any) -> None:
        with _statement(query):
            super().executemany(query, vars_list)

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        with _statement(sql):
            super().copy_expert(sql, file, size)


def watch(raw: "connection") -> None:
    """Make spans of the connection's statements from now on."""
    raw.cursor_factory = TracedCursor


def _statement(query: Any) -> Any:
    text = query.decode() if isinstance(query, bytes) else str(query)
    verb = text.split(maxsplit=1)[0].upper() if text.strip() else ""
    return tracing.span(verb, {"db.system.name": "postgresql", "db.operation.name": verb}, kind="CLIENT")
