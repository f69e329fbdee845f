"""Whether a document asks for more than a role may have: looked at once, before anything of it is carried out.

Field by field by the table of graph.permissions, but not while fields are resolved: a field with a check of its own
would be no plain one any more (docs/decisions/0021), and by then something might have been looked up, or changed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
)
from strawberry.extensions import SchemaExtension

from graph.permissions import FIELDS
from services.access import Identity
from services.errors import Forbidden
from services.vocabulary import Role

RANKS: Final = {role: rank for rank, role in enumerate(Role)}
_MOST: Final = len(RANKS) - 1


class Access(SchemaExtension):
    """Refuses a valid document that asks for more than the role of whoever asks may have."""

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        if self._is_too_much():
            context.result = ExecutionResult(data=None, errors=[GraphQLError("", original_error=Forbidden())])
        yield

    def _is_too_much(self) -> bool:
        context = self.execution_context
        identity: Identity | None = getattr(context.context, "identity", None)
        rank = -1 if identity is None else RANKS[identity.role]
        if rank == _MOST:
            return False
        document, schema = context.graphql_document, context.schema._schema
        assert document is not None
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode) and _is_meant(operation, context.operation_name):
                most: int | None = vars(operation).get("rank")
                if most is None:
                    most = vars(operation)["rank"] = _Walk(schema, fragments).of(operation)
                if most > rank and _Walk(schema, fragments, _flags(operation, context.variables)).of(operation) > rank:
                    return True
        return False


def _is_meant(operation: OperationDefinitionNode, name: str | None) -> bool:
    return not name or (operation.name is not None and operation.name.value == name)


def _flags(operation: OperationDefinitionNode, given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The variables with their defaults, of which only those that are true or false matter here."""
    defaults = {
        one.variable.name.value: one.default_value.value
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, BooleanValueNode)
    }
    return {**defaults, **(given or {})}


class _Walk:
    """Goes through what is selected, each fragment once a kind of object. With flags, past what these leave out."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        flags: Mapping[str, Any] | None = None,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._flags = flags
        self._known: dict[tuple[str, frozenset[str]], int] = {}

    def of(self, operation: OperationDefinitionNode) -> int:
        """The rank that an operation takes; -1 where anybody may ask for it."""
        is_query = operation.operation is OperationType.QUERY
        root = self._schema.query_type if is_query else self._schema.mutation_type
        return self._selected(root, self._possible(root), operation.selection_set)

    def _selected(self, parent: Any, possible: frozenset[str], selected: SelectionSetNode | None) -> int:
        """Of what is selected of `parent`, where the object is of one of the `possible` types."""
        rank = -1
        for one in selected.selections if selected else ():
            if self._is_left_out(one.directives):
                continue
            if isinstance(one, FieldNode):
                if not one.name.value.startswith("__"):
                    rank = max(rank, self._field(parent, one))
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                type_ = self._schema.get_type(condition.name.value) if condition else parent
                rank = max(rank, self._narrowed(type_, possible, one.selection_set))
            elif isinstance(one, FragmentSpreadNode):
                rank = max(rank, self._fragment(one.name.value, possible))
        return rank

    def _field(self, parent: Any, node: FieldNode) -> int:
        name = node.name.value
        own = RANKS[FIELDS.get(parent.name, {}).get(name, Role.ADMIN)]
        type_ = get_named_type(parent.fields[name].type)
        return max(own, self._selected(type_, self._possible(type_), node.selection_set))

    def _fragment(self, name: str, possible: frozenset[str]) -> int:
        if (name, possible) not in self._known:
            fragment = self._fragments[name]
            type_ = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name, possible] = self._narrowed(type_, possible, fragment.selection_set)
        return self._known[name, possible]

    def _narrowed(self, type_: Any, possible: frozenset[str], selected: SelectionSetNode) -> int:
        """What a fragment asks for is asked of those alone that are of its type too."""
        narrowed = possible & self._possible(type_)
        return self._selected(type_, narrowed, selected) if narrowed else -1

    def _possible(self, type_: Any) -> frozenset[str]:
        if is_abstract_type(type_):
            return frozenset(one.name for one in self._schema.get_possible_types(type_))
        return frozenset((type_.name,))

    def _is_left_out(self, directives: tuple[DirectiveNode, ...] | None) -> bool:
        """By @skip or @include. What is not plainly true or false leaves nothing out: execution will refuse it."""
        if self._flags is None:
            return False
        return any(
            (one.name.value == "skip" and self._value(one) is True)
            or (one.name.value == "include" and self._value(one) is False)
            for one in directives or ()
        )

    def _value(self, directive: DirectiveNode) -> Any:
        value = directive.arguments[0].value if directive.arguments else None
        if isinstance(value, VariableNode):
            return (self._flags or {}).get(value.name.value)
        return value.value if isinstance(value, BooleanValueNode) else None
