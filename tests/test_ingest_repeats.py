"""The same file and the same event again and again: redelivered, at once, after a worker's death, after an outage."""

import io
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

import pytest

from services import ingest
from services.db.connection import Database
from services.errors import NotFound, Unavailable
from services.ingest.claims import LEASE, TRIES
from services.ports import UploadForm
from services.settings import Settings
from services.uploads import file_key
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


def assert_finished_once(importer: Importer, upload_id: UUID, *, attempts: int) -> None:
    """WITH_A_BAD_ROW was imported, reported and told of, each once."""
    upload = importer.upload(upload_id)
    names = ("status", "counts", "attempts", "has_report", "outcome", "lease_until")
    assert [upload[name] for name in names] == [
        "PARTIAL", {"created": 12_000, "failed": 1}, attempts, True, None, None,
    ]  # fmt: skip
    assert importer.errors(upload_id) == [(12_002, "logins", "NOT_A_NUMBER", "x")]
    assert importer.report(upload) == (
        "external_id,date,logins,import_errors\r\n"
        'A-1,2026-01-01,x,"logins must be a whole number like 120 or 1,200, or empty for no data"\r\n'
    )
    assert whole(importer) == ALL
    subject = {"subject": f"upl_{upload_id.hex}"}
    assert importer.database.rows("select kind from events where subject = %(subject)s", subject) == [
        ("UPLOAD_FINISHED",)
    ]


def test_a_redelivered_event_does_nothing(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    importer.work(upload_id)
    state, upload = importer.state(), importer.upload(upload_id)

    assert importer.work(upload_id) is None
    assert (importer.state(), importer.upload(upload_id)) == (state, upload)


@pytest.mark.parametrize("looks", [1, 2, 3, 4, 5, 6, 7])
def test_a_worker_killed_before_the_merges_commit_is_followed_from_the_start(importer: Importer, looks: int) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    with pytest.raises(Killed):
        importer.work(upload_id, clock=DyingClock(importer, looks))
    assert whole(importer)[0] == 0
    with pytest.raises(Unavailable):
        importer.work(upload_id)

    importer.now += LEASE
    importer.work(upload_id)

    assert_finished_once(importer, upload_id, attempts=2)


@pytest.mark.parametrize("death", ["before the report", "after the report"])
def test_a_worker_killed_behind_the_merges_commit_is_followed_from_there(importer: Importer, death: str) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    before = {"files": Bucket(importer, store=Killed())}
    after = {"clock": DyingClock(importer, 8)}
    with pytest.raises(Killed):
        importer.work(upload_id, **(before if death == "before the report" else after))

    upload = importer.upload(upload_id)
    names = ("status", "rows_done", "rows_total", "has_report", "failure_code", "finished_at")
    assert [upload[name] for name in names] == ["IMPORTING", 12_001, 12_001, False, None, None]
    assert whole(importer) == ALL
    with pytest.raises(Unavailable):
        importer.work(upload_id)

    state = importer.state()
    importer.now += LEASE
    importer.work(upload_id)

    assert_finished_once(importer, upload_id, attempts=2)
    assert importer.state() == state


def test_a_bucket_that_refuses_the_report_makes_the_message_come_again(importer: Importer) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    with pytest.raises(Unavailable, match="out of order"):
        importer.work(upload_id, files=Bucket(importer, store=Unavailable("out of order")))
    assert (importer.upload(upload_id)["status"], whole(importer)) == ("IMPORTING", ALL)

    outcome = importer.work(upload_id)

    assert isinstance(outcome, ingest.Outcome)
    assert (outcome.status, outcome.created, outcome.failed, outcome.rows) == ("PARTIAL", 12_000, 1, 12_001)
    assert_finished_once(importer, upload_id, attempts=2)


def test_a_refused_files_report_comes_before_its_end_too(importer: Importer) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW, policy="ALL_OR_NOTHING")
    with pytest.raises(Unavailable):
        importer.work(upload_id, files=Bucket(importer, store=Unavailable("out of order")))
    waiting = importer.upload(upload_id)

    importer.work(upload_id)

    done = importer.upload(upload_id)
    assert [(one["status"], one["failure_code"], one["has_report"], one["counts"]) for one in (waiting, done)] == [
        ("IMPORTING", None, False, {}), ("FAILED", "FILE_UNREADABLE", True, {"skipped": 12_000, "failed": 1}),
    ]  # fmt: skip
    assert whole(importer)[0] == 0


