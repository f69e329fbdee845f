"""What can be asked of an account, field by field, as SQL over the relations of services.accounts.source."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import orjson

from services.accounts import insights
from services.accounts.source import (
    active,
    bucket,
    change_30d,
    joins,
    renewal,
    renewal_window,
    score,
    scored_on,
    status,
)
from services.asks import Ask
from services.db import pages
from services.db.pages import Key, Rows
from services.db.statement import ONE_ROW, Expression, Field, Fields, Statement, document, element, moment, money
from services.errors import Rejected
from services.scorecards import DEAD_BAND, DEFAULT, SCORECARDS
from services.vocabulary import Granularity

LONGEST_SUMMARY: Final = 365
FEWEST_PEERS: Final = 8


def _lookup(attribute: str) -> Field:
    """A text that the scorecard gives a measure; the factor `f` stores only the measure's code."""
    texts = {measure.measure.value: getattr(measure, attribute) for card in SCORECARDS for measure in card.measures}

    def field(_: Ask, statement: Statement) -> str:
        return f"{statement.bind(orjson.dumps(texts).decode())}::jsonb ->> (f ->> 'measure')"

    return field


def _versus_peers(_: Ask, statement: Statement) -> str:
    """Points against the median of the segment, by the printed sub-scores; null with fewer than 8 accounts."""
    relations = joins(statement, "h.")
    peers = statement.common(
        "peers",
        f"""select a.segment, f ->> 'measure' as measure, count(*) as size,
          percentile_cont(0.5) within group (order by (f ->> 'sub_score')::numeric)::numeric as median
        from accounts a {relations} cross join lateral jsonb_array_elements(h.factors) f
        where {active(statement)} group by 1, 2""",
    )
    return f"""(select round((f ->> 'effective_weight')::numeric * ((f ->> 'sub_score')::numeric - p.median), 1)::text
      from {peers} p where p.segment = a.segment and p.measure = f ->> 'measure' and p.size >= {FEWEST_PEERS})"""


FACTOR: Final[dict[str, Expression]] = {
    "measure": "f ->> 'measure'",
    "dimension": _lookup("dimension"),
    "label": _lookup("label"),
    "raw_value": "f ->> 'raw_value'",
    "sub_score": "f ->> 'sub_score'",
    "weight": "f ->> 'weight'",
    "effective_weight": "f ->> 'effective_weight'",
    "contribution": "f ->> 'contribution'",
    "points_lost": "f ->> 'points_lost'",
    "versus_peers": _versus_peers,
    "direction": "f ->> 'direction'",
    "observed_on": "f ->> 'observed_on'",
}
MISSING: Final[Fields] = {name: f"g ->> '{name}'" for name in ("measure", "reason", "weight")}
EVIDENCE: Final[Fields] = {
    name: f"e ->> '{name}'" for name in ("key", "label", "value", "unit", "observed_on", "source")
}
SIGNAL: Final[Fields] = {
    "code": "s ->> 'code'",
    "severity": "s ->> 'severity'",
    "since": "s ->> 'since'",
    "evidence": lambda ask, statement: element("e", ask.asks, EVIDENCE, statement, "s -> 'evidence'"),
}


def _factors(ask: Ask, statement: Statement) -> str:
    return element("f", ask.asks, FACTOR, statement, "coalesce(h.factors, '[]')")


def _trend(_: Ask, statement: Statement) -> str:
    change = change_30d(statement)
    return f"""case when {change} is null then 'NEW' when abs({change}) < {DEAD_BAND} then 'FLAT'
      when {change} > 0 then 'UP' else 'DOWN' end"""


HEALTH: Final[Fields] = {
    "source": "coalesce(h.source, 'NONE')",
    "score": lambda _, statement: f"{score(statement)}::text",
    "bucket": lambda _, statement: bucket(statement),
    "trend": _trend,
    "change_30d": lambda _, statement: f"{change_30d(statement)}::text",
    "coverage": "coalesce(h.coverage, 0.0000)::text",
    "factors": _factors,
    "missing": lambda ask, statement: element("g", ask.asks, MISSING, statement, "coalesce(h.missing, '[]')"),
    "scorecard": f"coalesce(h.scorecard_version, {DEFAULT.version})",
    "as_of": lambda _, statement: f"coalesce({scored_on(statement)}, {statement.day})",
    "computed_at": moment("h.computed_at"),
}
SNAPSHOT: Final[Fields] = {
    "day": "h.day",
    "score": "h.score::text",
    "bucket": "h.bucket",
    "coverage": "h.coverage::text",
    "scorecard_version": "h.scorecard_version",
    # Peers are those of the day that is asked about; a past snapshot has none to compare with.
    "factors": lambda ask, statement: element("f", ask.asks, FACTOR | {"versus_peers": "null"}, statement, "h.factors"),
}
DAILY_METRIC: Final[Fields] = {
    "day": "d.day",
    "logins": "d.logins",
    "events": "d.events",
    "feature_events": "d.feature_x_events",
    "avg_session_minutes": "d.avg_session_min::text",
    "errors": "d.errors",
    "ticket_backlog": "d.ticket_backlog",
}
FIELD_CHANGE: Final[Fields] = {name: f"e ->> '{name}'" for name in ("field", "before", "after")}
CHANGE: Final[Fields] = {
    "id": "'chg_' || c.id",
    "at": moment("c.at"),
    "actor": "c.actor",
    "source": "c.source",
    "fields": lambda ask, statement: element("e", ask.asks, FIELD_CHANGE, statement, "c.fields"),
}


