"""The limits on what a document selects, with its fragments spread out: depth, aliases, fields, repeats.

They come before validation, which compares all fields of one key in pairs: 4,000 of them took it five seconds.
Each fragment is measured once, however often it is spread. Strawberry's own limiters walk every spread of it, and so
take minutes for a document of two hundred tokens whose fragments spread each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

from graph.limits import MAX_ALIAS, MAX_ALIASES, MAX_DEPTH, MAX_FIELDS, MAX_REPEATS


@dataclass(frozen=True, slots=True)
class Measures:
    """Of a selection set. Fields of the schema itself have no depth: tools ask for them with a deep query."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    longest: int = 0
    "Characters of an alias."


def refusals(document: DocumentNode) -> list[GraphQLError]:
    """Why a document is refused, for all its operations together; nothing for one that keeps the limits.

    A fragment that no operation spreads counts like one: validation compares its fields too.
    """
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    roots: list[Any] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    known: dict[str, Measures] = {}
    told: list[GraphQLError] = []
    aliases = fields = longest = 0
    try:
        measured = [_measured(root.selection_set, fragments, known) for root in roots]
        for one in document.definitions:
            if isinstance(one, FragmentDefinitionNode) and not _is_spread(one, fragments, known):
                roots.append(one)
                measured.append(_measured(one.selection_set, fragments, known))
    except GraphQLError as error:
        return [error]
    for root, measures in zip(roots, measured, strict=True):
        aliases += measures.aliases
        fields += measures.fields
        longest = max(longest, measures.longest)
        if measures.depth > MAX_DEPTH:
            name = root.name.value if root.name else "anonymous"
            told.append(GraphQLError(f"'{name}' exceeds maximum operation depth of {MAX_DEPTH}", [root]))
    if aliases > MAX_ALIASES:
        told.append(GraphQLError(f"{aliases} aliases found. Allowed: {MAX_ALIASES}"))
    if longest > MAX_ALIAS:
        told.append(GraphQLError(f"an alias of {longest} characters found. Allowed: {MAX_ALIAS}"))
    if fields > MAX_FIELDS:
        told.append(GraphQLError(f"{fields} fields found. Allowed: {MAX_FIELDS}"))
    if told:
        return told  # what follows looks at every field that is spread out, and these may be many
    repeats = sum(_repeats([root.selection_set], fragments) for root in roots)
    if repeats > MAX_REPEATS:
        told.append(GraphQLError(f"{repeats} pairs of the same field found. Allowed: {MAX_REPEATS}"))
    return told


def _is_spread(
    one: FragmentDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], known: Mapping[str, Measures]
) -> bool:
    """Whether it has been measured; of several of one name, which is an error, only the last can have been."""
    return one.name.value in known and fragments[one.name.value] is one


def _measured(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, Measures]
) -> Measures:
    depth = aliases = fields = longest = 0
    for one in selected.selections:
        node: Any = one
        if isinstance(one, FragmentSpreadNode):
            inner = _fragment(one.name.value, fragments, known)
        else:
            inner = _measured(node.selection_set, fragments, known) if node.selection_set else Measures()
        is_deeper = isinstance(one, FieldNode) and node.selection_set and not one.name.value.startswith("__")
        if not isinstance(one, FieldNode) or is_deeper:
            depth = max(depth, inner.depth + bool(is_deeper))
        alias = one.alias.value if isinstance(one, FieldNode) and one.alias else ""
        aliases += inner.aliases + bool(alias)
        fields += inner.fields + isinstance(one, FieldNode)
        longest = max(longest, inner.longest, len(alias))
    return Measures(depth, aliases, fields, longest)


def _fragment(name: str, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, Measures]) -> Measures:
    """The measures of a fragment; none of one that is not there. Raises GraphQLError for one within itself."""
    if name not in fragments:
        return Measures()
    if name not in known:
        known[name] = _OPEN
        known[name] = _measured(fragments[name].selection_set, fragments, known)
    elif known[name] is _OPEN:
        raise GraphQLError(f"Cannot spread fragment '{name}' within itself.", [fragments[name]])
    return known[name]


_OPEN: Final = Measures()
"Those of a fragment that is being measured."


def _repeats(selected: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """How many pairs of fields answer under the same key, which validation compares one with the other."""
    grouped: dict[str, list[FieldNode]] = {}
    for one in selected:
        _group(one, fragments, set(), grouped)
    return sum(
        len(same) * (len(same) - 1) // 2
        + _repeats([node.selection_set for node in same if node.selection_set], fragments)
        for same in grouped.values()
    )


def _group(
    selected: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    spread: set[str],
    grouped: dict[str, list[FieldNode]],
) -> None:
    for one in selected.selections:
        node: Any = one
        if isinstance(one, FieldNode):
            grouped.setdefault((one.alias or one.name).value, []).append(one)
        elif not isinstance(one, FragmentSpreadNode):
            _group(node.selection_set, fragments, spread, grouped)
        elif one.name.value in fragments and one.name.value not in spread:
            spread.add(one.name.value)
            _group(fragments[one.name.value].selection_set, fragments, spread, grouped)
