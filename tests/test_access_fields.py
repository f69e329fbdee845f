"""Who may have what: every field of the schema asked for with every role, against a table of decisions.

A new field without a decision fails here, and until then is for ADMIN alone.
"""

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_object_type,
    is_required_argument,
)

from graph.permissions import FIELDS
from graph.schema import schema
from services.access import Identity
from services.db.connection import Database
from services.settings import Settings
from services.vocabulary import Role, UploadKind
from tests.access import a_key, bearer
from tests.api import Api

RAW = schema._schema
REFUSED = {"errors": [{"message": "your role does not allow this", "extensions": {"code": "FORBIDDEN"}}]}
ROLES = list(Role)

MUTATIONS = {
    "requestUploadUrl": Role.CSM,
    "updateAccount": Role.CSM,
    "queueInsight": Role.CSM,
    "queuePortfolioInsight": Role.CSM,
    "rateInsight": Role.CSM,
    "queueInsights": Role.MANAGER,
    "recomputeHealth": Role.MANAGER,
    "generateMockData": Role.MANAGER,
    "createApiKey": Role.ADMIN,
    "revokeApiKey": Role.ADMIN,
}
QUERIES = {
    **dict.fromkeys(
        ["node", "nodes", "viewer", "account", "accounts", "portfolioMetrics", "insight", "insights", "job", "updates",
         "uploadTemplate", "playbooks", "scorecards"], Role.VIEWER,
    ),
    "upload": Role.CSM,
    "uploads": Role.CSM,
    "apiKeys": Role.ADMIN,
}  # fmt: skip


def _types() -> dict[str, GraphQLObjectType | GraphQLInterfaceType]:
    return {
        name: type_
        for name, type_ in RAW.type_map.items()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
    }


FIELDS_OF_ALL = [(type_, name) for type_ in _types() for name in _types()[type_].fields]


def test_every_field_has_a_decision_and_every_decision_a_field() -> None:
    decided = {(type_, name) for type_, names in FIELDS.items() for name in names}

    assert decided == set(FIELDS_OF_ALL), "graph/permissions.py says who may have a field"


def test_the_roots_are_for_whom_they_were_decided_for() -> None:
    assert FIELDS["Mutation"] == MUTATIONS
    assert FIELDS["Query"] == QUERIES


def test_a_field_of_an_interface_shows_no_more_than_its_types_do() -> None:
    shown = {
        (type_.name, name, one.name)
        for type_ in _types().values()
        if isinstance(type_, GraphQLInterfaceType)
        for name in type_.fields
        for one in RAW.get_possible_types(type_)
        if not FIELDS[type_.name][name].includes(FIELDS[one.name][name])
    }

    assert shown == set()


def test_nothing_but_who_changed_it_is_hidden_of_an_account() -> None:
    """What a role sees of the main types, beside the table, so that no change of the table goes unnoticed."""
    hidden = {f"{type_}.{name}": role for type_, name in FIELDS_OF_ALL if (role := FIELDS[type_][name]) != Role.VIEWER}
    by_part = {coordinate: role for coordinate, role in hidden.items() if _is_mixed(coordinate.partition(".")[0])}

    roots = {f"Query.{name}": role for name, role in QUERIES.items()} | {
        f"Mutation.{name}": role for name, role in MUTATIONS.items()
    }
    assert {name: role for name, role in by_part.items() if name not in roots and not name.startswith("Upload.")} == {
        "Change.actor": Role.CSM,
        "Insight.usage": Role.MANAGER,
    }
    assert {name for name in FIELDS["Upload"] if FIELDS["Upload"][name] is Role.VIEWER} == {"id"}


def _is_mixed(type_: str) -> bool:
    return len(set(FIELDS[type_].values())) > 1 or type_ == "Mutation"


@pytest.fixture
def keys(database: Database) -> dict[Role, str]:
    return {role: a_key(database, role) for role in Role}


@pytest.fixture
def guarded(database: Database, database_url: str) -> Api:
    def no_files() -> Any:
        raise AssertionError("nothing here needs files")

    return Api(database, no_files, Settings(database_url=database_url), access="keys")


def test_every_field_of_every_type_with_every_role(guarded: Api, keys: dict[Role, str]) -> None:
    """Refused for what stands on the way to it, or for itself; otherwise never. The last time its document is kept."""
    wrong = []
    for type_, name in FIELDS_OF_ALL:
        text, needed = _document(type_, name)
        for role in [*ROLES, Role.VIEWER]:
            guarded.headers = bearer(keys[role])
            answer = guarded(text)
            is_refused = "FORBIDDEN" in str(answer)
            if is_refused == role.includes(needed) or (is_refused and answer != REFUSED):
                wrong.append((type_, name, role, needed, answer))

    assert wrong == []


def test_a_refusal_is_the_same_for_what_is_there_and_what_is_not(
    guarded: Api, keys: dict[Role, str], statements: list[str]
) -> None:
    made = next(iter(keys.values()))[5:13]
    guarded.headers = bearer(keys[Role.MANAGER])
    guarded("{ viewer { id } }")  # from now on it is known who asks
    statements.clear()

    answers = [
        guarded(
            "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { apiKey { name } userErrors { code } } }", id=id_
        )
        for id_ in (f"key_{made}", "key_00000000", "nonsense")
    ]

    assert answers == [REFUSED] * 3
    assert statements == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM, Role.MANAGER, Role.ADMIN])
