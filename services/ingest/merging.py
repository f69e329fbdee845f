"""The one step of an import that changes the data: match the staged rows with accounts, merge them, score, count."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from services import scoring
from services.ingest import account_merge, history_merge, matching, reporting
from services.ingest.claims import Claim
from services.ingest.cleaning import STAGED
from services.ingest.outcomes import Outcome
from services.ingest.reading import Layout
from services.ports import Clock
from services.vocabulary import RowErrorPolicy, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session


def merge(session: "Session", claim: Claim, layout: Layout, clock: Clock) -> Outcome:
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


def _merge(session: "Session", claim: Claim, layout: Layout, clock: Clock) -> None:
    now = clock()
    today, present = now.date(), _staged(layout.header.columns)
    if layout.header.has_accounts:
        account_merge.merge(session, claim, present, today=today, now=now)
    if layout.header.has_days:
        history_merge.merge_days(session, present, beside_accounts=layout.header.has_accounts)
    if claim.kind == "ARR_HISTORY":
        history_merge.merge_arr(session, claim, today=today, now=now)
    session.connection().exec_driver_sql(_ADOPT)


def _staged(columns: Collection[str]) -> frozenset[str]:
    return frozenset(staged for name in columns for staged in STAGED.get(name, (name,)))


def _counts(session: "Session") -> dict[str, int]:
    """How many rows of `verdicts` met each action."""
    rows = session.connection().exec_driver_sql("select action, count(*) from verdicts group by action")
    return {row[0]: row[1] for row in rows.all()}


def _score(session: "Session", claim: Claim, clock: Clock) -> None:
    touched = session.connection().exec_driver_sql("select distinct account_id from verdicts where touches order by 1")
    now = clock()
    scoring.score(
        session, now.date(), now=now, actor=claim.actor, account_ids=list(touched.scalars()), upload_id=claim.upload_id
    )


# Made-up accounts may be removed and made anew; what a file tells of must stay.
_ADOPT = """
update accounts set origin = 'IMPORT' where origin = 'MOCK' and id in (select account_id from incoming)
"""
