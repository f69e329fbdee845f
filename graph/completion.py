"""Completes documents by a type made for the selection: what graphql-core answers, without its microseconds a field.

PostgreSQL answers a root field as one JSON document in the answer's own shape. Once an operation is asked for again,
each selection of it becomes a msgspec type, with which the document is checked (every key, type, null and enum value)
and written in C, from bytes to bytes. What such a type does not take is left to graphql-core, which completes the same
document field by field: so errors, their paths and what they null are graphql-core's own. The same goes for whatever
needs more than the document: a field with a resolver or a permission, an interface, a middleware. Why so, and what
keeps it honest: docs/decisions/0021.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import orjson
from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    DocumentNode,
    ExecutionResult,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetails, FieldDetailsList, collect_subfields
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph import costs, selection, variables
from graph.limits import MAX_COST
from graph.scalars import SCALARS
from services import tracing
from services.db.connection import Document

if TYPE_CHECKING:
    import msgspec

PLAIN: Final = "stands_in_its_document"
"Marks, in a field's extensions, those whose value is what the document has under the response key."

UNITS_A_TOKEN: Final = 2
"What a document's plans may come to. A unit is some 400 bytes and 50 microseconds: a field has one, an object five."
AN_OBJECT: Final = 5
PLANNED_AT_ONCE: Final = 5_000
"Of what costs so much, completing the answer once without a plan takes longer than making one: up to ten seconds."
A_KEY: Final = 4
"So many parts of what a plan is kept under make a unit: the selection's nodes and the request's booleans."

_TEXTS: Final = frozenset({GraphQLString.name, GraphQLID.name, *(scalar.name for scalar in SCALARS.values())})
"Scalars that write a text as it is."


def prepare(document: DocumentNode) -> None:
    """Let a document keep plans, which live as long as it does and are made when first needed."""
    if "plans" in vars(document):
        return
    plans = vars(document)["plans"] = Plans(UNITS_A_TOKEN * document.token_count)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            vars(operation)["plans"] = plans
    selection.prepare(document)
    costs.prepare(document)


class Plans:
    """One document's plans: one for each selection that was met, and each combination of the request's booleans.

    What is met once there is no room is left to graphql-core: making room would let a document be planned all day.
    """

    def __init__(self, room: int) -> None:
        self.kept: dict[object, Plan | None] = {}
        self._room = room

    def get(
        self, key: tuple[object, ...], executor: "Executor", type_: GraphQLObjectType, selected: FieldDetailsList
    ) -> "Plan | None":
        try:
            return self.kept[key]
        except KeyError:
            pass
        if self._room <= 0:
            return None
        shaper = _Shaper(executor, self._room)
        try:
            plan = Plan(shaper.object(type_, selected))
            self._room -= shaper.units + len(key) // A_KEY
        except (_NotPlain, GraphQLError):
            # The error is graphql-core's to tell, where it comes to that field. What was in vain counts as well, for
            # its time; it leaves nothing, and a selection that is not plain may have many in it that are.
            plan = None
            self._room -= 1 + shaper.units // 4 + len(key) // A_KEY
        self.kept[key] = plan
        return plan


_NO_SPAN: Final = nullcontext()


def _named(operation: OperationDefinitionNode, price: int) -> tuple[str, dict[str, str | int]]:
    """A span's name, and which document it is: by its hash, for its text may hold values."""
    name = operation.name.value[:100] if operation.name else ""
    from hashlib import sha256

    text = operation.loc.source.body if operation.loc else ""
    kind = operation.operation.value
    return f"{kind} {name}".strip(), {
        "graphql.operation.type": kind, "graphql.operation.name": name, "graphql.cost": price,
        "graphql.document.hash": sha256(text.encode()).hexdigest()[:16],
    }  # fmt: skip


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, with plans for the documents of operations that were prepared."""

    document: DocumentNode

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        *others: Any,
        **options: Any,
    ) -> Any:
        """As it is, but for the values of variables where these are known to be right."""
        known = variables.of(schema, document)
        values = known.coerced(raw_variable_values or {}) if known else None
        if known is None or values is None:
            built = super().build(schema, document, root_value, context_value, raw_variable_values, *others, **options)
        else:
            built = super().build(schema, known.bare, root_value, context_value, None, *others, **options)
            if isinstance(built, cls):
                built.operation, built.variable_values = known.operation, values
        if isinstance(built, cls):
            built.document = document
        return built

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result, which tells the price; without any work where that is over the limit."""
        price = costs.cost(self)
        told = {"cost": {"requested": price, "allowed": MAX_COST}}
        if price > MAX_COST:
            return ExecutionResult(None, [costs.refusal(price, self.operation)], told)
        if price >= PLANNED_AT_ONCE:
            prepare(self.document)
        with tracing.span(*_named(self.operation, price)) if tracing.is_on() else _NO_SPAN:
            result: Any = super().execute_operation(serially)
            if result.errors:
                tracing.note({"graphql.errors": len(result.errors)}, failed=True)
        result.extensions = told
        return result

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        kind = type(result)
        if kind is Document or kind is dict:
            plan = self._plan(return_type, field_details_list)
            written = plan.write(result) if plan is not None else None
            if written is not None:
                return written
            if kind is Document:
                result = result.read()
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    def _plan(self, type_: GraphQLObjectType, selected: FieldDetailsList) -> "Plan | None":
        """The plan for that selection; None where it needs more than a document.

        What @skip and @include leave of a selection depends on booleans alone, so these are part of its key.
        """
        plans: Plans | None = vars(self.operation).get("plans")
        if plans is None or (self.middleware_manager is not None and self.middleware_manager.middlewares):
            return None
        booleans = tuple(item for item in self.variable_values.coerced.items() if type(item[1]) is bool)
        return plans.get((type_.name, *(id(one.node) for one in selected), *booleans), self, type_, selected)


