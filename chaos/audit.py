"""The clients' ledger held against the database: every claim that a client was told must be so, once.

Written without the product's own reads: plain SQL over the tables. Only the portfolio's ledger is verified by
`account_sums`, which compares it with the plain SQL over the accounts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final
from uuid import UUID

from chaos.ledger import Told, Write
from services.db.connection import Database
from services.maintenance import account_sums

CHANGES: Final = """
select x ->> 'after', count(*) from changes, jsonb_array_elements(fields) x
where x ->> 'field' = 'cs_owner' and source = 'API' group by 1
"""
ACCOUNTS: Final = """
select 'acc_' || a.id, a.version, a.cs_owner, a.arr::text, count(c.id),
  (array_agg(x ->> 'after' order by c.id desc) filter (where x ->> 'field' = 'cs_owner'))[1],
  count(distinct c.id)
from accounts a left join changes c on c.account_id = a.id and c.source = 'API'
left join lateral jsonb_array_elements(c.fields) x on true
group by a.id
"""
UPLOADS: Final = """
with told as (select subject, count(*) as events from events group by 1),
  errors as (select upload_id, count(*) as rows from upload_row_errors group by 1)
select u.idempotency_key, u.id::text, u.status, u.created_count, u.failed_count, u.has_report,
  coalesce(t.events, 0), coalesce(e.rows, 0)
from uploads u left join told t on t.subject = 'upl_' || replace(u.id::text, '-', '')
  left join errors e on e.upload_id = u.id
"""
ROWS: Final = """
select substring(external_id from '^(.*)-[^-]+$'), count(*), max(version) from accounts
where external_id like 'upload-%%' group by 1
"""
JOBS: Final = """
with told as (select subject, count(*) as events from events group by 1),
  made as (select job_id, count(*) as insights from insights group by 1)
select j.idempotency_key, 'job_' || replace(j.id::text, '-', ''), j.status,
  coalesce(m.insights, 0), coalesce(i.events, 0) + coalesce(f.events, 0)
from jobs j left join made m on m.job_id = j.id
  left join told i on i.subject = 'ins_' || replace(j.insight_id::text, '-', '')
  left join told f on f.subject = 'job_' || replace(j.id::text, '-', '')
where j.kind = 'INSIGHT'
"""


def broken(database_url: str, known: Sequence[Write]) -> list[str]:
    """Every promise that was not kept, in words; empty where all were."""
    with closing(Database(database_url)) as database:
        kinds = {kind: [write for write in known if write.kind == kind] for kind in ("change", "upload", "insight")}
        return [
            *_changes(database, kinds["change"]),
            *_uploads(database, kinds["upload"]),
            *_insights(database, kinds["insight"]),
            *_figures(database),
        ]


def accepted(known: Sequence[Write]) -> list[str]:
    """The row ids of the uploads whose file was accepted."""
    uploads = [write for write in known if write.kind == "upload" and write.facts.get("accepted")]
    return [str(UUID(write.facts["id"].removeprefix("upl_"))) for write in uploads]


def _changes(database: Database, known: Sequence[Write]) -> Iterator[str]:
    times = dict(database.rows(CHANGES))
    for write in known:
        yield from _wrong_number(write, times.get(write.key, 0))
    by_key = {write.key: write for write in known}
    for id_, version, owner, arr, _, last, changes in database.rows(ACCOUNTS):
        if version != 1 + changes:
            yield f"{id_} has version {version} after {changes} changes"
        if last in by_key and (owner, arr) != (last, _cents(by_key[last].facts["arr"])):
            yield f"{id_} has {owner} and {arr}, and the last change was {last}"


def _uploads(database: Database, known: Sequence[Write]) -> Iterator[str]:
    kept = database.rows(UPLOADS)
    found, times = {row[0]: row[1:] for row in kept}, Counter(row[0] for row in kept)
    rows = {key: (count, version) for key, count, version in database.rows(ROWS)}
    for write in known:
        yield from _wrong_number(write, times[write.key])
        if write.key not in found:
            continue
        id_, status, created, failed, has_report, events, errors = found[write.key]
        yield from _otherwise_seen(write, status)
        facts = write.facts
        if "id" in facts and facts["id"] != f"upl_{id_.replace('-', '')}":
            yield f"upload {write.key} was answered as {facts['id']} and is {id_}"
        came, version = rows.get(write.key, (0, 1))
        if facts["accepted"]:
            expected = ("PARTIAL" if facts["bad"] else "SUCCEEDED", facts["rows"], facts["bad"], bool(facts["bad"]))
            if (status, created, failed, has_report) != expected:
                yield f"upload {write.key} is {(status, created, failed, has_report)} instead of {expected}"
            if (came, version, events, errors) != (facts["rows"], 1, 1, facts["bad"]):
                yield (
                    f"upload {write.key} of {facts['rows']} rows left {came} accounts up to version {version}, "
                    f"{events} events, {errors} row errors"
                )
        elif came not in (0, facts["rows"]):
            yield f"upload {write.key} of {facts['rows']} rows left {came} accounts"


def _insights(database: Database, known: Sequence[Write]) -> Iterator[str]:
    kept = database.rows(JOBS)
    found, times = {row[0]: row[1:] for row in kept}, Counter(row[0] for row in kept)
    for write in known:
        yield from _wrong_number(write, times[write.key])
        if write.key not in found:
            continue
        id_, status, insights, events = found[write.key]
        yield from _otherwise_seen(write, status)
        if write.facts.get("id", id_) != id_:
            yield f"insight {write.key} was answered as {write.facts['id']} and is {id_}"
        if (status, insights, events) != ("SUCCEEDED", 1, 1):
            yield f"insight {write.key} is {status} with {insights} insights and {events} events"


def _figures(database: Database) -> Iterator[str]:
    differences = account_sums.verify(database)
    for cell in differences.cells:
        yield f"the portfolio's ledger differs: {cell}"
    for stray in differences.accounts:
        yield f"an account's health differs: {stray}"


def _wrong_number(write: Write, times: int) -> Iterator[str]:
    allowed = {Told.NOTHING: (0,), Told.UNKNOWN: (0, 1), Told.MADE: (1,)}[write.told]
    if times not in allowed:
        yield f"{write.kind} {write.key} was told to be {write.told} and is there {times} times"


def _otherwise_seen(write: Write, status: str) -> Iterator[str]:
    seen: Any = write.facts.get("seen")
    if seen is not None and seen != status:
        yield f"{write.kind} {write.key} was shown as {seen} and is {status}"


def _cents(text: str) -> str:
    units, _, cents = text.partition(".")
    return f"{units}.{cents:0<2}"
