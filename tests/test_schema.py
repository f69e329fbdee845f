"""The schema: printed as committed, described to the last field, and as the contract has it."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
    specified_scalar_types,
)

from graph.schema import SDL, schema
from tests.conftest import REFERENCE

TYPES = [type_ for name, type_ in schema._schema.type_map.items() if not name.startswith("__")]


def test_schema_graphql_is_what_the_code_prints() -> None:
    assert SDL.read_text(encoding="utf-8") == schema.as_str() + "\n"


def test_every_type_field_and_value_is_described() -> None:
    bare = []
    for type_ in TYPES:
        if type_.name in specified_scalar_types:
            continue
        if not type_.description:
            bare.append(type_.name)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            bare += [f"{type_.name}.{name}" for name, field in type_.fields.items() if not field.description]
        if isinstance(type_, GraphQLEnumType):
            bare += [f"{type_.name}.{name}" for name, value in type_.values.items() if not value.description]

    assert bare == []


DIFFERENT_ON_PURPOSE = {
    # Null is "no data", never zero (domain, section 1): the contract has these as Int!.
    "DailyMetric.logins", "DailyMetric.events", "DailyMetric.featureEvents", "DailyMetric.errors", "DailyMetric.ticketBacklog",
    # An account that was never scored has health, and no time at which it was computed.
    "Health.computedAt",
    # The viewer's limits grow with what is limited.
    "Viewer.limits",
}  # fmt: skip


def test_what_is_there_is_named_and_typed_as_the_contract_has_it() -> None:
    contract_file = REFERENCE / "reference" / "contract.graphql"
    if not contract_file.is_file():
        pytest.skip("the contract is not beside the repository")
    contract = build_schema(contract_file.read_text(encoding="utf-8"))

    differences = []
    for type_ in TYPES:
        expected = contract.type_map.get(type_.name)
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) or expected is None:
            continue
        for name, field in type_.fields.items():
            known = expected.fields.get(name)  # type: ignore[attr-defined]
            path = f"{type_.name}.{name}"
            if known is not None and str(known.type) != str(field.type) and path not in DIFFERENT_ON_PURPOSE:
                differences.append((path, str(known.type), str(field.type)))
    assert differences == []


def test_every_scalar_is_one_of_the_contracts() -> None:
    own = {type_.name for type_ in TYPES if isinstance(type_, GraphQLScalarType)}

    assert own == {"ID", "String", "Int", "Boolean", "Date", "DateTime", "Decimal"}


def test_the_schema_file_lies_at_the_top() -> None:
    assert Path(__file__).parent.parent / "schema.graphql" == SDL