class Plan:
    """How one selection's documents are checked and written."""

    def __init__(self, shape: type["msgspec.Struct"]) -> None:
        import msgspec  # with the first plan: an operation that is asked for once does without

        self._shape = shape
        self._convert = msgspec.convert
        self._decode = msgspec.json.Decoder(shape).decode
        self._encode = msgspec.json.Encoder().encode
        self._refusal = msgspec.DecodeError

    def write(self, document: Document | dict[str, Any]) -> orjson.Fragment | None:
        """The document as the answer's JSON; None where it has something in it that the types do not take."""
        try:
            shaped = self._decode(document.text) if type(document) is Document else self._convert(document, self._shape)
        except self._refusal:
            return None
        return orjson.Fragment(self._encode(shaped))


class _NotPlain(Exception):
    """The selection has something in it that needs more than the document."""


class _Shaper:
    """Makes the types of one selection, the innermost first, as long as there is room."""

    def __init__(self, executor: Executor, room: int) -> None:
        self._executor = executor
        self._room = room
        self.units = 0

    def object(self, type_: GraphQLObjectType, selected: FieldDetailsList) -> type["msgspec.Struct"]:
        import msgspec

        executor = self._executor
        grouped, defers, _ = collect_subfields(
            executor.schema, executor.fragments, executor.variable_values, executor.operation, type_, selected
        )
        self.units += len(grouped) + AN_OBJECT
        if defers or type_.is_type_of or self.units > self._room:
            raise _NotPlain
        fields: list[Any] = []
        for place, (key, details) in enumerate(grouped.items()):
            if details[0].node.name.value == "__typename":
                fields.append((f"f{place}", Literal[type_.name], msgspec.field(name=key, default=type_.name)))
            else:
                fields.append((f"f{place}", self._field(type_, details), msgspec.field(name=key)))
        return msgspec.defstruct(type_.name, fields, kw_only=True, gc=False)

    def _field(self, parent: GraphQLObjectType, details: Sequence[FieldDetails]) -> Any:
        field = parent.fields.get(details[0].node.name.value)
        if field is None or PLAIN not in field.extensions:
            raise _NotPlain
        if any(one.defer_usage or one.fragment_variable_values for one in details):
            raise _NotPlain
        return self._value(field.type, list(details))

    def _value(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Any:
        if not is_non_null_type(type_):
            return self._some(type_, details) | None
        return self._some(type_.of_type, details)

    def _some(self, type_: Any, details: FieldDetailsList) -> Any:
        if is_list_type(type_):
            return list[self._value(type_.of_type, details)]  # type: ignore[misc]
        if isinstance(type_, GraphQLObjectType):
            return self.object(type_, details)
        if isinstance(type_, GraphQLEnumType):
            return _words(type_)
        if type_.name in _TEXTS:
            return str
        if type_ is GraphQLBoolean:
            return bool
        if type_ is GraphQLInt:
            return _int()
        raise _NotPlain


def _words(type_: GraphQLEnumType) -> Any:
    """The enum's words as one type, made once: those that it writes as they are."""
    known = type_.extensions.get("words")
    if known is None:
        known = Literal[tuple(word for word in type_.values if type_.coerce_output_value(word) == word)]
        type_.extensions["words"] = known
    return known


def _int() -> Any:
    import msgspec

    return Annotated[int, msgspec.Meta(ge=GRAPHQL_MIN_INT, le=GRAPHQL_MAX_INT)]
