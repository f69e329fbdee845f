"""What an import tells: the error report, the preview, the message. Decides nothing."""

import csv
import io
from collections.abc import Iterator
from itertools import groupby
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from services import csv_rows, tracing
from services.csv_rows import REPORT_COLUMN
from services.db.connection import Database
from services.ingest.claims import Claim
from services.ingest.outcomes import Outcome
from services.ingest.reading import Layout, Record, rows_of
from services.ports import Files
from services.uploads import node_id, report_key

if TYPE_CHECKING:
    from sqlmodel import Session

PREVIEWED = 100
IN_MEMORY = 1024 * 1024
"Bytes of a file that stay in memory; what is larger waits on the disk."
PAGE = 5_000


@tracing.spanned("report")
def store(database: Database, files: Files, claim: Claim, content: IO[bytes], layout: Layout) -> None:
    """Store the error report: the bad rows as they came, and a column that says what is wrong with each.

    Safe to repeat. Raises Unavailable; no transaction is open meanwhile.
    """
    with SpooledTemporaryFile(IN_MEMORY) as report:
        text = io.TextIOWrapper(report, encoding="utf-8-sig", newline="")
        writer = csv.writer(text, delimiter=layout.separator, lineterminator="\r\n")
        # A report that is mended and reported again has its own column still, and needs no second one.
        kept = [
            at for at, match in enumerate(layout.header.matches) if match.header.strip().casefold() != REPORT_COLUMN
        ]
        writer.writerow([*(csv_rows.disarm(layout.header.matches[at].header) for at in kept), REPORT_COLUMN])
        messages = _messages(database, claim)
        line, told = next(messages)
        for record in rows_of(content, layout):
            if record.line == line:
                writer.writerow(csv_rows.disarm(cell) for cell in _report_row(record, kept, told))
                line, told = next(messages, (0, ""))
        text.flush()
        files.store(report_key(claim.upload_id), report)
        text.detach()


def preview(session: "Session", verdicts: str, shown: int) -> str:
    """The rows up to the line `shown`, as JSON. `verdicts`: SQL for what became of each (see merging)."""
    text: str = session.connection().exec_driver_sql(_preview(verdicts), {"shown": shown}).scalar_one()
    return text


def message(claim: Claim, outcome: Outcome) -> dict[str, object]:
    """What the topic is told."""
    return {
        "uploadId": node_id(claim.upload_id),
        "kind": claim.kind,
        "status": str(outcome.status),
        "fileName": claim.file_name,
        "dryRun": claim.dry_run,
        "duplicateOf": outcome.duplicate_of and node_id(outcome.duplicate_of),
        "counts": {
            name: getattr(outcome, name) for name in ("rows", "created", "updated", "unchanged", "skipped", "failed")
        },
        "failure": outcome.failure,
    }


def _preview(verdicts: str) -> str:
    return f"""
select coalesce(json_agg(json_build_object(
  'line', line, 'action', action, 'key', key, 'fields', ('[' || coalesce(differences, '') || ']')::json)
  order by line), '[]')::text
from ({verdicts}) v where line <= %(shown)s
"""


def _report_row(record: Record, kept: list[int], told: str) -> list[str]:
    """The cells under their headers, then the messages; cells that no header has come last, so that none is lost."""
    width = max(kept, default=-1) + 1
    cells = [record.cells[at] if at < len(record.cells) else "" for at in kept]
    return [*cells, told, *(record.cells[width:] if record.problem else [])]


def _messages(database: Database, claim: Claim) -> Iterator[tuple[int, str]]:
    """Line and all its messages, in the order of the file, a page at a time."""
    for line, of_line in groupby(_errors(database, claim), key=lambda error: error[0]):
        yield line, "; ".join(text for _, text in of_line)


def _errors(database: Database, claim: Claim) -> Iterator[tuple[int, str]]:
    values = {"id": str(claim.upload_id), "line": 0, "last": 0, "page": PAGE}
    while rows := database.rows(_ERRORS, values):
        yield from ((line, message) for line, _, message in rows)
        values["line"], values["last"], _ = rows[-1]


_ERRORS = """
select line, id, message from upload_row_errors
where upload_id = %(id)s and (line, id) > (%(line)s, %(last)s) order by line, id limit %(page)s
"""
