"""Scores accounts as of a day and keeps the result: facts by SQL, the pure rules, snapshots by SQL, in batches.

Not the rules: services.health, services.signals and services.playbooks serve one account and all of them alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from services import health as health_rules
from services.health import Facts, Health
from services.playbooks import Recommendation, recommend
from services.signals import Signal, Situation, signals
from services.vocabulary import AccountStatus, RiskLevel, RiskSignalCode, Segment, UpdateKind

if TYPE_CHECKING:
    from sqlmodel import Session

ACCOUNTS_LOCK: Final = 7274657
"Advisory lock of whoever writes many accounts in one transaction, held to its end."
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Scored:
    """How many accounts have a snapshot of that day now, and how many of them are in another bucket than before."""

    accounts: int
    changed_buckets: int


@dataclass(frozen=True, slots=True)
class _Before:
    """The newest snapshot up to the day, and whether it is the account's newest of all."""

    is_newest: bool
    score: str | None
    bucket: str | None
    since: Mapping[RiskSignalCode, date]


def score(
    session: "Session",
    day: date,
    *,
    now: datetime,
    actor: str,
    account_ids: Sequence[int] | None = None,
    upload_id: UUID | None = None,
) -> Scored:
    """Score the accounts (None: all) as of `day`; repeat it and nothing changes.

    An account that was no customer on that day (its ARR history begins later, or it had churned) is passed over.
    Snapshots, the accounts' pointers, changes of bucket and events are written in the caller's transaction.
    """
    accounts = changed = 0
    for rows in _batches(session, day, account_ids):
        snapshots, news, changes = [], [], []
        for row in rows:
            situation, before = _situation(row, day)
            found = signals(situation)
            snapshots.append(_snapshot(row["id"], situation.health, found, recommend(situation.health, found)))
            bucket = situation.health.bucket.value
            moved = before.bucket is not None and before.bucket != bucket
            changed += moved
            if before.is_newest:
                news += _news(row["id"], found, before, moved=moved)
                if moved:
                    changes.append(_change(row["id"], situation.health, before))
        values = {
            "day": day, "now": now, "actor": actor, "upload": upload_id and str(upload_id),
            "snapshots": _json(snapshots), "events": _json(news), "changes": _json(changes),
        }  # fmt: skip
        for statement in (_KEEP, _POINT, _TELL, _NOTE):
            session.connection().exec_driver_sql(statement, values)
        accounts += len(rows)
    return Scored(accounts, changed)


def lock_accounts(session: "Session") -> None:
    """Wait until no other writer of many accounts is at work, and be that writer until the transaction ends."""
    session.connection().exec_driver_sql("select pg_advisory_xact_lock(%s)", (ACCOUNTS_LOCK,))


def _batches(session: "Session", day: date, account_ids: Sequence[int] | None) -> Iterator[list[dict[str, Any]]]:
    connection = session.connection()
    chosen = None if account_ids is None else list(account_ids)
    values = {"day": day, "chosen": chosen, "last": 0, "batch": BATCH}
    while locked := list(connection.exec_driver_sql(_LOCK, values).scalars()):
        found = connection.exec_driver_sql(_FACTS, {"day": day, "ids": locked})
        yield [dict(row) for row in found.mappings()]
        values["last"] = locked[-1]


