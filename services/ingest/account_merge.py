"""Merges rows that tell of accounts: the account, its ARR and what was measured of it on the row's day. Set by set.

From `incoming` and `matched` to accounts, arr_history and account_observations. What is new has nothing to be compared
with; rows about known accounts are laid beside what was known, in `judged`.

A column that the file lacks leaves the value; an empty cell clears it. A row older than what is known of the account
becomes history and leaves today's account alone.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from services.ingest import matching
from services.ingest.claims import Claim
from services.ingest.differences import difference, joined, told

if TYPE_CHECKING:
    from sqlmodel import Session

TEXTS = ("industry", "region", "cs_owner")
MEASURED = (
    "active_users", "seats_purchased", "feature_x_adoption", "weekly_active_pct", "time_to_value_days",
    "tickets_last_30d", "critical_tickets_90d", "sla_breaches_90d", "nps", "qbr_last_date", "onboarding",
    "onboarding_progress", "expansion_oppty_dollar", "renewal_risk", "health_score",
)  # fmt: skip
OBSERVED = (*MEASURED, "nps_on", "told_on")
SHARES = ("feature_x_adoption", "weekly_active_pct")
FREE = ("external_id", "name", *TEXTS)
"Columns whose text may hold what JSON must escape."


def merge(session: "Session", claim: Claim, present: Collection[str], *, today: date, now: datetime) -> str:
    """Merge the rows, and answer SQL for what became of each: its verdict (see services.ingest.merging).

    `present`: the columns of `incoming` that the file has; `today`: for the ARR of today.
    """
    execute = session.connection().exec_driver_sql
    values = {"upload": str(claim.upload_id), "actor": claim.actor, "today": today, "now": now}
    matching.lock_known(session)
    execute(_PLACED)
    execute(_NEW_ACCOUNTS, values)
    execute(_ARR_MOVES)
    execute(_ARR_HISTORY)
    execute(_judged(present), values)
    execute(_OBSERVATIONS)
    execute(_ACCOUNTS, values)
    execute(_CHANGES, values)
    execute(_new_changes(present), values)
    execute(_EVENTS, values)
    return _verdicts(present)


def _judged(present: Collection[str]) -> str:
    """Each row about a known account beside what was known before: the observation it makes, and all that differs."""
    measured = ", ".join(f"i.{name}" if name in present else f"b.{name}" for name in MEASURED)
    nps_on = "case when i.nps is not null then i.observed_on end" if "nps" in present else "b.nps_on"
    carried = [name for name in MEASURED if name not in present and name != "nps"]
    new = {
        "external_id": "coalesce(i.external_id, a.external_id)",
        "name": "i.name",
        "segment": "i.segment",
        **{name: f"i.{name}" if name in present else f"a.{name}" for name in (*TEXTS, "renewal_date")},
        "status": "coalesce(i.status, a.status)",
        "churned_on": "case when coalesce(i.status, a.status) = 'CHURNED' then "
        "coalesce(i.churned_on, a.churned_on, i.observed_on) end",
    }
    of_account = joined(difference(name, f"a.{name}", after) for name, after in new.items() if after != f"a.{name}")
    of_day = joined(
        difference(name, f"b.{name}", f"n.{name}", as_text=_text(name))
        for name in MEASURED if name in present and not name.startswith("onboarding")
    )  # fmt: skip
    phase = difference("onboarding_phase", _phase("b"), _phase("n")) if "onboarding" in present else "null"
    return f"""
create temp table judged on commit drop as
select i.line, i.account_id, i.observed_on, i.is_current, i.observes,
  coalesce(i.external_id, a.external_id, i.name) as key,
  {", ".join(f"({after}) as {name}" for name, after in new.items())},
  {", ".join(f"n.{name}" for name in MEASURED)}, n.nps_on, {_told_on(carried)} as told_on,
  b.observed_on as base_on, r.arr as arr_today,
  concat_ws(',', case when i.is_current then {of_account} end, {of_day}, {phase}) as differences,
  {difference("arr", "m.before", "m.arr")} as arr_that_day,
  {difference("arr", "a.arr", "r.arr")} as arr_now
from placed i
join accounts a on a.id = i.account_id
left join lateral (
  select * from account_observations o where o.account_id = i.account_id and o.observed_on <= i.observed_on
  order by o.observed_on desc limit 1
) b on true
cross join lateral (select {measured}, {nps_on}) n ({", ".join(MEASURED)}, nps_on)
join lateral (
  select h.arr from arr_history h where h.account_id = i.account_id and h.effective_on <= %(today)s
  order by h.effective_on desc limit 1
) r on true
left join arr_moves m on m.account_id = i.account_id and m.effective_on = i.observed_on and i.observes
where not i.is_new
"""


def _new_changes(present: Collection[str]) -> str:
    return f"""
