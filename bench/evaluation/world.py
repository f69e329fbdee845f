"""Writes planted accounts into a database of the evaluation's own and lets the product score them on their days."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.evaluation.planted import DAY, Planted
from local.postgres import Postgres
from services.db.connection import Database

if TYPE_CHECKING:
    from sqlmodel import Session

NOW = datetime.combine(DAY, time(12), UTC)


@contextmanager
def database() -> Iterator[Database]:
    """An embedded PostgreSQL, migrated and empty, gone afterwards."""
    from services.db.migrate import upgrade

    with TemporaryDirectory(prefix="insights-evaluation-") as folder, Postgres(Path(folder) / "postgres") as server:
        upgrade(server.url)
        database = Database(server.url)
        try:
            yield database
        finally:
            database.close()


def write(database: Database, planted: Iterable[Planted]) -> Mapping[int, int]:
    """Write and score them; the accounts' ids by their numbers."""
    from services import scoring

    known: dict[int, int] = {}
    days: dict[date, list[int]] = {}
    with database.writing() as session:
        for one in planted:
            known[one.number] = id_ = _write(session, one)
            for day in one.scored_on:
                days.setdefault(day, []).append(id_)
        for day, ids in sorted(days.items()):
            scoring.score(session, day, now=NOW, actor="evaluation", account_ids=ids)
    return known


def _write(session: "Session", one: Planted) -> int:
    from sqlalchemy import insert

    from services.db.tables import Account, AccountObservation, ArrEntry, DailyMetric

    account = Account(
        external_id=f"EVAL-{one.number:04}",
        name=one.name,
        arr=one.arr_history[-1][1],
        segment=one.segment.value,
        status=one.status.value,
        renewal_date=one.renewal_date,
        origin="API",
        observed_on=one.observations[-1].observed_on,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(account)
    session.flush()
    id_ = account.id
    connection = session.connection()
    connection.execute(
        insert(AccountObservation), [{"account_id": id_, "told_on": {}, **each._asdict()} for each in one.observations]
    )
    connection.execute(insert(DailyMetric), [{"account_id": id_, **each._asdict()} for each in one.usage])
    connection.execute(
        insert(ArrEntry), [{"account_id": id_, "effective_on": day, "arr": arr} for day, arr in one.arr_history]
    )
    return id_
