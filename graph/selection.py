"""From a GraphQL selection to the tree of asks that services understand. Fragments, aliases and directives end here.

What a selection asks for is kept with a document that is kept (graph.documents), for each set of values of the
variables in it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    Undefined,
    VariableNode,
    VariableValues,
    Visitor,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    visit,
)
from strawberry.types import Info

from services.asks import Ask

Raw = GraphQLResolveInfo[Any]

NAMES = "ask_names"
"Where graph.schema keeps, in a field's extensions, its Python name and those of its arguments."


ASKS_A_TOKEN: Final = 2
"What is kept of a document's selections: half a kilobyte a token, beside the 600 bytes that its syntax tree takes."
LONGEST_VALUE: Final = 200
"Of a text in a variable: what was asked for with a longer one is not kept."


class Kept:
    """What one document's selections ask for, by their place and the values of the variables in them."""

    def __init__(self, room: int) -> None:
        self.variables: dict[int, frozenset[str]] = {}
        "Those that each field mentions below it, and not each combination of fields: @include makes many of them."
        self._room = self._most = room
        self._asks: dict[object, tuple[Ask, ...]] = {}

    def get(self, key: tuple[object, ...]) -> tuple[Ask, ...] | None:
        return self._asks.get(key)

    def keep(self, key: tuple[object, ...], asks: tuple[Ask, ...]) -> None:
        """Those that were kept make room where there is none: of dates and cursors each is asked for once."""
        size = 1 + len(key) + sum(map(_size, asks))
        if size > self._most:
            return
        if size > self._room:
            self._asks, self._room = {}, self._most
        self._asks[key] = asks
        self._room -= size


def _size(ask: Ask) -> int:
    return 1 + sum(map(_size, ask.asks))


def prepare(document: DocumentNode) -> None:
    """Let what the document's selections ask for be kept with it."""
    kept = Kept(ASKS_A_TOKEN * document.token_count)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            vars(operation).setdefault("asks", kept)


def asked(info: Info[Any, Any]) -> Ask:
    """The ask of the root field that is being resolved."""
    raw = info._raw_info
    field = raw.parent_type.fields[raw.field_name]
    child = get_named_type(field.type)
    asks = _kept_asks(raw, child) if isinstance(child, GraphQLObjectType) else ()
    return Ask(field.extensions[NAMES][0], str(raw.path.key), _arguments(raw, field, raw.field_nodes[0]), asks)


def _kept_asks(raw: Raw, type_: GraphQLObjectType) -> tuple[Ask, ...]:
    """What is asked of the root field's type; the same for the same values of the variables below it."""
    kept: Kept | None = vars(raw.operation).get("asks")
    if kept is None:
        return _asks(raw, type_, raw.field_nodes)
    place = [id(node) for node in raw.field_nodes]
    mentioned = [_variables_below(raw, node, kept) for node in raw.field_nodes]
    names = sorted(mentioned[0].union(*mentioned[1:]))
    given: Mapping[str, Any] = _variables(raw).coerced
    values = [given.get(name, Undefined) for name in names]
    if any(type(value) is str and len(value) > LONGEST_VALUE for value in values):
        return _asks(raw, type_, raw.field_nodes)
    key = (len(place), *place, *values)
    try:
        asks = kept.get(key)
    except TypeError:  # a list or an input, which no field below a root takes today
        return _asks(raw, type_, raw.field_nodes)
    if asks is None:
        asks = _asks(raw, type_, raw.field_nodes)
        kept.keep(key, asks)
    return asks


def _variables_below(raw: Raw, node: FieldNode, kept: Kept) -> frozenset[str]:
    """The variables that selections below the node mention, in fragments too."""
    known = kept.variables.get(id(node))
    if known is not None:
        return known
    found: set[str] = set()
    fragments: set[str] = set()

    class Mentions(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            found.add(node.name.value)

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            if node.name.value not in fragments:
                fragments.add(node.name.value)
                visit(raw.fragments[node.name.value], self)

    if node.selection_set:
        visit(node.selection_set, Mentions())
    kept.variables[id(node)] = names = frozenset(found)
    return names


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
    child = get_named_type(field.type)
    asks = _asks(raw, child, nodes) if isinstance(child, GraphQLObjectType) else ()
    return Ask(field.extensions[NAMES][0], str(key), _arguments(raw, field, nodes[0]), asks)


def _arguments(raw: Raw, field: Any, node: FieldNode) -> Mapping[str, Any]:
    """The arguments by their Python names."""
    if not field.args:
        return {}
    names = field.extensions[NAMES][1]
    return {names[name]: value for name, value in get_argument_values(field, node, _variables(raw)).items()}


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
