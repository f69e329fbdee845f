"""Turns a copy of the world into one of many times the accounts, by SQL: each again and again under another name.

Only what today's lists and figures read is multiplied; what lies in the past goes, to spare the disk.
"""

from contextlib import closing
from typing import Final

from bench.world import Tell, execute
from services.db.connection import Database
from services.maintenance import account_sums

_PAST: Final = ("daily_metrics", "arr_history", "changes", "events")
_ACCOUNTS: Final = {
    "id": "id + {n}::bigint * {step}",
    "external_id": "external_id || '-{n}'",
    "name": "name || ' {n}'",
}
_OF_ACCOUNT: Final = {"account_id": "account_id + {n}::bigint * {step}"}
# The figures of a portfolio read no list of a snapshot's, and these lists are all of its size.
_SNAPSHOTS: Final = _OF_ACCOUNT | dict.fromkeys(("factors", "missing", "signals", "recommendations"), "'[]'")


def multiply(url: str, times: int, tell: Tell) -> None:
    """So that there are `times` as many accounts, each with its newest observation and snapshot."""
    tell(f"multiplying the accounts by {times}")
    execute(url, f"truncate {', '.join(_PAST)}")
    [(step,)] = execute(url, "select max(id) from accounts")
    original = f"accounts where id <= {step}"
    tables = (
        ("accounts", _ACCOUNTS, f"id <= {step}"),
        ("account_observations", _OF_ACCOUNT, f"(account_id, observed_on) in (select id, observed_on from {original})"),
        ("health_snapshots", _SNAPSHOTS, f"(account_id, day) in (select id, scored_on from {original})"),
    )
    statements = [_insert(url, *table) for table in tables]
    for n in range(1, times):
        for statement in statements:
            execute(url, statement.format(n=n, step=step))
        if n % 10 == 0:
            tell(f"{n + 1} of {times}")
    with closing(Database(url)) as database:
        account_sums.fold(database)  # as the sweep of every five minutes does
    execute(url, "vacuum (analyze)")
    tell("multiplied; it is kept for the next run today")


def _insert(url: str, table: str, changed: dict[str, str], where: str) -> str:
    found = execute(
        url,
        "select column_name from information_schema.columns"
        " where table_schema = 'public' and table_name = %s and is_generated = 'NEVER' order by ordinal_position",
        (table,),
    )
    columns = [name for (name,) in found]
    chosen = ", ".join(changed.get(name, name) for name in columns)
    return (
        f"insert into {table} ({', '.join(columns)}) overriding system value select {chosen} from {table} where {where}"
    )
