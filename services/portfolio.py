"""Portfolio metrics: what the accounts that a filter means amount to on a day. One statement, so one view of the data.

What each figure means stands in docs/health.md. An average leaves out accounts without a score.
"""

from datetime import date, timedelta
from typing import Any, Final

from services import accounts
from services.accounts.filters import Filter, condition
from services.accounts.orders import attention
from services.accounts.source import bucket, joins, renewal, renewal_window, score
from services.asks import Ask
from services.db.connection import Database
from services.db.pages import size
from services.db.statement import EARLIEST, Field, Fields, Statement, document, json_list, money
from services.errors import Rejected
from services.vocabulary import Granularity, HealthBucket, RenewalWindow, Segment

LONGEST_HORIZON: Final = 3650
MOST_POINTS: Final = 120
"Each point looks every account up as of its day."
MOST_TRENDS: Final = 2
USUAL_TREND: Final = timedelta(days=90)


def metrics(database: Database, ask: Ask, filter_: Filter | None, day: date, statement: Statement) -> Any:
    """The asked-for figures over the accounts that the filter means, as they stood on the statement's day.

    Raises Rejected for what cannot be meant.
    """
    where = condition(filter_, statement)
    columns = f"""a.id, a.segment, a.region, a.cs_owner, r.arr,
      {score(statement)} as score, {bucket(statement)} as bucket,
      {renewal_window(statement)} as renewal_window, {attention(statement)} as attention,
      {renewal(statement)} - {statement.day} as days_to_renewal"""
    relations = joins(statement, columns + where)
    statement.common("p", f"select {columns} from accounts a {relations} where {where}")
    if sum(inner.name == "trend" for inner in ask.asks) > MOST_TRENDS:
        raise Rejected("TOO_MANY", f"ask for at most {MOST_TRENDS} trends at once", ["trend"])
    fields: Fields = {
        **_FIGURES,
        "as_of": statement.day,
        "arr_at_risk": _arr_at_risk,
        "trend": lambda inner, st: _trend(inner, filter_, day, st),
        "top_risks": _top_risks,
    }
    return database.document(statement.document(document(ask.asks, fields, statement)), statement.values)


def _over(figure: str) -> str:
    return f"(select {figure} from p)"


def _money(figure: str) -> Field:
    return money(f"select coalesce({figure}, 0) from p")


AVERAGE: Final = "round(avg(p.score), 1)::text"
WEIGHTED: Final = "round(sum(p.arr * p.score) / nullif(sum(p.arr) filter (where p.score is not null), 0), 1)::text"
# Scores have one decimal, so the middle of two has two and comes through double precision unharmed.
MEDIAN: Final = "round(percentile_cont(0.5) within group (order by p.score)::numeric, 1)::text"


def _slices(ask: Ask, statement: Statement, groups: str, fields: Fields, order: str) -> str:
    return json_list(groups, document(ask.asks, fields, statement), order)


def _listed(words: type[HealthBucket] | type[Segment] | type[RenewalWindow], name: str) -> str:
    """The words of a closed list as rows, so that an empty slice is told as zero."""
    values = ", ".join(f"('{word.value}', {index})" for index, word in enumerate(words))
    return f"(values {values}) as w({name}, place)"


def _bucket_slices(ask: Ask, statement: Statement, among: str = "true") -> str:
    fields: Fields = {
        "bucket": "b.bucket",
        "accounts": "b.accounts",
        "arr": money("b.arr"),
        "share_of_arr": "coalesce(round(b.arr / nullif(b.whole, 0), 4), 0.0000)::text",
    }
    groups = f"""(select w.bucket, w.place, count(p.id) as accounts, coalesce(sum(p.arr), 0) as arr,
      sum(coalesce(sum(p.arr), 0)) over () as whole
      from {_listed(HealthBucket, "bucket")} left join p on p.bucket = w.bucket and {among}
      group by w.bucket, w.place) b"""
    return _slices(ask, statement, groups, fields, "b.place")


def _by_segment(ask: Ask, statement: Statement) -> str:
    fields: Fields = {
        "segment": "g.segment",
        "accounts": "g.accounts",
        "arr": money("g.arr"),
        "average_score": "g.average",
        "buckets": lambda inner, st: _bucket_slices(inner, st, "p.segment = g.segment"),
    }
    groups = f"""(select w.segment, w.place, count(p.id) as accounts, coalesce(sum(p.arr), 0) as arr,
      {AVERAGE} as average
      from {_listed(Segment, "segment")} left join p on p.segment = w.segment group by w.segment, w.place) g"""
    return _slices(ask, statement, groups, fields, "g.place")


def _by_text(column: str) -> Field:
    def field(ask: Ask, statement: Statement) -> str:
        fields: Fields = {
            "key": "g.key",
            "accounts": "g.accounts",
            "arr": money("g.arr"),
            "average_score": "g.average",
        }
        groups = f"""(select p.{column} as key, count(*) as accounts, sum(p.arr) as arr, {AVERAGE} as average
          from p group by p.{column}) g"""
        return _slices(ask, statement, groups, fields, "g.arr desc, g.key")

    return field