def _situation(row: Mapping[str, Any], day: date) -> tuple[Situation, _Before]:
    facts = Facts(
        segment=Segment(row["segment"]),
        status=AccountStatus(row["status"]),
        observed_on=row["observed_on"],
        active_users=row["active_users"],
        seats_purchased=row["seats_purchased"],
        feature_x_adoption=row["feature_x_adoption"],
        weekly_active_pct=row["weekly_active_pct"],
        time_to_value_days=row["time_to_value_days"],
        tickets_last_30d=row["tickets_last_30d"],
        critical_tickets_90d=row["critical_tickets_90d"],
        sla_breaches_90d=row["sla_breaches_90d"],
        nps=row["nps"],
        nps_on=row["nps_on"],
        qbr_last_date=row["qbr_last_date"],
        onboarding=row["onboarding"],
        onboarding_progress=row["onboarding_progress"],
        imported_score=row["health_score"],
        told_on={name: date.fromisoformat(day) for name, day in (row["told_on"] or {}).items()},
        last_metric_on=row["last_metric_on"],
        metric_logins=row["logins"],
        session_logins=row["session_logins"],
        session_minutes=row["session_minutes"],
    )
    since = {RiskSignalCode(code): date.fromisoformat(begun) for code, begun in (row["signals_since"] or {}).items()}
    situation = Situation(
        day=day,
        facts=facts,
        health=health_rules.score(facts, day),
        arr=row["arr"],
        arr_a_year_ago=row["arr_a_year_ago"],
        customer_since=row["customer_since"],
        renewal_date=row["renewal_date"],
        renewal_risk=RiskLevel(row["renewal_risk"]) if row["renewal_risk"] else None,
        expansion=row["expansion_oppty_dollar"],
        logins_before=row["logins_before"],
        score_before=row["score_30_days_back"],
        since=since,
    )
    is_newest = row["scored_on"] is None or row["scored_on"] <= day
    return situation, _Before(is_newest, row["score_before"], row["bucket_before"], since)


def _snapshot(
    account_id: int, health: Health, found: Sequence[Signal], recommended: Sequence[Recommendation]
) -> dict[str, object]:
    return {
        "account_id": account_id,
        "score": health.score,
        "bucket": health.bucket,
        "source": health.source,
        "coverage": health.coverage,
        "scorecard_version": health.scorecard_version,
        "factors": health.factors,
        "missing": health.missing,
        "signals": found,
        "recommendations": recommended,
    }


def _news(account_id: int, found: Sequence[Signal], before: _Before, *, moved: bool) -> list[dict[str, object]]:
    codes = {signal.code for signal in found}
    kinds = [UpdateKind.BUCKET_CHANGED] * moved
    kinds += [UpdateKind.SIGNAL_RAISED] * bool(codes - before.since.keys())
    kinds += [UpdateKind.SIGNAL_CLEARED] * bool(before.since.keys() - codes)
    return [{"kind": kind, "subject": f"acc_{account_id}"} for kind in kinds]


def _change(account_id: int, health: Health, before: _Before) -> dict[str, object]:
    fields = [
        {"field": "bucket", "before": before.bucket, "after": health.bucket},
        {"field": "score", "before": before.score, "after": health.score},
    ]
    return {"account_id": account_id, "fields": fields}


def _json(value: object) -> str:
    """Frozen dataclasses as objects, Decimal as the string it prints as."""
    return orjson.dumps(value, default=_decimal).decode()


def _decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")


# Rows are locked in the order of their ids, before anything is written, so that two scorers, or a scorer and an edit,
# wait for each other and never embrace. It is a statement of its own: one that waits reads on as of before it waited.
_LOCK: Final = """
select a.id from accounts a
where a.id > %(last)s and (a.churned_on is null or a.churned_on > %(day)s)
  and (%(chosen)s::bigint[] is null or a.id = any(%(chosen)s::bigint[]))
order by a.id limit %(batch)s
for no key update
"""

