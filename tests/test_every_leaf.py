"""Every field that the schema has can be asked for alone, over nothing, one thing and many things."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_required_argument

from graph.schema import schema
from services.db.connection import Database
from tests.api import Api
from tests.worlds import TODAY, account, metric, observation, scored

DEEPEST = 5
ROOTS = {
    "accounts": "accounts(first: 2)",
    "account": 'account(by: {id: "acc_1"})',
    "portfolioMetrics": "portfolioMetrics",
    "uploads": "uploads(first: 2)",
    "updates": "updates(first: 2)",
    "viewer": "viewer",
    "playbooks": "playbooks",
    "scorecards": "scorecards",
    "uploadTemplate": "uploadTemplate(kind: ACCOUNTS)",
}


def paths(type_: GraphQLObjectType | GraphQLInterfaceType, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """A selection for each leaf below the type, and for each object one that asks for nothing but its name."""
    yield "{ __typename }"
    for name, field in type_.fields.items():
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        child = get_named_type(field.type)
        if not isinstance(child, GraphQLObjectType | GraphQLInterfaceType):
            yield f"{{ {name} }}"
        elif child.name not in seen and len(seen) < DEEPEST:
            for below in paths(child, (*seen, child.name)):
                yield f"{{ {name} {below} }}"


def selections() -> list[str]:
    root = schema._schema.query_type
    assert root is not None
    return [
        f"{{ {asked} {below} }}"
        for name, asked in ROOTS.items()
        for below in paths(get_named_type(root.fields[name].type), (name,))  # type: ignore[arg-type]
    ]


@pytest.fixture(params=["nothing", "bare accounts", "accounts with all that hangs on them"])
def world(request: pytest.FixtureRequest, api: Api, database: Database) -> Api:
    with database.writing() as session:
        for number in range(0 if request.param == "nothing" else 3):
            account(session, f"Account {number}")
        if request.param.endswith("them"):
            for key in (1, 2):
                observation(session, key, seats_purchased=10, active_users=5, nps=-10, feature_x_adoption="0.5",
                            critical_tickets_90d=4, sla_breaches_90d=1)  # fmt: skip
                for day in (8, 9, 10):
                    metric(session, key, TODAY.replace(day=day), logins=3, avg_session_min=12)
            scored(session)
    return api


def test_each_leaf_alone_is_answered(world: Api) -> None:
    failed = {selection: answer["errors"] for selection in selections() if "errors" in (answer := world(selection))}

    assert failed == {}


def test_the_selections_reach_far() -> None:
    found = selections()

    assert len(found) > 400
    assert "{ accounts(first: 2) { nodes { metricsSummary { lastActiveOn } } } }" in found
    assert "{ portfolioMetrics { topRisks { dailyMetrics { pageInfo { hasPreviousPage } } } } }" in found
