"""Every account scored each day, whatever was told of it: renewals come nearer and figures go stale by themselves."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services import portfolio_ledger, scoring
from services.db.connection import Database
from services.ports import Clock

CHUNK: Final = 2_000
"Accounts a transaction: under two seconds, so that an edit or an import that comes meanwhile waits no longer."
ACTOR: Final = "nightly"


@dataclass(frozen=True, slots=True)
class Night:
    """How many accounts were scored, how many came into another bucket, and whether none is left for the day."""

    accounts: int
    changed_buckets: int
    finished: bool


def nightly(database: Database, *, clock: Clock, within: timedelta) -> Night:
    """Score, as of today, the accounts that have no score of today yet; stop before `within` is over.

    What is left is found by the next run, so that it may be called until it is finished, and once more.
    Raises Unavailable where the database does not answer, or another writer holds the accounts until the end of
    `within`; what was scored before that stays.
    """
    began = clock()
    today, until = began.date(), began + within
    accounts = changed = last = 0
    longest = timedelta()
    while (now := clock()) + longest < until:
        with database.writing() as session:
            connection = session.connection()
            connection.exec_driver_sql(_WAIT, {"milliseconds": str(max(1, (until - now) // timedelta(milliseconds=1)))})
            scoring.lock_accounts(session)
            # Asked once the lock is had: of two runs at once, the second sees what the first has scored.
            values = {"day": today, "last": last, "chunk": CHUNK}
            chunk = list(connection.exec_driver_sql(_UNSCORED, values).scalars())
            scored = scoring.score(session, today, now=now, actor=ACTOR, account_ids=chunk)
            portfolio_ledger.fold(session)
        accounts += scored.accounts
        changed += scored.changed_buckets
        if len(chunk) < CHUNK:
            return Night(accounts, changed, finished=True)
        last = chunk[-1]
        longest = max(longest, clock() - now)
    return Night(accounts, changed, finished=False)


_WAIT: Final = "select set_config('lock_timeout', %(milliseconds)s, true)"

# An account that is no customer yet stays without a score; the walk by id comes past it once.
_UNSCORED: Final = """
select id from accounts
where id > %(last)s and (scored_on is null or scored_on < %(day)s) and (churned_on is null or churned_on > %(day)s)
order by id limit %(chunk)s
"""
