"""Every figure of the portfolio, against the same figure computed from the CSV files by tests/independent.py."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.db.connection import Database
from services.settings import Settings
from tests import made_up_files
from tests.api import Api
from tests.importing import Importer
from tests.independent import Keep, Portfolio, Standing, steps, text
from tests.made_up_files import DAYS, FILES, TODAY

DAY = date(2024, 12, 31)

METRICS = """
query Figures($asOf: Date, $filter: AccountFilter) {
  portfolioMetrics(asOf: $asOf, filter: $filter) {
    asOf accountCount scoredAccounts totalArr { amount } averageScore arrWeightedScore medianScore
    byBucket { bucket accounts arr { amount } shareOfArr }
    bySegment {
      segment accounts arr { amount } averageScore
      buckets { bucket accounts arr { amount } shareOfArr }
    }
    byRegion { key accounts arr { amount } averageScore }
    byOwner { key accounts arr { amount } averageScore }
    renewals { window accounts arr { amount } arrInRed { amount } }
    arrInRed { amount }
    arrInRedOrAmber { amount }
    arrAtRisk30: arrAtRisk(renewsWithinDays: 30) { amount }
    arrAtRisk90: arrAtRisk { amount }
    arrAtRisk365: arrAtRisk(renewsWithinDays: 365) { amount }
    arrAtRisk3650: arrAtRisk(renewsWithinDays: 3650) { amount }
    topRisks(first: 100) { externalId }
  }
}
"""

TREND = """
query Trend($asOf: Date, $filter: AccountFilter, $from: Date, $to: Date, $granularity: Granularity! = WEEK) {
  portfolioMetrics(asOf: $asOf, filter: $filter) {
    trend(from: $from, to: $to, granularity: $granularity) {
      date accounts arr { amount } averageScore arrInRed { amount } arrInAmber { amount }
    }
  }
}
"""

ACCOUNTS = """
query Accounts($asOf: Date, $after: String) {
  accounts(asOf: $asOf, first: 100, after: $after, filter: { includeChurned: true }) {
    nodes {
      externalId arr { amount } renewalWindow daysToRenewal
      health {
        score bucket source coverage trend change30d
        factors { measure effectiveWeight contribution pointsLost }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

FILTERS: dict[str, tuple[dict[str, Any], Keep]] = {
    "a segment": ({"segment": {"eq": "SMB"}}, lambda one: one.account.segment == "SMB"),
    "two segments": (
        {"segment": {"in": ["MID_MARKET", "ENTERPRISE"]}},
        lambda one: one.account.segment in ("MID_MARKET", "ENTERPRISE"),
    ),
    "two regions": ({"region": {"in": ["US", "DE"]}}, lambda one: one.account.region in ("US", "DE")),
    "no region": ({"region": {"isNull": True}}, lambda one: one.account.region is None),
    "not a region": ({"not": {"region": {"eq": "US"}}}, lambda one: one.account.region != "US"),
    "a part of an industry": (
        {"industry": {"contains": "TECH"}},
        lambda one: "tech" in (one.account.industry or "").lower(),
    ),
    "the beginning of an owner": (
        {"owner": {"startsWith": "da"}},
        lambda one: (one.account.owner or "").lower().startswith("da"),
    ),
    "a range of ARR": ({"arr": {"gte": "50000", "lte": "250000.50"}}, lambda one: 50_000 <= one.arr <= 250_000.5),
    "a bucket": ({"bucket": {"eq": "AMBER"}}, lambda one: one.health.bucket == "AMBER"),
    "two buckets": (
        {"bucket": {"in": ["RED", "UNKNOWN"]}},
        lambda one: one.health.bucket in ("RED", "UNKNOWN"),
    ),
    "a range of scores": (
        {"score": {"gte": "60.5", "lte": "78"}},
        lambda one: one.health.score is not None and Fraction("60.5") <= one.health.score <= 78,
    ),
    "no score": ({"score": {"isNull": True}}, lambda one: one.health.score is None),
    "a falling score": ({"scoreChange30d": {"lte": "-0.1"}}, lambda one: one.change is not None and one.change < 0),
    "a search by name": ({"search": "OMPANY_1"}, lambda one: "company_1" in one.account.name.lower()),
    "a search by key": ({"search": "a-1"}, lambda one: "a-1" in one.account.key.lower()),
    "a near renewal": ({"renewsWithinDays": 60}, lambda one: one.account.renews_within(one.day, 60)),
    "no renewal": ({"renewalDate": {"isNull": True}}, lambda one: one.account.renewal is None),
    "nothing": ({"search": "nobody is called this"}, lambda _: False),
    "and, or, not": (
        {
            "and": [{"segment": {"eq": "ENTERPRISE"}}, {"arr": {"gte": "20000"}}],
            "or": [{"bucket": {"eq": "GREEN"}}, {"not": {"or": [{"region": {"eq": "US"}}, {"search": "7"}]}}],
            "not": {"bucket": {"eq": "UNKNOWN"}},
        },
        lambda one: (
            one.account.segment == "ENTERPRISE"
            and one.arr >= 20_000
            and one.health.bucket != "UNKNOWN"
            and (
                one.health.bucket == "GREEN"
                or not (one.account.region == "US" or "7" in f"{one.account.name} {one.account.key}")
            )
        ),
    ),
}
"What a client may ask for, and which accounts that means."
EVERYONE = {"includeChurned": True}


@dataclass(frozen=True)
class Loaded:
    """Files that went through the import, and what the script reads in them."""

    api: Api
    portfolio: Portfolio

    def figures(self, day: date, asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of the API, in the form of the script's."""
        found: dict[str, Any] = self.api.data(METRICS, asOf=day, filter=asked)["portfolioMetrics"]
        figures: dict[str, Any] = plain({**found, "topRisks": [account["externalId"] for account in found["topRisks"]]})
        return figures

    def expected(self, day: date, keep: Keep = lambda _: True, *, churned: bool = False) -> dict[str, Any]:
        figures = self.portfolio.figures(day, keep, churned=churned)
        expected: dict[str, Any] = plain({**figures, "topRisks": figures["topRisks"][:100]})
        return expected

    def trend(self, day: date, **more: object) -> list[dict[str, Any]]:
        trend: list[dict[str, Any]] = self.api.data(TREND, asOf=day, **more)["portfolioMetrics"]["trend"]
        return trend

    def accounts(self, day: date) -> dict[str, dict[str, Any]]:
        """Everyone by external id, from as many pages as it takes."""
        found: dict[str, dict[str, Any]] = {}
        after = None
        while True:
            page = self.api.data(ACCOUNTS, asOf=day, after=after)["accounts"]
            found |= {account.pop("externalId"): account for account in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


def load(api: Api, importer: Importer, folder: Path, days: Sequence[date]) -> Loaded:
    """Import a folder's three files, then score all accounts as of each of the days."""
    for kind, name in FILES.items():
        upload = importer.load(kind, (folder / name).read_bytes())
        assert (upload["status"], importer.errors(upload)) == ("SUCCEEDED", [])
    for day in days:
        answer = api.data(
            "mutation($day: Date!) { recomputeHealth(input: {asOf: $day}) { job { status } userErrors { message } } }",
            day=day,
        )
        assert answer["recomputeHealth"] == {"job": {"status": "SUCCEEDED"}, "userErrors": []}
    return Loaded(api, Portfolio(folder, days))


def plain(answer: Any) -> Any:
    """The answer with shares as numbers: with how many zeros one is printed says nothing."""
    if isinstance(answer, list):
        return [plain(one) for one in answer]
    if isinstance(answer, dict):
        shares = ("shareOfArr", "coverage")
        return {name: Fraction(value) if name in shares else plain(value) for name, value in answer.items()}
    return answer


def described(one: Standing) -> dict[str, Any]:
    """An account as the API tells of it, but for its factors."""
    account, health = one.account, one.health
    renewal = account.renewal
    return {
        "arr": {"amount": text(one.arr, 2)},
        "renewalWindow": account.window(one.day),
        "daysToRenewal": (renewal - one.day).days if renewal and not account.has_churned(one.day) else None,
        "health": {
            "score": None if health.score is None else text(health.score, 1),
            "bucket": health.bucket,
            "source": health.source,
            "coverage": text(health.coverage, 4),
            "trend": one.trend,
            "change30d": None if one.change is None else signed(one.change),
        },
    }


def without_order(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figure for name, figure in figures.items() if name != "topRisks"}


def signed(value: Fraction) -> str:
    return f"{'-' if value < 0 else ''}{text(abs(value), 1)}"


def assert_parts_make_the_score(factors: Sequence[Mapping[str, str]], one: Standing) -> None:
    """The printed parts add up exactly, and each is its exact value but for the last digit."""
    score, parts, weights = one.health.score, one.health.contributions, one.health.weights
    assert {factor["measure"] for factor in factors} == set(parts)
    if not factors:
        return
    assert score is not None
    assert sum(Fraction(factor["contribution"]) for factor in factors) == score
    assert sum(Fraction(factor["pointsLost"]) for factor in factors) == 100 - score
    assert sum(Fraction(factor["effectiveWeight"]) for factor in factors) == 1
    for factor in factors:
        weight, part = weights[factor["measure"]], parts[factor["measure"]]
        assert abs(Fraction(factor["contribution"]) - part) < Fraction(1, 10)
        assert abs(Fraction(factor["pointsLost"]) - (100 * weight - part)) < Fraction(1, 10)
        assert abs(Fraction(factor["effectiveWeight"]) - weight) < Fraction(1, 10_000)


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    return Importer(database, aws_settings)


@pytest.fixture
def sample(api: Api, importer: Importer, ravenstack: Path) -> Loaded:
    """The RavenStack files, scored as of their last day."""
    api.now = importer.now = datetime(2024, 12, 31, 18, tzinfo=UTC)
    return load(api, importer, ravenstack, [DAY])


@pytest.fixture
def made_up(api: Api, importer: Importer, tmp_path: Path) -> Loaded:
    """Two hundred accounts with every column filled at random, scored as of three days."""
    api.now = importer.now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    # of the first seeds the one with an account on every edge, such as a coverage of 0.40 and a score of 75.0
    made_up_files.write(tmp_path, random.Random(4))
    return load(api, importer, tmp_path, DAYS)


def test_every_figure_of_the_sample_is_the_scripts(sample: Loaded) -> None:
    asked = {name: sample.figures(DAY, asked) for name, (asked, _) in FILTERS.items()}

    assert sample.figures(DAY) == sample.expected(DAY)
    assert asked == {name: sample.expected(DAY, keep) for name, (_, keep) in FILTERS.items()}
    assert sample.trend(DAY) == sample.portfolio.trend(steps(DAY, DAY - timedelta(90), "WEEK"))


def test_every_account_of_the_sample_has_the_scripts_health(sample: Loaded) -> None:
    assert_accounts_are_the_scripts(sample, DAY)


def test_every_figure_of_a_made_up_world_is_the_scripts_on_three_days(made_up: Loaded) -> None:
    for day in DAYS:
        asked = {name: made_up.figures(day, asked) for name, (asked, _) in FILTERS.items()}

        assert made_up.figures(day) == made_up.expected(day)
        assert without_order(made_up.figures(day, EVERYONE)) == without_order(made_up.expected(day, churned=True))
        assert asked == {name: made_up.expected(day, keep) for name, (_, keep) in FILTERS.items()}


def test_a_churned_account_asks_for_attention_as_one_without_a_renewal(made_up: Loaded) -> None:
    found = {day: made_up.figures(day, EVERYONE)["topRisks"] for day in DAYS}

    assert found == {day: made_up.expected(day, churned=True)["topRisks"] for day in DAYS}


def test_every_account_of_a_made_up_world_has_the_scripts_health_on_three_days(made_up: Loaded) -> None:
    for day in DAYS:
        assert_accounts_are_the_scripts(made_up, day)


def test_every_trend_of_a_made_up_world_is_the_scripts(made_up: Loaded) -> None:
    trend = made_up.portfolio.trend

    for day in DAYS:
        assert made_up.trend(day) == trend(steps(day, day - timedelta(90), "WEEK"))
        assert made_up.trend(day, granularity="MONTH") == trend(steps(day, day - timedelta(90), "MONTH"))
    first, last = DAYS[0] - timedelta(3), DAYS[1] + timedelta(2)
    between = {"from": first, "to": last}
    assert made_up.trend(TODAY, **between, granularity="DAY") == trend(steps(last, first, "DAY"))
    weekly = {name: made_up.trend(TODAY, **between, filter=asked) for name, (asked, _) in FILTERS.items()}
    assert weekly == {name: trend(steps(last, first, "WEEK"), keep) for name, (_, keep) in FILTERS.items()}
    everyone = made_up.trend(TODAY, filter=EVERYONE)
    assert everyone == trend(steps(TODAY, TODAY - timedelta(90), "WEEK"), churned=True)


def assert_accounts_are_the_scripts(loaded: Loaded, day: date) -> None:
    found = loaded.accounts(day)
    factors = {key: account["health"].pop("factors") for key, account in found.items()}
    standings = {one.account.key: one for one in loaded.portfolio.standings(day, churned=True)}

    assert plain(found) == {key: plain(described(one)) for key, one in standings.items()}
    for key, one in standings.items():
        assert_parts_make_the_score(factors[key], one)
