"""Which account each staged row is about, set by set, in a temporary table `incoming`. Rows about none are errors.

The key is external_id, else the name as the database folds it (account_key). Nothing is merged here.
"""

from typing import TYPE_CHECKING

from services.ingest.claims import Claim
from services.ingest.reading import Layout
from services.vocabulary import RowErrorCode

if TYPE_CHECKING:
    from sqlmodel import Session


def match(session: "Session", claim: Claim, layout: Layout) -> int:
    """Lay the staged rows out in `incoming` with the id of their account, and answer how many rows are good.

    A row about a new account has the id that the account is going to get. Call it under the accounts' lock.
    """
    execute = session.connection().exec_driver_sql
    header = layout.header
    values: dict[str, object] = {"upload": str(claim.upload_id)}
    execute(
        "create temp table incoming on commit drop as select * from upload_rows where upload_id = %(upload)s", values
    )
    execute(_ANALYZE)
    execute(_BY_EXTERNAL_ID)
    execute(_BY_NAME_FOR_EXTERNAL_ID)
    if header.has_accounts:
        execute(_NEW_BY_EXTERNAL_ID)
    values["name_header"], values["id_header"] = _header(layout, "name"), _header(layout, "external_id")
    execute(_BY_NAME.format(in_file="true" if header.has_accounts else "false"))
    execute(_AMBIGUOUS, values | {"code": RowErrorCode.AMBIGUOUS_ACCOUNT})
    if header.has_accounts:
        execute(_NEW_BY_NAME)
    else:
        execute(_UNKNOWN, values | {"code": RowErrorCode.UNKNOWN_ACCOUNT})
    day = "effective_on" if claim.kind == "ARR_HISTORY" else "day" if header.has_days else "observed_on"
    execute(_DUPLICATES.format(day=day), values | {"code": RowErrorCode.DUPLICATE_IN_FILE})
    execute(_ANALYZE)
    good: int = execute("select count(*) from incoming").scalar_one()
    return good


def _header(layout: Layout, name: str) -> str | None:
    at = layout.header.columns.get(name)
    return None if at is None else layout.header.matches[at].header


# Only what is joined on: judging all columns of a large file takes as long as merging it.
_ANALYZE = "analyze incoming (line, account_id, external_id, name_key)"

_BY_EXTERNAL_ID = """
update incoming i set account_id = a.id from accounts a where a.external_id = i.external_id
"""

# An account that was kept by name is given its external id by the first row that names both.
_BY_NAME_FOR_EXTERNAL_ID = """
with heads as (
  select distinct on (external_id) external_id, name_key, line from incoming
  where account_id is null and external_id is not null and name_key is not null order by external_id, line
), firsts as (
  select distinct on (name_key) name_key, external_id from heads order by name_key, line
)
update incoming i set account_id = a.id
from firsts f join accounts a on a.name_key = f.name_key and a.external_id is null
where i.external_id = f.external_id and i.account_id is null
"""

_NEW_BY_EXTERNAL_ID = """
with heads as (
  select external_id from incoming where account_id is null and external_id is not null
  group by external_id order by min(line)
), numbered as (
  select external_id, nextval(pg_get_serial_sequence('accounts', 'id')) as id from heads
)
update incoming i set account_id = n.id from numbered n where i.external_id = n.external_id and i.account_id is null
"""

# account_id 0: several accounts have the name, those that this very file gives an external id included.
_BY_NAME = """
with known as (
  select name_key, id as account_id from accounts
  where name_key in (select name_key from incoming where account_id is null and external_id is null)
  union
  select name_key, account_id from incoming where {in_file} and external_id is not null and account_id is not null
), counted as (
  select name_key, case when min(account_id) = max(account_id) then min(account_id) else 0 end as account_id
  from known group by name_key
)
update incoming i set account_id = c.account_id from counted c
where i.name_key = c.name_key and i.external_id is null and i.account_id is null
"""

_NEW_BY_NAME = """
with heads as (
  select name_key from incoming where account_id is null group by name_key order by min(line)
), numbered as (
  select name_key, nextval(pg_get_serial_sequence('accounts', 'id')) as id from heads
)
update incoming i set account_id = n.id from numbered n where i.name_key = n.name_key and i.account_id is null
"""

_AMBIGUOUS = """
with bad as (delete from incoming where account_id = 0 returning line, name)
insert into upload_row_errors (upload_id, line, column_name, code, message, value)
select %(upload)s, line, %(name_header)s, %(code)s, 'several accounts have this name: give the external_id',
  left(name, 200)
from bad
"""

_UNKNOWN = """
with bad as (delete from incoming where account_id is null returning line, external_id, name)
insert into upload_row_errors (upload_id, line, column_name, code, message, value)
select %(upload)s, line, case when external_id is null then %(name_header)s else %(id_header)s end, %(code)s,
  case when external_id is null then 'no account has this name' else 'no account has this external_id' end,
  left(coalesce(external_id, name), 200)
from bad
"""

_DUPLICATES = """
with numbered as (
  select line, row_number() over same as nth, min(line) over same as first_line, {day} as day,
    coalesce(external_id, name) as key
  from incoming window same as (partition by account_id, {day} order by line)
), bad as (
  delete from incoming i using numbered n where n.line = i.line and n.nth > 1 returning n.*
)
insert into upload_row_errors (upload_id, line, column_name, code, message, value)
select %(upload)s, line, null, %(code)s,
  'the row in line ' || first_line || ' already speaks of this account on ' || day, left(key, 200)
from bad
"""
