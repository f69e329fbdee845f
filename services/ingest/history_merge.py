"""Merges rows that tell of an account's day: daily metrics, or the ARR from a day on. Set by set.

From `incoming` and `matched` to daily_metrics or arr_history.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from services.ingest import matching
from services.ingest.claims import Claim
from services.ingest.differences import difference, joined

if TYPE_CHECKING:
    from sqlmodel import Session

FIGURES = ("logins", "events", "feature_x_events", "avg_session_min", "errors", "ticket_backlog")


def merge_days(session: "Session", present: Collection[str], *, shown: int, accounts: str | None) -> str:
    """Merge daily metrics, and answer SQL for what became of each row: its verdict (see services.ingest.merging).

    A column that the file lacks leaves the figure; an empty cell clears it. `accounts`: the verdicts of the same rows
    that were merged as accounts before; `shown`: the last line whose differences are asked for.
    """
    execute = session.connection().exec_driver_sql
    told = [name for name in FIGURES if name in present]
    if accounts and not told:
        return accounts
    execute(_days(told), {"shown": shown})
    if told:
        execute(_daily_metrics(told))
    else:
        execute("insert into daily_metrics (account_id, day) select account_id, day from days on conflict do nothing")
    return _BESIDE.format(accounts=accounts) if accounts else _VERDICTS.format(table="days")


def merge_arr(session: "Session", claim: Claim, *, today: date, now: datetime) -> str:
    """Merge entries of the ARR history, and let each account's ARR follow its newest entry up to `today`.

    Answers SQL for the rows' verdicts.
    """
    execute = session.connection().exec_driver_sql
    matching.lock_known(session)
    execute(_ENTRIES)
    execute(_ARR_HISTORY)
    execute(_REALIGN, {"today": today, "now": now, "actor": claim.actor, "upload": str(claim.upload_id)})
    return _VERDICTS.format(table="entries")


def _days(told: Collection[str]) -> str:
    differs = " or ".join(f"m.{name} is distinct from i.{name}" for name in told) or "false"
    return f"""
create temp table days on commit drop as
select i.line, k.account_id, k.day, coalesce(i.external_id, i.name) as key, m.account_id is null as is_new,
  {"".join(f"i.{name}, " for name in told)}{differs} as differs,
  case when i.line <= %(shown)s then
    {joined(difference(name, f"m.{name}", f"i.{name}") for name in told)} end as differences
from matched k join incoming i on i.line = k.line
left join daily_metrics m on m.account_id = k.account_id and m.day = k.day
"""


def _daily_metrics(told: Collection[str]) -> str:
    columns = ", ".join(told)
    return f"""
insert into daily_metrics (account_id, day, {columns})
select account_id, day, {columns} from days where is_new or differs
on conflict (account_id, day) do update set {", ".join(f"{name} = excluded.{name}" for name in told)}
"""


_ENTRIES = f"""
create temp table entries on commit drop as
select i.line, k.account_id, i.effective_on, i.arr, coalesce(i.external_id, i.name) as key,
  h.account_id is null as is_new, h.arr is distinct from i.arr as differs,
  {joined([difference("arr", "h.arr", "i.arr")])} as differences
from matched k join incoming i on i.line = k.line
left join arr_history h on h.account_id = k.account_id and h.effective_on = i.effective_on
"""

_ARR_HISTORY = """
insert into arr_history (account_id, effective_on, arr)
select account_id, effective_on, arr from entries where differs
on conflict (account_id, effective_on) do update set arr = excluded.arr
"""

_REALIGN = """
with newest as (
  select distinct on (h.account_id) h.account_id, h.arr from arr_history h
  where h.account_id in (select account_id from entries where differs) and h.effective_on <= %(today)s
  order by h.account_id, h.effective_on desc
), moved as (
  select a.id, a.arr as before, n.arr as after from accounts a join newest n on n.account_id = a.id
  where a.arr <> n.arr
), aligned as (
  update accounts a set arr = m.after, version = a.version + 1, updated_at = %(now)s from moved m where a.id = m.id
  returning a.id, m.before, m.after
), changed as (
  insert into changes (account_id, at, actor, source, fields, upload_id)
  select id, %(now)s, %(actor)s, 'IMPORT',
    jsonb_build_array(jsonb_build_object('field', 'arr', 'before', before::text, 'after', after::text)), %(upload)s
  from aligned order by id returning account_id
)
insert into events (at, kind, subject) select %(now)s, 'ACCOUNT_CHANGED', 'acc_' || account_id from changed
"""

_VERDICTS = """
select line, account_id, key, case when is_new then 'CREATE' when differs then 'UPDATE' else 'UNCHANGED' end as action,
  differences, is_new or differs as touches
from {table}
"""

_BESIDE = """
select a.line, a.account_id, a.key,
  case when a.action = 'UNCHANGED' and (d.is_new or d.differs) then 'UPDATE' else a.action end as action,
  concat_ws(',', nullif(a.differences, ''), d.differences) as differences,
  a.touches or d.is_new or d.differs as touches
from ({accounts}) a join days d on d.line = a.line
"""
