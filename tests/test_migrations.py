"""The migrated database and the SQLModel tables are one and the same; the rules of the domain are kept by the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg2
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from services.db import tables
from services.db.connection import Database
from services.db.migrate import upgrade
from services.maintenance import account_sums


def test_the_tables_in_code_are_those_of_the_database(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg2://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()

    assert [one for one in differences if one[0] not in _ONLY_IN_MIGRATIONS] == []
    assert tables.__all__


_ONLY_IN_MIGRATIONS = {"remove_index", "remove_constraint", "add_constraint"}


def test_migrating_again_changes_nothing(database_url: str, database: Database) -> None:
    before = database.rows("select * from alembic_version")

    upgrade(database_url)

    assert database.rows("select * from alembic_version") == before


def test_accounts_that_were_there_before_are_in_the_figures_kept_of_them(database_url: str) -> None:
    with _another_database(database_url) as url:
        upgrade(url, "0002")
        _insert(
            url,
            ACCOUNT.format(columns=", scored_on", values=", '2026-01-01'"),
            ACCOUNT.format(columns="", values="").replace("Acme", "Never scored"),
            SNAPSHOT.format(**GOOD),
            SNAPSHOT.format(**{**GOOD, "score": "60", "bucket": "AMBER"}).replace("2026-01-01", "2025-12-01"),
        )

        upgrade(url)

        raw = psycopg2.connect(url)
        with raw.cursor() as cursor:
            cursor.execute("select name, score::text, bucket from accounts order by id")
            assert cursor.fetchall() == [("Acme", "75.0", "GREEN"), ("Never scored", None, "UNKNOWN")]
        raw.close()
        kept = Database(url)
        assert kept.read("select sum(accounts) from portfolio_ledger where facet = 'HEALTH'") == 2
        assert not account_sums.verify(kept)
        kept.close()


@contextmanager
def _another_database(url: str) -> Iterator[str]:
    """An empty database on the same server, dropped at the end."""
    raw = psycopg2.connect(url)
    raw.autocommit = True
    with raw.cursor() as cursor:
        cursor.execute("create database earlier")
        try:
            yield urlsplit(url)._replace(path="/earlier").geturl()
        finally:
            cursor.execute("drop database earlier with (force)")
            raw.close()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Acme", "acme"),
        ("  ACME  ", "acme"),
        ("Acme\u00a0\t Corp", "acme corp"),
        ("Straße", "strasse"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("Ünïted", "ünïted"),
        ("ﬁne", "fine"),
    ],
)
def test_names_are_normalised_by_one_rule(database: Database, name: str, key: str) -> None:
    assert database.read("select account_key(%(name)s)", {"name": name}) == key


ACCOUNT = """insert into accounts (name, arr, segment, origin, observed_on{columns})
  values ('Acme', 1, 'SMB', 'API', '2026-01-01'{values}) returning id"""


def _insert(url: str, *statements: str) -> None:
    raw = psycopg2.connect(url)
    try:
        with raw.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        raw.commit()
    finally:
        raw.close()


@pytest.mark.parametrize(
    "statements",
    [
        [ACCOUNT.format(columns="", values=""), ACCOUNT.format(columns="", values="").replace("Acme", " aCME ")],
        [
            ACCOUNT.format(columns=", external_id", values=", 'A'"),
            ACCOUNT.format(columns=", external_id", values=", 'A'"),
        ],
        [ACCOUNT.format(columns=", status", values=", 'CHURNED'")],
        [ACCOUNT.format(columns=", churned_on", values=", '2026-01-01'")],
        [ACCOUNT.format(columns="", values="").replace("'SMB'", "'Tiny'")],
        [ACCOUNT.format(columns="", values="").replace("'Acme', 1", "'Acme', -1")],
        [ACCOUNT.format(columns="", values="").replace("'Acme'", "'   '")],
        [ACCOUNT.format(columns=", scored_on, score", values=", '2026-01-01', 50")],
        [ACCOUNT.format(columns=", score, bucket", values=", 50, 'AMBER'")],
    ],
    ids=[
        "same name",
        "same external id",
        "churned without a day",
        "a day without churn",
        "segment",
        "arr",
        "blank name",
        "a score in no bucket",
        "a score of no day",
    ],
)
def test_the_database_refuses_what_no_account_is(database: Database, database_url: str, statements: list[str]) -> None:
    with pytest.raises(psycopg2.IntegrityError):
        _insert(database_url, *statements)


SNAPSHOT = """insert into health_snapshots
  (account_id, day, score, bucket, source, coverage, scorecard_version, factors, missing, signals, recommendations)
  values (1, '2026-01-01', {score}, '{bucket}', '{source}', {coverage}, 1, '{factors}', '[]', '[]', '[]')"""
GOOD = {"score": "75.0", "bucket": "GREEN", "source": "COMPUTED", "coverage": "0.5", "factors": "[]"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"bucket": "AMBER"},
        {"score": "74.9"},
        {"score": "100.1"},
        {"score": "null"},
        {"source": "NONE"},
        {"coverage": "0.39"},
        {"source": "IMPORTED", "factors": "[{}]"},
        {"score": "null", "bucket": "UNKNOWN"},
    ],
)
def test_the_database_refuses_what_no_snapshot_is(database: Database, database_url: str, wrong: dict[str, str]) -> None:
    account = ACCOUNT.format(columns="", values="")
    _insert(database_url, account, SNAPSHOT.format(**GOOD), "delete from health_snapshots")

    with pytest.raises(psycopg2.IntegrityError):
        _insert(database_url, SNAPSHOT.format(**{**GOOD, **wrong}))
