"""What is wrong with an answer, by the schema and the table of roles alone. Pure."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
    visit,
)

from graph.permissions import FIELDS
from services.vocabulary import Role

TOLD: Final = re.compile(r"Traceback|psycopg|sqlalchemy|[.]py\b|SELECT .* FROM |postgresql://", re.IGNORECASE)
"What an error must not show of how it came about."
BY_VALUE: Final = {("Mutation", "requestUploadUrl"): Role.MANAGER}
"Fields that some values are refused for below that role: an ARR history is for MANAGER."
BROKEN: Final = {"INTERNAL", "UNAVAILABLE", "TOO_LONG"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wrong(AssertionError):
    """Something is wrong with an answer: the text says what."""


def judge(schema: GraphQLSchema, answer: Answer, role: Role, text: str | None = None) -> str:
    """How a question of GraphQL ended: `answered`, or the code of its first error. Raises Wrong.

    `text` is the document where the request was a plain one, so that the answer can be held against it.
    """
    found = _document(answer)
    codes = [_code(error) for error in found.get("errors", [])]
    document = _parsed(schema, text)
    data = found.get("data")
    if document is not None and data is not None:
        operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
        root = schema.mutation_type if operation.operation is OperationType.MUTATION else schema.query_type
        _Reading(schema, document, role).object(root, [operation.selection_set], data, "data")
    if "FORBIDDEN" in codes and (data is not None or (document is not None and _is_allowed(schema, document, role))):
        raise Wrong(f"{role} may ask for that and is refused" if data is None else "a refusal holds data")
    return codes[0] if codes else "answered"


def _document(answer: Answer) -> dict[str, Any]:
    if answer.status >= 500:
        raise Wrong(f"status {answer.status}")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind not in ("application/json", "application/graphql-response+json"):
        raise Wrong(f"status {answer.status} has the content type {kind!r}")
    try:
        found = json.loads(answer.body, parse_constant=_no_number)
    except ValueError as error:
        raise Wrong(f"status {answer.status} is no JSON: {error}") from error
    if not isinstance(found, dict) or not found.keys() <= {"data", "errors", "extensions"}:
        raise Wrong("the answer is no GraphQL response")
    if not found.keys() & {"data", "errors"}:
        raise Wrong("the answer has neither data nor errors")
    if "errors" in found and not (isinstance(found["errors"], list) and found["errors"]):
        raise Wrong("errors is no list, or has nothing in it")
    if answer.status == 200 and found.get("data") is None and not found.get("errors"):
        raise Wrong("the answer has no data and does not say why")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _code(error: Any) -> str:
    if not isinstance(error, dict) or not isinstance(error.get("message"), str) or not error["message"]:
        raise Wrong("an error has no message")
    code = (error.get("extensions") or {}).get("code")
    if not isinstance(code, str):
        raise Wrong(f"the error {error['message']!r} has no code")
    if code in BROKEN:
        raise Wrong(f"{code}: {error['message']}")
    if TOLD.search(error["message"]):
        raise Wrong(f"an error tells too much: {error['message']!r}")
    return code


def _parsed(schema: GraphQLSchema, text: str | None) -> DocumentNode | None:
    """The document, where it is valid and has one operation without directives."""
    if text is None:
        return None
    try:
        document = parse(text)
    except GraphQLError:
        return None
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) != 1 or "@" in re.sub(r'"[^"]*"', "", text) or validate(schema, document):
        return None
    return document


def _is_allowed(schema: GraphQLSchema, document: DocumentNode, role: Role) -> bool:
    """Whether the role may have every field that is written down, whatever its values are."""
    needed: set[Role] = set()
    info = TypeInfo(schema)

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is not None and not node.name.value.startswith("__"):
                name = node.name.value
                needed.add(BY_VALUE.get((parent.name, name), FIELDS[parent.name][name]))

    visit(document, TypeInfoVisitor(info, Fields()))
    return all(role.includes(one) for one in needed)


class _Reading:
    """Goes through an answer beside what was selected, knowing each object's type by its __typename."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, role: Role) -> None:
        self._schema = schema
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._role = role

    def object(self, type_: Any, selected: list[SelectionSetNode], value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise Wrong(f"{at} is no object of {type_.name}: {value!r:.80}")
        fields: dict[str, list[FieldNode]] = {}
        for one in selected:
            for node in self._fields(type_, one):
                fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        if value.keys() != fields.keys():
            raise Wrong(f"{at} has {sorted(value)} and was asked for {sorted(fields)}")
        for key, nodes in fields.items():
            self._field(type_, nodes, value[key], f"{at}.{key}")

    def _field(self, type_: Any, nodes: list[FieldNode], value: Any, at: str) -> None:
        name = nodes[0].name.value
        if name == "__typename":
            if value != type_.name:
                raise Wrong(f"{at} is {value!r} and not {type_.name}")
            return
        if name.startswith("__"):
            return
        needed = FIELDS[type_.name][name]
        if not self._role.includes(needed):
            raise Wrong(f"{self._role} was answered {type_.name}.{name} at {at}, which is for {needed}")
        self._value(type_.fields[name].type, [one.selection_set for one in nodes if one.selection_set], value, at)

    def _value(self, type_: Any, selected: list[SelectionSetNode], value: Any, at: str) -> None:
        if isinstance(type_, GraphQLNonNull):
            if value is None:
                raise Wrong(f"{at} is null and must not be")
            type_ = type_.of_type
        if value is None:
            return
        if isinstance(type_, GraphQLList):
            if not isinstance(value, list):
                raise Wrong(f"{at} is no list")
            for place, one in enumerate(value):
                self._value(type_.of_type, selected, one, f"{at}.{place}")
        elif is_leaf_type(type_):
            good = value in type_.values if isinstance(type_, GraphQLEnumType) else _SCALARS[type_.name](value)
            if not good:
                raise Wrong(f"{at} is no {type_.name}: {value!r:.80}")
        else:
            self.object(self._concrete(type_, value, at), selected, value, at)

    def _concrete(self, type_: Any, value: Any, at: str) -> Any:
        if not is_abstract_type(type_):
            return type_
        name = value.get("__typename") if isinstance(value, dict) else None
        if name not in {one.name for one in self._schema.get_possible_types(type_)}:
            raise Wrong(f"{at} is {name!r}, which is no {type_.name}")
        return self._schema.type_map[name]

    def _fields(self, type_: Any, selected: SelectionSetNode) -> Iterator[FieldNode]:
        for one in selected.selections:
            if isinstance(one, FieldNode):
                yield one
                continue
            fragment = self._fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            assert isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode)
            condition = fragment.type_condition
            on = type_ if condition is None else self._schema.type_map[condition.name.value]
            if get_named_type(on) is type_ or (is_abstract_type(on) and self._schema.is_sub_type(on, type_)):
                yield from self._fields(type_, fragment.selection_set)


def _reads(read: Any, value: Any) -> bool:
    try:
        read(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


_SCALARS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "String": lambda value: isinstance(value, str),
    "ID": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Int": _whole,
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Date": lambda value: _reads(date.fromisoformat, value),
    "DateTime": lambda value: _reads(datetime.fromisoformat, value) and value.endswith("Z"),
    "Decimal": lambda value: isinstance(value, str) and re.fullmatch(r"-?[0-9]+([.][0-9]+)?", value) is not None,
}