def test_a_report_that_never_can_be_stored_does_not_hold_up_the_upload(importer: Importer) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    broken = Bucket(importer, store=Unavailable("out of order"))
    for _ in range(TRIES):
        with pytest.raises(Unavailable):
            importer.work(upload_id, files=broken)

    importer.work(upload_id, files=broken)

    upload = importer.upload(upload_id)
    assert (upload["status"], upload["counts"], upload["has_report"]) == (
        "PARTIAL", {"created": 12_000, "failed": 1}, False,
    )  # fmt: skip
    assert (importer.errors(upload_id), whole(importer)) == ([(12_002, "logins", "NOT_A_NUMBER", "x")], ALL)


def test_a_report_is_never_made_from_another_file_than_was_merged(importer: Importer) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    with pytest.raises(Unavailable):
        importer.work(upload_id, files=Bucket(importer, store=Unavailable("out of order")))
    importer.files.store(file_key(upload_id), io.BytesIO(b"external_id,date,logins\nA-1,2026-01-01,7\n"))

    importer.work(upload_id)

    upload = importer.upload(upload_id)
    assert (upload["status"], upload["counts"], upload["has_report"]) == (
        "PARTIAL", {"created": 12_000, "failed": 1}, False,
    )  # fmt: skip


def test_no_transaction_is_open_while_the_bucket_or_the_topic_is_asked(
    importer: Importer, second_database: Database
) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)
    worker = {"pid": importer.database.read("select pg_backend_pid()")}
    seen = []

    class Watched:
        """Looks at the worker's connection before it passes a call on."""

        def __init__(self, port: object) -> None:
            self._port = port

        def __getattr__(self, name: str) -> Any:
            seen.append((name, second_database.read("select state from pg_stat_activity where pid = %(pid)s", worker)))
            return getattr(self._port, name)

    importer.work(upload_id, files=Watched(importer.files), announcements=Watched(importer.topic))

    assert seen == [("fetch", "idle"), ("store", "idle"), ("upload_finished", "idle")]


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


@pytest.mark.parametrize("after", [timedelta(0), LEASE])
def test_the_same_event_delivered_again_while_the_report_is_stored_ends_the_upload_once(
    importer: Importer, second_database: Database, after: timedelta
) -> None:
    upload_id = importer.send("DAILY_METRICS", WITH_A_BAD_ROW)

    class Slow(Bucket):
        def store(self, key: str, content: IO[bytes]) -> None:
            importer.now += after
            super().store(key, content)
            if after:
                importer.work(upload_id, database=second_database)
            else:
                with pytest.raises(Unavailable, match="in the hands of another worker"):
                    importer.work(upload_id, database=second_database)

    if after:
        with pytest.raises(Unavailable, match="taken over by another worker"):
            importer.work(upload_id, files=Slow(importer))
    else:
        importer.work(upload_id, files=Slow(importer))

    assert_finished_once(importer, upload_id, attempts=2 if after else 1)
    assert importer.work(upload_id) is None


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


def test_an_outage_takes_no_tries_however_often_the_message_comes(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    for _ in range(TRIES + 2):
        with pytest.raises(Unavailable, match="out of order"):
            importer.work(upload_id, files=Bucket(importer, fetch=Unavailable("out of order")))
        assert importer.upload(upload_id)["status"] == "QUEUED"

    importer.work(upload_id)

    upload = importer.upload(upload_id)
    assert (upload["status"], upload["attempts"], upload["counts"]) == ("SUCCEEDED", TRIES + 3, {"created": 1})


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


def test_an_import_with_a_defect_ends_as_failed_and_not_in_waiting(importer: Importer) -> None:
    class Defect:
        def fetch(self, *_: object, **__: object) -> int:
            raise RuntimeError("a defect of ours")

    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    for _ in range(4):
        with pytest.raises(RuntimeError):
            importer.work(upload_id, files=Defect())

    assert importer.work(upload_id, files=Defect()) is None
    upload = importer.upload(upload_id)
    assert (upload["status"], upload["failure_code"]) == ("FAILED", "INTERNAL")
