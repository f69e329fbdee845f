"""The bench's databases: what is kept, what is made anew, and what multiplying the accounts makes of the figures."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bench import asking, sampling
from bench.calling import caller
from bench.multiplying import multiply
from bench.parts import statements
from bench.peers import ours
from bench.world import World, execute, of_database, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("bench")
    folder.chmod(0o755)
    with opened(120, 5, lambda _: None, folder) as world:
        yield world


def _portfolio(url: str) -> dict[str, object]:
    with ours.database(url) as database, caller() as calling:
        answer = calling.call(ours.over(database), ours.PATH, asking.question("Q3").body)
    found: dict[str, object] = asking.data(answer, "ours")["portfolioMetrics"]
    return found


def test_a_world_is_of_its_size_and_of_today(world: World) -> None:
    counted = execute(world.url, "select count(*), max(scored_on) from accounts")

    assert counted == [(120, world.today)]
    assert world.today == datetime.now(UTC).date()


def test_a_kept_database_is_made_once_for_each_stamp(world: World) -> None:
    made: list[str] = []

    urls = [world.kept("copy", stamp, made.append) for stamp in (1, 1, 2)]

    assert made == [urls[0]] * 2
    assert execute(urls[0], "select count(*) from accounts") == [(120,)]


def test_a_scratch_database_is_gone_afterwards(world: World) -> None:
    with world.scratch("a") as empty, world.scratch("b", filled=True) as filled:
        counts = [execute(url, "select count(*) from accounts") for url in (empty, filled)]

    assert counts == [[(0,)], [(120,)]]
    assert execute(world.server, "select datname from pg_database where datname like 'scratch%'") == []


def test_multiplied_accounts_have_the_same_averages_and_so_many_times_the_revenue(world: World) -> None:
    small = _portfolio(world.url)

    large = _portfolio(world.kept("times", 3, lambda url: multiply(url, 3, lambda _: None)))

    same = ("asOf", "averageScore", "arrWeightedScore", "medianScore")
    assert [large[name] for name in same] == [small[name] for name in same]
    assert large["accountCount"] == 3 * int(str(small["accountCount"]))
    observed = execute(of_database(world.server, "bench_120_times"), "select count(*) from account_observations")
    assert observed == [(360 + _older(world),)]


def _older(world: World) -> int:
    [(older,)] = execute(world.url, "select count(*) - 120 from account_observations")
    return int(older)


def test_statements_are_counted_by_the_connection_and_by_the_server(world: World) -> None:
    told: list[str] = []

    [figure] = statements.figures(world, told.append, 1)

    assert figure.value == 1
    assert told[0] == "Q1 with 1 accounts: 1 by our connection, 1 by PostgreSQL's log"


def test_a_profile_says_where_the_time_of_each_question_goes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(sampling, "SECONDS", 0.3)

    sampling.tell_all(world, told.append)

    names = [line[:2] for line in told if "on average" in line]
    shares = [float(line.split("%")[0]) for line in told if " ms  " in line]
    assert names == ["Q1", "Q2", "Q3"]
    assert sum(shares) == pytest.approx(300, abs=3)
    assert any("Cursor.execute" in line for line in told)
