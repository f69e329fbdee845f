"""From a GraphQL selection to the tree of asks that services understand. Fragments, aliases and directives end here."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    VariableValues,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)
from strawberry.types import Info

from services.asks import Ask

Raw = GraphQLResolveInfo[Any]

NAMES = "ask_names"
"Where graph.schema keeps, in a field's extensions, its Python name and those of its arguments."


def asked(info: Info[Any, Any]) -> Ask:
    """The ask of the root field that is being resolved."""
    raw = info._raw_info
    field = raw.parent_type.fields[raw.field_name]
    return _ask(raw, field, raw.path.key, raw.field_nodes)


def asked_of(info: Info[Any, Any], *path: str) -> Mapping[str, tuple[Ask, ...]]:
    """For each type that the node below `path` may be, what is asked of it."""
    raw = info._raw_info
    nodes: Iterable[FieldNode] = raw.field_nodes
    type_ = raw.parent_type.fields[raw.field_name].type
    for name in path:
        parent = get_named_type(type_)
        assert isinstance(parent, GraphQLObjectType)
        nodes = [
            node for grouped in _fields(raw, parent, nodes).values() for node in grouped if node.name.value == name
        ]
        type_ = parent.fields[name].type
    abstract = get_named_type(type_)
    assert is_abstract_type(abstract)
    return {one.name: _asks(raw, one, nodes) for one in raw.schema.get_possible_types(abstract)}


def _asks(raw: Raw, parent: GraphQLObjectType, nodes: Iterable[FieldNode]) -> tuple[Ask, ...]:
    grouped = _fields(raw, parent, nodes)
    return tuple(_ask(raw, parent.fields[same[0].name.value], str(key), same) for key, same in grouped.items())


def _ask(raw: Raw, field: Any, key: Any, nodes: list[FieldNode]) -> Ask:
    name, argument_names = field.extensions[NAMES]
    given = get_argument_values(field, nodes[0], _variables(raw))
    args = {argument_names[argument]: value for argument, value in given.items()}
    child = get_named_type(field.type)
    asks = _asks(raw, child, nodes) if isinstance(child, GraphQLObjectType) else ()
    return Ask(name, str(key), args, asks)


def _fields(raw: Raw, parent: GraphQLObjectType, nodes: Iterable[FieldNode]) -> dict[str, list[FieldNode]]:
    """The selected fields of `parent` by response key, as the executor itself collects them."""
    grouped: dict[str, list[FieldNode]] = {}
    for node in nodes:
        if node.selection_set:
            _collect(raw, parent, node.selection_set.selections, grouped)
    return grouped


def _collect(
    raw: Raw,
    parent: GraphQLObjectType,
    selections: Iterable[SelectionNode],
    grouped: dict[str, list[FieldNode]],
) -> None:
    for selection in selections:
        if not _included(raw, selection):
            continue
        if isinstance(selection, FieldNode):
            if not selection.name.value.startswith("__"):
                key = selection.alias.value if selection.alias else selection.name.value
                grouped.setdefault(key, []).append(selection)
        elif isinstance(selection, InlineFragmentNode):
            if _applies(raw, parent, selection.type_condition):
                _collect(raw, parent, selection.selection_set.selections, grouped)
        elif isinstance(selection, FragmentSpreadNode):
            fragment = raw.fragments[selection.name.value]
            if _applies(raw, parent, fragment.type_condition):
                _collect(raw, parent, fragment.selection_set.selections, grouped)


def _variables(raw: Raw) -> VariableValues:
    """The variables as graphql-core's own functions take them; Strawberry's executor hands over bare values."""
    given: Any = raw.variable_values
    return given if isinstance(given, VariableValues) else VariableValues(sources={}, coerced=given)


def _applies(raw: Raw, parent: GraphQLObjectType, condition: Any) -> bool:
    if condition is None or condition.name.value == parent.name:
        return True
    type_ = raw.schema.get_type(condition.name.value)
    return is_abstract_type(type_) and raw.schema.is_sub_type(type_, parent)


def _included(raw: Raw, node: SelectionNode) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, _variables(raw))
    if skip and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, _variables(raw))
    return not (include and not include["if"])
