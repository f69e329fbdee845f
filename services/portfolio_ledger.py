"""What the portfolio of today amounts to: a ledger of sums that triggers on `accounts` append to (migration 0005).

A row adds to one cell of one facet; nothing updates a row in place, so that no writer waits for another. What a cell
holds is the sum over its rows, and folding makes them one. Churned accounts are in no cell.

    HEALTH  segment, bucket    SCORE  score    REGION  region    OWNER  cs_owner    RENEWAL  renewal_date, bucket
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlmodel import Session

FOLDING_LOCK: Final = 7274658
"Advisory lock of whoever folds the ledger, so that nobody waits for a row that another is folding."
COUNTED: Final = "portfolio_ledger l where l.facet = 'REGION'"
"The rows whose sums are all accounts: of the fewest cells."


def fold(session: "Session") -> None:
    """Sum up the cells that have several rows, in the caller's transaction; let it be where another is at it.

    No figure changes by it, and rows that are appended meanwhile stay: call it after each write of many accounts.
    """
    execute = session.connection().exec_driver_sql
    if execute("select pg_try_advisory_xact_lock(%s)", (FOLDING_LOCK,)).scalar_one():
        execute(_FOLD)


CELL: Final = "facet, segment, bucket, score, region, cs_owner, renewal_date"
SUMS: Final = ("accounts", "arr", "scored", "points", "weighted")

# Only what the statement itself deletes is summed, so that a row counts once whoever else appends or folds.
_FOLD: Final = f"""
with cells as (
  select facet, id, {" and ".join(f"{name} = 0" for name in SUMS)} as is_empty, count(*) over cell as size
  from portfolio_ledger window cell as (partition by {CELL})
), gone as (
  delete from portfolio_ledger l using cells c where c.facet = l.facet and c.id = l.id and (c.size > 1 or c.is_empty)
  returning l.*
)
insert into portfolio_ledger ({CELL}, {", ".join(SUMS)})
select {CELL}, {", ".join(f"sum({name})" for name in SUMS)} from gone group by {CELL}
having {" or ".join(f"sum({name}) <> 0" for name in SUMS)}
"""
