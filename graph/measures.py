"""The limits on what a document selects, with its fragments spread out: depth, aliases, fields.

Each fragment is measured once, however often it is spread. Strawberry's own limiters walk every spread of it, and so
take minutes for a document of two hundred tokens whose fragments spread each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

from graph.limits import MAX_ALIASES, MAX_DEPTH, MAX_FIELDS


@dataclass(frozen=True, slots=True)
class Measures:
    """Of a selection set. Fields of the schema itself have no depth: tools ask for them with a deep query."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


class WithinLimits(ValidationRule):
    """Refuses a document that goes deeper than the limits, or has more aliases or fields in all its operations."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        definitions = context.document.definitions
        fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        known: dict[str, Measures] = {}
        aliases = fields = 0
        for operation in definitions:
            if isinstance(operation, OperationDefinitionNode):
                measures = _measured(operation.selection_set, fragments, known)
                aliases += measures.aliases
                fields += measures.fields
                if measures.depth > MAX_DEPTH:
                    name = operation.name.value if operation.name else "anonymous"
                    message = f"'{name}' exceeds maximum operation depth of {MAX_DEPTH}"
                    context.report_error(GraphQLError(message, [operation]))
        if aliases > MAX_ALIASES:
            context.report_error(GraphQLError(f"{aliases} aliases found. Allowed: {MAX_ALIASES}"))
        if fields > MAX_FIELDS:
            context.report_error(GraphQLError(f"{fields} fields found. Allowed: {MAX_FIELDS}"))


def _measured(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, Measures]
) -> Measures:
    depth = aliases = fields = 0
    for one in selected.selections:
        node: Any = one
        if isinstance(one, FragmentSpreadNode):
            inner = _fragment(one.name.value, fragments, known)
        else:
            inner = _measured(node.selection_set, fragments, known) if node.selection_set else Measures()
        is_deeper = isinstance(one, FieldNode) and node.selection_set and not one.name.value.startswith("__")
        if not isinstance(one, FieldNode) or is_deeper:
            depth = max(depth, inner.depth + bool(is_deeper))
        aliases += inner.aliases + bool(isinstance(one, FieldNode) and one.alias)
        fields += inner.fields + isinstance(one, FieldNode)
    return Measures(depth, aliases, fields)


def _fragment(name: str, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, Measures]) -> Measures:
    if name not in known:
        known[name] = Measures()  # of a fragment within itself, and of one that is not there: other rules refuse them
        if name in fragments:
            known[name] = _measured(fragments[name].selection_set, fragments, known)
    return known[name]
