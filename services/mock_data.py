"""Puts a made-up portfolio into the database and scores its past. It never touches what people or files brought.

The companies are services.mock_world's. They are written and scored in batches, so that memory stays bounded.
"""

import csv
import dataclasses
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from services import portfolio_ledger, repeats, scoring
from services.errors import Rejected
from services.mock_figures import MONTH, Observation, Usage
from services.mock_world import Company, build
from services.vocabulary import ChangeSource, UserErrorCode

if TYPE_CHECKING:
    from sqlmodel import Session

MOST_DAYS: Final = 730
MOST_MONTHS_SCORED: Final = 12
_ROWS_A_BATCH: Final = 50_000
_COMPANIES_A_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How many companies, and how many companies times days, one call may ask for."""

    accounts: int
    metrics: int


API: Final = Limit(accounts=1_000, metrics=500_000)
"What is made within one request."
BENCH: Final = Limit(accounts=1_000_000, metrics=100_000_000)
"What a benchmark may ask for on its own database; the names last as long."


@dataclass(frozen=True, slots=True)
class Generated:
    """What was added. Less than what was asked for where some of it was there, or where a company has no such past."""

    accounts_created: int
    metrics_created: int
    seed: int


def generate(
    session: "Session",
    *,
    accounts: int,
    days: int,
    seed: int,
    replace: bool,
    actor: str,
    now: datetime,
    idempotency_key: str | None = None,
    limit: Limit = API,
) -> Generated:
    """Add companies 1 to `accounts` of the seed's world with `days` days of use, scored today and up to 12 months back.

    The same call again adds nothing: a company whose external id is there is left as it is. `replace` first removes all
    earlier made-up accounts, of whatever seed. The same idempotency key with the same input does nothing and answers
    alike. Raises Rejected.
    """
    _check(accounts, days, limit)
    today = now.astimezone(UTC).date()
    scoring.lock_accounts(session)
    asked = {"mutation": "generateMockData", "accounts": accounts, "days": days, "seed": seed, "replace": replace}
    if (kept := repeats.answer(session, actor, idempotency_key, asked)) is not None:
        return Generated(**kept)
    if replace:
        session.connection().exec_driver_sql("delete from accounts where origin = 'MOCK'")
    made = used = 0
    for wanted in _batches(build(accounts, days, seed, today), days):
        companies = _renamed(session, _missing(session, wanted))
        ids = _write(session, companies, today, actor, now)
        _score(session, ids, days, today, actor, now)
        portfolio_ledger.fold(session)
        made += len(companies)
        used += sum(len(company.usage) for company in companies)
    generated = Generated(made, used, seed)
    repeats.keep(session, actor, idempotency_key, asked, dataclasses.asdict(generated), now=now)
    return generated


def _check(accounts: int, days: int, limit: Limit) -> None:
    for name, value, most in (("accounts", accounts, limit.accounts), ("days", days, MOST_DAYS)):
        if not 1 <= value <= most:
            raise Rejected(UserErrorCode.OUT_OF_RANGE, f"{name} must be from 1 to {most}, not {value}", [name])
    if accounts * days > limit.metrics:
        message = f"accounts times days must be at most {limit.metrics}, not {accounts * days}"
        raise Rejected(UserErrorCode.OUT_OF_RANGE, message, ["days"])


def _batches(companies: Iterator[Company], days: int) -> Iterator[list[Company]]:
    size = max(1, min(_COMPANIES_A_BATCH, _ROWS_A_BATCH // days))
    while batch := list(islice(companies, size)):
        yield batch


def _missing(session: "Session", companies: Sequence[Company]) -> list[Company]:
    """Those whose external id nobody has."""
    ids = [company.external_id for company in companies]
    found = session.connection().exec_driver_sql("select external_id from accounts where external_id = any(%s)", (ids,))
    there = set(found.scalars())
    return [company for company in companies if company.external_id not in there]


def _renamed(session: "Session", companies: Sequence[Company]) -> list[Company]:
    """A company that an account of another origin shares its name with bears its external id behind it."""
    names = [company.name for company in companies]
    taken = set(session.connection().exec_driver_sql(_TAKEN, (names,)).scalars())
    return [
        dataclasses.replace(company, name=f"{company.name} ({company.external_id})")
        if company.name in taken
        else company
        for company in companies
    ]


def _write(session: "Session", companies: Sequence[Company], today: date, actor: str, now: datetime) -> list[int]:
    """The companies' ids, in their order, once all that is known of them is in the tables."""
    ids = list(session.connection().exec_driver_sql(_NEW_IDS, (len(companies),)).scalars())
    numbered = list(zip(ids, companies, strict=True))
    _copy(session, "accounts", _ACCOUNT, (_account(id_, company, today, now) for id_, company in numbered))
    _copy(
        session, "account_observations", ("account_id", *Observation._fields),
        ((id_, *observation) for id_, company in numbered for observation in company.observations),
    )  # fmt: skip
    _copy(
        session, "daily_metrics", ("account_id", *Usage._fields),
        ((id_, *used) for id_, company in numbered for used in company.usage),
    )  # fmt: skip
    _copy(
        session, "arr_history", ("account_id", "effective_on", "arr"),
        ((id_, *entry) for id_, company in numbered for entry in company.arr_history),
    )  # fmt: skip
    _copy(
        session, "changes", ("account_id", "at", "actor", "source", "fields"),
        ((id_, now, actor, ChangeSource.MOCK, _created(company)) for id_, company in numbered),
    )  # fmt: skip
    return ids


