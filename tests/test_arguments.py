"""Variables and arguments become what graphql-core and Strawberry themselves make of them: values made up by the thousand."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLString,
    Undefined,
    coerce_input_value,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    parse,
)
from strawberry.types.arguments import convert_arguments

from graph import variables
from graph.completion import Executor, prepare
from graph.schema import schema

VALUES_A_FIELD = 400
INPUTS = {
    type_.name: type_.extensions["strawberry-definition"]
    for type_ in schema._schema.type_map.values()
    if isinstance(type_, GraphQLInputObjectType)
}
FIELDS = {
    f"{parent.name}.{name}": field
    for parent in (schema._schema.query_type, schema._schema.mutation_type)
    if parent is not None
    for name, field in parent.fields.items()
    if field.args
}


def test_every_argument_becomes_what_strawberry_itself_makes_of_it() -> None:
    """Each field of each input is given, given null and left out somewhere."""
    random = Random(0)
    met: Counter[str] = Counter()
    for name, field in FIELDS.items():
        for _ in range(VALUES_A_FIELD):
            coerced = _coerced(random, field, met)
            with _strawberrys_own():
                expected = _converted(field, coerced)
            found = _converted(field, coerced)
            assert _shown(found) == _shown(expected), (name, coerced)
            assert not _lists(found) & _lists(coerced), (name, coerced)
    optional = [
        f"{type_.name}.{name}"
        for type_ in schema._schema.type_map.values()
        if isinstance(type_, GraphQLInputObjectType)
        for name, one in type_.fields.items()
        if not is_required_input_field(one) and not INPUTS[type_.name].is_one_of
    ]
    assert {f"{one} {how}" for one in optional for how in ("given", "left out")} <= met.keys()
    assert {f"{one} null" for one in optional if not is_non_null_type(_field_type(one))} <= met.keys()


def test_every_input_has_a_converter() -> None:
    for definition in INPUTS.values():
        assert definition.from_input._fields.keys() == {one.graphql_name for one in definition.fields}


def test_every_variable_of_a_kept_document_becomes_what_graphql_core_itself_makes_of_it() -> None:
    """Or the same errors: what is sent is right in one half, and has something wrong in it in the other."""
    random = Random(1)
    outcomes: Counter[str] = Counter()
    for name, field in FIELDS.items():
        for argument, definition in field.args.items():
            text = f"query Asked($v: {definition.type}, $b: Boolean! = true) {{ __typename @include(if: $b) }}"
            first, kept = parse(text), parse(text)
            prepare(kept)
            known = variables.of(schema._schema, kept)
            assert known is not None
            for _ in range(VALUES_A_FIELD // 4):
                given = {"v": _value(random, definition.type, Counter(), 0), "b": random.random() < 0.5}
                if random.random() < 0.5:
                    _spoil(random, given)
                expected, found = _built(first, given), _built(kept, given)
                assert found == expected, (name, argument, given)
                is_right, is_known = isinstance(expected, tuple), known.coerced(given) is not None
                assert is_right or not is_known, (name, argument, given)
                outcomes[f"{'right' if is_right else 'wrong'}, {'known' if is_known else 'left to graphql-core'}"] += 1
    assert outcomes["right, known"] > 4 * outcomes["right, left to graphql-core"] > 0
    assert outcomes["wrong, left to graphql-core"] > 1000


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"n": 1},
        {"n": None},
        {"n": 1, "m": None},
        {"n": 1, "m": 2, "i": {"id": "acc_1"}, "more": [1]},
        {"n": 1, "m": 2**31},
        {"n": 1, "i": {"id": "acc_1", "externalId": "x"}},
        {"n": 1, "i": {}},
        {"n": 1, "i": {"id": None}},
        {"n": 1, "l": ["a", None]},
        {"n": 1, "l": "a"},
    ],
)
def test_what_is_left_out_null_or_wrong_is_so_in_a_kept_document_too(given: dict[str, Any]) -> None:
    text = "query ($n: Int!, $m: Int = 3, $i: AccountBy, $l: [ID!]) { __typename }"
    first, kept = parse(text), parse(text)
    prepare(kept)
    assert _built(kept, given) == _built(first, given)


def test_a_document_of_several_operations_takes_the_variables_of_the_one_that_is_meant() -> None:
    kept = parse("query A($n: Int!) { __typename } query B($n: String!) { __typename }")
    prepare(kept)
    built = Executor.build(schema._schema, kept, raw_variable_values={"n": "x"}, operation_name="B")
    assert isinstance(built, Executor)
    assert (built.variable_values.coerced, built.operation) == ({"n": "x"}, kept.definitions[1])


@pytest.mark.parametrize("depth", [90, 150, 300])
def test_filters_as_deep_as_graphql_core_takes_them_are_taken(depth: int) -> None:
    value: dict[str, Any] = {"search": "x"}
    for _ in range(depth):
        value = {"not": value}
    text = "query ($v: AccountFilter) { __typename }"
    first, kept = parse(text), parse(text)
    prepare(kept)
    assert _built(kept, {"v": value}) == _built(first, {"v": value})


def _built(document: DocumentNode, given: dict[str, Any]) -> Any:
    """The values and where they come from, or the errors."""
    built = Executor.build(schema._schema, document, raw_variable_values=given)
    if isinstance(built, list):
        return [error.formatted for error in built]
    assert built.operation is document.definitions[0]
    sources = {
        name: (source.signature.name, str(source.signature.type), _shown(source.value))
        for name, source in built.variable_values.sources.items()
    }
    return sources, _shown(built.variable_values.coerced), list(built.variable_values.coerced)


def _spoil(random: Random, given: Any) -> None:
    """Put something into it that may be wrong there."""
    inner = [
        one for one in (given.values() if isinstance(given, dict) else given) if isinstance(one, dict | list) and one
    ]
    if inner and random.random() < 0.8:
        _spoil(random, random.choice(inner))
        return
    wrong = random.choice(
        [None, True, 1, 1.5, 2**40, "", "x", "RED", [], [None], ["x"], {}, {"eq": 1}, {"x": 1}, [[1]]]
    )
    if isinstance(given, list):
        given[random.randrange(len(given))] = wrong
    elif random.random() < 0.2:
        given["unknown"] = wrong
    elif random.random() < 0.2:
        del given[random.choice(list(given))]
    else:
        given[random.choice(list(given))] = wrong


@contextmanager
def _strawberrys_own() -> Iterator[None]:
    kept = {name: definition.from_input for name, definition in INPUTS.items()}
    for definition in INPUTS.values():
        definition.from_input = None
    try:
        yield
    finally:
        for name, definition in INPUTS.items():
            definition.from_input = kept[name]


def _converted(field: GraphQLField, coerced: dict[str, Any]) -> dict[str, Any]:
    arguments = field.extensions["strawberry-definition"].arguments
    return convert_arguments(coerced, arguments, schema.schema_converter.scalar_registry, schema.config)


def _coerced(random: Random, field: GraphQLField, met: Counter[str]) -> dict[str, Any]:
    coerced = {}
    for name, argument in field.args.items():
        if random.random() < 0.8 or is_non_null_type(argument.type):
            coerced[name] = coerce_input_value(_value(random, argument.type, met, 0), argument.type)
            assert coerced[name] is not Undefined
    return coerced


def _value(random: Random, type_: Any, met: Counter[str], depth: int) -> Any:
    """What a client may send for it."""
    if is_non_null_type(type_):
        return _some(random, type_.of_type, met, depth)
    return None if random.random() < 0.15 else _some(random, type_, met, depth)


def _some(random: Random, type_: Any, met: Counter[str], depth: int) -> Any:
    if is_list_type(type_):
        if random.random() < 0.1:
            return _some(random, type_.of_type.of_type, met, depth)  # one alone stands for a list of one
        return [_value(random, type_.of_type, met, depth) for _ in range(random.choice((0, 1, 1, 2, 3)))]
    if isinstance(type_, GraphQLInputObjectType):
        return _input(random, type_, met, depth)
    if isinstance(type_, GraphQLEnumType):
        return random.choice(list(type_.values))
    return random.choice(_SCALARS[type_.name])


def _input(random: Random, type_: GraphQLInputObjectType, met: Counter[str], depth: int) -> dict[str, Any]:
    if INPUTS[type_.name].is_one_of:
        name = random.choice(list(type_.fields))
        return {name: _some(random, type_.fields[name].type, met, depth)}
    given = {}
    often = 0.5 / (1 + depth)
    for name, one in type_.fields.items():
        if is_required_input_field(one) or random.random() < often:
            given[name] = _value(random, one.type, met, depth + 1)
            met[f"{type_.name}.{name} {'null' if given[name] is None else 'given'}"] += 1
        else:
            met[f"{type_.name}.{name} left out"] += 1
    return given


_SCALARS = {
    GraphQLBoolean.name: (True, False),
    GraphQLID.name: ("acc_1", "", 7),
    GraphQLInt.name: (0, 1, -1, 2**31 - 1),
    GraphQLString.name: ("", "Acme", "é 漢 \0"),
    "Date": ("2026-01-31", "1970-01-01"),
    "DateTime": ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.5+02:00"),
    "Decimal": ("1200.50", 7, 0.5, "-1e3"),
}


def _field_type(path: str) -> Any:
    type_, name = path.split(".")
    return schema._schema.type_map[type_].fields[name].type  # type: ignore[attr-defined]


def _shown(value: Any) -> Any:
    """The value with the types of all that is in it: 1, true and a decimal of 1 are equal otherwise."""
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if is_dataclass(value):
        return type(value), [(one.name, _shown(getattr(value, one.name))) for one in fields(value)]
    return (type(value), [_shown(one) for one in value]) if isinstance(value, list) else (type(value), repr(value))


def _lists(value: Any) -> set[int]:
    """Which lists there are in it."""
    if isinstance(value, dict):
        return set().union(*map(_lists, value.values()))
    if is_dataclass(value):
        return set().union(*(_lists(getattr(value, one.name)) for one in fields(value)))
    return {id(value)}.union(*map(_lists, value)) if isinstance(value, list) else set()
