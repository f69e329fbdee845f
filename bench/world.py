"""The database that everything is measured on: an embedded PostgreSQL with a made-up portfolio of a fixed seed.

It lies in a folder of its own and is kept between runs. It is made anew where the seed, the size, the migrations or the
day differ: a portfolio is as of today.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from alembic.config import Config
from alembic.script import ScriptDirectory

from local.postgres import Postgres
from services import mock_data
from services.db.connection import Database
from services.db.migrate import upgrade

SEED: Final = 1
ACCOUNTS: Final = 20_000
DAYS: Final = 30
FOLDER: Final = Path(".data/bench")
MIGRATIONS: Final = Path(__file__).parent.parent / "services" / "db" / "migrations"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class World:
    """A running server with a database of `accounts` accounts at `url`, scored as of `today` (UTC)."""

    folder: Path
    "Kept between runs, for what a part wants to keep there."
    server: str
    "URL of the database `postgres`, for making others."
    url: str
    accounts: int
    days: int
    today: date
    tell: Tell

    @contextmanager
    def scratch(self, name: str, *, filled: bool = False) -> Iterator[str]:
        """The URL of another database: migrated and empty, or a copy of this world. It is dropped at the end."""
        database = f"scratch_{name}"
        _drop(self.server, database)
        if filled:
            execute(self.server, f"create database {database} template {_name(self.url)}")
        else:
            execute(self.server, f"create database {database}")
        url = of_database(self.server, database)
        try:
            if not filled:
                upgrade(url)
            yield url
        finally:
            _drop(self.server, database)

    def kept(self, name: str, stamp: object, make: Callable[[str], None]) -> str:
        """The URL of another database that stays for the next run, a copy of this world that `make` has changed.

        It is made where there is none of that stamp for this world.
        """
        database = f"{_name(self.url)}_{name}"
        return _kept(self.server, database, [self._stamp, stamp], _name(self.url), make)

    @property
    def _stamp(self) -> object:
        return _stamp(self.accounts, self.days, self.today)


@contextmanager
def opened(accounts: int, days: int, tell: Tell, folder: Path = FOLDER) -> Iterator[World]:
    """The world, running; made first where there is none that fits."""
    today = datetime.now(UTC).date()
    with Postgres(folder.resolve() / "postgres") as running:

        def fill(url: str) -> None:
            tell(f"making {accounts:,} accounts with {days} days of use each")
            started = time.perf_counter()
            _fill(url, accounts, days)
            tell(f"made in {time.perf_counter() - started:.0f} s; it is kept in {folder} for the next run today")

        url = _kept(running.url, f"bench_{accounts}", _stamp(accounts, days, today), "template1", fill)
        yield World(folder.resolve(), running.url, url, accounts, days, today, tell)


def _stamp(accounts: int, days: int, today: date) -> object:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    revision = ScriptDirectory.from_config(config).get_current_head()
    return {"seed": SEED, "accounts": accounts, "days": days, "today": today.isoformat(), "revision": revision}


def _fill(url: str, accounts: int, days: int) -> None:
    upgrade(url)
    with closing(Database(url)) as database, database.writing() as session:
        mock_data.generate(
            session, accounts=accounts, days=days, seed=SEED, replace=True, actor="bench", now=datetime.now(UTC),
            limit=mock_data.BENCH,
        )  # fmt: skip
    execute(url, "vacuum (analyze)")


def _kept(server: str, database: str, stamp: object, template: str, make: Callable[[str], None]) -> str:
    """The URL of the database, which its comment says is of that stamp. The comment comes last, once all is made."""
    url, wanted = of_database(server, database), json.dumps(stamp)
    found = execute(
        server, "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", (database,)
    )
    if found != [(wanted,)]:
        _drop(server, database)
        execute(server, f"create database {database} template {template}")
        make(url)
        execute(server, f"comment on database {database} is '{wanted}'")
        execute(server, "checkpoint")
    return url


def execute(url: str, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Run one statement outside a transaction; its rows, if it has any."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []


def of_database(server: str, database: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{quote(database)}"))


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _drop(server: str, database: str) -> None:
    execute(server, f"drop database if exists {database} with (force)")