insert into changes (account_id, at, actor, source, fields, upload_id)
select account_id, %(now)s, %(actor)s, 'IMPORT',
  ('[' || {_told_of_new(present)} || ',' || {told("arr", "i.arr")} || ']')::jsonb, %(upload)s
from placed i where is_new and is_current
"""


def _verdicts(present: Collection[str]) -> str:
    """An observation that repeats the last one on a later day is kept, as a sign of life, and changes nothing."""
    measured = ", ".join(f"i.{name}" for name in MEASURED if name in present) or "null"
    return f"""
select line, account_id, key,
  case when concat(differences, arr_that_day) <> '' then 'UPDATE' else 'UNCHANGED' end as action,
  concat_ws(',', nullif(differences, ''), arr_that_day) as differences,
  concat(differences, arr_that_day) <> '' or observes and base_on is distinct from observed_on as touches
from judged
union all
select i.line, i.account_id, coalesce(i.external_id, i.name),
  case when i.creates then 'CREATE' when i.is_current or num_nonnulls({measured}) > 0 or m.arr is not null
    then 'UPDATE' else 'UNCHANGED' end,
  concat_ws(',', {_told_of_new(present)}, {difference("arr", "m.before", "m.arr")}),
  i.creates or i.observes or i.is_current or num_nonnulls({measured}) > 0
from placed i
left join arr_moves m on m.account_id = i.account_id and m.effective_on = i.observed_on and i.observes
where i.is_new
"""


def _told_of_new(present: Collection[str]) -> str:
    """SQL: all that a row tells of a new account, but for its ARR, as the text of JSON objects."""
    of_account = {
        "external_id": "i.external_id",
        "name": "i.name",
        "segment": "i.segment",
        **{name: f"i.{name}" for name in (*TEXTS, "renewal_date") if name in present},
        "status": "coalesce(i.status, 'ACTIVE')",
        "churned_on": "case when i.status = 'CHURNED' then coalesce(i.churned_on, i.observed_on) end",
    }
    of_day = [name for name in MEASURED if name in present and not name.startswith("onboarding")]
    return joined([
        f"""case when i.is_current or i.creates then {
            joined(told(name, value, escaped=name in FREE) for name, value in of_account.items())
        } end""",
        *(told(name, _text(name).format(f"i.{name}")) for name in of_day),
        *([told("onboarding_phase", _phase("i"))] if "onboarding" in present else []),
    ])  # fmt: skip


def _told_on(carried: Collection[str]) -> str:
    """SQL: since when the figures that the row carries on are known, as they were not told again."""
    if not carried:
        return "'{}'::jsonb"
    names = ", ".join(f"'{name}'" for name in carried)
    return f"""coalesce((
    select jsonb_object_agg(c, day) from (
      select c, coalesce(b.told_on ->> c, b.observed_on::text) as day from unnest(array[{names}]) c
    ) days where day < i.observed_on::text), '{{}}')"""


def _text(name: str) -> str:
    return "trim_scale({})::text" if name in SHARES else "{}::text"


def _phase(table: str) -> str:
    progress = f"trim_scale({table}.onboarding_progress * 100)::text || '%%'"
    return f"coalesce({progress}, case {table}.onboarding when true then 'yes' when false then 'no' end)"


_PLACED = """
create temp table placed on commit drop as
select i.line, m.account_id, max(i.external_id) over account as external_id, i.name, i.arr, i.segment,
  i.industry, i.region, i.cs_owner, i.renewal_date, i.status, i.churned_on, i.observed_on, i.active_users,
  i.seats_purchased, i.feature_x_adoption, i.weekly_active_pct, i.time_to_value_days, i.tickets_last_30d,
  i.critical_tickets_90d, i.sla_breaches_90d, i.nps, i.qbr_last_date, i.onboarding, i.onboarding_progress,
  i.expansion_oppty_dollar, i.renewal_risk, i.health_score,
  m.is_new,
  m.is_new and i.line = min(i.line) over account as creates,
  -- the row that tells of the account as it stands now
  i.line = last_value(i.line) over (partition by m.account_id order by i.observed_on, i.line
    rows between unbounded preceding and unbounded following)
    and (m.is_new or i.observed_on >= a.observed_on) as is_current,
  -- the row that tells of the account on that day: in a wide file several may
  i.line = max(i.line) over (partition by m.account_id, i.observed_on) as observes
