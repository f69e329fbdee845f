"""A root field costs one SQL statement, however many rows it answers and however deep it is asked."""

import pytest

from tests.api import Api

ACCOUNT = """
  id externalId name segment industry region owner arr { amount currency } renewalDate daysToRenewal renewalWindow status
  seatsPurchased activeUsers nps version createdAt updatedAt
  health {
    source score bucket trend change30d coverage asOf computedAt scorecard { id version measures { label } }
    factors { measure dimension label rawValue subScore effectiveWeight contribution pointsLost versusPeers direction }
    missing { measure reason weight }
  }
  healthHistory(first: 5, granularity: MONTH) { edges { cursor node { date score factors { measure } } } pageInfo { hasNextPage } }
  dailyMetrics(first: 14) { nodes { date logins avgSessionMinutes } pageInfo { endCursor } }
  metricsSummary(days: 30) { days daysWithData logins loginsChangePct avgSessionMinutes lastActiveOn }
  riskSignals { code severity since evidence { key label value unit observedOn source } }
  recommendedPlaybooks(first: 3) { playbook { title steps { title } } relevance because { code } pointsRecoverable }
  changes(first: 5) { nodes { at actor source fields { field before after } } }
"""
WORLD = "mutation { generateMockData(input: {accounts: 110, days: 60}) { accountsCreated } }"


@pytest.fixture
def world(api: Api, statements: list[str]) -> Api:
    assert api.data(WORLD)["generateMockData"] == {"accountsCreated": 110}
    statements.clear()
    return api


@pytest.mark.parametrize("as_of", [None, "2026-02-20"])
@pytest.mark.parametrize("size", [1, 100])
def test_a_page_of_accounts_with_all_that_hangs_on_them(
    world: Api, statements: list[str], size: int, as_of: str | None
) -> None:
    query = f"""query ($first: Int, $asOf: Date) {{
      accounts(first: $first, asOf: $asOf, orderBy: [{{field: ATTENTION, direction: DESC}}]) {{
        totalCount totalArr {{ amount }} pageInfo {{ hasNextPage endCursor }} nodes {{ {ACCOUNT} }} edges {{ cursor node {{ id }} }}
      }}
    }}"""

    page = world.data(query, first=size, asOf=as_of)["accounts"]

    assert len(page["nodes"]) == size
    assert len(statements) == 1


@pytest.mark.parametrize("as_of", [None, "2026-02-20"])
def test_portfolio_metrics_with_every_figure(world: Api, statements: list[str], as_of: str | None) -> None:
    query = f"""query ($asOf: Date) {{ portfolioMetrics(asOf: $asOf) {{
      asOf accountCount scoredAccounts totalArr {{ amount }} averageScore arrWeightedScore medianScore
      byBucket {{ bucket accounts arr {{ amount }} shareOfArr }}
      bySegment {{ segment accounts arr {{ amount }} averageScore buckets {{ bucket accounts }} }}
      byRegion {{ key accounts }} byOwner {{ key arr {{ amount }} }}
      renewals {{ window accounts arr {{ amount }} arrInRed {{ amount }} }}
      arrInRed {{ amount }} arrInRedOrAmber {{ amount }} arrAtRisk {{ amount }} soon: arrAtRisk(renewsWithinDays: 30) {{ amount }}
      trend {{ date accounts arr {{ amount }} averageScore }} topRisks(first: 5) {{ {ACCOUNT} }}
    }} }}"""

    world.data(query, asOf=as_of)

    assert len(statements) == 1


@pytest.mark.parametrize(
    "query",
    [
        f'{{ account(by: {{id: "acc_1"}}) {{ {ACCOUNT} }} }}',
        f'{{ node(id: "acc_1") {{ id ... on Account {{ {ACCOUNT} }} }} }}',
        '{ nodes(ids: ["acc_1", "acc_2", "upl_00000000000000000000000000000000", "pbk_data-refresh"]) { id __typename } }',
        "{ updates(first: 100) { events { kind subject { id ... on Account { name health { score } } } } cursor } }",
        "{ uploads { nodes { id rowErrors { totalCount nodes { line } } preview { line } duplicateOf { id } } } }",
    ],
)
def test_every_other_field_that_reads(world: Api, statements: list[str], query: str) -> None:
    world.data(query)

    assert len(statements) == 1


@pytest.mark.parametrize(
    "query", ["{ viewer { id limits { maxDepth } } }", "{ playbooks { id } }", "{ scorecards { id } }"]
)
def test_what_stands_in_code_reads_nothing(world: Api, statements: list[str], query: str) -> None:
    world.data(query)

    assert statements == []


def test_two_root_fields_cost_two_statements(world: Api, statements: list[str]) -> None:
    world.data("{ a: accounts(first: 3) { nodes { id } } b: accounts(last: 3) { nodes { id } } }")

    assert len(statements) == 2


def test_the_unfiltered_portfolio_of_today_is_read_from_its_ledger(world: Api, statements: list[str]) -> None:
    world.data("""{
      portfolioMetrics { accountCount medianScore byOwner { key } renewals { window } arrAtRisk { amount } }
      accounts(filter: {includeChurned: false}) { totalCount totalArr { amount } }
      all: accounts(filter: {includeChurned: true}) { totalCount }
      then: accounts(asOf: "2026-03-09") { totalCount }
    }""")

    assert ["portfolio_ledger" in statement for statement in statements] == [True, True, False, False]
    assert ["accounts a" in statement for statement in statements] == [False, False, True, True]


def test_the_health_of_today_is_read_from_the_account_alone(world: Api, statements: list[str]) -> None:
    world.data("""{
      accounts(filter: {bucket: {in: [RED]}, score: {lte: 50}}, orderBy: [{field: HEALTH_SCORE}, {field: ATTENTION}]) {
        totalCount nodes { health { score bucket asOf } }
      }
      portfolioMetrics(filter: {bucket: {eq: RED}}) { averageScore byBucket { accounts } renewals { arrInRed { amount } } }
    }""")

    assert ["health_snapshots" in statement for statement in statements] == [False, False]


def test_only_what_is_asked_for_is_read(world: Api, statements: list[str]) -> None:
    world.data("{ accounts(first: 3) { nodes { id name } } }")

    [statement] = statements
    unwanted = ("health_snapshots", "account_observations", "daily_metrics", "arr_history", "count(*) from", "base64")
    assert [name for name in unwanted if name in statement] == []
