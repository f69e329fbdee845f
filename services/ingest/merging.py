"""The one step of an import that changes the data: match the staged rows with accounts, merge them, score, count."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from services import portfolio_ledger, scoring, tracing
from services.ingest import account_merge, history_merge, matching, reporting, staging
from services.ingest.claims import Claim
from services.ingest.cleaning import STAGED
from services.ingest.outcomes import Outcome
from services.ingest.reading import Layout
from services.ingest.reporting import PREVIEWED
from services.ingest.staging import Staged
from services.ports import Clock
from services.vocabulary import RowErrorPolicy, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session


MANY = 5_000
"Rows of a file that may turn what the database believes of its tables."


@tracing.spanned("merge")
def merge(session: "Session", claim: Claim, layout: Layout, staged: Staged, clock: Clock) -> Outcome:
    """Match, merge and score, in the caller's transaction; under a policy that forbids it, or dry, nothing stays."""
    session.connection().exec_driver_sql(_LARGE)
    staging.load(session, staged)
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
        shown: int = session.connection().exec_driver_sql(_SHOWN, {"previewed": PREVIEWED}).scalar_one()
        verdicts = _merge(session, claim, layout, clock, shown)
        counts = _counts(session, verdicts)
        outcome = Outcome(
            UploadStatus.PARTIAL if failed else UploadStatus.SUCCEEDED,
            rows=layout.rows,
            created=counts.get("CREATE", 0),
            updated=counts.get("UPDATE", 0),
            unchanged=counts.get("UNCHANGED", 0),
            failed=failed,
            preview=reporting.preview(session, verdicts, shown),
        )
        if claim.dry_run:
            savepoint.rollback()
        else:
            if good >= MANY:
                session.connection().exec_driver_sql(_ANALYZE)
            _score(session, claim, clock, verdicts)
            portfolio_ledger.fold(session)
    return outcome


def _merge(session: "Session", claim: Claim, layout: Layout, clock: Clock, shown: int) -> str:
    """Answer SQL for the verdicts: line, account_id, key, action, differences and whether the row `touches` a score."""
    now = clock()
    today, present = now.date(), _staged(layout.header.columns)
    verdicts = None
    session.connection().exec_driver_sql(_ADOPT)
    if layout.header.has_accounts:
        verdicts = account_merge.merge(session, claim, present, today=today, now=now)
    if layout.header.has_days:
        verdicts = history_merge.merge_days(session, present, shown=shown, accounts=verdicts)
    if verdicts is None:
        verdicts = history_merge.merge_arr(session, claim, today=today, now=now)
    return verdicts


def _staged(columns: Collection[str]) -> frozenset[str]:
    return frozenset(staged for name in columns for staged in STAGED.get(name, (name,)))


def _counts(session: "Session", verdicts: str) -> dict[str, int]:
    """How many rows met each action."""
    rows = session.connection().exec_driver_sql(f"select action, count(*) from ({verdicts}) v group by action", {})
    return {row[0]: row[1] for row in rows.all()}


def _score(session: "Session", claim: Claim, clock: Clock, verdicts: str) -> None:
    touched = session.connection().exec_driver_sql(
        f"select distinct account_id from ({verdicts}) v where touches order by 1"
    )
    now = clock()
    scoring.score(
        session, now.date(), now=now, actor=claim.actor, account_ids=list(touched.scalars()), upload_id=claim.upload_id
    )


# To compile a statement that runs once takes longer than it saves; and what fits into memory is to be sorted there.
_LARGE = "set local jit = off; set local work_mem = '64MB'"

# An automatic ANALYZE in the middle of an import finds a table of many pages and no row in them; planned by that, each
# batch of the scoring would go through all accounts. This one sees our rows, and keeps others out.
_ANALYZE = """
analyze accounts (id), account_observations (account_id), arr_history (account_id), daily_metrics (account_id)
"""

_SHOWN = """
select max(line) from (select line from matched order by line limit %(previewed)s) shown
"""

# Made-up accounts may be removed and made anew; what a file tells of must stay.
_ADOPT = """
update accounts set origin = 'IMPORT' where origin = 'MOCK' and id in (select account_id from matched)
"""