def _between(ask: Ask, column: str, statement: Statement) -> str:
    """The condition that `column` lies in the asked-for days, and never beyond the statement's own day."""
    start, end = ask.args.get("from_"), ask.args.get("to")
    if isinstance(start, date) and isinstance(end, date) and start > end:
        raise Rejected("INVALID_VALUE", f"from ({start}) must not be after to ({end})", ["from"])
    condition = f"{column} <= {statement.day}"
    if start is not None:
        condition += f" and {column} >= {statement.bind(start)}::date"
    if end is not None:
        condition += f" and {column} <= {statement.bind(end)}::date"
    return condition


def _health_history(ask: Ask, statement: Statement) -> str:
    source, where = "health_snapshots h", f"h.account_id = a.id and {_between(ask, 'h.day', statement)}"
    granularity = ask.args.get("granularity", Granularity.DAY)
    if granularity != Granularity.DAY:
        period = f"date_trunc('{granularity.lower()}', h.day::timestamp)"
        newest = f"select distinct on ({period}) h.* from {source} where {where} order by {period}, h.day desc"
        source, where = f"({newest}) h", "true"
    rows = Rows(source, where, "h", (Key("h.day", "date", descending=True),))
    return pages.connection(ask, rows, SNAPSHOT, statement, usual=90)


def _daily_metrics(ask: Ask, statement: Statement) -> str:
    where = f"d.account_id = a.id and {_between(ask, 'd.day', statement)}"
    rows = Rows("daily_metrics d", where, "d", (Key("d.day", "date", descending=True),))
    return pages.connection(ask, rows, DAILY_METRIC, statement, usual=90)


def _changes(ask: Ask, statement: Statement) -> str:
    rows = Rows("changes c", "c.account_id = a.id", "c", (Key("c.id", "bigint", descending=True),))
    return pages.connection(ask, rows, CHANGE, statement, usual=20)


def _metrics_summary(ask: Ask, statement: Statement) -> str:
    days = ask.args.get("days", 30)
    if not 1 <= days <= LONGEST_SUMMARY:
        raise Rejected("OUT_OF_RANGE", f"days must be from 1 to {LONGEST_SUMMARY}, not {days}", ["days"])
    now = f"d.day > {statement.day} - {days}"
    logins, before = f"sum(d.logins) filter (where {now})", f"sum(d.logins) filter (where not {now})"
    counted = f"filter (where {now} and d.avg_session_min is not null)"
    summary: Fields = {
        "days": f"{days}",
        "days_with_data": f"count(*) filter (where {now})",
        "logins": f"coalesce({logins}, 0)",
        "logins_change_pct": f"round(({logins} - {before}) * 100.0 / nullif({before}, 0), 1)::text",
        "avg_session_minutes": f"""round(sum(d.avg_session_min * d.logins) {counted}
          / nullif(sum(d.logins) {counted}, 0), 1)::text""",
        "last_active_on": f"""(select max(day) from daily_metrics
          where account_id = a.id and day <= {statement.day} and logins > 0)""",
    }
    return f"""(select {document(ask.asks, summary, statement)} from daily_metrics d
      where d.account_id = a.id and d.day > {statement.day} - {2 * days} and d.day <= {statement.day} {ONE_ROW})"""


def _recommended_playbooks(ask: Ask, statement: Statement) -> str:
    fields: Fields = {
        "playbook": "p ->> 'playbook'",
        "relevance": "p ->> 'relevance'",
        "points_recoverable": "p ->> 'points_recoverable'",
        "because": lambda inner, _: element(
            "s", inner.asks, SIGNAL, statement,
            "(select coalesce(jsonb_agg(x), '[]') from jsonb_array_elements(h.signals) x"
            " where (p -> 'because') ? (x ->> 'code'))",
        ),
    }  # fmt: skip
    array, most = "coalesce(h.recommendations, '[]')", pages.size(ask.args, 3)
    return element("p", ask.asks, fields, statement, array, most=most)


ACCOUNT: Final[Fields] = {
    "id": "'acc_' || a.id",
    "external_id": "a.external_id",
    "name": "a.name",
    "segment": "a.segment",
    "industry": "a.industry",
    "region": "a.region",
    "owner": "a.cs_owner",
    "arr": money("r.arr"),
    "renewal_date": "a.renewal_date",
    "days_to_renewal": lambda _, statement: f"{renewal(statement)} - {statement.day}",
    "renewal_window": lambda _, statement: renewal_window(statement),
    "status": lambda _, statement: status(statement),
    "seats_purchased": "o.seats_purchased",
    "active_users": "o.active_users",
    "nps": "o.nps",
    "version": "a.version",
    "created_at": moment("a.created_at"),
    "updated_at": moment("a.updated_at"),
    "health": lambda ask, statement: document(ask.asks, HEALTH, statement),
    "health_history": _health_history,
    "daily_metrics": _daily_metrics,
    "metrics_summary": _metrics_summary,
    "risk_signals": lambda ask, statement: element("s", ask.asks, SIGNAL, statement, "coalesce(h.signals, '[]')"),
    "recommended_playbooks": _recommended_playbooks,
    "changes": _changes,
    "insights": lambda ask, statement: insights.of_account(ask, statement),
    "latest_insight": lambda ask, statement: insights.latest(ask, statement),
}


def account(asks: Sequence[Ask], statement: Statement) -> str:
    """The asked-for document of the account `a`; what it joins is told by `services.accounts.source.joins`."""
    return document(asks, ACCOUNT, statement)