# The facts of each account as of %(day)s.
_FACTS: Final = """
select a.id, a.segment, a.scored_on, a.renewal_date, r.arr, y.arr as arr_a_year_ago, c.customer_since,
  case when a.status = 'CHURNED' then 'ACTIVE' else a.status end as status,
  o.observed_on, o.active_users, o.seats_purchased, o.feature_x_adoption, o.weekly_active_pct, o.time_to_value_days,
  o.tickets_last_30d, o.critical_tickets_90d, o.sla_breaches_90d, o.nps, o.nps_on, o.qbr_last_date, o.onboarding,
  o.onboarding_progress, o.expansion_oppty_dollar, o.renewal_risk, o.health_score, o.told_on,
  m.last_metric_on, m.logins, m.logins_before, m.session_logins, m.session_minutes,
  b.score as score_30_days_back, n.score::text as score_before, n.bucket as bucket_before, n.signals_since
from accounts a
join lateral (
  select arr from arr_history where account_id = a.id and effective_on <= %(day)s order by effective_on desc limit 1
) r on true
left join lateral (
  select arr from arr_history where account_id = a.id and effective_on <= %(day)s::date - 365
  order by effective_on desc limit 1
) y on true
left join lateral (
  select effective_on as customer_since from arr_history where account_id = a.id order by effective_on limit 1
) c on true
left join lateral (
  select * from account_observations where account_id = a.id and observed_on <= %(day)s
  order by observed_on desc limit 1
) o on true
left join lateral (
  select max(day) filter (where logins is not null) as last_metric_on,
    sum(logins) filter (where day > %(day)s::date - 30) as logins,
    sum(logins) filter (where day <= %(day)s::date - 30) as logins_before,
    sum(logins) filter (where day > %(day)s::date - 30 and avg_session_min is not null) as session_logins,
    sum(avg_session_min * logins) filter (where day > %(day)s::date - 30) as session_minutes
  from daily_metrics where account_id = a.id and day > %(day)s::date - 60 and day <= %(day)s
) m on true
left join lateral (
  select score from health_snapshots where account_id = a.id and day between %(day)s::date - 60 and %(day)s::date - 30
  order by day desc limit 1
) b on true
left join lateral (
  select score, bucket,
    (select jsonb_object_agg(s ->> 'code', s ->> 'since') from jsonb_array_elements(signals) s) as signals_since
  from health_snapshots where account_id = a.id and day <= %(day)s order by day desc limit 1
) n on true
where a.id = any(%(ids)s::bigint[])
order by a.id
"""

_KEEP: Final = """
insert into health_snapshots as h (account_id, day, score, bucket, source, coverage, scorecard_version, factors,
  missing, signals, recommendations, computed_at)
select s.account_id, %(day)s, s.score, s.bucket, s.source, s.coverage, s.scorecard_version, s.factors, s.missing,
  s.signals, s.recommendations, %(now)s
from json_to_recordset(%(snapshots)s) as s(account_id bigint, score numeric, bucket text, source text, coverage numeric,
  scorecard_version integer, factors jsonb, missing jsonb, signals jsonb, recommendations jsonb)
on conflict (account_id, day) do update set score = excluded.score, bucket = excluded.bucket, source = excluded.source,
  coverage = excluded.coverage, scorecard_version = excluded.scorecard_version, factors = excluded.factors,
  missing = excluded.missing, signals = excluded.signals, recommendations = excluded.recommendations,
  computed_at = excluded.computed_at
where (h.score, h.bucket, h.source, h.coverage, h.scorecard_version, h.factors, h.missing, h.signals, h.recommendations)
  is distinct from (excluded.score, excluded.bucket, excluded.source, excluded.coverage, excluded.scorecard_version,
    excluded.factors, excluded.missing, excluded.signals, excluded.recommendations)
"""

_POINT: Final = """
update accounts a set scored_on = %(day)s, score = s.score, bucket = s.bucket
from json_to_recordset(%(snapshots)s) as s(account_id bigint, score numeric, bucket text)
where a.id = s.account_id and (a.scored_on is null or a.scored_on <= %(day)s)
  and (a.scored_on, a.score, a.bucket) is distinct from (%(day)s::date, s.score, s.bucket)
"""

_TELL: Final = """
insert into events (at, kind, subject)
select %(now)s, e.kind, e.subject from json_to_recordset(%(events)s) as e(kind text, subject text)
"""

_NOTE: Final = """
insert into changes (account_id, at, actor, source, fields, upload_id)
select c.account_id, %(now)s, %(actor)s, 'SCORING', c.fields, %(upload)s
from json_to_recordset(%(changes)s) as c(account_id bigint, fields jsonb)
"""
