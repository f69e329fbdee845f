"""The import of an uploaded file: claim it, read it, check every cell, match, merge, score, report.

Not the rules of cells (services.csv_rows) and not the asking for an upload (services.uploads).
"""

import logging
import time
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError

from services.db.connection import Database
from services.errors import Rejected, Unavailable
from services.ingest import claims, merging, outcomes, reading, reporting, staging
from services.ingest.claims import TRIES, Claim
from services.ingest.outcomes import Outcome
from services.ingest.reading import Layout, Unreadable
from services.ingest.reporting import IN_MEMORY
from services.ports import Announcements, Clock, Files
from services.uploads import node_id
from services.vocabulary import RowErrorCode, UploadStatus

log = logging.getLogger(__name__)


def import_file(
    database: Database, files: Files, announcements: Announcements, upload_id: UUID, *, clock: Clock
) -> Outcome | None:
    """Import the file of an upload; None where that was done before. Safe to repeat at any point of it.

    A bad file is an outcome. Raises NotFound for an unknown upload, and Unavailable where a dependency fails or another
    worker is at it: the same call, later, finishes the work.
    """
    began = time.perf_counter()
    claim = claims.take(database, upload_id, now=clock())
    if claim is None:
        log.info("upload %s is done already", node_id(upload_id))
        return None
    try:
        settled = outcomes.settled(claim)
        with SpooledTemporaryFile(IN_MEMORY) as content:
            if settled is None:
                outcome = _import(database, files, claim, content, clock)
            else:
                outcome = _go_on(database, files, claim, content, settled, clock)
    except Unavailable:
        _let_go(database, claim, clock, is_our_fault=False)
        raise
    except Exception:  # a defect: the deliveries that follow must come to the last try, which ends the upload
        _let_go(database, claim, clock, is_our_fault=True)
        raise
    seconds = round(time.perf_counter() - began, 3)
    log.info("upload finished", extra={"upload": node_id(upload_id), **_figures(claim, outcome), "seconds": seconds})
    try:
        announcements.upload_finished(reporting.message(claim, outcome))
    except Unavailable as error:
        log.warning("upload %s is finished and was not announced: %s", node_id(upload_id), error)
    return outcome


def _import(database: Database, files: Files, claim: Claim, content: IO[bytes], clock: Clock) -> Outcome:
    digest, found = _receive(database, files, claim, content)
    if isinstance(found, Outcome):
        with database.writing() as session:
            outcomes.settle(session, claim, found, layout=None, digest=digest, now=clock())
            outcomes.finish(session, claim, found, has_report=False, now=clock())
        return found
    with SpooledTemporaryFile(IN_MEMORY) as rows:
        staged = staging.stage(database, claim, content, found, rows, clock=clock)
        try:
            with database.writing() as session:
                outcome = merging.merge(session, claim, found, staged, clock)
                outcomes.settle(session, claim, outcome, layout=found, digest=digest, now=clock())
                if not outcome.failed:
                    outcomes.finish(session, claim, outcome, has_report=False, now=clock())
        except IntegrityError as error:
            raise Unavailable("an account was written at the same moment") from error
    if outcome.failed:
        reporting.store(database, files, claim, content, found)
        _finish(database, claim, outcome, clock, has_report=True)
    return outcome


def _go_on(
    database: Database, files: Files, claim: Claim, content: IO[bytes], settled: Outcome, clock: Clock
) -> Outcome:
    """Report and finish what an earlier worker merged; without a report where the file is gone, or nothing helps."""
    has_report = claim.attempt <= TRIES
    if has_report:
        try:
            reading.receive(files, claim, content)
            reporting.store(database, files, claim, content, reading.survey(content, claim))
        except Rejected as refused:
            log.warning("upload %s cannot be read again: %s", node_id(claim.upload_id), refused.code)
            has_report = False
    _finish(database, claim, settled, clock, has_report=has_report)
    return settled


def _finish(database: Database, claim: Claim, outcome: Outcome, clock: Clock, *, has_report: bool) -> None:
    with database.writing() as session:
        outcomes.finish(session, claim, outcome, has_report=has_report, now=clock())
    if outcome.failed and not has_report:
        log.warning("upload %s has no error report", node_id(claim.upload_id))


def _receive(database: Database, files: Files, claim: Claim, content: IO[bytes]) -> tuple[str | None, Layout | Outcome]:
    """The file's digest and layout; in place of the layout an outcome, where its rows need not be looked at."""
    digest = None
    try:
        digest = reading.receive(files, claim, content)
        return digest, _duplicate(database, claim, digest) or reading.survey(content, claim)
    except Rejected as refused:
        _tell_line(database, claim, refused)
        return digest, Outcome(UploadStatus.FAILED, failure=refused.message)


def _duplicate(database: Database, claim: Claim, digest: str) -> Outcome | None:
    """The outcome of a file whose bytes were imported before, with the same options and without a bad row."""
    values = {
        "id": str(claim.upload_id), "digest": digest, "kind": claim.kind, "policy": claim.policy,
        "order": claim.date_order, "mapping": orjson.dumps(claim.column_mapping).decode(),
    }  # fmt: skip
    rows = database.rows(_EARLIER, values)
    if not rows:
        return None
    earlier, count = rows[0]
    return Outcome(UploadStatus.SUCCEEDED, rows=count, unchanged=count, duplicate_of=UUID(str(earlier)))


def _figures(claim: Claim, outcome: Outcome) -> dict[str, object]:
    """What may be logged of it: no message, which could quote the file."""
    counted = ("created", "updated", "unchanged", "skipped", "failed")
    counts = {f"rows_{name}": getattr(outcome, name) for name in counted}  # a record has a "created" of its own
    return {"kind": claim.kind, "status": outcome.status, "rows": outcome.rows, **counts}


def _tell_line(database: Database, claim: Claim, refused: Rejected) -> None:
    """The line that shows that the file is no text, as a row error too."""
    if isinstance(refused, Unreadable) and refused.line is not None:
        values = {
            "id": str(claim.upload_id), "line": refused.line, "message": refused.message,
            "code": RowErrorCode.BAD_ENCODING,
        }  # fmt: skip
        with database.writing() as session:
            session.connection().exec_driver_sql(_TELL_LINE, values)


def _let_go(database: Database, claim: Claim, clock: Clock, *, is_our_fault: bool) -> None:
    try:
        claims.let_go(database, claim, is_our_fault=is_our_fault, now=clock())
    except Unavailable as error:
        log.warning("the claim on %s lasts until its lease ends: %s", node_id(claim.upload_id), error)


_EARLIER = """
select id, rows_total from uploads
where content_sha256 = %(digest)s and kind = %(kind)s and status = 'SUCCEEDED' and not dry_run and policy = %(policy)s
  and date_order is not distinct from %(order)s and column_mapping = %(mapping)s::jsonb and duplicate_of is null
  and id <> %(id)s
order by finished_at, id limit 1
"""

_TELL_LINE = """
insert into upload_row_errors (upload_id, line, code, message)
values (%(id)s, %(line)s, %(code)s, %(message)s)
"""

__all__ = ["Outcome", "import_file"]
