"""The servers that the tests need, started once, and a database that each test finds empty.

Tables are emptied rather than rolled back: the feed of updates, the leases and the retries are about commits.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest

from services.db.connection import Database
from services.settings import Settings

if TYPE_CHECKING:
    from local.model_double import ModelDouble
    from tests.api import Api
    from tests.packages import Packages

REFERENCE = Path(__file__).parents[2] / "shared"
RAVENSTACK = REFERENCE / "data" / "ravenstack"
TABLES = (
    "api_keys, kept_answers, model_calls, insights, events, jobs, changes, upload_row_errors, uploads, "
    "health_snapshots, arr_history, daily_metrics, account_observations, accounts"
)

UNTRACED = {
    "test_access_fields", "test_access_queries", "test_accounts", "test_arguments", "test_browser", "test_chaos",
    "test_clients", "test_completion", "test_completion_corrupted", "test_container", "test_documents",
    "test_every_leaf", "test_graphql_over_http", "test_health", "test_hostile_files",
    "test_ingest_ravenstack", "test_injection", "test_insights_hostile", "test_insights_killed", "test_local_run",
    "test_lost_updates", "test_package", "test_pooler", "test_portfolio_figures", "test_portfolio_ledger",
    "test_story",
}  # fmt: skip
"""Those that take long and that no rule's coverage hangs on: tracing them takes as long again as they do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in UNTRACED:
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def event_loop_of_the_process() -> Iterator[None]:
    """Mangum runs on the main thread's loop. Where it must make that itself, newer Pythons warn and nobody closes it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> Iterator[str]:
    """An embedded PostgreSQL of this test run's own, migrated by Alembic."""
    from local.postgres import Postgres

    folder = Path(tempfile.mkdtemp(prefix=f"insights-tests-{worker_id}-"))
    with Postgres(folder / "pg") as server:
        from services.db.migrate import upgrade

        upgrade(server.url)
        yield server.url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> "Packages":
    """The functions' packages for x86_64, and Lambda's runtime."""
    from tests.packages import built_once

    base = tmp_path_factory.getbasetemp()
    return built_once(base if worker_id == "master" else base.parent)


@pytest.fixture
def statements() -> list[str]:
    """Every statement that the test's database has read, in order."""
    return []


@pytest.fixture
def database(database_url: str, statements: list[str]) -> Iterator[Database]:
    database = Database(database_url, observer=statements.append)
    yield database
    database.close()
    raw = psycopg2.connect(database_url)
    with raw, raw.cursor() as cursor:
        cursor.execute(f"truncate {TABLES} restart identity")
    raw.close()


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The address of emulated S3, SQS and SNS."""
    from tests.aws import emulated

    with emulated() as endpoint:
        yield endpoint


@pytest.fixture
def aws_settings(aws: str) -> Settings:
    """Settings with a bucket and a topic of the test's own."""
    from tests.aws import a_bucket_and_a_topic

    return a_bucket_and_a_topic(aws)


@pytest.fixture
def api(database: Database, database_url: str, request: pytest.FixtureRequest) -> "Api":
    """A client of the GraphQL API over the test's database. The bucket is emulated once a request signs a form."""
    from services.adapters.storage import Bucket
    from tests.api import Api

    return Api(
        database,
        lambda: Bucket(request.getfixturevalue("aws_settings")),
        Settings(database_url=database_url, insights_queue_url="kept by the test"),
    )


@pytest.fixture
def double() -> "Iterator[ModelDouble]":
    """A model provider's server."""
    from local.model_double import ModelDouble

    with ModelDouble() as double:
        yield double


@pytest.fixture(scope="session")
def ravenstack() -> Path:
    if not RAVENSTACK.is_dir():
        pytest.skip("the RavenStack sample data is not beside the repository")
    return RAVENSTACK
