"""Real connections at once, let go by a barrier: every acknowledged change stands, once, and every page is of one moment."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from services import keys, mock_data
from services.accounts import editing
from services.db.connection import Database
from services.errors import Rejected
from services.insights import queue, ratings
from services.maintenance import account_sums, nightly
from services.settings import Settings
from services.vocabulary import Role
from tests.access import a_key
from tests.api import Api
from tests.importing import NOON, Importer
from tests.insights import ASK, RULES, Worker, failing_account, insights
from tests.worlds import account, scored

FILE = "name,arr,segment,region,seats_purchased\n"
SEEDS = range(4)
Task = Callable[[Database], Any]
seeds = pytest.mark.parametrize("seed", SEEDS)


def at_once(url: str, tasks: Sequence[Task], seed: int = 0) -> list[Any]:
    """What each task answers, in their order: all begin together, each on a connection of its own, then at random."""
    together, random = threading.Barrier(len(tasks)), Random(seed)
    pauses = [random.choice((0, 0, 0.002, 0.01, 0.03)) for _ in tasks]

    def run(task: Task, pause: float) -> Any:
        with closing(Database(url)) as database:
            database.read("select 1")
            together.wait(60)
            time.sleep(pause)
            try:
                return task(database)
            except Rejected as refusal:
                return refusal

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks, pauses))


def edit(account_id: str, version: int | None = None, **change: Any) -> Task:
    def task(database: Database) -> str:
        with database.writing() as session:
            editing.update(session, account_id, change, expected_version=version, actor=str(change), now=NOON)
        return "changed"

    return task


def assert_whole(database: Database) -> None:
    """No change was made from what was no longer so, and what is kept of all accounts is what they amount to."""
    chain = """select account_id, f->>'field', f->>'before', f->>'after' from changes c, jsonb_array_elements(fields) f
      where source <> 'SCORING' order by account_id, 2, c.id"""
    last: dict[Any, str | None] = {}
    for key, field, before, after in database.rows(chain):
        assert last.get((key, field), before) == before, (key, field)
        last[key, field] = after
    account_sums.fold(database)
    assert not account_sums.verify(database)


@pytest.fixture
def acme(database: Database) -> str:
    with database.writing() as session:
        key = account(session, "Acme", arr="1000")
        scored(session)
    return f"acc_{key}"


@seeds
def test_of_edits_from_one_version_one_is_made(database: Database, database_url: str, acme: str, seed: int) -> None:
    tasks = [edit(acme, 1, region=f"R{number}", seats_purchased=number) for number in range(1, 5)]

    answers = at_once(database_url, tasks, seed)

    assert answers.count("changed") == 1
    stale = [one for one in answers if isinstance(one, Rejected)]
    assert {(one.code, one.message) for one in stale} == {
        ("STALE_VERSION", "the account is at version 2, not 1: read it again")
    }
    winner = answers.index("changed") + 1
    assert database.rows("select version, region from accounts") == [(2, f"R{winner}")]
    assert database.rows("select seats_purchased from account_observations") == [(winner,)]
    assert_whole(database)


@seeds
def test_edits_of_different_fields_add_up(database: Database, database_url: str, acme: str, seed: int) -> None:
    tasks = [edit(acme, region="EMEA"), edit(acme, industry="Retail"), edit(acme, seats_purchased=7), edit(acme, arr=5)]

    assert at_once(database_url, tasks, seed) == ["changed"] * 4

    assert database.rows("select version, region, industry, arr::int from accounts") == [(5, "EMEA", "Retail", 5)]
    assert database.read("select seats_purchased from account_observations") == 7
    assert database.rows("select arr::int from arr_history order by effective_on desc limit 1") == [(5,)]
    assert_whole(database)


@seeds
def test_edits_imports_nights_and_made_up_data_at_once_lose_nothing(
    database: Database, database_url: str, aws_settings: Settings, acme: str, seed: int
) -> None:
    importer = Importer(database, aws_settings)
    with database.writing() as session:
        mock_data.generate(session, accounts=5, days=40, seed=1, replace=False, actor="a", now=NOON)
    one = importer.send("ACCOUNTS", FILE + "Acme,2000,SMB,EMEA,20\nGlobex,1,SMB,EMEA,1\n")
    two = importer.send("ACCOUNTS", FILE + "Globex,5,SMB,APAC,5\nInitech,6,SMB,APAC,6\n")

    def made_up(database: Database) -> Any:
        with database.writing() as session:
            return mock_data.generate(session, accounts=4, days=30, seed=2, replace=True, actor="a", now=NOON)

    answers = at_once(database_url, [
        edit(acme, industry="Retail"), edit(acme, nps=9), made_up,
        lambda mine: importer.work(one, database=mine), lambda mine: importer.work(two, database=mine),
        lambda mine: nightly(mine, clock=lambda: NOON + timedelta(days=1), within=timedelta(minutes=1)),
    ], seed)  # fmt: skip

    assert answers[:2] == ["changed", "changed"]
    assert [importer.upload(one)["status"], importer.upload(two)["status"]] == ["SUCCEEDED", "SUCCEEDED"]
    rows = database.rows("select name, industry, arr::int from accounts where origin <> 'MOCK' order by name")
    known = {name: (industry, arr) for name, industry, arr in rows}
    assert known.keys() == {"Acme", "Globex", "Initech"}
    assert (known["Acme"], known["Initech"]) == (("Retail", 2000), (None, 6))
    assert known["Globex"][1] in (1, 5)
    assert database.read("select count(*) from accounts where origin = 'MOCK'") == answers[2].accounts_created == 4
    assert database.read("select nps from account_observations o join accounts a on a.id = o.account_id "
                         "and a.observed_on = o.observed_on where name = 'Acme'") == 9  # fmt: skip
    assert_whole(database)


@seeds
def test_one_file_sent_twice_at_once_is_imported_once(
    database: Database, database_url: str, aws_settings: Settings, seed: int
) -> None:
    importer = Importer(database, aws_settings)
    content = FILE + "".join(f"Account {number},{number},SMB,EMEA,{number}\n" for number in range(1, 60))
    both = [importer.send("ACCOUNTS", content) for _ in range(2)]

    at_once(database_url, [lambda mine, one=one: importer.work(one, database=mine) for one in both], seed)

    uploads = [importer.upload(one) for one in both]
    assert sorted(one["created_count"] for one in uploads) == [0, 59]
    assert {one["status"] for one in uploads} == {"SUCCEEDED"}
    assert database.rows("select count(*), max(version) from accounts") == [(59, 1)]
    assert_whole(database)


def test_one_upload_delivered_to_several_workers_at_once_is_imported_once(
    database: Database, database_url: str, aws_settings: Settings
) -> None:
    importer = Importer(database, aws_settings)
    upload = importer.send("ACCOUNTS", FILE + "Acme,1,SMB,EMEA,1\n")

    at_once(database_url, [lambda mine: _delivered(importer, upload, mine)] * 4)

    assert (importer.upload(upload)["status"], importer.upload(upload)["attempts"]) == ("SUCCEEDED", 1)
    assert database.rows("select version from accounts") == [(1,)]
    assert database.read("select count(*) from events where kind = 'UPLOAD_FINISHED'") == 1


def _delivered(importer: Importer, upload: UUID, database: Database) -> Any:
    from services.errors import Unavailable

    try:
        return importer.work(upload, database=database)
    except Unavailable as busy:  # another has it: the message comes again
        return busy


@seeds
def test_two_clicks_at_once_are_one_job(database: Database, database_url: str, seed: int) -> None:
    initech = int(failing_account(database).removeprefix("acc_"))

    def click(mine: Database) -> Any:
        with mine.writing() as session:
            return queue.account(
                session, initech, reuse_if_fresh=True, idempotency_key=None, actor="a", settings=RULES, now=NOON
            )  # fmt: skip

    answers = at_once(database_url, [click] * 4, seed)

    assert len({one.job_id for one in answers}) == 1
    assert [one.reused for one in answers].count(False) == 1
    assert database.read("select count(*) from jobs") == 1


@seeds
def test_one_job_claimed_by_several_workers_is_done_once(
    api: Api, database: Database, database_url: str, seed: int
) -> None:
    job = api.data(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]

    at_once(database_url, [lambda mine: Worker(mine).deliver(job)] * 4, seed)

    assert len(insights(database)) == 1
    assert database.rows("select status, attempts from jobs") == [("SUCCEEDED", 1)]
    assert database.read("select count(*) from events where kind = 'INSIGHT_READY'") == 1


@seeds
def test_ratings_at_once_leave_one_of_them_whole(api: Api, database: Database, database_url: str, seed: int) -> None:
    Worker(database).deliver(api.data(ASK, account=failing_account(database))["queueInsight"]["job"]["id"])
    key = UUID(insights(database)[0]["id"])

    def rate(rating: str) -> Task:
        def task(mine: Database) -> None:
            with mine.writing() as session:
                ratings.rate(session, key, rating, f"it is {rating}", actor=f"by {rating}", now=NOON)

        return task

    at_once(database_url, [rate("HELPFUL"), rate("WRONG"), rate("NOT_HELPFUL")], seed)

    [(rating, comment, by)] = database.rows("select rating, rating_comment, rated_by from insights")
    assert (comment, by) == (f"it is {rating}", f"by {rating}")


@seeds
def test_a_key_revoked_by_several_at_once_stays_the_first_one_s(
    database: Database, database_url: str, seed: int
) -> None:
    prefix = a_key(database, Role.CSM).split("_")[1]

    def revoke(number: int) -> Task:
        def task(mine: Database) -> None:
            with mine.writing() as session:
                keys.revoke(session, prefix, actor=str(number), now=NOON + timedelta(seconds=number))

        return task

    at_once(database_url, [revoke(number) for number in range(4)], seed)
    revoked = database.rows("select revoked_by, revoked_at from api_keys")
    at_once(database_url, [revoke(9)])

    [(by, at)] = revoked
    assert at == NOON + timedelta(seconds=int(by))
    assert database.rows("select revoked_by, revoked_at from api_keys") == revoked


class Others:
    """Somebody who commits one change after the other on a connection of their own, while the block runs."""

    def __init__(self, url: str, change: Callable[[Database, int], None]) -> None:
        self._url, self._change = url, change
        self._over = threading.Event()
        self.made = 0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with closing(Database(self._url)) as database:
            while not self._over.is_set():
                self._change(database, self.made)
                self.made += 1

    def __enter__(self) -> "Others":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def go_on(self) -> None:
        """Wait until they have made another change."""
        seen = self.made
        while self.made == seen:
            assert self._thread.is_alive()
            time.sleep(0.001)


def test_a_page_and_its_totals_are_of_one_moment(api: Api, database: Database, database_url: str) -> None:
    def another(mine: Database, number: int) -> None:
        with mine.writing() as session:
            account(session, f"New {number}", arr="1000")
            if number % 3 == 2:  # as many go as come, so that they fit a page
                session.connection().exec_driver_sql(
                    "delete from accounts where id in (select id from accounts order by id limit 3)"
                )

    asked = "{ accounts(first: 100) { totalCount totalArr { amount } nodes { arr { amount } } } portfolioMetrics { accountCount } }"
    seen = set()
    with Others(database_url, another) as others:
        while others.made < 60 or len(seen) < 3:
            page = api.data(asked)["accounts"]
            assert float(page["totalArr"]["amount"]) == 1000 * page["totalCount"]
            assert len(page["nodes"]) == page["totalCount"]
            seen.add(page["totalCount"])

    assert_whole(database)


@pytest.mark.parametrize("order", ["NAME", "ARR"])
def test_paging_neither_skips_nor_repeats_what_nobody_touches(
    api: Api, database: Database, database_url: str, order: str
) -> None:
    with database.writing() as session:
        untouched = {account(session, f"U{number:02}", arr=str(1000 + 10 * number)) for number in range(30)}
        moving = account(session, "Moving", arr="1")

    def change(mine: Database, number: int) -> None:
        random = Random(number)
        with mine.writing() as session:
            account(session, f"{random.choice('ATUZ')}{uuid4()}", arr=str(random.randint(900, 1400)))
            session.connection().exec_driver_sql(
                "update accounts set arr = %s, name = %s where id = %s",
                (random.randint(900, 1400), f"{random.choice('ATUZ')} moving", moving),
            )

    asked = f"""query ($after: String) {{ accounts(first: 8, after: $after, orderBy: [{{field: {order}}}]) {{
      nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    with Others(database_url, change) as others:
        for _ in range(3):
            found, after = [], None
            while True:
                page = api.data(asked, after=after)["accounts"]
                others.go_on()
                found += [int(one["id"].removeprefix("acc_")) for one in page["nodes"]]
                after = page["pageInfo"]["endCursor"]
                if not page["pageInfo"]["hasNextPage"]:
                    break
            assert sorted(one for one in found if one in untouched) == sorted(untouched)
