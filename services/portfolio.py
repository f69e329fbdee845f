"""Portfolio metrics: what the accounts that a filter means amount to on a day. One statement, so one view of the data.

Today's, unfiltered, are summed from the ledger that every write keeps; all others from the accounts themselves.
"""

from datetime import date, timedelta
from typing import Any, Final

from services import accounts
from services.accounts.filters import Filter, condition, means_everyone
from services.accounts.orders import attention
from services.accounts.source import bucket, joins, renewal, renewal_window, score
from services.asks import Ask
from services.db.connection import Database
from services.db.pages import size
from services.db.statement import EARLIEST, Fields, Statement, document, json_list, money
from services.errors import Rejected
from services.portfolio_figures import ACCOUNTS, AVERAGE, LEDGER, Source, figures, of_accounts, slices
from services.vocabulary import Granularity

MOST_POINTS: Final = 120
"Each point looks every account up as of its day."
MOST_TRENDS: Final = 2
USUAL_TREND: Final = timedelta(days=90)


def metrics(database: Database, ask: Ask, filter_: Filter | None, day: date, statement: Statement) -> Any:
    """The asked-for figures over the accounts that the filter means, as they stood on the statement's day.

    Raises Rejected for what cannot be meant.
    """
    plain = _plain(filter_, statement)
    if sum(inner.name == "trend" for inner in ask.asks) > MOST_TRENDS:
        raise Rejected("TOO_MANY", f"ask for at most {MOST_TRENDS} trends at once", ["trend"])
    fields: Fields = {
        **figures(LEDGER if statement.is_today and means_everyone(filter_) else plain),
        "as_of": statement.day,
        "trend": lambda inner, st: _trend(inner, filter_, day, st),
        "top_risks": lambda inner, st: _top_risks(plain, inner, st),
    }
    return database.document(statement.document(document(ask.asks, fields, statement)), statement.values)


def _plain(filter_: Filter | None, statement: Statement) -> Source:
    where = condition(filter_, statement)
    columns = f"""a.id, a.segment, a.region, a.cs_owner, r.arr,
      {score(statement)} as score, {bucket(statement)} as bucket,
      {renewal_window(statement)} as renewal_window, {attention(statement)} as attention,
      {renewal(statement)} - {statement.day} as days_to_renewal"""
    return of_accounts(f"select {columns} from accounts a {joins(statement, columns + where)} where {where}")


def _top_risks(plain: Source, ask: Ask, statement: Statement) -> str:
    first, rows = size(ask.args, 5), plain.rows("HEALTH", statement)
    chosen = f"""(select p.id, p.attention from {rows} p where p.attention > 0
      order by p.attention desc, p.id limit {first}) t"""
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
    groups = f"""(select t.day, {ACCOUNTS} as accounts, coalesce(sum(p.arr), 0) as arr, {AVERAGE} as average,
      coalesce(sum(p.arr) filter (where p.bucket = 'RED'), 0) as red,
      coalesce(sum(p.arr) filter (where p.bucket = 'AMBER'), 0) as amber
      from {points} left join {rows} on p.day = t.day group by t.day) g"""
    return slices(ask, statement, groups, fields, "g.day")
