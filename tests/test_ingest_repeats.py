"""The same file and the same event again and again: redelivered, at once, after a worker's death, after an outage."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any

import pytest

from services import ingest
from services.db.connection import Database
from services.errors import NotFound, Unavailable
from services.ingest.claims import LEASE, TRIES
from services.ports import UploadForm
from services.settings import Settings
from tests.importing import Importer

DAYS = [(datetime(2020, 1, 1) + timedelta(days=at)).date() for at in range(2_000)]  # noqa: DTZ001 - only its day is used
FILE = "external_id,date,logins\n" + "".join(f"A-{one},{day},{at}\n" for one in range(6) for at, day in enumerate(DAYS))
WITH_A_BAD_ROW = FILE + "A-1,2026-01-01,x\n"
ALL = (12_000, 6 * sum(range(2_000)), 2_000)


class Killed(BaseException):
    """The worker's process ends here."""


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    """Six accounts are there, so that FILE has somewhere to go; their scoring takes no time."""
    importer = Importer(database, aws_settings)
    importer.load(
        "ACCOUNTS", "external_id,name,arr,segment\n" + "".join(f"A-{one},Account {one},1,SMB\n" for one in range(6))
    )
    return importer


@pytest.fixture
def second_database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


class DyingClock:
    """Kills its worker when it is looked at for the nth time."""

    def __init__(self, importer: Importer, looks: int) -> None:
        self._importer, self._looks = importer, looks

    def __call__(self) -> datetime:
        self._looks -= 1
        if self._looks < 0:
            raise Killed
        return self._importer.now


class Bucket:
    """The importer's bucket, but for what a test makes of it."""

    def __init__(
        self, importer: Importer, *, fetch: BaseException | None = None, store: BaseException | None = None
    ) -> None:
        self._files, self._fetch, self._store = importer.files, fetch, store

    def form(self, key: str, *, now: datetime) -> UploadForm:
        return self._files.form(key, now=now)

    def fetch(self, key: str, into: IO[bytes], *, limit: int) -> int:
        if self._fetch:
            raise self._fetch
        return self._files.fetch(key, into, limit=limit)

    def store(self, key: str, content: IO[bytes]) -> None:
        if self._store:
            raise self._store
        self._files.store(key, content)

    def link(self, key: str, *, file_name: str) -> str:
        return self._files.link(key, file_name=file_name)


class DeafTopic:
    def upload_finished(self, message: dict[str, object]) -> None:
        raise Unavailable(f"the topic is deaf to {message}")


def whole(importer: Importer) -> tuple[Any, ...]:
    return importer.database.rows("select count(*), sum(logins), count(distinct day) from daily_metrics")[0]


