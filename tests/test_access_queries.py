"""Made-up queries by the hundred, asked with every role: each is refused or answered exactly as ADMIN is answered.

Whether it must be refused is worked out another way than the product does: graphql-core collects what is selected.
"""

import re
from collections import Counter
from random import Random
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, OperationDefinitionNode, get_named_type, is_abstract_type, parse
from graphql.execution.collect_fields import collect_fields, collect_subfields
from graphql.execution.executor import Executor

from graph.permissions import FIELDS
from graph.schema import schema
from services.db.connection import Database
from services.settings import Settings
from services.vocabulary import Role
from tests.access import a_key, bearer
from tests.api import Api
from tests.generated_queries import FLAGS, Question, Values, question
from tests.test_completion import MOCK, ROOTS

QUESTIONS = 250
REFUSED = [{"message": "your role does not allow this", "extensions": {"code": "FORBIDDEN"}}]
ROLES = list(Role)


@pytest.fixture
def values(api: Api) -> Values:
    api.data(MOCK)
    return {
        "ids": [["acc_1", "pbk_win-back"], []],
        "node.id": ["acc_1", "acc_999", f"upl_{'0' * 32}"],
        "insight.id": [f"ins_{'0' * 32}"],
        "job.id": [f"job_{'0' * 32}"],
        "upload.id": [f"upl_{'0' * 32}"],
        "account.by": [{"id": "acc_1"}],
        "accounts.filter": [{"bucket": {"in": ["RED", "AMBER"]}}],
        "portfolioMetrics.filter": [{"segment": {"eq": "SMB"}}],
        "insights.filter": [{"scope": "ACCOUNT"}],
        "accounts.orderBy": [[{"field": "ARR", "direction": "DESC"}]],
        "asOf": ["2026-03-10"],
        "Date": ["2026-03-01"],
        "Int": [1, 2, 3],
    }


def test_a_role_sees_what_admin_sees_or_nothing(database: Database, values: Values) -> None:
    api = Api(database, lambda: None, Settings(), access="keys")  # type: ignore[arg-type, return-value]
    keys = {role: bearer(a_key(database, role, name="same")) for role in Role}
    random = Random(20261122)
    seen: Counter[str] = Counter()
    wrong: list[Any] = []

    for _ in range(QUESTIONS):
        asked = question(random, schema._schema, values, [*ROOTS, "uploads", "upload", "apiKeys", "insights"])
        flags = {name: random.random() < 0.5 for name in FLAGS}
        needed = _needed(asked, flags)
        answers = {
            role: api.send("POST", "/graphql", asked.body(flags), keys[role]).json()
            for role in random.sample(ROLES, len(ROLES))  # whoever comes first leaves a kept document to the others
        }
        for role, answer in answers.items():
            is_refused = answer.get("errors") == REFUSED
            if is_refused == role.includes(needed) or (
                not is_refused and _but_who(answer) != _but_who(answers[Role.ADMIN])
            ):
                wrong.append((role, needed, asked.text, flags, answer))
            seen[f"{role} {'refused' if is_refused else 'answered'}"] += 1

    assert wrong[:1] == []
    assert seen["ADMIN answered"] == QUESTIONS
    assert min(seen[f"{role} {what}"] for role in (Role.VIEWER, Role.CSM) for what in ("refused", "answered")) > 10, (
        seen
    )


def _but_who(answer: Any) -> str:
    """Without what the viewer's own fields say, which differ by whoever asks."""
    text = orjson.dumps(answer).decode()
    for role in Role:
        text = text.replace(f'"{role}"', '"role"')
    return re.sub(r"key:[0-9A-Za-z]{8}/same", "key", text)


def _needed(asked: Question, flags: dict[str, bool]) -> Role:
    """The highest role of all fields that execution might come to, for any type that an object may turn out to be."""
    document = parse(asked.text)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    variables = asked.variables | {name: flags[name] for name in asked.flags}
    executor = Executor.build(
        schema._schema, document, raw_variable_values=variables, operation_name=asked.operation
    )  # fmt: skip
    assert not isinstance(executor, list), executor
    assert operations
    root = schema._schema.query_type
    assert root is not None
    grouped = collect_fields(schema._schema, executor.fragments, executor.variable_values, root, executor.operation)
    return max(
        _roles(executor, root, grouped[0] if isinstance(grouped, tuple) else grouped.grouped_field_set), key=ROLES.index
    )


def _roles(executor: Any, parent: GraphQLObjectType, grouped: Any) -> set[Role]:
    found = {Role.VIEWER}
    for details in grouped.values():
        name = details[0].node.name.value
        if name.startswith("__"):
            continue
        found.add(FIELDS[parent.name][name])
        type_: Any = get_named_type(parent.fields[name].type)
        possible = schema._schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        for one in possible:
            if isinstance(one, GraphQLObjectType):
                inner = collect_subfields(
                    executor.schema, executor.fragments, executor.variable_values, executor.operation, one, details
                )
                found |= _roles(executor, one, inner[0])
    return found