@pytest.mark.parametrize("kind", list(UploadKind))
def test_which_role_may_bring_which_file(database: Database, api: Api, kind: UploadKind, role: Role) -> None:
    api = _as(api, database, role)
    ask = f'mutation {{ requestUploadUrl(input: {{kind: {kind}, fileName: "a.csv", sizeBytes: 0}}) {{ userErrors {{ code }} }} }}'

    answer = api(ask)

    least = Role.MANAGER if kind is UploadKind.ARR_HISTORY else Role.CSM
    good = {"requestUploadUrl": {"userErrors": [{"code": "OUT_OF_RANGE"}]}}
    assert (answer.get("data"), answer.get("errors")) == (
        (good, None) if role.includes(least) else (None, REFUSED["errors"])
    )


@pytest.mark.parametrize("flag", [True, False])
def test_what_a_flag_leaves_out_needs_no_role(guarded: Api, keys: dict[Role, str], flag: bool) -> None:
    guarded.headers = bearer(keys[Role.VIEWER])
    text = """query ($manager: Boolean! = false, $viewer: Boolean!) {
      insights { nodes { id usage @include(if: $manager) { model } ...More @skip(if: $viewer) } }
      accounts { nodes { changes { nodes { at actor @include(if: false) } } } }
    } fragment More on Insight { usage { promptTokens } }"""

    refused = [guarded(text, manager=flag, viewer=True), guarded(text, viewer=flag)]

    assert [answer == REFUSED for answer in refused] == [flag, not flag]


def test_what_is_no_flag_leaves_nothing_out(guarded: Api, keys: dict[Role, str]) -> None:
    guarded.headers = bearer(keys[Role.VIEWER])
    text = "query ($more: Boolean!) { insights { nodes { id usage @include(if: $more) { model } } } }"

    answers = [guarded(text, {"more": more}) for more in ("false", 0, None, [False])]

    assert answers == [REFUSED] * 4


def test_only_the_operation_that_is_meant_counts(guarded: Api, keys: dict[Role, str]) -> None:
    import orjson

    text = "query Mine { viewer { role } } query Theirs { apiKeys { nodes { id } } }"
    answers = [
        guarded.send(
            "POST", "/graphql", orjson.dumps({"query": text, "operationName": name}), bearer(keys[Role.VIEWER])
        )
        for name in ("Mine", "Theirs")
    ]

    assert answers[0].json()["data"] == {"viewer": {"role": "VIEWER"}}
    assert answers[1].json() == REFUSED


def test_the_schema_by_itself_is_for_whoever_is_let_in(guarded: Api, keys: dict[Role, str]) -> None:
    guarded.headers = bearer(keys[Role.VIEWER])

    assert guarded('{ __typename __type(name: "ApiKey") { name } }')["data"]["__type"] == {"name": "ApiKey"}


def test_without_an_identity_nothing_is_answered() -> None:
    result = schema.execute_sync("{ viewer { id } }", context_value=None)

    assert [error.extensions for error in result.errors or []] == [{"code": "FORBIDDEN"}]


def test_an_identity_may_what_its_role_may() -> None:
    for mine in Role:
        may = [other for other in Role if mine.includes(other)]
        assert may == ROLES[: ROLES.index(mine) + 1]
        assert Identity("a", "a", mine).role is mine


def test_descriptions_say_who_may() -> None:
    printed = schema.as_str()

    assert "(For MANAGER and above.)" in printed
    assert RAW.type_map["ApiKey"].description.endswith("(For ADMIN.)")  # type: ignore[union-attr]
    assert RAW.type_map["Upload"].fields["rowErrors"].description.endswith("(For CSM and above.)")  # type: ignore[union-attr]
    assert "(For" not in RAW.type_map["Account"].fields["name"].description  # type: ignore[union-attr]


def _as(api: Api, database: Database, role: Role) -> Api:
    guarded = Api(database, lambda: None, Settings(), access="keys")  # type: ignore[arg-type, return-value]
    guarded.headers = bearer(a_key(database, role))
    return guarded


def _document(type_: str, name: str) -> tuple[str, Role]:
    """A document that asks for that field and as little as possible besides, and the role that it takes.

    Required arguments are variables without values: it is refused before these are missed.
    """
    way = [*_ways()[type_], (type_, name)]
    declared: list[str] = []
    text = ""
    for place, (parent, field) in reversed(list(enumerate(way))):
        found = _types()[parent].fields[field]
        arguments = []
        for argument, told in found.args.items():
            if is_required_argument(told):
                declared.append(f"$v{len(declared)}: {told.type}")
                arguments.append(f"{argument}: $v{len(declared) - 1}")
        inner = text
        if not inner and is_composite_type(get_named_type(found.type)):
            inner = "{ __typename }"
        text = f"{field}{'(' + ', '.join(arguments) + ')' if arguments else ''} {inner}"
        before = get_named_type(_types()[way[place - 1][0]].fields[way[place - 1][1]].type) if place else None
        text = (
            f"{{ ... on {parent} {{ {text} }} }}" if before is not None and before.name != parent else f"{{ {text} }}"
        )
    operation = "mutation" if way[0][0] == "Mutation" else "query"
    needed = max((FIELDS[parent][field] for parent, field in way), key=ROLES.index)
    return f"{operation} {'(' + ', '.join(declared) + ')' if declared else ''} {text}", needed


@cache
def _ways() -> dict[str, list[tuple[str, str]]]:
    """For each type the shortest way to it from a root."""
    ways: dict[str, list[tuple[str, str]]] = {"Query": [], "Mutation": []}
    waiting = deque(ways)
    while waiting:
        name = waiting.popleft()
        for field, told in _types()[name].fields.items():
            for type_ in _possible(get_named_type(told.type)):
                if type_ not in ways:
                    ways[type_] = [*ways[name], (name, field)]
                    waiting.append(type_)
    return ways


def _possible(type_: Any) -> Iterator[str]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield type_.name
    if isinstance(type_, GraphQLInterfaceType):
        yield from (one.name for one in RAW.get_possible_types(type_) if is_object_type(one))
