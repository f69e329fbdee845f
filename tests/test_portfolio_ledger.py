"""The portfolio's ledger: after every write, by whoever, it tells the same figures as the accounts themselves."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg2
import pytest

from local import __main__ as command
from services import portfolio, portfolio_ledger, scoring
from services.accounts import editing
from services.asks import Ask, asks
from services.db.connection import Database
from services.db.statement import Statement
from services.maintenance import account_sums
from services.settings import Settings
from tests import worlds
from tests.importing import Importer
from tests.worlds import NOON, TODAY

SLICE = "accounts arr { amount }"
BUCKETS = f"{{ bucket {SLICE} share_of_arr }}"
EVERYTHING = Ask(
    "", "",
    asks=(
        *asks(f"""account_count scored_accounts total_arr {{ amount currency }} average_score arr_weighted_score
          median_score by_bucket {BUCKETS} by_segment {{ segment {SLICE} average_score buckets {BUCKETS} }}
          by_region {{ key {SLICE} average_score }} by_owner {{ key {SLICE} average_score }}
          renewals {{ window {SLICE} arr_in_red {{ amount }} }} arr_in_red {{ amount }}
          arr_in_red_or_amber {{ amount }} arr_at_risk {{ amount }} top_risks {{ id }}"""),
        *(Ask("arr_at_risk", f"within{days}", {"renews_within_days": days}, asks("amount")) for days in (0, 30, 3650)),
    ),
)  # fmt: skip
THE_SAME_BY_FILTER = {"and_": []}
"A filter that lets everyone through, and so has the accounts themselves counted."


def figures(database: Database, filter_: dict[str, Any] | None) -> str:
    return str(portfolio.metrics(database, EVERYTHING, filter_, TODAY, Statement(today=TODAY)).text)


def assert_exact(database: Database) -> None:
    assert figures(database, None) == figures(database, THE_SAME_BY_FILTER)
    assert account_sums.verify(database) == account_sums.Differences((), ())


def size(database: Database) -> tuple[int, int]:
    """How many rows the ledger has, and how many cells."""
    cells = f"select distinct {portfolio_ledger.CELL} from portfolio_ledger"
    return database.rows(f"select (select count(*) from portfolio_ledger), (select count(*) from ({cells}) c)")[0]


def execute(database: Database, sql: str) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql(sql)


@pytest.fixture
def some(database: Database) -> Database:
    """Thirty accounts, each with a segment, region, owner, renewal and score of its own making."""
    chance = random.Random(1)
    with database.writing() as session:
        for number in range(30):
            some_account(session, chance, f"Account {number}")
        worlds.scored(session)
    return database


def some_account(session: Any, chance: random.Random, name: str) -> int:
    churned = chance.random() < 0.1
    key = worlds.account(
        session, name, arr=f"{chance.randrange(100_000_00) / 100:.2f}", since=TODAY - timedelta(10),
        segment=chance.choice(["SMB", "MID_MARKET", "ENTERPRISE"]), region=chance.choice([None, "EU", "US"]),
        cs_owner=chance.choice([None, "Dana", "Priya"]), status="CHURNED" if churned else "ACTIVE",
        renewal_date=chance.choice([None, TODAY + timedelta(chance.randrange(-40, 400))]),
        churned_on=TODAY if churned else None,
    )  # fmt: skip
    if chance.random() < 0.8:
        score = f"{chance.randrange(1001) / 10:.1f}"
        worlds.observation(session, key, day=TODAY - timedelta(10), health_score=Decimal(score))
    return key


# --- what any writer does ---


class Writer:
    """Somebody with a connection of their own who writes as the product does, or as an operator might."""

    def __init__(self, url: str, settings: Settings, seed: int) -> None:
        self.database = Database(url)
        self._importer = Importer(self.database, settings)
        self._chance, self._seed, self._made = random.Random(seed), seed, 0

    def write(self, times: int) -> None:
        ways: list[Callable[[], None]] = [
            self._create, self._edit, self._edit, self._import, self._score, self._alter, self._delete, self._give_up,
            self._fold,
        ]  # fmt: skip
        for _ in range(times):
            self._chance.choice(ways)()

    def _name(self) -> str:
        self._made += 1
        return f"{self._seed} {self._made}"

    def _create(self) -> None:
        with self.database.writing() as session:
            scoring.lock_accounts(session)
            key = some_account(session, self._chance, self._name())
            scoring.score(session, TODAY, now=NOON, actor="tests", account_ids=[key])

    def _edit(self) -> None:
        change: dict[str, Any] = self._chance.choice([
            {"arr": Decimal(self._chance.randrange(1_000_000))},
            {"segment": self._chance.choice(["SMB", "ENTERPRISE"])},
            {"region": self._chance.choice([None, "EU", "LATAM"]), "cs_owner": self._chance.choice([None, "Dana"])},
            {"renewal_date": self._chance.choice([None, TODAY + timedelta(self._chance.randrange(300))])},
            {"status": self._chance.choice(["CHURNED", "ACTIVE", "ONBOARDING"])},
            {"industry": self._name()},
        ])  # fmt: skip
        found = self.database.rows("select id from accounts order by random() limit 1")
        for (key,) in found:
            with self.database.writing() as session:
                exists = session.connection().exec_driver_sql(f"select 1 from accounts where id = {key} for update")
                if exists.first():
                    editing.update(session, f"acc_{key}", change, expected_version=None, actor="tests", now=NOON)

    def _import(self) -> None:
        known = [name for (name,) in self.database.rows("select name from accounts order by random() limit 5")]
        rows = [
            f"{name},{self._chance.randrange(99_999)},SMB,EU,2026-05-0{self._chance.randrange(1, 9)},"
            f"{self._chance.choice(['ACTIVE', 'CHURNED'])},{self._chance.randrange(101)},2026-03-10"
            for name in [*known, self._name(), self._name()]
        ]
        header = "name,arr,segment,region,renewal_date,status,health_score,observed_on"
        self._importer.load("ACCOUNTS", "\n".join([header, *rows]) + "\n")

    def _score(self) -> None:
        with self.database.writing() as session:
            scoring.lock_accounts(session)
            scoring.score(session, TODAY, now=NOON, actor="tests")

    def _alter(self) -> None:
        with self.database.writing() as session:
            scoring.lock_accounts(session)
            session.connection().exec_driver_sql(self._chance.choice(ALTERATIONS))

    def _delete(self) -> None:
        with self.database.writing() as session:
            scoring.lock_accounts(session)
            session.connection().exec_driver_sql(
                "delete from accounts where id = (select id from accounts order by random() limit 1)"
            )

    def _give_up(self) -> None:
        with self.database.writing() as session:
            scoring.lock_accounts(session)
            session.connection().exec_driver_sql("update accounts set arr = arr + 7")
            portfolio_ledger.fold(session)
            session.rollback()

    def _fold(self) -> None:
        account_sums.fold(self.database)


ALTERATIONS = (
    "update accounts set arr = arr * 1.01 where mod(id, 3) = 0",
    "update accounts set region = 'APAC' where mod(id, 4) = 0",
    "update accounts set segment = 'SMB', cs_owner = null where mod(id, 5) = 0",
    "update accounts set renewal_date = renewal_date + 30 where mod(id, 2) = 0",
    "update accounts set status = 'CHURNED', churned_on = '2026-03-10' where mod(id, 7) = 0",
    "update accounts set status = 'ACTIVE', churned_on = null where mod(id, 2) = 1",
    "update accounts set updated_at = now()",
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_writers_at_once_leave_exact_figures(
    some: Database, database_url: str, aws_settings: Settings, seed: int
) -> None:
    assert_exact(some)
    writers = [Writer(database_url, aws_settings, 10 * seed + number) for number in range(3)]
    with ThreadPoolExecutor(len(writers)) as pool:
        for _ in range(4):
            for done in [pool.submit(writer.write, 5) for writer in writers]:
                done.result(timeout=60)

            assert_exact(some)

    account_sums.fold(some)
    assert_exact(some)
    rows, cells = size(some)
    assert rows == cells > 0
    for writer in writers:
        writer.database.close()


@pytest.mark.parametrize("statement", [
    *ALTERATIONS,
    "delete from accounts where mod(id, 2) = 0",
    "delete from accounts",
    "truncate accounts cascade",
    """insert into accounts (name, arr, segment, origin, observed_on, scored_on, score, bucket)
      values ('New', 0, 'SMB', 'API', '2026-01-01', '2026-01-01', 0, 'RED'), ('Newer', 1, 'SMB', 'API', '2026-01-01', null, null, 'UNKNOWN')""",
    """insert into accounts (external_id, name, arr, segment, origin, observed_on) values ('x', 'X', 1, 'SMB', 'API', '2026-01-01');
      insert into accounts (external_id, name, arr, segment, origin, observed_on)
      values ('x', 'X', 5, 'SMB', 'API', '2026-01-01'), ('y', 'Y', 6, 'SMB', 'API', '2026-01-01')
      on conflict (external_id) do update set arr = excluded.arr, segment = 'ENTERPRISE'""",
    """merge into accounts a using (values ('Account 3', 7), ('Nobody', 8)) v (name, arr) on v.name = a.name
      when matched then update set arr = v.arr
      when not matched then insert (name, arr, segment, origin, observed_on) values (v.name, v.arr, 'SMB', 'API', '2026-01-01')""",
    "update accounts set id = default where mod(id, 3) = 0 and not exists (select from arr_history h where h.account_id = accounts.id)",
])  # fmt: skip
def test_any_statement_leaves_exact_figures(some: Database, statement: str) -> None:
    if "id = default" in statement:
        execute(some, "delete from arr_history; delete from account_observations; delete from health_snapshots")
        execute(some, "update accounts set scored_on = null, score = null, bucket = 'UNKNOWN'")

    execute(some, statement)

    assert figures(some, None) == figures(some, THE_SAME_BY_FILTER)
    assert account_sums.verify(some).cells == ()


def test_no_account_at_all_is_a_portfolio_too(database: Database) -> None:
    assert_exact(database)


def test_an_update_that_no_figure_sees_appends_nothing(some: Database) -> None:
    before = size(some)

    execute(some, "update accounts set version = version + 1, updated_at = now(), industry = 'Software', arr = arr")

    assert size(some) == before


def test_a_churned_account_leaves_no_slice_behind(database: Database) -> None:
    with database.writing() as session:
        worlds.account(session, "Alone", region="Mars", cs_owner="Dana")
    execute(database, "update accounts set status = 'CHURNED', churned_on = '2026-03-10'")

    assert '"by_region" : []' in figures(database, None)
    assert_exact(database)
    account_sums.fold(database)
    assert size(database) == (0, 0)


# --- who waits for whom ---


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    """Another connection, which gives up where it would have to wait."""
    other = Database(f"{database_url}&options=-c%20lock_timeout%3D2s")
    yield other
    other.close()


TWIN = "insert into accounts (name, arr, segment, origin, observed_on) values ('{}', 5, 'SMB', 'API', '2026-01-01')"


def test_two_writers_of_the_same_cells_do_not_wait_for_each_other(some: Database, other: Database) -> None:
    with some.writing() as session:
        session.connection().exec_driver_sql(TWIN.format("One"))
        execute(other, TWIN.format("Other"))
        execute(other, "update accounts set arr = 6, cs_owner = 'Dana' where name = 'Other'")
        session.connection().exec_driver_sql("update accounts set arr = 6, cs_owner = 'Dana' where name = 'One'")
        execute(other, "delete from accounts where name = 'Other'")

    assert_exact(some)


def test_a_fold_keeps_what_is_appended_meanwhile(some: Database, other: Database) -> None:
    with some.writing() as session:
        session.connection().exec_driver_sql(TWIN.format("Not yet committed"))
        account_sums.fold(other)
        assert_exact(other)
    assert_exact(some)

    with some.writing() as session:
        portfolio_ledger.fold(session)
        execute(other, TWIN.format("Committed before the fold"))
        assert_exact(other)
    assert_exact(some)


def test_two_folds_at_once_do_not_wait_and_count_nothing_twice(some: Database, other: Database) -> None:
    execute(some, TWIN.format("More"))
    with some.writing() as session:
        portfolio_ledger.fold(session)
        account_sums.fold(other)
        assert_exact(other)

    assert_exact(some)
    rows, cells = size(some)
    assert rows == cells


def test_a_fold_rewrites_only_cells_of_several_rows(some: Database) -> None:
    account_sums.fold(some)
    folded = set(some.rows("select facet, id from portfolio_ledger"))
    execute(some, TWIN.format("One more"))

    account_sums.fold(some)

    assert len(set(some.rows("select facet, id from portfolio_ledger")) - folded) <= 5


# --- checked and mended ---


@pytest.fixture
def rollup(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str]]:
    """The command, as its exit code and what it prints."""

    def run(task: str) -> tuple[int, str]:
        monkeypatch.setenv("DATABASE_URL", database_url)
        code = command.main(["rollup", task])
        return code, capsys.readouterr().out

    return run


def test_what_was_planted_is_found_and_mended(some: Database, rollup: Callable[[str], tuple[int, str]]) -> None:
    good = (0, "all figures are what the accounts amount to\n")
    assert rollup("verify") == good
    execute(some, "alter table accounts disable trigger user")
    execute(some, TWIN.format("Unseen"))
    execute(some, "alter table accounts enable trigger user")
    key = some.read("select id from accounts where status = 'ACTIVE' and score is not null and score < 40 limit 1")
    [(day, score)] = some.rows(f"select scored_on, score from accounts where id = {key}")
    execute(some, f"update accounts set score = 99.9, bucket = 'GREEN' where id = {key}")

    code, printed = rollup("verify")

    assert code == 1
    assert "\nOWNER (none): accounts " in printed
    assert f"acc_{key}: {day} 99.9 GREEN beside the account, {day} {score} RED in its newest snapshot\n" in printed
    assert {line.split()[0] for line in printed.splitlines()[:-2]} == {"HEALTH", "OWNER", "REGION", "RENEWAL", "SCORE"}
    assert rollup("rebuild") == good
    assert_exact(some)


def test_a_ledger_is_mended_while_others_write(some: Database, other: Database) -> None:
    execute(some, "delete from portfolio_ledger")
    with some.writing() as session:
        session.connection().exec_driver_sql(TWIN.format("Not yet committed"))
        account_sums.rebuild(other)
        assert account_sums.verify(other).cells == ()

    assert_exact(some)


def test_two_who_mend_at_once_add_what_is_missing_once(some: Database, database_url: str) -> None:
    execute(some, "delete from portfolio_ledger")
    databases = [Database(database_url) for _ in range(3)]
    with psycopg2.connect(database_url) as raw, ThreadPoolExecutor(3) as pool:
        raw.cursor().execute("select pg_advisory_xact_lock(%s)", (account_sums.MENDING_LOCK,))
        mending = [pool.submit(account_sums.rebuild, database) for database in databases]
        time.sleep(0.3)
        raw.commit()
        for one in mending:
            one.result(timeout=30)
    raw.close()
    for database in databases:
        database.close()

    assert_exact(some)


def test_today_is_asked_of_the_ledger_however_it_is_said(some: Database, statements: list[str]) -> None:
    totals = Ask("", "", asks=asks("account_count total_arr { amount } median_score by_owner { key }"))

    answers = {
        str(portfolio.metrics(some, totals, filter_, TODAY, Statement(today=TODAY, as_of=day)).text)
        for filter_ in (None, {}, {"include_churned": False}, {"segment": None})
        for day in (None, TODAY)
    }

    assert len(answers) == 1
    assert [one for one in statements if "from accounts" in one] == []
    assert str(portfolio.metrics(some, totals, None, TODAY, Statement(today=TODAY, as_of=date(2026, 3, 9))).text)
    assert "from accounts" in statements[-1]