def _renewals(ask: Ask, statement: Statement) -> str:
    fields: Fields = {
        "window": "g.renewal_window",
        "accounts": "g.accounts",
        "arr": money("g.arr"),
        "arr_in_red": money("g.red"),
    }
    groups = f"""(select w.renewal_window, w.place, count(p.id) as accounts, coalesce(sum(p.arr), 0) as arr,
      coalesce(sum(p.arr) filter (where p.bucket = 'RED'), 0) as red
      from {_listed(RenewalWindow, "renewal_window")} left join p on p.renewal_window = w.renewal_window
      group by w.renewal_window, w.place) g"""
    return _slices(ask, statement, groups, fields, "g.place")


def _arr_at_risk(ask: Ask, statement: Statement) -> str:
    days = ask.args.get("renews_within_days", 90)
    if not 0 <= days <= LONGEST_HORIZON:
        message = f"renewsWithinDays must be from 0 to {LONGEST_HORIZON}, not {days}"
        raise Rejected("OUT_OF_RANGE", message, ["renewsWithinDays"])
    figure = f"sum(p.arr) filter (where p.bucket in ('RED', 'AMBER') and p.days_to_renewal <= {days})"
    return _money(figure)(ask, statement)


def _top_risks(ask: Ask, statement: Statement) -> str:
    first = size(ask.args, 5)
    chosen = f"(select p.id, p.attention from p where p.attention > 0 order by p.attention desc, p.id limit {first}) t"
    account = f"({accounts.one(ask.asks, 'a.id = t.id', statement)})"
    return json_list(chosen, account, "t.attention desc, t.id")


def _trend(ask: Ask, filter_: Filter | None, day: date, statement: Statement) -> str:
    """A point at the end of each day, week or month from `from` to `to`, the last of them on `to` itself.

    At each point the accounts are those that the filter means with what was known then. Weeks and months count back
    from `to`, so that equal steps lie between the points.
    """
    end = min(ask.args.get("to") or day, day)
    if end < EARLIEST:
        raise Rejected("OUT_OF_RANGE", f"to must not be before {EARLIEST}: {end}", ["to"])
    start = max(ask.args.get("from_") or end - USUAL_TREND, EARLIEST)
    if start > end:
        raise Rejected("INVALID_VALUE", f"from ({start}) must not be after to ({end})", ["from"])
    granularity = ask.args.get("granularity", Granularity.WEEK)
    days = {Granularity.DAY: 1, Granularity.WEEK: 7, Granularity.MONTH: 28}[granularity]
    if (end - start).days // days > MOST_POINTS:
        raise Rejected("OUT_OF_RANGE", f"a trend has at most {MOST_POINTS} points: ask for fewer days", ["from"])
    then = statement.at("t.day")
    where = condition(filter_, then)
    columns = f"t.day, a.id, r.arr, {score(then)} as score, {bucket(then)} as bucket"
    step = "1 month" if granularity == Granularity.MONTH else f"{days} days"
    series = f"""(select ({statement.bind(end)}::date - n * interval '{step}')::date as day
      from generate_series(0, {MOST_POINTS}) n) s"""
    points = f"(select s.day from {series} where s.day >= {statement.bind(start)}::date) t"
    rows = f"(select {columns} from {points} cross join accounts a {joins(then, columns + where)} where {where}) p"
    fields: Fields = {
        "day": "g.day",
        "accounts": "g.accounts",
        "arr": money("g.arr"),
        "average_score": "g.average",
        "arr_in_red": money("g.red"),
        "arr_in_amber": money("g.amber"),
    }
    groups = f"""(select t.day, count(p.id) as accounts, coalesce(sum(p.arr), 0) as arr, {AVERAGE} as average,
      coalesce(sum(p.arr) filter (where p.bucket = 'RED'), 0) as red,
      coalesce(sum(p.arr) filter (where p.bucket = 'AMBER'), 0) as amber
      from {points} left join {rows} on p.day = t.day group by t.day) g"""
    return _slices(ask, statement, groups, fields, "g.day")


_FIGURES: Final[Fields] = {
    "account_count": _over("count(*)"),
    "scored_accounts": _over("count(p.score)"),
    "total_arr": _money("sum(p.arr)"),
    "average_score": _over(AVERAGE),
    "arr_weighted_score": _over(WEIGHTED),
    "median_score": _over(MEDIAN),
    "by_bucket": _bucket_slices,
    "by_segment": _by_segment,
    "by_region": _by_text("region"),
    "by_owner": _by_text("cs_owner"),
    "renewals": _renewals,
    "arr_in_red": _money("sum(p.arr) filter (where p.bucket = 'RED')"),
    "arr_in_red_or_amber": _money("sum(p.arr) filter (where p.bucket in ('RED', 'AMBER'))"),
}
