"""Made-up documents: Schemathesis' strategies for each field of Query and Mutation, with ids and texts that exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import schemathesis
from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    introspection_from_schema,
    is_abstract_type,
    parse,
    parse_type,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.graphql import nodes

HOSTILE: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 2**31, -(2**31) - 1, 2**63, 10**400, 1.5, 1e308, float("nan"), float("inf"), "", " ", "\0",
    "a\0b", "\ud800", "\udfff\ud800", "\U0010ffff", "x" * 10_000, "%", "_", "\\", "'", '"; drop table accounts; --', [],
    {}, [[[[]]]], {"": ""}, [None], "2026-02-30", "9999-12-31", "0001-01-01", "1e999", "-0", "NaN", "acc_0",
    "acc_999999999999999999", "upl_" + "f" * 32, "null", "true", "__proto__",
)  # fmt: skip
PAGING: Final = frozenset(("first", "after", "last", "before"))
TEXTS: Final = (
    "",
    " ",
    "\0",
    "%",
    "_",
    "\\",
    "a",
    "EMEA",
    "SMB",
    "x" * 300,
    "ı",
    "ß",
    "\u202e",
    "arr",
    "ARR",
    "a" * 64,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A document of one root field, and the variables that were lifted out of it."""

    operation: str
    text: str
    variables: dict[str, Any] | None = None
    is_plain: bool = True
    "Whether nothing was spoilt after it had been made up."


def questions(schema: GraphQLSchema, there: Mapping[str, Sequence[str]]) -> st.SearchStrategy[Question]:
    """Questions about what is `there`: ids, cursors and texts. Some are wrong by intent."""
    _scalars(there)
    made = schemathesis.graphql.from_dict({"data": introspection_from_schema(schema)})
    names = [(made["Query"], name) for name in sorted(schema.query_type.fields)]  # type: ignore[union-attr]
    names += [(made["Mutation"], name) for name in sorted(schema.mutation_type.fields)]  # type: ignore[union-attr]
    operations = [group[name] for group, name in names]
    good = st.one_of([one.as_strategy() for one in operations])
    bad = st.one_of([one.as_strategy(generation_mode=GenerationMode.NEGATIVE) for one in operations])

    @st.composite
    def drawn(draw: st.DrawFn) -> Question:
        kind = draw(st.sampled_from(("literals", "literals", "variables", "variables", "hostile", "wrong")))
        case = draw(bad if kind == "wrong" else good)
        label, text = case.operation.label, case.body
        if kind == "wrong":
            return Question(label, text, is_plain=False)
        document = _begun(draw, typed(schema, parse(text)))
        if kind == "literals":
            return Question(label, print_ast(document))
        text, variables = lifted(schema, document)
        if kind == "hostile" and variables:
            return Question(label, text, _spoilt(draw, variables), is_plain=True)
        return Question(label, text, variables)

    return drawn()


def _scalars(there: Mapping[str, Sequence[str]]) -> None:
    ids = st.sampled_from([*there["ids"], "acc_1", "acc_999999", "", "key_00000000", "x"])
    texts = st.one_of(st.sampled_from([*there["texts"], *TEXTS]), st.text(max_size=20).filter(_is_utf8))
    days = st.one_of(st.dates().map(str), st.sampled_from(["2026-11-22", "2026-11-01", "2025-12-31", "2026-02-30"]))
    numbers = st.one_of(
        st.integers(0, 40), st.integers(0, 40), st.sampled_from([0, 1, 100, 101, -1, 2**31 - 1, -(2**31)])
    )
    decimals = st.one_of(st.integers(0, 100).map(str), st.decimals(allow_nan=False, places=3).map(str),
                         st.sampled_from(["1e9", "-1", "0.0000000000001", "99999999999999999999", "x"]))  # fmt: skip
    moments = st.sampled_from(["2099-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "x"])
    for name, strategy in (
        ("ID", ids.map(nodes.String)), ("String", texts.map(nodes.String)), ("Date", days.map(nodes.String)),
        ("Int", numbers.map(nodes.Int)), ("Decimal", decimals.map(nodes.String)), ("DateTime", moments.map(nodes.String)),
    ):  # fmt: skip
        schemathesis.graphql.scalar(name, strategy)


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def typed(schema: GraphQLSchema, document: DocumentNode) -> DocumentNode:
    """The document, asking for __typename wherever an object may be of several types."""
    info = TypeInfo(schema)

    class Typed(Visitor):
        def leave_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
            type_ = info.get_type()
            while getattr(type_, "of_type", None) is not None:
                type_ = type_.of_type  # type: ignore[union-attr]
            if node.selection_set is None or not is_abstract_type(type_):
                return None
            named = FieldNode(name=NameNode(value="__typename"))
            chosen = SelectionSetNode(selections=(named, *node.selection_set.selections))
            return FieldNode(
                name=node.name, alias=node.alias, arguments=node.arguments, directives=node.directives,
                selection_set=chosen,
            )  # fmt: skip

    found: DocumentNode = visit(document, TypeInfoVisitor(info, Typed()))
    return found


def _begun(draw: st.DrawFn, document: DocumentNode) -> DocumentNode:
    """The document, mostly from the beginning of each list: made-up cursors and sizes hardly ever fit each other."""
    left_out = draw(st.sampled_from((PAGING, PAGING, PAGING - {"first"}, PAGING - {"after"}, frozenset())))

    class Begun(Visitor):
        def leave_argument(self, node: ArgumentNode, *_: Any) -> Any:
            return REMOVE if node.name.value in left_out else None

    found: DocumentNode = visit(document, Begun())
    return found


def lifted(schema: GraphQLSchema, document: DocumentNode) -> tuple[str, dict[str, Any]]:
    """The document with a variable for every argument, and their values."""
    info = TypeInfo(schema)
    values: dict[str, Any] = {}
    declared: list[VariableDefinitionNode] = []

    class Lifted(Visitor):
        def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
            type_ = info.get_argument()
            if type_ is None:
                return None
            variable = VariableNode(name=NameNode(value=f"v{len(values)}"))
            values[variable.name.value] = value_from_ast_untyped(node.value)
            declared.append(VariableDefinitionNode(variable=variable, type=parse_type(str(type_.type))))
            return ArgumentNode(name=node.name, value=variable)

        def leave_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> OperationDefinitionNode:
            return OperationDefinitionNode(
                operation=node.operation, name=NameNode(value="Fuzzed"), variable_definitions=tuple(declared),
                directives=(), selection_set=node.selection_set,
            )  # fmt: skip

    return print_ast(visit(document, TypeInfoVisitor(info, Lifted()))), values


def _spoilt(draw: st.DrawFn, variables: dict[str, Any]) -> dict[str, Any]:
    """The variables with something hostile in the place of one value, however deep."""
    places = list(_places(variables, ()))
    at = draw(st.sampled_from(places))
    value = draw(st.sampled_from(range(len(HOSTILE))))
    spoilt: dict[str, Any] = _put(variables, at, HOSTILE[value])
    return spoilt


def _places(value: Any, at: tuple[Any, ...]) -> Any:
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*at, key))


def _put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    if isinstance(value, dict):
        return {key: _put(one, at[1:], new) if key == at[0] else one for key, one in value.items()}
    return [_put(one, at[1:], new) if place == at[0] else one for place, one in enumerate(value)]
