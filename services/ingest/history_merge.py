"""Merges rows that tell of an account's day: daily metrics, or the ARR from a day on. Set by set.

From `incoming` to daily_metrics or arr_history; what became of each row stands in `verdicts`.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from services.ingest.account_merge import difference
from services.ingest.claims import Claim

if TYPE_CHECKING:
    from sqlmodel import Session

FIGURES = ("logins", "events", "feature_x_events", "avg_session_min", "errors", "ticket_backlog")


def merge_days(session: "Session", present: Collection[str], *, beside_accounts: bool) -> None:
    """Merge daily metrics. A column that the file lacks leaves the figure; an empty cell clears it.

    `beside_accounts`: the rows were merged as accounts before, and `verdicts` has them already.
    """
    execute = session.connection().exec_driver_sql
    told = [name for name in FIGURES if name in present]
    if not told and beside_accounts:
        return
    execute(_days(told))
    if told:
        execute(_daily_metrics(told))
    else:
        execute("insert into daily_metrics (account_id, day) select account_id, day from days on conflict do nothing")
    execute(_BESIDE if beside_accounts else _VERDICTS.format(table="days"))


def merge_arr(session: "Session", claim: Claim, *, today: date, now: datetime) -> None:
    """Merge entries of the ARR history, and let each account's ARR follow its newest entry up to `today`."""
    execute = session.connection().exec_driver_sql
    execute(_ENTRIES)
    execute(_ARR_HISTORY)
    execute(_VERDICTS.format(table="entries"))
    execute(_REALIGN, {"today": today, "now": now, "actor": claim.actor, "upload": str(claim.upload_id)})


def _days(told: Collection[str]) -> str:
    differences = ", ".join(difference(name, f"m.{name}::text", f"i.{name}::text") for name in told)
    return f"""
create temp table days on commit drop as
select i.line, i.account_id, i.day, coalesce(i.external_id, i.name) as key, m.account_id is null as is_new,
  {"".join(f"i.{name}, " for name in told)}concat_ws(',', {differences or "null"}) as differences
from incoming i left join daily_metrics m on m.account_id = i.account_id and m.day = i.day
"""


def _daily_metrics(told: Collection[str]) -> str:
    columns = ", ".join(told)
    return f"""
insert into daily_metrics (account_id, day, {columns})
select account_id, day, {columns} from days where is_new or differences <> ''
on conflict (account_id, day) do update set {", ".join(f"{name} = excluded.{name}" for name in told)}
"""


_ENTRIES = f"""
create temp table entries on commit drop as
select i.line, i.account_id, i.effective_on, i.arr, coalesce(i.external_id, i.name) as key,
  h.account_id is null as is_new, concat_ws(',', {difference("arr", "h.arr::text", "i.arr::text")}) as differences
from incoming i left join arr_history h on h.account_id = i.account_id and h.effective_on = i.effective_on
"""

_ARR_HISTORY = """
insert into arr_history (account_id, effective_on, arr)
select account_id, effective_on, arr from entries where differences <> ''
on conflict (account_id, effective_on) do update set arr = excluded.arr
"""

_REALIGN = """
with newest as (
  select distinct on (h.account_id) h.account_id, h.arr from arr_history h
  where h.account_id in (select account_id from entries where differences <> '') and h.effective_on <= %(today)s
  order by h.account_id, h.effective_on desc
), locked as (
  select a.id, a.arr as before, n.arr as after from accounts a join newest n on n.account_id = a.id
  where a.arr <> n.arr order by a.id for no key update of a
), aligned as (
  update accounts a set arr = l.after, version = a.version + 1, updated_at = %(now)s from locked l where a.id = l.id
  returning a.id, l.before, l.after
), changed as (
  insert into changes (account_id, at, actor, source, fields, upload_id)
  select id, %(now)s, %(actor)s, 'IMPORT',
    jsonb_build_array(jsonb_build_object('field', 'arr', 'before', before::text, 'after', after::text)), %(upload)s
  from aligned order by id returning account_id
)
insert into events (at, kind, subject) select %(now)s, 'ACCOUNT_CHANGED', 'acc_' || account_id from changed
"""

_VERDICTS = """
create temp table verdicts on commit drop as
select line, account_id, key,
  case when is_new then 'CREATE' when differences <> '' then 'UPDATE' else 'UNCHANGED' end as action,
  differences, is_new or differences <> '' as touches
from {table}
"""

_BESIDE = """
update verdicts v set action = case when v.action = 'UNCHANGED' then 'UPDATE' else v.action end, touches = true,
  differences = concat_ws(',', nullif(v.differences, ''), nullif(d.differences, ''))
from days d where d.line = v.line and (d.is_new or d.differences <> '')
"""