from matched m join incoming i on i.line = m.line left join accounts a on a.id = m.account_id
window account as (partition by m.account_id)
"""

_NEW_ACCOUNTS = """
insert into accounts (id, external_id, name, arr, segment, industry, region, cs_owner, renewal_date, status, churned_on,
  origin, observed_on, created_at, updated_at)
overriding system value
select account_id, external_id, name, arr, segment, industry, region, cs_owner, renewal_date,
  coalesce(status, 'ACTIVE'), case when status = 'CHURNED' then coalesce(churned_on, observed_on) end, 'IMPORT',
  observed_on, %(now)s, %(now)s
from placed where is_new and is_current order by account_id
"""

# Where a row's ARR differs from the ARR of its day, by the history and the file's earlier days.
_ARR_MOVES = """
create temp table arr_moves on commit drop as
with told as (
  select account_id, observed_on as effective_on, arr, is_new from placed where observes
), known as (
  select h.account_id, h.effective_on, h.arr, false as is_new, false as in_file from arr_history h
  where h.account_id in (select account_id from told where not is_new)
  union all
  select account_id, effective_on, arr, is_new, true from told
), ordered as (
  select *, lag(arr) over (partition by account_id order by effective_on, in_file) as before from known
)
select account_id, effective_on, arr, before, is_new from ordered where in_file and before is distinct from arr
"""

# A move into the past must not reach into days that were observed since: the next of them keeps the ARR it had.
_ARR_HISTORY = """
insert into arr_history as h (account_id, effective_on, arr)
select account_id, effective_on, arr from arr_moves
union all
select distinct m.account_id, n.observed_on, k.arr from arr_moves m
cross join lateral (
  select min(observed_on) as observed_on from account_observations o
  where o.account_id = m.account_id and o.observed_on > m.effective_on
) n
cross join lateral (
  select arr, effective_on from arr_history k where k.account_id = m.account_id and k.effective_on <= n.observed_on
  order by effective_on desc limit 1
) k
where not m.is_new and k.effective_on <= m.effective_on and not exists (
  select 1 from placed p where p.account_id = m.account_id and p.observed_on = n.observed_on
)
on conflict (account_id, effective_on) do update set arr = excluded.arr
"""

_OBSERVATIONS = f"""
insert into account_observations as o (account_id, observed_on, {", ".join(OBSERVED)})
select account_id, observed_on, {", ".join(MEASURED)}, case when nps is not null then observed_on end, '{{}}'::jsonb
from placed where is_new and observes
union all
select account_id, observed_on, {", ".join(OBSERVED)} from judged where observes
on conflict (account_id, observed_on) do update
set ({", ".join(OBSERVED)}) = ({", ".join(f"excluded.{name}" for name in OBSERVED)})
where ({", ".join(f"o.{name}" for name in OBSERVED)})
  is distinct from ({", ".join(f"excluded.{name}" for name in OBSERVED)})
"""

_ACCOUNTS = """
update accounts a set external_id = j.external_id, name = j.name, segment = j.segment, industry = j.industry,
  region = j.region, cs_owner = j.cs_owner, renewal_date = j.renewal_date, status = j.status,
  churned_on = j.churned_on, arr = j.arr_today, observed_on = j.observed_on,
  version = a.version + (concat(j.differences, j.arr_now) <> '')::int,
  updated_at = case when concat(j.differences, j.arr_now) <> '' then %(now)s else a.updated_at end
from judged j
where j.account_id = a.id and j.is_current
  and (concat(j.differences, j.arr_now) <> '' or a.observed_on <> j.observed_on)
"""

_CHANGES = """
insert into changes (account_id, at, actor, source, fields, upload_id)
select account_id, %(now)s, %(actor)s, 'IMPORT',
  ('[' || concat_ws(',', nullif(differences, ''), arr_now) || ']')::jsonb, %(upload)s
from judged where is_current and concat(differences, arr_now) <> '' order by account_id
"""

_EVENTS = """
insert into events (at, kind, subject)
select %(now)s, 'ACCOUNT_CHANGED', 'acc_' || account_id from (
  select account_id from judged where is_current and concat(differences, arr_now) <> ''
  union all
  select account_id from placed where is_new and is_current
) changed
"""
