"""Lost messages, daily scores and old rows: what is done, what is left alone, and what two at once or a kill leave."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from services import maintenance
from services.db.connection import Database
from services.db.tables import Event, Insight, Job, KeptAnswer, ModelCall, Upload, UploadRowError
from services.errors import Unavailable
from services.maintenance import Night, Pruned, Swept
from services.scoring import ACCOUNTS_LOCK
from tests.worlds import NOON, TODAY, account, observation

if TYPE_CHECKING:
    from tests.api import Api

ROOT = Path(__file__).parents[1]
MINUTE, DAY, HOUR = timedelta(minutes=1), timedelta(days=1), timedelta(hours=1)


class Messages:
    """A queue that keeps what it is told, and takes nothing for the jobs it was told to refuse."""

    def __init__(self, refused: Sequence[str] = ()) -> None:
        self.sent: list[str] = []
        self.refused = set(refused)
        self.dies = False

    def send(self, job_ids: Sequence[str]) -> Sequence[str]:
        if self.dies:
            raise KeyboardInterrupt
        self.sent += [job_id for job_id in job_ids if job_id not in self.refused]
        return [job_id for job_id in job_ids if job_id in self.refused]

    def postpone(self, receipt: str, delay: timedelta) -> None:
        raise AssertionError(f"nobody received {receipt}, which was to come in {delay}")


class Ticking:
    """A clock that is a while later each time it is asked."""

    def __init__(self, step: timedelta, now: datetime = NOON) -> None:
        self._now, self._step = now - step, step

    def __call__(self) -> datetime:
        self._now += self._step
        return self._now


def noon() -> datetime:
    return NOON


def job(database: Database, **columns: Any) -> str:
    """A job that was queued an hour ago and whose message was lost, unless told otherwise; its id."""
    known = {
        "id": uuid4(), "kind": "INSIGHT", "status": "QUEUED", "input": {}, "requested_by": "tests",
        "created_at": NOON - HOUR, "sent_at": NOON - HOUR, "expires_at": NOON + HOUR,
    } | columns  # fmt: skip
    with database.writing() as session:
        session.add(Job(**known))
    return f"job_{known['id'].hex}"


def many_jobs(database: Database, count: int, *, expires_at: datetime) -> None:
    _write(
        database,
        """insert into jobs (id, kind, status, input, requested_by, created_at, expires_at)
        select gen_random_uuid(), 'INSIGHT', 'QUEUED', '{}', 'tests', %(now)s, %(expires)s
        from generate_series(1, %(count)s)""",
        {"now": NOON - HOUR, "expires": expires_at, "count": count},
    )


def many_accounts(database: Database, count: int) -> None:
    """Accounts with nothing but a name and a worth: without data, so with a signal each."""
    _write(
        database,
        """with made as (
          insert into accounts (name, arr, segment, origin, observed_on)
          select 'Account ' || n, n, 'SMB', 'API', %(today)s from generate_series(1, %(count)s) n returning id, arr
        )
        insert into arr_history (account_id, effective_on, arr) select id, %(today)s, arr from made""",
        {"today": TODAY, "count": count},
    )


def _write(database: Database, sql: str, values: dict[str, Any]) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql(sql, values)


def both(url: str, work: Callable[[Database], Any]) -> list[Any]:
    """What two workers answer that begin at the same moment, each with a connection of its own."""
    begin = threading.Barrier(2)

    def one(_: int) -> Any:
        database = Database(url)
        database.read("select 1")
        begin.wait()
        try:
            return work(database)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, range(2)))


# --- lost messages ---


@pytest.mark.parametrize(
    "columns",
    [
        {"sent_at": None},
        {},
        {"sent_at": NOON - 15 * MINUTE},
        {"status": "RUNNING", "lease_until": NOON},
        {"sent_at": None, "next_try_at": NOON},
        {"next_try_at": NOON - 15 * MINUTE},
        {"expires_at": None},
    ],
    ids=["never sent", "lost", "just lost", "its worker died", "due again", "postponed and lost", "without an end"],
)
def test_a_job_whose_message_is_lost_is_sent_once(database: Database, columns: dict[str, Any]) -> None:
    queue = Messages()
    lost = job(database, **columns)

    assert maintenance.sweep(database, queue, now=NOON) == Swept(1, 0)
    assert maintenance.sweep(database, queue, now=NOON + MINUTE) == Swept(0, 0)

    assert queue.sent == [lost]
    assert database.read("select sent_at from jobs") == NOON


@pytest.mark.parametrize(
    "columns",
    [
        {"sent_at": NOON - 14 * MINUTE},
        {"status": "RUNNING", "lease_until": NOON + MINUTE},
        {"sent_at": None, "next_try_at": NOON + MINUTE},
        {"next_try_at": NOON - 14 * MINUTE},
        {"status": "SUCCEEDED", "finished_at": NOON - HOUR},
        {"status": "CANCELLED", "finished_at": NOON - HOUR},
        {"kind": "RECOMPUTE"},
        {"kind": "INSIGHT_BATCH"},
    ],
    ids=["young", "held", "not due", "postponed", "done", "called off", "no insight", "a batch"],
)
def test_a_job_whose_message_is_under_way_or_not_needed_is_left_alone(
    database: Database, columns: dict[str, Any]
) -> None:
    queue = Messages()
    job(database, **columns)
    before = database.rows("select * from jobs")

    assert maintenance.sweep(database, queue, now=NOON) == Swept(0, 0)
    assert (queue.sent, database.rows("select * from jobs")) == ([], before)


def test_what_the_queue_did_not_take_is_sent_by_the_next_sweep(database: Database) -> None:
    first, second = job(database, created_at=NOON - 2 * HOUR), job(database)
    queue = Messages(refused=[first])

    assert maintenance.sweep(database, queue, now=NOON) == Swept(1, 0)
    assert database.rows("select sent_at from jobs order by created_at") == [(None,), (NOON,)]

    queue.refused.clear()
    assert maintenance.sweep(database, queue, now=NOON + MINUTE) == Swept(1, 0)
    assert queue.sent == [second, first]


def test_a_sweep_that_dies_before_it_has_sent_leaves_the_jobs_to_a_later_one(database: Database) -> None:
    queue, lost = Messages(), job(database)
    queue.dies = True
    with pytest.raises(KeyboardInterrupt):
        maintenance.sweep(database, queue, now=NOON)

    queue.dies = False
    assert maintenance.sweep(database, queue, now=NOON + 14 * MINUTE) == Swept(0, 0)
    assert maintenance.sweep(database, queue, now=NOON + 15 * MINUTE) == Swept(1, 0)
    assert queue.sent == [lost]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({}, ""),
        ({"status": "RUNNING", "lease_until": NOON}, ""),
        (
            {"next_try_at": NOON + HOUR, "failure_code": "PROVIDER_RATE_LIMITED", "failure_message": "slow down"},
            " (its last try: slow down)",
        ),
    ],
    ids=["waiting", "its worker died", "postponed"],
)
def test_a_job_that_nobody_holds_ends_with_its_time_and_its_client_hears_of_it(
    database: Database, columns: dict[str, Any], told: str
) -> None:
    queue = Messages()
    late = job(database, expires_at=NOON, **columns)

    assert maintenance.sweep(database, queue, now=NOON) == Swept(0, 1)
    assert maintenance.sweep(database, queue, now=NOON + MINUTE) == Swept(0, 0)

    assert queue.sent == []
    assert database.rows("select status, failure_code, failure_message, lease_until, finished_at from jobs") == [
        ("EXPIRED", "TIMED_OUT", f"the insight was not written in time: queue it again{told}", None, NOON)
    ]
    assert database.rows("select at, kind, subject from events") == [(NOON, "INSIGHT_FAILED", late)]


def test_a_job_that_a_worker_holds_does_not_end_with_its_time(database: Database) -> None:
    job(database, expires_at=NOON, status="RUNNING", lease_until=NOON + MINUTE)

    assert maintenance.sweep(database, Messages(), now=NOON) == Swept(0, 0)
    assert database.rows("select status from jobs") == [("RUNNING",)]


@pytest.mark.parametrize("expires_at", [NOON, NOON + HOUR], ids=["late", "lost"])
def test_a_job_that_is_being_claimed_is_not_waited_for(
    database: Database, database_url: str, expires_at: datetime
) -> None:
    queue = Messages()
    job(database, expires_at=expires_at)
    worker = psycopg2.connect(database_url)
    with worker, worker.cursor() as cursor:
        cursor.execute("update jobs set status = 'RUNNING', lease_until = %s", (NOON + MINUTE,))
        assert maintenance.sweep(database, queue, now=NOON) == Swept(0, 0)
    worker.close()

    assert (queue.sent, database.rows("select status from jobs")) == ([], [("RUNNING",)])


def test_two_sweeps_at_once_send_and_end_each_job_once(database: Database, database_url: str) -> None:
    queue = Messages()
    many_jobs(database, 1_700, expires_at=NOON + HOUR)
    many_jobs(database, 1_300, expires_at=NOON - MINUTE)

    swept = both(database_url, lambda own: maintenance.sweep(own, queue, now=NOON))

    # Batches that the other one holds are passed over, and left to the next sweep.
    last = maintenance.sweep(database, queue, now=NOON)
    assert sum(one.sent for one in (*swept, last)) == len(queue.sent) == len(set(queue.sent)) == 1_700
    assert sum(one.expired for one in (*swept, last)) == 1_300
    assert database.rows("select count(*), count(distinct subject) from events") == [(1_300, 1_300)]


def test_one_sweep_does_not_do_more_than_its_share(database: Database) -> None:
    queue = Messages()
    many_jobs(database, 5_200, expires_at=NOON + HOUR)

    assert maintenance.sweep(database, queue, now=NOON) == Swept(5_000, 0)
    assert maintenance.sweep(database, queue, now=NOON + MINUTE) == Swept(200, 0)
    assert len(set(queue.sent)) == 5_200


# --- lost uploads ---


@pytest.mark.parametrize("status", ["QUEUED", "VALIDATING", "IMPORTING"])
def test_an_import_that_nobody_goes_on_with_for_a_day_fails_and_its_client_hears_of_it(
    database: Database, status: str
) -> None:
    lost, in_time = uuid4(), uuid4()
    with database.writing() as session:
        session.add(_upload(lost, status=status, finished_at=None, lease_until=NOON - DAY))
        session.add(_upload(in_time, status=status, finished_at=None, lease_until=NOON - DAY + MINUTE))

    assert maintenance.sweep(database, Messages(), now=NOON) == Swept(0, 0, uploads_ended=1)
    assert maintenance.sweep(database, Messages(), now=NOON) == Swept(0, 0)

    ended = "select id::text, status, failure_code, failure_message, lease_until, finished_at from uploads"
    assert set(database.rows(ended)) == {
        (str(lost), "FAILED", "INTERNAL", "the import was begun and never ended", None, NOON),
        (str(in_time), status, None, None, NOON - DAY + MINUTE, None),
    }
    assert database.rows("select at, kind, subject from events") == [(NOON, "UPLOAD_FAILED", f"upl_{lost.hex}")]


def test_an_import_whose_data_are_in_ends_as_they_say(database: Database) -> None:
    merged = {"rows": 7, "created": 1, "updated": 2, "unchanged": 3, "skipped": 0, "failed": 1, "preview": "[{}]"}
    done = merged | {"status": "PARTIAL", "failure": None, "duplicate_of": None}
    refused = merged | {"status": "FAILED", "failure": "no row could be imported", "duplicate_of": None}
    keys = [uuid4(), uuid4()]
    with database.writing() as session:
        for key, outcome in zip(keys, (done, refused), strict=True):
            columns = {"outcome": outcome, "rows_done": 7, "rows_total": 7, "lease_until": NOON - DAY}
            session.add(_upload(key, status="IMPORTING", finished_at=None, **columns))

    assert maintenance.sweep(database, Messages(), now=NOON) == Swept(0, 0, uploads_ended=2)

    ended = """select status, failure_code, failure_message, created_count, updated_count, unchanged_count,
      failed_count, preview, has_report, outcome from uploads order by status desc"""
    counts = (1, 2, 3, 1, [{}], False, None)
    assert database.rows(ended) == [
        ("PARTIAL", None, None, *counts),
        ("FAILED", "FILE_UNREADABLE", "no row could be imported", *counts),
    ]
    assert database.rows("select kind, subject from events order by kind") == [
        ("UPLOAD_FAILED", f"upl_{keys[1].hex}"), ("UPLOAD_FINISHED", f"upl_{keys[0].hex}"),
    ]  # fmt: skip


# --- daily scores ---


def test_every_account_is_scored_once_a_day(database: Database) -> None:
    with database.writing() as session:
        fine = account(session, "Fine")
        observation(session, fine, active_users=90, seats_purchased=100, nps=50, tickets_last_30d=0)
        account(session, "Nothing known")

    assert maintenance.nightly(database, clock=noon, within=HOUR) == Night(2, 0, finished=True)
    assert maintenance.nightly(database, clock=noon, within=HOUR) == Night(0, 0, finished=True)

    assert database.rows("select scored_on, count(*) from accounts group by 1") == [(TODAY, 2)]
    assert database.rows("select day, bucket, computed_at from health_snapshots order by account_id") == [
        (TODAY, "GREEN", NOON), (TODAY, "UNKNOWN", NOON),
    ]  # fmt: skip
    tomorrow = NOON + DAY
    assert maintenance.nightly(database, clock=lambda: tomorrow, within=HOUR) == Night(2, 0, finished=True)
    assert database.read("select count(*) from health_snapshots") == 4


def test_a_night_raises_what_the_passing_of_time_brings_and_notes_who_found_it(database: Database) -> None:
    with database.writing() as session:
        late = account(session, "Acme", renewal_date=TODAY, status="ACTIVE")
        observation(session, late, active_users=90, seats_purchased=100, nps=10, nps_on=TODAY - 180 * DAY)
    maintenance.nightly(database, clock=noon, within=HOUR)
    before = database.read("select max(id) from events")

    tomorrow = NOON + DAY
    assert maintenance.nightly(database, clock=lambda: tomorrow, within=HOUR).accounts == 1

    assert ("SIGNAL_RAISED", f"acc_{late}") in database.rows(
        "select kind, subject from events where id > %(before)s", {"before": before or 0}
    )
    raised = "select s ->> 'code' from health_snapshots, jsonb_array_elements(signals) s where day = %(day)s order by 1"
    assert ("RENEWAL_OVERDUE",) in database.rows(raised, {"day": TODAY + DAY})
    assert ("RENEWAL_OVERDUE",) not in database.rows(raised, {"day": TODAY})


def test_accounts_that_are_no_customers_are_passed_over(database: Database) -> None:
    with database.writing() as session:
        account(session, "Gone", status="CHURNED", churned_on=TODAY, since=TODAY - DAY)
        account(session, "Not yet", since=TODAY + DAY)
        account(session, "Customer")

    assert maintenance.nightly(database, clock=noon, within=HOUR) == Night(1, 0, finished=True)
    assert database.rows("select name from accounts where scored_on is not null") == [("Customer",)]


def test_a_night_stops_before_its_time_is_over_and_the_next_run_goes_on(database: Database) -> None:
    many_accounts(database, 2_001)

    assert maintenance.nightly(database, clock=noon, within=timedelta(0)) == Night(0, 0, finished=False)
    # The first chunk takes a minute by this clock; a second one would not be ended in time.
    first = maintenance.nightly(database, clock=Ticking(MINUTE), within=2.5 * MINUTE)
    assert first == Night(2_000, 0, finished=False)
    assert maintenance.nightly(database, clock=noon, within=HOUR) == Night(1, 0, finished=True)
    assert database.read("select count(*) from health_snapshots") == 2_001


def test_two_nights_at_once_score_each_account_once(database: Database, database_url: str) -> None:
    many_accounts(database, 3_000)

    nights = both(database_url, lambda own: maintenance.nightly(own, clock=noon, within=HOUR))

    assert [night.finished for night in nights] == [True, True]
    assert sum(night.accounts for night in nights) == 3_000
    assert database.rows("select count(*) from health_snapshots") == [(3_000,)]
    assert database.rows("select count(*), count(distinct subject) from events") == [(3_000, 3_000)]


def test_a_night_waits_for_another_writer_no_longer_than_its_time(database: Database, database_url: str) -> None:
    with database.writing() as session:
        account(session, "Acme")
    other = psycopg2.connect(database_url)
    with other, other.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (ACCOUNTS_LOCK,))
        with pytest.raises(Unavailable, match="lock timeout"):
            maintenance.nightly(database, clock=noon, within=timedelta(milliseconds=200))
    other.close()

    assert maintenance.nightly(database, clock=noon, within=HOUR) == Night(1, 0, finished=True)


NIGHT = """
import sys
from datetime import UTC, datetime, timedelta
from services import maintenance
from services.db.connection import Database
maintenance.nightly(Database(sys.argv[1]), clock=lambda: datetime(2026, 3, 10, 12, tzinfo=UTC), within=timedelta(hours=1))
"""


def test_a_night_that_is_killed_in_the_middle_of_a_chunk_leaves_whole_chunks(
    database: Database, database_url: str
) -> None:
    many_accounts(database, 2_010)
    blocker = psycopg2.connect(database_url)
    with blocker, blocker.cursor() as cursor:
        cursor.execute("select 1 from accounts where id = 2005 for update")  # the second chunk waits for it
        killed = subprocess.Popen([sys.executable, "-c", NIGHT, database_url], cwd=ROOT, env=_environment())
        _wait_for_a_lock(database)
        killed.send_signal(signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
    blocker.close()

    _wait_until_alone(database)
    scored = "select count(*), count(*) filter (where id <= 2000) from accounts where scored_on = %(today)s"
    assert database.rows(scored, {"today": TODAY}) == [(2_000, 2_000)]
    assert (
        database.read("select count(*) from health_snapshots") == database.read("select count(*) from events") == 2_000
    )
    assert maintenance.nightly(database, clock=noon, within=HOUR) == Night(10, 0, finished=True)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def _wait_for_a_lock(database: Database) -> None:
    waiting = (
        "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())"
    )
    _wait_until(database, waiting)


def _wait_until_alone(database: Database) -> None:
    mine = "application_name = 'success-insights' and pid <> pg_backend_pid()"
    _wait_until(database, f"select not exists (select from pg_stat_activity where {mine} and backend_xid is not null)")


def _wait_until(database: Database, question: str) -> None:
    ends = time.monotonic() + 60
    while not database.read(question):
        assert time.monotonic() < ends, f"never came true: {question}"
        time.sleep(0.02)


# --- old rows ---

NOTHING = Pruned(events=0, jobs=0, kept_answers=0, model_calls=0, upload_row_errors=0, finished=True)


def test_rows_go_when_they_are_old_enough_and_not_a_moment_earlier(database: Database) -> None:
    ninety, year = NOON - 90 * DAY, NOON - 400 * DAY
    moment = timedelta(microseconds=1)
    for age in (ninety - moment, ninety):
        upload_id = uuid4()
        job(database, status="SUCCEEDED", finished_at=age, created_at=year)
        job(database, status="FAILED", kind="RECOMPUTE", finished_at=age, created_at=year)
        with database.writing() as session:
            session.add(Event(at=age, kind="ACCOUNT_CHANGED", subject="acc_1"))
            session.add(KeptAnswer(idempotency_key=str(age), actor="a", at=age, input={}, answer={}))
            session.add(_upload(upload_id, finished_at=age))
            session.flush()
            session.add(UploadRowError(upload_id=upload_id, line=2, code="NOT_A_NUMBER", message="no"))
    for age in (year - moment, year):
        with database.writing() as session:
            session.add(_call(age))

    gone = maintenance.prune(database, clock=noon, within=HOUR)

    assert gone == Pruned(events=1, jobs=2, kept_answers=1, model_calls=1, upload_row_errors=1, finished=True)
    assert maintenance.prune(database, clock=noon, within=HOUR) == NOTHING
    left = [database.rows(f"select {column} from {table}") for table, column in
            (("events", "at"), ("jobs", "finished_at"), ("kept_answers", "at"), ("model_calls", "at"))]  # fmt: skip
    assert left == [[(ninety,)], [(ninety,), (ninety,)], [(ninety,)], [(year,)]]
    kept = """select count(*) from upload_row_errors join uploads on uploads.id = upload_id
      where finished_at = %(age)s"""
    assert database.rows(kept, {"age": ninety}) == [(1,)]
    assert database.read("select count(*) from upload_row_errors") == 1
    assert database.read("select count(*) from uploads") == 2


def test_what_is_unfinished_stays_however_old_it_is(database: Database) -> None:
    long_ago = NOON - 1000 * DAY
    upload_id = uuid4()
    job(database, created_at=long_ago)
    job(database, status="RUNNING", created_at=long_ago, lease_until=long_ago)
    job(database, status="QUEUED", kind="RECOMPUTE", created_at=long_ago)
    with database.writing() as session:
        session.add(_upload(upload_id, status="IMPORTING", finished_at=None))
        session.flush()
        session.add(UploadRowError(upload_id=upload_id, line=2, code="NOT_A_NUMBER", message="no"))

    assert maintenance.prune(database, clock=noon, within=HOUR) == NOTHING


def test_a_batch_goes_with_all_its_jobs_or_stays_with_them(database: Database) -> None:
    long_ago, old = NOON - 200 * DAY, NOON - 100 * DAY
    over, young, running = (uuid4() for _ in range(3))
    for batch in (over, young, running):
        job(database, id=batch, kind="INSIGHT_BATCH", created_at=long_ago)
        job(database, parent_id=batch, status="SUCCEEDED", created_at=long_ago, finished_at=old)
    job(database, parent_id=over, status="FAILED", created_at=long_ago, finished_at=old)
    job(database, parent_id=young, status="SUCCEEDED", created_at=long_ago, finished_at=NOON - DAY)
    job(database, parent_id=running, status="RUNNING", created_at=long_ago)

    assert maintenance.prune(database, clock=noon, within=HOUR).jobs == 1
    assert database.rows("select coalesce(parent_id, id)::text, count(*) from jobs group by 1 order by 1") == sorted(
        [(str(young), 3), (str(running), 3)]
    )


def test_an_insight_outlives_its_job(database: Database) -> None:
    made = uuid4()
    with database.writing() as session:
        about = account(session, "Acme")
    done = uuid4()
    with database.writing() as session:
        session.add(_insight(made, done, about))
    job(database, id=done, status="SUCCEEDED", insight_id=made, created_at=NOON - 91 * DAY, finished_at=NOON - 91 * DAY)

    assert maintenance.prune(database, clock=noon, within=HOUR).jobs == 1
    assert database.rows("select id::text, job_id::text from insights") == [(str(made), str(done))]


def test_a_client_goes_on_from_a_cursor_whose_event_is_gone(api: "Api", database: Database) -> None:
    for age in (92, 91, 1):
        with database.writing() as session:
            session.add(Event(at=NOON - age * DAY, kind="ACCOUNT_CHANGED", subject=f"acc_{age}"))
    feed = "query ($after: String) { updates(after: $after, first: 1) { events { id } cursor } }"
    first = api.data(feed)["updates"]
    assert [event["id"] for event in first["events"]] == ["evt_1"]

    maintenance.prune(database, clock=noon, within=HOUR)

    assert [event["id"] for event in api.data(feed, after=first["cursor"])["updates"]["events"]] == ["evt_3"]
    assert [event["id"] for event in api.data(feed)["updates"]["events"]] == ["evt_3"]


def many_events(database: Database, count: int) -> None:
    _write(
        database,
        """insert into events (at, kind, subject)
        select %(at)s, 'ACCOUNT_CHANGED', 'acc_' || n from generate_series(1, %(count)s) n""",
        {"at": NOON - 91 * DAY, "count": count},
    )


def test_pruning_begins_no_batch_after_its_time_and_the_next_run_goes_on(database: Database) -> None:
    many_events(database, 5_001)

    stopped = maintenance.prune(database, clock=Ticking(MINUTE), within=2 * MINUTE)
    assert (stopped.events, stopped.finished) == (5_000, False)
    rest = maintenance.prune(database, clock=noon, within=HOUR)
    assert (rest.events, rest.finished) == (1, True)


def test_two_that_prune_at_once_share_the_rows(database: Database, database_url: str) -> None:
    many_events(database, 22_000)
    many_jobs(database, 3_000, expires_at=NOON)
    _write(database, "update jobs set status = 'FAILED', failure_code = 'INTERNAL', failure_message = '-', finished_at = %(at)s",
           {"at": NOON - 91 * DAY})  # fmt: skip

    pruned = both(database_url, lambda own: maintenance.prune(own, clock=noon, within=HOUR))

    last = maintenance.prune(database, clock=noon, within=HOUR)
    assert sum(one.events for one in (*pruned, last)) == 22_000
    assert sum(one.jobs for one in (*pruned, last)) == 3_000
    assert database.rows("select (select count(*) from events), (select count(*) from jobs)") == [(0, 0)]


def _upload(upload_id: UUID, *, status: str = "PARTIAL", finished_at: datetime | None, **columns: Any) -> Upload:
    return Upload(
        id=upload_id, kind="ACCOUNTS", status=status, file_name="a.csv", size_bytes=1, dry_run=False,
        policy="SKIP_BAD_ROWS", column_mapping={}, columns=[], preview=[], requested_by="tests",
        created_at=NOON - 1000 * DAY, expires_at=NOON - 1000 * DAY, finished_at=finished_at, **columns,
    )  # fmt: skip


def _call(at: datetime) -> ModelCall:
    return ModelCall(
        at=at, job_id=uuid4(), model="gpt-5-mini", prompt_tokens=1, completion_tokens=1, cached_tokens=0, duration_ms=1
    )


def _insight(insight_id: UUID, job_id: UUID, account_id: int) -> Insight:
    return Insight(
        id=insight_id, job_id=job_id, scope="ACCOUNT", account_id=account_id, input={}, headline="Fine", summary="Fine.",
        findings=[{"text": "Fine.", "kind": "STRENGTH", "evidence": ["E1"]}], actions=[], facts=[], facts_hash="x",
        data_as_of=date(2026, 1, 1), engine="RULES", verification="DETERMINISTIC", numbers_found=0, numbers_verified=0,
        sentences_dropped=0, created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