def _score(session: "Session", ids: Sequence[int], days: int, today: date, actor: str, now: datetime) -> None:
    """Today, after each month's observation back over `days`, oldest first, for a trend looks at the snapshot before.

    The accounts were written as if scored today, so that the past makes no news: only today's scoring tells of changes.
    """
    months = min(days // MONTH, MOST_MONTHS_SCORED)
    for month in range(months, -1, -1):
        scoring.score(session, today - timedelta(MONTH * month), now=now, account_ids=ids, actor=actor)
    session.connection().exec_driver_sql(_POINT_THE_LOST, (list(ids),))


def _copy(session: "Session", table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to the table; None is stored as null."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    text.seek(0)
    cursor: Any = session.connection().connection.cursor()
    with cursor:
        cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin (format csv)", text)


_ACCOUNT: Final = (
    "id", "external_id", "name", "arr", "segment", "industry", "region", "cs_owner", "renewal_date", "status",
    "churned_on", "origin", "observed_on", "scored_on", "created_at", "updated_at",
)  # fmt: skip


def _account(id_: int, company: Company, today: date, now: datetime) -> tuple[Any, ...]:
    return (
        id_, company.external_id, company.name, company.arr, company.segment, company.industry, company.region,
        company.cs_owner, company.renewal_date, company.status, company.churned_on,
        "MOCK", company.observations[-1].observed_on, today, now, now,
    )  # fmt: skip


def _created(company: Company) -> str:
    told = {"name": company.name, "segment": company.segment, "arr": str(company.arr), "status": company.status}
    fields = [{"field": field, "before": None, "after": value} for field, value in told.items()]
    return orjson.dumps(fields).decode()


_NEW_IDS: Final = "select nextval(pg_get_serial_sequence('accounts', 'id')) from generate_series(1, %s)"

_TAKEN: Final = """
select wanted.name from unnest(%s::text[]) as wanted(name)
where exists (
  select from accounts a where a.name_key = account_key(wanted.name) collate "C" and a.origin <> 'MOCK'
)
"""

_POINT_THE_LOST: Final = """
update accounts a set scored_on = h.day, score = h.score, bucket = coalesce(h.bucket, 'UNKNOWN')
from accounts lost
left join lateral (
  select day, score, bucket from health_snapshots where account_id = lost.id order by day desc limit 1
) h on true
where a.id = lost.id and lost.id = any(%s) and lost.churned_on is not null
"""
