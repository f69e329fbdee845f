"""The portfolio's figures as SQL, over rows that are accounts or over the ledger's sums of them: one text for both.

What each figure means stands in docs/health.md. An average leaves out accounts without a score.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.asks import Ask
from services.db.statement import Field, Fields, Statement, documents, money
from services.errors import Rejected
from services.renewals import window_sql
from services.vocabulary import HealthBucket, RenewalWindow, Segment

LONGEST_HORIZON: Final = 3650


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from, and how rows `p` from there are summed up.

    `rows` names a relation for a facet (see services.portfolio_ledger) with that facet's columns, an `arr`, and what
    the sums need; RENEWAL has renewal_window and days_to_renewal instead of a date. `median` is a whole subquery.
    """

    rows: Callable[[str, Statement], str]
    accounts: str
    scored: str
    average: str
    weighted: str
    median: str


ACCOUNTS: Final = "count(p.id)"
AVERAGE: Final = "round(avg(p.score), 1)::text"
# Scores have one decimal, so the middle of two has two and comes through double precision unharmed.
_MEDIAN: Final = "select round(percentile_cont(0.5) within group (order by p.score)::numeric, 1)::text from p"


def of_accounts(query: str) -> Source:
    """Figures over the accounts that the query gives: with an id, a score and the columns of all facets."""
    return Source(
        rows=lambda _, statement: statement.common("p", query),
        accounts=ACCOUNTS,
        scored="count(p.score)",
        average=AVERAGE,
        weighted="round(sum(p.arr * p.score) / nullif(sum(p.arr) filter (where p.score is not null), 0), 1)::text",
        median=_MEDIAN,
    )


def _facet(facet: str, statement: Statement) -> str:
    query = f"select * from portfolio_ledger l where l.facet = '{facet}'"
    if facet == "RENEWAL":
        query = f"""select l.bucket, l.accounts, l.arr, {window_sql("l.renewal_date", statement.day)}
          as renewal_window, l.renewal_date - {statement.day} as days_to_renewal
          from ({query}) l"""
    return statement.common(f"of_{facet.lower()}", query)


# The lower and the upper middle are the first scores up to which half of the scored accounts lie.
_LEDGER_MEDIAN: Final = """select round((min(q.score) filter (where q.upto >= (t.scored + 1) / 2)
  + min(q.score) filter (where q.upto >= t.scored / 2 + 1)) / 2, 1)::text
  from (select sum(scored)::bigint as scored from of_health) t, (
    select l.score, sum(sum(l.accounts)) over (order by l.score rows unbounded preceding) as upto
    from portfolio_ledger l where l.facet = 'SCORE' and l.score is not null group by l.score
  ) q where t.scored > 0"""
LEDGER: Final = Source(
    rows=_facet,
    accounts="coalesce(sum(p.accounts), 0)",
    scored="coalesce(sum(p.scored), 0)",
    average="round(sum(p.points) / nullif(sum(p.scored), 0), 1)::text",
    weighted="round(sum(p.weighted) / nullif(sum(p.arr) filter (where p.bucket <> 'UNKNOWN'), 0), 1)::text",
    median=_LEDGER_MEDIAN,
)


def figures(source: Source) -> Fields:
    """All figures that stand for one day."""

    def over(figure: str) -> Field:
        return lambda _, statement: f"(select {figure} from {source.rows('HEALTH', statement)} p)"

    def amount(condition: str, facet: str = "HEALTH") -> Field:
        def field(ask: Ask, statement: Statement) -> str:
            rows = source.rows(facet, statement)
            return money(f"select coalesce(sum(p.arr) filter (where {condition}), 0) from {rows} p")(ask, statement)

        return field

    def median(_: Ask, statement: Statement) -> str:
        source.rows("HEALTH", statement)
        return f"({source.median})"

    def at_risk(ask: Ask, statement: Statement) -> str:
        days = ask.args.get("renews_within_days", 90)
        if not 0 <= days <= LONGEST_HORIZON:
            message = f"renewsWithinDays must be from 0 to {LONGEST_HORIZON}, not {days}"
            raise Rejected("OUT_OF_RANGE", message, ["renewsWithinDays"])
        near = f"p.bucket in ('RED', 'AMBER') and p.days_to_renewal <= {days}"
        return amount(near, "RENEWAL")(ask, statement)

    return {
        "account_count": over(source.accounts),
        "scored_accounts": over(source.scored),
        "total_arr": amount("true"),
        "average_score": over(source.average),
        "arr_weighted_score": over(source.weighted),
        "median_score": median,
        "by_bucket": lambda ask, statement: _by_bucket(source, ask, statement),
        "by_segment": lambda ask, statement: _by_segment(source, ask, statement),
        "by_region": _by_text(source, "REGION", "region"),
        "by_owner": _by_text(source, "OWNER", "cs_owner"),
        "renewals": lambda ask, statement: _renewals(source, ask, statement),
        "arr_in_red": amount("p.bucket = 'RED'"),
        "arr_in_red_or_amber": amount("p.bucket in ('RED', 'AMBER')"),
        "arr_at_risk": at_risk,
    }


