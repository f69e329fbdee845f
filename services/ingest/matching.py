"""Which account each staged row is about, set by set, in a temporary table `matched`. Rows about none are errors.

The key is external_id, else the name as the database folds it (account_key). Nothing is merged here. Each key is looked
up once, and a name is folded only where a row or an account has nothing else to be known by.
"""

from typing import TYPE_CHECKING

from services.ingest.claims import Claim
from services.ingest.reading import Layout
from services.vocabulary import RowErrorCode

if TYPE_CHECKING:
    from sqlmodel import Session


def match(session: "Session", claim: Claim, layout: Layout) -> int:
    """Write line, account and day of each good row of `incoming` into `matched`, and answer how many they are.

    A row about a new account has the id that the account is going to get. Call it under the accounts' lock.
    """
    execute = session.connection().exec_driver_sql
    makes_accounts = layout.header.has_accounts
    day = "effective_on" if claim.kind == "ARR_HISTORY" else "day" if layout.header.has_days else "observed_on"
    new_id = _NEW_ID if makes_accounts else "null::bigint"
    execute(_HEADS)
    execute(_BY_NAME_FOR_EXTERNAL_ID)
    execute(_BY_EXTERNAL_ID.format(new_id=new_id))
    execute(_NAMES)
    execute(_BY_NAME.format(new_id=new_id, in_file="exists (select from names)" if makes_accounts else "false"))
    execute(_MATCHED.format(day=day))
    good, bad = execute(_COUNT).one()
    values = {
        "upload": str(claim.upload_id), "name_header": _header(layout, "name"),
        "id_header": _header(layout, "external_id"), "ambiguous": RowErrorCode.AMBIGUOUS_ACCOUNT,
        "unknown": RowErrorCode.UNKNOWN_ACCOUNT, "duplicate": RowErrorCode.DUPLICATE_IN_FILE,
    }  # fmt: skip
    if bad:
        execute(_BAD, values)
    return int(good)


def lock_known(session: "Session") -> None:
    """Lock the known accounts of `matched`: what is read next is what an edit that was under way has left."""
    session.connection().exec_driver_sql(_LOCK)


def _header(layout: Layout, name: str) -> str | None:
    at = layout.header.columns.get(name)
    return None if at is None else layout.header.matches[at].header


_NEW_ID = "nextval((select pg_get_serial_sequence('accounts', 'id')::regclass))"
"In a query of its own, which is asked once."

_HEADS = """
create temp table heads on commit drop as
select h.external_id, h.line, a.id as account_id
from (select external_id, min(line) as line from incoming where external_id is not null group by external_id) h
left join accounts a on a.external_id = h.external_id
"""

# An account that was kept by name is given its external id by the first row that names both.
_BY_NAME_FOR_EXTERNAL_ID = """
with named as (
  select distinct on (i.external_id) i.external_id, account_key(i.name) as name_key, i.line
  from heads h join incoming i on i.external_id = h.external_id
  where h.account_id is null and i.name is not null and exists (select from accounts where external_id is null)
  order by i.external_id, i.line
), firsts as (
  select distinct on (name_key) name_key, external_id from named order by name_key, line
)
update heads h set account_id = a.id
from firsts f join accounts a on a.name_key = f.name_key and a.external_id is null
where h.external_id = f.external_id
"""

_BY_EXTERNAL_ID = """
create temp table by_external_id on commit drop as
select external_id, coalesce(account_id, {new_id}) as account_id, account_id is null as is_new
from (select * from heads order by line) h
"""

_NAMES = """
create temp table names on commit drop as
select name, account_key(name) as name_key, line
from (select name, min(line) as line from incoming where external_id is null group by name) n
"""

# account_id 0: several accounts have the name, those that this very file gives an external id included.
_BY_NAME = """
create temp table by_name on commit drop as
with keys as (
  select name_key, min(line) as line from names group by name_key
), known as (
  select name_key, id as account_id, false as is_new from accounts where name_key in (select name_key from keys)
  union
  select account_key(i.name), d.account_id, d.is_new from incoming i
  join by_external_id d on d.external_id = i.external_id
  where {in_file} and i.name is not null
), counted as (
  select name_key, case when min(account_id) = max(account_id) then min(account_id) else 0 end as account_id,
    bool_or(is_new) as is_new
  from known group by name_key
)
select name_key, coalesce(account_id, {new_id}) as account_id, coalesce(is_new, true) as is_new
from (select * from keys left join counted using (name_key) order by line) k
"""

# In the order of the tables' keys, which is how they are filled fastest.
_MATCHED = """
create temp table matched on commit drop as
select line, account_id, is_new, day, row_number() over same as nth, first_value(line) over same as first_line
from (
  select i.line, i.{day} as day, coalesce(d.account_id, k.account_id) as account_id,
    coalesce(d.is_new, k.is_new) as is_new
  from incoming i
  left join by_external_id d on d.external_id = i.external_id
  left join names n on n.name = i.name and i.external_id is null
  left join by_name k on k.name_key = n.name_key
) found
window same as (partition by account_id, day order by line)
"""

_COUNT = """
select count(*) filter (where good), count(*) filter (where not good)
from (select account_id is not null and account_id <> 0 and nth = 1 as good from matched) m
"""

_BAD = """
with bad as (
  delete from matched where account_id is null or account_id = 0 or nth > 1 returning *
)
insert into upload_row_errors (upload_id, line, column_name, code, message, value)
select %(upload)s, b.line,
  case when account_id <> 0 then null when i.external_id is null then %(name_header)s else %(id_header)s end,
  case when account_id is null then %(unknown)s when account_id = 0 then %(ambiguous)s else %(duplicate)s end,
  case when account_id is null and i.external_id is null then 'no account has this name'
    when account_id is null then 'no account has this external_id'
    when account_id = 0 then 'several accounts have this name: give the external_id'
    else 'the row in line ' || first_line || ' already speaks of this account on ' || b.day end,
  left(coalesce(i.external_id, i.name), 200)
from bad b join incoming i on i.line = b.line order by b.line
"""

# In the order of their ids, as the scoring locks them.
_LOCK = """
select count(*) from (
  select 1 from accounts where id in (select account_id from matched where not is_new) order by id for no key update
) locked
"""
