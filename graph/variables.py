"""The values of variables, coerced by functions made once a type: to what graphql-core makes of them, or not at all.

graphql-core looks up what kind of type there is for every value, and reads the operation's types, at each request. Here
both are kept: with the types, and with a kept document. Whatever is not plainly right (a wrong value, a default, one
value for a list) is left to graphql-core, so that errors are its own.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableValues,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValueSource

DEEPEST: Final = 100
"Of lists and inputs in each other; graphql-core refuses what is twice as deep."

Coerce = Callable[[Any, int], Any]
"Takes a value that is not null, and how deep it lies. Raises."


class Variables:
    """Those of a document's one operation."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.operation = operation
        self.bare = DocumentNode(definitions=tuple(_bare(one) for one in document.definitions))
        "The same document without them."
        self._known: list[tuple[GraphQLVariableSignature, bool, Coerce]] | None = []
        for node in operation.variable_definitions or ():
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError):
                self._known = None
                break
            is_needed, coerce = _coercer(signature.type)
            self._known.append((signature, is_needed or signature.default is not None, coerce))

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """What they come to; None where that is graphql-core's to find out."""
        if self._known is None:
            return None
        values = VariableValues({}, {})
        try:
            for signature, is_needed, coerce in self._known:
                name = signature.name
                value = given.get(name, Undefined)
                values.sources[name] = VariableValueSource(signature, value)
                if value is not Undefined and value is not None:
                    values.coerced[name] = coerce(value, 0)
                elif is_needed:
                    return None
                elif value is None:
                    values.coerced[name] = None
        except _REFUSALS:
            return None
        return values


def of(schema: GraphQLSchema, document: DocumentNode) -> Variables | None:
    """Those of a document that is kept; None where it has several operations."""
    kept = vars(document)
    if "plans" not in kept:
        return None
    if "variables" not in kept:
        operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        kept["variables"] = Variables(schema, document, operations[0]) if len(operations) == 1 else None
    known: Variables | None = kept["variables"]
    return known


def _bare(definition: Any) -> Any:
    if not isinstance(definition, OperationDefinitionNode):
        return definition
    return OperationDefinitionNode(
        **{name: getattr(definition, name) for name in definition.keys if name != "variable_definitions"}
    )


class _Refused(Exception):
    """The value is not plainly one of the type."""


_REFUSALS: Final = (_Refused, GraphQLError, TypeError, ValueError, ArithmeticError)
"What scalars and enums raise as well."


def _coercer(type_: Any) -> tuple[bool, Coerce]:
    """Whether null is refused, and what coerces all else."""
    is_needed = is_non_null_type(type_)
    if is_needed:
        type_ = type_.of_type
    if is_list_type(type_):
        return is_needed, _list(*_coercer(type_.of_type))
    if isinstance(type_, GraphQLInputObjectType):
        if "coerce" not in type_.extensions:
            type_.extensions["coerce"] = _Input(type_)
        return is_needed, type_.extensions["coerce"]
    return is_needed, _leaf(type_.coerce_input_value)


def _leaf(parse: Callable[[Any], Any]) -> Coerce:
    def coerce(value: Any, _: int) -> Any:
        parsed = parse(value)
        if parsed is Undefined:
            raise _Refused
        return parsed

    return coerce


def _list(is_needed: bool, coerce_one: Coerce) -> Coerce:
    def coerce(value: Any, depth: int) -> Any:
        if type(value) is not list or depth >= DEEPEST or (is_needed and None in value):
            raise _Refused
        return [None if one is None else coerce_one(one, depth + 1) for one in value]

    return coerce


class _Input:
    """Coerces values of an input; what that takes is made with the first of them."""

    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._type = type_

    def __call__(self, value: Any, depth: int) -> Any:
        if type(value) is not dict or depth >= DEEPEST or not value.keys() <= self._type.fields.keys():
            raise _Refused
        coerced = {}
        for name, is_needed, coerce, is_required, default in self._fields:
            if name in value:
                given = value[name]
                if given is not None:
                    given = coerce(given, depth + 1)
                elif is_needed:
                    raise _Refused
                coerced[name] = given
            elif is_required:
                raise _Refused
            elif default is not Undefined:
                coerced[name] = default
        return self._type.out_type(coerced)

    @cached_property
    def _fields(self) -> list[tuple[str, bool, Coerce, bool, Any]]:
        fields = self._type.fields
        if self._type.is_one_of or any(one.default is not None or one.out_name for one in fields.values()):
            raise _Refused
        return [
            (name, *_coercer(one.type), is_required_input_field(one), one.default_value) for name, one in fields.items()
        ]
