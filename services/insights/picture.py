"""What is read before an insight is written: one statement for an account, two for a portfolio. Not what it means."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from services import account_facts, portfolio, portfolio_facts
from services.accounts import facts_hash
from services.accounts.fields import FACTOR, MISSING
from services.accounts.filters import Filter
from services.accounts.source import joins, renewal, status
from services.asks import Ask, asks
from services.db.connection import Database
from services.db.statement import EARLIEST, Expression, Statement, document, element
from services.evidence.subject import Subject

BEFORE: Final = timedelta(days=30)
"What a change is told against: the newest snapshot that is this much to twice as much older."


@dataclass(frozen=True, slots=True)
class Picture:
    """A subject, and the hash of what was known when it was read."""

    subject: Subject
    facts_hash: str


def of_account(database: Database, account_id: int, statement: Statement) -> Picture | None:
    """The account as it is today, by its newest snapshot; None where it is gone."""
    fields = _PICTURE | _healths(statement)
    body = document(asks(" ".join(fields)), fields, statement)
    usage = _USAGE.format(day=f"coalesce(h.day, {statement.day})")
    mentioned = body + usage + facts_hash.ACCOUNT + " r."
    query = f"""select json_build_object('picture', {body}, 'hash', {facts_hash.ACCOUNT},
        'day', coalesce(h.day, {statement.day}))
      from accounts a {joins(statement, mentioned)} {usage} where a.id = {statement.bind(account_id)}"""
    found = database.read(statement.text(f"({query})"), statement.values)
    if found is None:
        return None
    day = date.fromisoformat(found["day"])
    return Picture(account_facts.subject(found["picture"], day=day, currency=statement.currency), found["hash"])


def of_portfolio(database: Database, filter_: Filter | None, day: date, statement: Statement) -> Picture:
    """The accounts that the filter means, as they stood on the statement's day. Raises Rejected."""
    known: str = database.read(statement.text(facts_hash.of_portfolio(statement)), statement.values)
    then = max(day - BEFORE, EARLIEST)
    ask = Ask("", "", asks=(*asks(_PORTFOLIO), Ask("trend", "before", {"from_": then, "to": then}, asks(_POINT))))
    found = _plain(portfolio.metrics(database, ask, filter_, day, statement).read())
    found["before"] = next((point for point in found["before"] if then == day - BEFORE), None)
    for one in found["top_risks"]:
        one |= one.pop("health") | {"signals": one.pop("risk_signals")}
    return Picture(portfolio_facts.subject(found, day=day, currency=statement.currency), known)


def _plain(value: Any) -> Any:
    """The document with amounts of money instead of objects that hold one."""
    if isinstance(value, dict):
        return value["amount"] if value.keys() == {"amount"} else {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


_PICTURE: Final[dict[str, Expression]] = {
    "name": "a.name",
    "segment": "a.segment",
    "status": lambda _, statement: status(statement),
    "arr": "r.arr::text",
    "arr_a_year_ago": """(select arr::text from arr_history
      where account_id = a.id and effective_on <= u.day - 365 order by effective_on desc limit 1)""",
    "expansion": "o.expansion_oppty_dollar::text",
    "renewal_date": lambda _, statement: renewal(statement),
    "customer_since": "(select min(effective_on) from arr_history where account_id = a.id)",
    "observed_on": "coalesce(o.observed_on, a.observed_on)",
    "seats_purchased": "o.seats_purchased",
    "active_users": "o.active_users",
    "logins": "u.logins",
    "logins_before": "u.logins_before",
    "last_metric_on": "u.last_metric_on",
    "last_active_on": "(select max(day) from daily_metrics where account_id = a.id and day <= u.day and logins > 0)",
    "signals": "coalesce(h.signals, '[]')",
    "recommendations": "coalesce(h.recommendations, '[]')",
}
# The same sums that scoring made of the same days, so that a fact and a signal's evidence never differ.
_USAGE: Final = """cross join lateral (
  select {day} as day, max(d.day) filter (where d.logins is not null) as last_metric_on,
    sum(d.logins) filter (where d.day > {day} - 30) as logins,
    sum(d.logins) filter (where d.day <= {day} - 30) as logins_before
  from daily_metrics d where d.account_id = a.id and d.day > {day} - 60 and d.day <= {day}
) u"""
_SNAPSHOT: Final[dict[str, Expression]] = {
    "day": "h.day",
    "score": "h.score::text",
    "bucket": "h.bucket",
    "source": "h.source",
    "coverage": "h.coverage::text",
    "scorecard_version": "h.scorecard_version",
    "factors": lambda ask, statement: element("f", ask.asks, FACTOR, statement, "h.factors"),
    "missing": lambda ask, statement: element("g", ask.asks, MISSING, statement, "h.missing"),
}


def _healths(statement: Statement) -> dict[str, Expression]:
    now = document(asks(_HEALTH), _SNAPSHOT, statement)
    # A past snapshot is compared with the newest measure by measure: its factors are taken as they are stored.
    before = document(
        asks("day score coverage scorecard_version factors"), _SNAPSHOT | {"factors": "h.factors"}, statement
    )
    earlier = f"""select * from health_snapshots n
      where n.account_id = a.id and n.day between h.day - {2 * BEFORE.days} and h.day - {BEFORE.days}
      order by n.day desc limit 1"""
    return {
        "health": f"case when h.day is not null then {now} end",
        "before": f"(select {before} from ({earlier}) h)",
    }


_HEALTH: Final = """day score bucket source coverage scorecard_version
  factors {
    measure raw_value sub_score weight effective_weight contribution points_lost versus_peers direction observed_on
  }
  missing { measure reason weight }"""
_PORTFOLIO: Final = """account_count scored_accounts total_arr { amount } average_score arr_weighted_score
  by_bucket { bucket accounts arr { amount } share_of_arr }
  by_segment { segment accounts arr { amount } average_score }
  renewals { window accounts arr { amount } arr_in_red { amount } }
  arr_in_red { amount } arr_in_red_or_amber { amount } arr_at_risk { amount }
  top_risks { id name arr { amount } renewal_date health { score bucket } risk_signals { code severity } }"""
_POINT: Final = "day accounts arr { amount } average_score arr_in_red { amount } arr_in_amber { amount }"