def slices(ask: Ask, statement: Statement, groups: str, fields: Fields, order: str) -> str:
    """The groups of a subquery, each as the asked-for document."""
    return documents(groups, ask.asks, fields, statement, order)


def _listed(words: type[HealthBucket] | type[Segment] | type[RenewalWindow], name: str) -> str:
    """The words of a closed list as rows, so that an empty slice is told as zero."""
    values = ", ".join(f"('{word.value}', {index})" for index, word in enumerate(words))
    return f"(values {values}) as w({name}, place)"


def _by_bucket(source: Source, ask: Ask, statement: Statement, among: str = "true") -> str:
    fields: Fields = {
        "bucket": "b.bucket",
        "accounts": "b.accounts",
        "arr": money("b.arr"),
        "share_of_arr": "coalesce(round(b.arr / nullif(b.whole, 0), 4), 0.0000)::text",
    }
    groups = f"""(select w.bucket, w.place, {source.accounts} as accounts, coalesce(sum(p.arr), 0) as arr,
      sum(coalesce(sum(p.arr), 0)) over () as whole
      from {_listed(HealthBucket, "bucket")}
      left join {source.rows("HEALTH", statement)} p on p.bucket = w.bucket and {among}
      group by w.bucket, w.place) b"""
    return slices(ask, statement, groups, fields, "b.place")


def _by_segment(source: Source, ask: Ask, statement: Statement) -> str:
    fields: Fields = {
        "segment": "g.segment",
        "accounts": "g.accounts",
        "arr": money("g.arr"),
        "average_score": "g.average",
        "buckets": lambda inner, st: _by_bucket(source, inner, st, "p.segment = g.segment"),
    }
    groups = f"""(select w.segment, w.place, {source.accounts} as accounts, coalesce(sum(p.arr), 0) as arr,
      {source.average} as average
      from {_listed(Segment, "segment")} left join {source.rows("HEALTH", statement)} p on p.segment = w.segment
      group by w.segment, w.place) g"""
    return slices(ask, statement, groups, fields, "g.place")


def _by_text(source: Source, facet: str, column: str) -> Field:
    def field(ask: Ask, statement: Statement) -> str:
        fields: Fields = {
            "key": "g.key",
            "accounts": "g.accounts",
            "arr": money("g.arr"),
            "average_score": "g.average",
        }
        groups = f"""(select p.{column} as key, {source.accounts} as accounts, sum(p.arr) as arr,
          {source.average} as average
          from {source.rows(facet, statement)} p group by p.{column} having {source.accounts} > 0) g"""
        return slices(ask, statement, groups, fields, "g.arr desc, g.key")

    return field


def _renewals(source: Source, ask: Ask, statement: Statement) -> str:
    fields: Fields = {
        "window": "g.renewal_window",
        "accounts": "g.accounts",
        "arr": money("g.arr"),
        "arr_in_red": money("g.red"),
    }
    groups = f"""(select w.renewal_window, w.place, {source.accounts} as accounts, coalesce(sum(p.arr), 0) as arr,
      coalesce(sum(p.arr) filter (where p.bucket = 'RED'), 0) as red
      from {_listed(RenewalWindow, "renewal_window")}
      left join {source.rows("RENEWAL", statement)} p on p.renewal_window = w.renewal_window
      group by w.renewal_window, w.place) g"""
    return slices(ask, statement, groups, fields, "g.place")
