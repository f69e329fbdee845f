"""Scores accounts as of a day and keeps the result: facts by SQL, the pure rules, snapshots by SQL, in batches.

Not the rules: services.health, services.signals and services.playbooks serve one account and all of them alike.
"""

from bisect import bisect_right
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from services import tracing
from services.playbooks import recommend
from services.scoring import facts, keeping
from services.signals import signals

if TYPE_CHECKING:
    from sqlmodel import Session

ACCOUNTS_LOCK: Final = 7274657
"Advisory lock of whoever writes many accounts in one transaction, held to its end."
BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class Scored:
    """How many accounts have a snapshot of that day now, and how many of them are in another bucket than before."""

    accounts: int
    changed_buckets: int


@tracing.spanned("score")
def score(
    session: "Session",
    day: date,
    *,
    now: datetime,
    actor: str,
    account_ids: Sequence[int] | None = None,
    upload_id: UUID | None = None,
) -> Scored:
    """Score the accounts (None: all) as of `day`; repeat it and nothing changes.

    An account that was no customer on that day (its ARR history begins later, or it had churned) is passed over.
    Snapshots, the accounts' pointers, changes of bucket and events are written in the caller's transaction.
    """
    accounts = changed = 0
    run = keeping.Run(day, now, actor, upload_id)
    chosen = None if account_ids is None else sorted(account_ids)
    # psycopg2's own cursor: a row's way through SQLAlchemy takes longer than the rules do.
    opened: Any = session.connection().connection.cursor()
    with opened as cursor, ThreadPoolExecutor(max_workers=1) as other:

        def write_and_read(results: keeping.Results, last: int | None) -> Batch | None:
            """The connection's work, done while the rules are at another batch: it never has two at once."""
            keeping.write(cursor, run, results)
            return None if last is None else _batch(cursor, day, chosen, last)

        results = keeping.Results()
        batch: Batch | None = _batch(cursor, day, chosen, 0)
        while batch is not None:
            meanwhile = other.submit(write_and_read, results, batch.last)
            results = _results(batch, day)
            accounts += results.accounts
            changed += results.changed_buckets
            batch = meanwhile.result()
        keeping.write(cursor, run, results)
    return Scored(accounts, changed)


def lock_accounts(session: "Session") -> None:
    """Wait until no other writer of many accounts is at work, and be that writer until the transaction ends."""
    session.connection().exec_driver_sql("select pg_advisory_xact_lock(%s)", (ACCOUNTS_LOCK,))


class Batch(NamedTuple):
    """Facts of locked accounts, and the key that the next batch begins behind; None where there is no next."""

    rows: Sequence[facts.Row]
    last: int | None


def _batch(cursor: Any, day: date, chosen: Sequence[int] | None, last: int) -> Batch:
    """The next accounts behind `last`, of all or of the chosen, which are in order; locked before they are read."""
    begin = 0 if chosen is None else bisect_right(chosen, last)
    some = None if chosen is None else chosen[begin : begin + BATCH]
    cursor.execute(_LOCK, {"day": day, "chosen": some, "last": last, "batch": BATCH})
    locked = [key for (key,) in cursor]
    keys = locked if some is None else some
    return Batch(facts.read(cursor, day, locked), keys[-1] if len(keys) == BATCH else None)


def _results(batch: Batch, day: date) -> keeping.Results:
    results = keeping.Results()
    for row in batch.rows:
        account = facts.before(row, day)
        found = signals(account.situation)
        results.add(account, found, recommend(account.situation.health, found))
    return results


# Rows are locked in the order of their ids, before anything is written, so that two scorers, or a scorer and an edit,
# wait for each other and never embrace. It is a statement of its own: one that waits reads on as of before it waited.
_LOCK: Final = """
select a.id from accounts a
where a.id > %(last)s and (a.churned_on is null or a.churned_on > %(day)s)
  and (%(chosen)s::bigint[] is null or a.id = any(%(chosen)s::bigint[]))
order by a.id limit %(batch)s
for no key update
"""
