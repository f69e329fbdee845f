"""Where an account's columns come from, today or on an earlier day: the relations that every read of accounts joins.

    a  the account            r  its ARR on the day        h  its newest snapshot up to the day
    o  its newest observation b  the snapshot 30 days before that one

A relation is joined where its alias is mentioned, and only there.
"""

import re
from collections.abc import Mapping

from services.db.statement import Statement
from services.renewals import window_sql


def joins(statement: Statement, text: str) -> str:
    """The joins that `text` needs beside `accounts a`."""
    wanted = set(_MENTIONED.findall(text))
    if "b" in wanted and not statement.is_today:
        wanted.add("h")
    relations = _TODAY if statement.is_today else _on(statement.day)
    return " ".join(sql for alias, sql in relations.items() if alias in wanted)


def present(statement: Statement, *, include_churned: bool) -> str:
    """The condition that an account is in the portfolio on the day: known by then, and not churned."""
    known = "true" if statement.is_today else "r.arr is not null"
    return known if include_churned else f"{known} and {active(statement)}"


def active(statement: Statement) -> str:
    if statement.is_today:
        return "a.status <> 'CHURNED'"
    return f"(a.churned_on is null or a.churned_on > {statement.day})"


def status(statement: Statement) -> str:
    """The status on the day: who churned later was active."""
    return f"case when {active(statement)} and a.status = 'CHURNED' then 'ACTIVE' else a.status end"


def renewal(statement: Statement) -> str:
    """The renewal that lies ahead or is overdue: a churned account has none."""
    return f"(case when {active(statement)} then a.renewal_date end)"


def renewal_window(statement: Statement) -> str:
    return window_sql(renewal(statement), statement.day)


def score(statement: Statement) -> str:
    """The score on the day. Today's stands beside the account: services.scoring keeps it."""
    return "a.score" if statement.is_today else "h.score"


def bucket(statement: Statement) -> str:
    return "a.bucket" if statement.is_today else "coalesce(h.bucket, 'UNKNOWN')"


def scored_on(statement: Statement) -> str:
    """The day of the newest snapshot up to the day."""
    return "a.scored_on" if statement.is_today else "h.day"


def change_30d(statement: Statement) -> str:
    return f"({score(statement)} - b.score)"


# A change over 30 days is told against the newest snapshot that is 30 to 60 days older: who scores monthly has one too.
_B = """left join lateral (
  select score from health_snapshots where account_id = a.id and day between {day} - 60 and {day} - 30
  order by day desc limit 1
) b on true"""

_TODAY: Mapping[str, str] = {
    "r": "cross join lateral (select a.arr) r",
    "h": "left join health_snapshots h on h.account_id = a.id and h.day = a.scored_on",
    "o": "left join account_observations o on o.account_id = a.id and o.observed_on = a.observed_on",
    "b": _B.format(day="a.scored_on"),
}
_MENTIONED = re.compile(rf"\b([{''.join(_TODAY)}])\.")


def _on(day: str) -> Mapping[str, str]:
    return {
        "r": f"""left join lateral (
          select arr from arr_history where account_id = a.id and effective_on <= {day}
          order by effective_on desc limit 1
        ) r on true""",
        "h": f"""left join lateral (
          select * from health_snapshots where account_id = a.id and day <= {day} order by day desc limit 1
        ) h on true""",
        "o": f"""left join lateral (
          select * from account_observations where account_id = a.id and observed_on <= {day}
          order by observed_on desc limit 1
        ) o on true""",
        "b": _B.format(day="h.day"),
    }
