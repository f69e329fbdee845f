"""What is kept beside the accounts for fast reading: the portfolio's ledger folded, verified, and mended.

Kept are `portfolio_ledger` (services.portfolio_ledger) and `accounts.score`, `bucket`, `scored_on` (services.scoring).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services import portfolio_ledger, scoring
from services.db.connection import Database
from services.portfolio_ledger import CELL, SUMS

MENDING_LOCK: Final = 7274659
"Advisory lock of whoever mends the ledger: two at once would both add what is missing."


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the ledger that does not hold what its accounts amount to. Each pair is kept, then true."""

    facet: str
    key: str
    accounts: tuple[int, int]
    arr: tuple[Decimal, Decimal]
    scored: tuple[int, int]
    points: tuple[Decimal, Decimal]
    weighted: tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Stray:
    """An account whose health beside it is not its newest snapshot's. Each is a day, a score and a bucket as text."""

    account_id: int
    kept: str
    true: str


@dataclass(frozen=True, slots=True)
class Differences:
    cells: tuple[Cell, ...]
    accounts: tuple[Stray, ...]

    def __bool__(self) -> bool:
        return bool(self.cells or self.accounts)


def fold(database: Database) -> None:
    """Fold the portfolio's ledger. Raises Unavailable."""
    with database.writing() as session:
        portfolio_ledger.fold(session)


def verify(database: Database) -> Differences:
    """What differs, of each of the two by one statement and so as of one moment, whoever writes. Raises Unavailable."""
    cells = [
        Cell(facet, key, *zip(kept, true, strict=True))
        for facet, key, *sums in database.rows(_DIFFERING)
        for kept, true in [(sums[: len(SUMS)], sums[len(SUMS) :])]
    ]
    return Differences(tuple(cells), tuple(Stray(*row) for row in database.rows(_STRAY)))


def rebuild(database: Database) -> None:
    """Mend what `verify` finds, while others read and write: the ledger has appended to it what it lacks.

    Safe to repeat and to run twice at once. Raises Unavailable.
    """
    with database.writing() as session:
        execute = session.connection().exec_driver_sql
        scoring.lock_accounts(session)
        # Locked before they are looked at again: an edit that was under way has written its snapshot by then.
        ids = list(execute(_LOCK_STRAY).scalars())
        execute(_MEND_STRAY, {"ids": ids})
        execute("select pg_advisory_xact_lock(%s)", (MENDING_LOCK,))
        execute(_APPEND_DIFFERENCE)
        portfolio_ledger.fold(session)


# The cells as the accounts themselves tell them, counted 1, beside the ledger's rows, counted -1.
_BOTH: Final = f"""
select 1 as sign, case when grouping(segment) = 0 then 'HEALTH' when grouping(score) = 0 then 'SCORE'
    when grouping(region) = 0 then 'REGION' when grouping(cs_owner) = 0 then 'OWNER' else 'RENEWAL' end as facet,
  segment, bucket, score, region, cs_owner, renewal_date, count(*) as accounts,
  case when grouping(score) = 1 then sum(arr) else 0 end as arr,
  case when grouping(score, renewal_date) = 3 then count(score) else 0 end as scored,
  case when grouping(score, renewal_date) = 3 then coalesce(sum(score), 0) else 0 end as points,
  case when grouping(segment) = 0 then coalesce(sum(arr * score), 0) else 0 end as weighted
from accounts where status <> 'CHURNED'
group by grouping sets ((segment, bucket), (score), (region), (cs_owner), (renewal_date, bucket))
union all
select -1, {CELL}, {", ".join(SUMS)} from portfolio_ledger
"""
_HAVING: Final = " or ".join(f"sum(sign * {name}) <> 0" for name in SUMS)

_DIFFERING: Final = f"""
select facet, concat_ws(' ', {CELL.removeprefix("facet, ")}),
  {", ".join(f"coalesce(sum({name}) filter (where sign = -1), 0)" for name in SUMS)},
  {", ".join(f"coalesce(sum({name}) filter (where sign = 1), 0)" for name in SUMS)}
from ({_BOTH}) told group by {CELL} having {_HAVING} order by {CELL}
"""

_APPEND_DIFFERENCE: Final = f"""
insert into portfolio_ledger ({CELL}, {", ".join(SUMS)})
select {CELL}, {", ".join(f"sum(sign * {name})" for name in SUMS)}
from ({_BOTH}) told group by {CELL} having {_HAVING}
"""

_NEWEST: Final = """
accounts a left join lateral (
  select day, score, bucket from health_snapshots where account_id = a.id order by day desc limit 1
) h on true
"""
_ASTRAY: Final = "(a.scored_on, a.score, a.bucket) is distinct from (h.day, h.score, coalesce(h.bucket, 'UNKNOWN'))"

_STRAY: Final = f"""
select a.id, concat_ws(' ', a.scored_on, a.score, a.bucket),
  concat_ws(' ', h.day, h.score, coalesce(h.bucket, 'UNKNOWN'))
from {_NEWEST} where {_ASTRAY} order by a.id
"""

_LOCK_STRAY: Final = f"select a.id from {_NEWEST} where {_ASTRAY} order by a.id for no key update of a"

_MEND_STRAY: Final = f"""
update accounts set scored_on = n.day, score = n.score, bucket = coalesce(n.bucket, 'UNKNOWN')
from (select a.id, h.day, h.score, h.bucket from {_NEWEST} where a.id = any(%(ids)s::bigint[]) and {_ASTRAY}) n
where accounts.id = n.id
"""
