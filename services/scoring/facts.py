"""What scoring begins with: an account's facts as of a day, read by SQL, and what was kept of it before."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services import health
from services.health import Facts
from services.records import record
from services.signals import Situation
from services.vocabulary import AccountStatus, RiskLevel, RiskSignalCode, Segment


@record()
class Before:
    """An account before it is scored. Score and bucket are of its newest snapshot up to the day, if there is one."""

    account_id: int
    situation: Situation
    is_newest: bool
    "Whether no later day has been scored."
    is_again: bool
    "Whether the day has a snapshot already."
    score: str | None
    bucket: str | None
    since: Mapping[RiskSignalCode, date]


Row = Sequence[Any]
"By the columns of FACTS; the first is the account's key."


def read(cursor: Any, day: date, ids: Sequence[int]) -> list[Row]:
    """The facts of the accounts, without those that were no customers yet."""
    cursor.execute(FACTS, {"day": day, "ids": ids})
    found: list[Row] = cursor.fetchall()
    return found


_SEGMENTS: Final = {word.value: word for word in Segment}
_STATUSES: Final = {word.value: word for word in AccountStatus}
_RISKS: Final = {None: None} | {word.value: word for word in RiskLevel}
_SIGNALS: Final = {word.value: word for word in RiskSignalCode}


def _days(told: Mapping[str, str] | None) -> dict[str, date]:
    return {name: date.fromisoformat(day) for name, day in told.items()} if told else {}


def before(row: Row, day: date) -> Before:
    (
        account_id, segment, status, renewal_date, is_newest, arr, arr_a_year_ago, customer_since, observed_on,
        told_on, active_users, seats_purchased, feature_x_adoption, weekly_active_pct,
        time_to_value_days, tickets_last_30d, critical_tickets_90d, sla_breaches_90d, nps, nps_on,
        qbr_last_date, onboarding, onboarding_progress, expansion, renewal_risk, imported_score,
        last_metric_on, logins, logins_before, session_logins, session_minutes,
        score_30_days_back, is_again, score_before, bucket_before, signals_since,
    ) = row  # fmt: skip
    facts = Facts(
        segment=_SEGMENTS[segment],
        status=_STATUSES[status],
        observed_on=observed_on,
        told_on=_days(told_on),
        active_users=active_users,
        seats_purchased=seats_purchased,
        feature_x_adoption=feature_x_adoption,
        weekly_active_pct=weekly_active_pct,
        time_to_value_days=time_to_value_days,
        tickets_last_30d=tickets_last_30d,
        critical_tickets_90d=critical_tickets_90d,
        sla_breaches_90d=sla_breaches_90d,
        nps=nps,
        nps_on=nps_on,
        qbr_last_date=qbr_last_date,
        onboarding=onboarding,
        onboarding_progress=onboarding_progress,
        imported_score=imported_score,
        last_metric_on=last_metric_on,
        metric_logins=logins,
        session_logins=session_logins,
        session_minutes=session_minutes,
    )
    since = {_SIGNALS[code]: begun for code, begun in _days(signals_since).items()}
    situation = Situation(
        day=day,
        facts=facts,
        health=health.score(facts, day),
        arr=arr,
        arr_a_year_ago=arr_a_year_ago,
        customer_since=customer_since,
        renewal_date=renewal_date,
        renewal_risk=_RISKS[renewal_risk],
        expansion=expansion,
        logins_before=logins_before,
        score_before=score_30_days_back,
        since=since,
    )
    return Before(account_id, situation, is_newest, is_again, score_before, bucket_before, since)


# As of %(day)s.
FACTS: Final = """
select a.id, a.segment, case when a.status = 'CHURNED' then 'ACTIVE' else a.status end, a.renewal_date,
  a.scored_on is null or a.scored_on <= %(day)s, r.arr, y.arr, c.customer_since, o.observed_on,
  nullif(o.told_on, '{}'), o.active_users, o.seats_purchased, o.feature_x_adoption, o.weekly_active_pct,
  o.time_to_value_days, o.tickets_last_30d, o.critical_tickets_90d, o.sla_breaches_90d, o.nps, o.nps_on,
  o.qbr_last_date, o.onboarding, o.onboarding_progress, o.expansion_oppty_dollar, o.renewal_risk, o.health_score,
  m.last_metric_on, m.logins, m.logins_before, m.session_logins, m.session_minutes,
  b.score, n.day is not distinct from %(day)s, n.score::text, n.bucket, n.signals_since
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
  select day, score, bucket,
    (select jsonb_object_agg(s ->> 'code', s ->> 'since') from jsonb_array_elements(signals) s) as signals_since
  from health_snapshots where account_id = a.id and day <= %(day)s order by day desc limit 1
) n on true
where a.id = any(%(ids)s::bigint[])
order by a.id
"""