def test_a_redelivered_event_does_nothing(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    importer.work(upload_id)
    state, upload = importer.state(), importer.upload(upload_id)

    assert importer.work(upload_id) is None
    assert (importer.state(), importer.upload(upload_id)) == (state, upload)


@pytest.mark.parametrize("looks", [1, 2, 3, 4, 5, 6, 7])
def test_a_killed_workers_import_is_finished_by_the_redelivery(importer: Importer, looks: int) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    with pytest.raises(Killed):
        importer.work(upload_id, clock=DyingClock(importer, looks))
    assert whole(importer)[0] == 0
    with pytest.raises(Unavailable):
        importer.work(upload_id)

    importer.now += LEASE
    importer.work(upload_id)

    upload = importer.upload(upload_id)
    assert (upload["status"], upload["counts"], upload["attempts"]) == ("PARTIAL", {"created": 12_000, "failed": 1}, 2)
    assert importer.errors(upload_id) == [(12_002, "logins", "NOT_A_NUMBER", "x")]
    assert whole(importer) == ALL
    assert importer.database.read("select count(*) from upload_rows") == 0


def test_a_worker_killed_before_its_last_commit_has_written_nothing(importer: Importer) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    with pytest.raises(Killed):
        importer.work(upload_id, files=Bucket(importer, store=Killed()))
    assert (importer.upload(upload_id)["status"], whole(importer)[0]) == ("IMPORTING", 0)

    importer.now += LEASE
    importer.work(upload_id)

    assert whole(importer) == ALL


def test_a_poller_sees_the_progress(importer: Importer, second_database: Database) -> None:
    upload_id = importer.send("DAILY_METRICS", FILE)
    seen = []

    def clock() -> datetime:
        seen.extend(
            second_database.rows("select status, rows_done, rows_total from uploads where kind = 'DAILY_METRICS'")
        )
        return importer.now

    importer.work(upload_id, clock=clock)

    assert list(dict.fromkeys(seen)) == [
        ("AWAITING_FILE", 0, None), ("VALIDATING", 0, None), ("VALIDATING", 5_000, 12_000), ("VALIDATING", 10_000, 12_000),
        ("VALIDATING", 12_000, 12_000), ("IMPORTING", 12_000, 12_000),
    ]  # fmt: skip


def test_the_same_event_delivered_twice_at_once_is_worked_once(importer: Importer, second_database: Database) -> None:
    upload_id = importer.send("DAILY_METRICS", FILE)
    outcomes: list[object] = []

    def deliver(database: Database) -> None:
        try:
            outcomes.append(importer.work(upload_id, database=database))
        except Unavailable as error:
            outcomes.append(error)

    threads = [threading.Thread(target=deliver, args=(database,)) for database in (importer.database, second_database)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(outcome, ingest.Outcome) for outcome in outcomes) == 1
    assert whole(importer) == ALL


def test_two_files_of_the_same_rows_at_once_make_each_row_once(importer: Importer, second_database: Database) -> None:
    ids = [importer.send("DAILY_METRICS", content) for content in (FILE, FILE + "\n")]
    threads = [
        threading.Thread(target=importer.work, args=(upload_id,), kwargs={"database": database})
        for upload_id, database in zip(ids, (importer.database, second_database), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(str(importer.upload(upload_id)["counts"]) for upload_id in ids) == [
        "{'created': 12000}",
        "{'unchanged': 12000}",
    ]
    assert whole(importer) == ALL


def test_a_worker_that_lost_its_claim_writes_nothing_more(importer: Importer, second_database: Database) -> None:
    upload_id = importer.send("DAILY_METRICS", FILE)
    looks = iter(range(100))

    def clock() -> datetime:
        if next(looks) == 3:
            importer.now += LEASE
            importer.work(upload_id, database=second_database)
        return importer.now

    with pytest.raises(Unavailable, match="taken over by another worker"):
        importer.work(upload_id, clock=clock)

    assert (importer.upload(upload_id)["status"], whole(importer)) == (
        "SUCCEEDED",
        ALL,
    )


def test_an_outage_of_the_bucket_is_told_and_the_next_delivery_need_not_wait(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    with pytest.raises(Unavailable, match="out of order"):
        importer.work(upload_id, files=Bucket(importer, fetch=Unavailable("out of order")))

    importer.work(upload_id)

    assert importer.upload(upload_id)["status"] == "SUCCEEDED"


def test_an_import_that_never_ends_is_given_up(importer: Importer) -> None:
    upload_id = importer.send("DAILY_METRICS", FILE)
    for _ in range(TRIES):
        with pytest.raises(Killed):
            importer.work(upload_id, files=Bucket(importer, fetch=Killed()))
        importer.now += LEASE

    assert importer.work(upload_id) is None

    upload = importer.upload(upload_id)
    assert (upload["status"], upload["failure_code"], upload["failure_message"]) == (
        "FAILED", "INTERNAL", "the import was begun 4 times and never ended",
    )  # fmt: skip
    assert importer.database.read("select kind from events order by id desc limit 1") == "UPLOAD_FAILED"


def test_a_file_that_comes_late_is_imported_all_the_same(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    with importer.database.writing() as session:
        session.connection().exec_driver_sql("update uploads set status = 'EXPIRED'")
    importer.now += timedelta(days=2)
    importer.work(upload_id)

    assert importer.upload(upload_id)["status"] == "SUCCEEDED"
    # the figures are of the day of the upload, not of the day the event came
    assert importer.database.read(
        "select max(observed_on) from accounts where name = 'Acme'"
    ) == importer.now.date() - timedelta(days=2)


def test_an_unknown_upload_is_told_apart(importer: Importer) -> None:
    from uuid import uuid4

    with pytest.raises(NotFound):
        importer.work(uuid4())


def test_a_deaf_topic_does_not_fail_the_import(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    importer.work(upload_id, announcements=DeafTopic())

    assert importer.upload(upload_id)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    "option", [{"policy": "ALL_OR_NOTHING"}, {"date_order": "DAY_MONTH_YEAR"}, {"column_mapping": {"name": "name"}}]
)
def test_only_the_same_bytes_with_the_same_options_are_a_duplicate(importer: Importer, option: dict[str, Any]) -> None:
    content = "name,arr,segment\nAcme,1,SMB\n"
    dry = importer.load("ACCOUNTS", content, dry_run=True)
    first = importer.load("ACCOUNTS", content)
    again = importer.load("ACCOUNTS", content)
    third = importer.load("ACCOUNTS", content)
    other = importer.load("ACCOUNTS", content, **option)

    assert [upload["duplicate_of"] for upload in (dry, first, again, third, other)] == [
        None,
        None,
        first["id"],
        first["id"],
        None,
    ]
    assert [upload["counts"] for upload in (dry, first, again)] == [{"created": 1}, {"created": 1}, {"unchanged": 1}]


def test_a_file_with_bad_rows_is_done_again_when_it_comes_again(importer: Importer) -> None:
    metrics = "external_id,date,logins\nA-1,2026-03-01,5\nB-2,2026-03-01,6\n"
    first = importer.load("DAILY_METRICS", metrics)
    importer.load("ACCOUNTS", "external_id,name,arr,segment\nB-2,Beta,1,SMB\n")

    again = importer.load("DAILY_METRICS", metrics)

    assert (first["status"], first["counts"]) == ("PARTIAL", {"created": 1, "failed": 1})
    assert (again["status"], again["counts"]) == ("SUCCEEDED", {"created": 1, "unchanged": 1})
