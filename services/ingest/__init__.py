"""The import of an uploaded file: claim it, read it, check every cell, match, merge, score, report.

Not the rules of cells (services.csv_rows) and not the asking for an upload (services.uploads).
"""

import logging
from collections.abc import Collection
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError

from services import scoring
from services.db.connection import Database
from services.errors import Rejected, Unavailable
from services.ingest import account_merge, claims, history_merge, matching, reading, reporting, staging
from services.ingest.claims import Claim
from services.ingest.cleaning import STAGED
from services.ingest.reading import Layout, Unreadable
from services.ingest.reporting import IN_MEMORY, Outcome
from services.ports import Announcements, Clock, Files
from services.uploads import node_id
from services.vocabulary import RowErrorCode, RowErrorPolicy, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session

log = logging.getLogger(__name__)


def import_file(
    database: Database, files: Files, announcements: Announcements, upload_id: UUID, *, clock: Clock
) -> Outcome | None:
    """Import the file of an upload; None where that was done before. Safe to repeat at any point of it.

    A bad file is an outcome. Raises NotFound for an unknown upload, and Unavailable where a dependency fails or another
    worker is at it: the same call, later, finishes the work.
    """
    claim = claims.take(database, upload_id, now=clock())
    if claim is None:
        log.info("upload %s is done already", node_id(upload_id))
        return None
    try:
        outcome = _work(database, files, claim, clock)
    except Unavailable:
        _let_go(database, claim, clock)
        raise
    log.info("upload %s: %s", node_id(upload_id), replace(outcome, preview=""))
    try:
        announcements.upload_finished(reporting.message(claim, outcome))
    except Unavailable as error:
        log.warning("upload %s is finished and was not announced: %s", node_id(upload_id), error)
    return outcome


def _work(database: Database, files: Files, claim: Claim, clock: Clock) -> Outcome:
    with SpooledTemporaryFile(IN_MEMORY) as content:
        digest = layout = None
        try:
            digest = reading.receive(files, claim, content)
            outcome = _duplicate(database, claim, digest)
            if outcome is None:
                layout = reading.survey(content, claim)
        except Rejected as refused:
            outcome = Outcome(UploadStatus.FAILED, failure=refused.message)
            _tell_line(database, claim, refused)
        if outcome is not None or layout is None:
            outcome = outcome or Outcome(UploadStatus.FAILED)
            with database.writing() as session:
                reporting.finish(session, claim, outcome, layout=None, digest=digest, now=clock())
            return outcome
        staging.stage(database, claim, content, layout, claim.today, clock=clock)
        try:
            with database.writing() as session:
                outcome = _import(session, claim, layout, clock)
                if outcome.failed:
                    # Before the commit, so that whoever sees the upload finished finds its report.
                    reporting.store(session, files, claim, content, layout)
                reporting.finish(session, claim, outcome, layout=layout, digest=digest, now=clock())
        except IntegrityError as error:
            raise Unavailable(f"an account was written at the same moment: {error.orig}") from error
    return outcome


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


def _tell_line(database: Database, claim: Claim, refused: Rejected) -> None:
    """The line that shows that the file is no text, as a row error too."""
    if isinstance(refused, Unreadable) and refused.line is not None:
        values = {
            "id": str(claim.upload_id), "line": refused.line, "message": refused.message,
            "code": RowErrorCode.BAD_ENCODING,
        }  # fmt: skip
        with database.writing() as session:
            session.connection().exec_driver_sql(_TELL_LINE, values)


def _import(session: "Session", claim: Claim, layout: Layout, clock: Clock) -> Outcome:
    """Match, merge and score, in the caller's transaction; under a policy that forbids it, or dry, nothing stays."""
    scoring.lock_accounts(session)
    good = matching.match(session, claim, layout)
    failed = layout.rows - good
    if good == 0:
        why = f"no row could be imported: all {failed:,} have errors"
        return Outcome(UploadStatus.FAILED, rows=layout.rows, failed=failed, failure=why)
    if failed and claim.policy == RowErrorPolicy.ALL_OR_NOTHING:
        why = f"nothing was imported: {failed:,} of {layout.rows:,} rows have errors, and it was to be all or nothing"
        return Outcome(UploadStatus.FAILED, rows=layout.rows, skipped=good, failed=failed, failure=why)
    with session.begin_nested() as savepoint:
        _merge(session, claim, layout, clock)
        counts = _counts(session)
        outcome = Outcome(
            UploadStatus.PARTIAL if failed else UploadStatus.SUCCEEDED,
            rows=layout.rows,
            created=counts.get("CREATE", 0),
            updated=counts.get("UPDATE", 0),
            unchanged=counts.get("UNCHANGED", 0),
            failed=failed,
            preview=reporting.preview(session),
        )
        if claim.dry_run:
            savepoint.rollback()
        else:
            _score(session, claim, clock)
    return outcome


def _counts(session: "Session") -> dict[str, int]:
    """How many rows of `verdicts` met each action."""
    rows = session.connection().exec_driver_sql("select action, count(*) from verdicts group by action")
    return {row[0]: row[1] for row in rows.all()}


def _merge(session: "Session", claim: Claim, layout: Layout, clock: Clock) -> None:
    now = clock()
    today, present = now.date(), _staged(layout.header.columns)
    if layout.header.has_accounts:
        account_merge.merge(session, claim, present, today=today, now=now)
    if layout.header.has_days:
        history_merge.merge_days(session, present, beside_accounts=layout.header.has_accounts)
    if claim.kind == "ARR_HISTORY":
        history_merge.merge_arr(session, claim, today=today, now=now)


def _score(session: "Session", claim: Claim, clock: Clock) -> None:
    touched = session.connection().exec_driver_sql("select distinct account_id from verdicts where touches order by 1")
    now = clock()
    scoring.score(
        session, now.date(), now=now, actor=claim.actor, account_ids=list(touched.scalars()), upload_id=claim.upload_id
    )


def _staged(columns: Collection[str]) -> frozenset[str]:
    return frozenset(staged for name in columns for staged in STAGED.get(name, (name,)))


def _let_go(database: Database, claim: Claim, clock: Clock) -> None:
    try:
        claims.let_go(database, claim, now=clock())
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
