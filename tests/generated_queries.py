"""Queries made up from a schema: valid, of any shape that GraphQL allows, the same for the same seed.

An alias stands for one field with one set of arguments in the whole document, and a field under its own name has the
same arguments everywhere in its type: so whatever is written twice can be merged.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import orjson
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_non_null_type,
    is_required_argument,
)

Composite = GraphQLObjectType | GraphQLInterfaceType
Values = Mapping[str, Sequence[Any]]

FLAGS: Final = ("b0", "b1", "b2", "b3")
MOST_ALIASES: Final = 50
ABSENT: Final = object()


@dataclass(frozen=True)
class Question:
    """A request. `flags` are those of its variables that @skip and @include read."""

    text: str
    operation: str | None
    variables: dict[str, Any]
    flags: tuple[str, ...]

    def body(self, flags: Mapping[str, bool]) -> bytes:
        """The request's body, with those values of the flags."""
        variables = self.variables | {name: flags[name] for name in self.flags}
        return orjson.dumps({"query": self.text, "operationName": self.operation, "variables": variables})


@dataclass
class Fragment:
    name: str
    on: str
    text: str
    height: int
    weight: int
    uses: set[str]
    spreads: set[str]


@dataclass
class Text:
    """What one definition has in it."""

    uses: set[str] = field(default_factory=set)
    spreads: set[str] = field(default_factory=set)
    height: int = 0
    weight: int = 0


def question(random: Random, schema: GraphQLSchema, values: Values, roots: Sequence[str] = ()) -> Question:
    """Its root fields are some of `roots`, where given, those more often that stand there more often.

    `values` has, by `field.argument`, argument or type, what may be given for it; other arguments are left out.
    """
    return _Writer(random, schema, values, roots).question()


class _Writer:
    def __init__(self, random: Random, schema: GraphQLSchema, values: Values, roots: Sequence[str]) -> None:
        self._random = random
        self._schema = schema
        self._values = values
        self._roots = roots
        self._budget = random.choice([3, 5, 8, 12, 20])
        self._deepest = random.choice([3, 5, 7, 10])
        self._fragments: list[Fragment] = []
        self._open = 0
        self._aliases: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._many_aliases = 0
        self._named = 0
        self._arguments: dict[tuple[str, str], str] = {}
        self._declared: dict[str, tuple[str, Any]] = {}
        self._defaults = {name: random.choice(["", "", " = true", " = false"]) for name in FLAGS}

    def question(self) -> Question:
        root = self._schema.query_type
        assert root is not None
        several = self._random.random() < 0.1
        operations = []
        for number in range(self._random.choice([2, 3]) if several else 1):
            part = Text()
            body = self._selection(root, part, 0, "")
            operations.append((f"Q{number}", part, body))
        written = [fragment.text for fragment in self._fragments]
        for name, part, body in operations:
            written.append(f"query {name}{self._declarations(self._all(part))} {body}")
        self._random.shuffle(written)
        name, part, _ = self._random.choice(operations)
        uses = self._all(part)
        given = {one: value for one, (_, value) in self._declared.items() if one in uses and value is not ABSENT}
        return Question(" ".join(written), name, given, tuple(one for one in FLAGS if one in uses))

    def _all(self, part: Text | Fragment) -> set[str]:
        """The variables that a definition uses, itself or through its fragments."""
        by_name = {fragment.name: fragment for fragment in self._fragments}
        return part.uses.union(*(self._all(by_name[name]) for name in part.spreads))

    def _declarations(self, uses: set[str]) -> str:
        types = {name: f"Boolean!{default}" for name, default in self._defaults.items()}
        types |= {name: type_ for name, (type_, _) in self._declared.items()}
        declared = ", ".join(f"${name}: {types[name]}" for name in sorted(uses))
        return f"({declared})" if declared else ""

    def _selection(self, type_: Composite, part: Text, depth: int, prefix: str) -> str:
        """A selection set; `prefix` keeps apart what types that share no more than an interface have under one name."""
        random = self._random
        part.height = max(part.height, depth)
        several = random.choice([1, 2, 3]) if depth == 0 else random.choice([1, 2, 3, 5, 8])
        parts = []
        for _ in range(several):
            kind = random.random()
            if kind < 0.08:
                parts.append(self._typename(part))
            elif kind < 0.20 and depth and self._budget > 0:
                parts.append(self._inline(type_, part, depth, prefix))
            elif kind < 0.30 and depth and self._budget > 0 and (spread := self._spread(type_, part, depth)):
                parts.append(spread)
            elif isinstance(type_, GraphQLInterfaceType) and kind < 0.75 and self._budget > -10:
                parts.append(self._inline(type_, part, depth, prefix))
            else:
                parts.append(self._field(type_, part, depth, prefix))
        if random.random() < 0.1:
            parts.append(random.choice(parts))
        return "{ " + " ".join(parts) + " }"

    def _typename(self, part: Text) -> str:
        part.weight += 1
        if self._random.random() < 0.5 or self._many_aliases >= MOST_ALIASES:
            return f"__typename{self._directives(part)}"
        self._many_aliases += 1
        return f"{self._new_alias()}: __typename{self._directives(part)}"

    def _inline(self, type_: Composite, part: Text, depth: int, prefix: str) -> str:
        self._budget -= 1
        on = self._random.choice([None, *self._overlapping(type_)])
        inner: Any = type_ if on is None else self._schema.type_map[on]
        if isinstance(type_, GraphQLInterfaceType) and isinstance(inner, GraphQLObjectType):
            prefix = f"{inner.name}_"
        condition = "" if on is None else f" on {on}"
        return f"...{condition}{self._directives(part)} {self._selection(inner, part, depth, prefix)}"

    def _overlapping(self, type_: Composite) -> list[str]:
        """The types that a fragment within that one may be of."""
        schema = self._schema
        if isinstance(type_, GraphQLInterfaceType):
            possible = [one.name for one in schema.get_possible_types(type_)]
            return [type_.name, *possible, *possible]
        return [type_.name, *(one.name for one in type_.interfaces)]

    def _spread(self, type_: Composite, part: Text, depth: int) -> str | None:
        random = self._random
        left = self._deepest - depth
        fitting = [
            one for one in self._fragments
            if one.on in self._overlapping(type_) and one.height <= left and one.weight + part.weight < 400
        ]  # fmt: skip
        if fitting and random.random() < 0.6:
            found = random.choice(fitting)
        elif self._open < 3 and left > 0:
            found = self._fragment(random.choice(self._overlapping(type_)), depth)
        else:
            return None
        part.spreads.add(found.name)
        part.height = max(part.height, depth + found.height)
        part.weight += found.weight
        return f"...{found.name}{self._directives(part)}"

    def _fragment(self, on: str, depth: int) -> Fragment:
        inner: Any = self._schema.type_map[on]
        self._open += 1
        part = Text()
        body = self._selection(inner, part, depth, f"{on}_" if self._is_shared(inner) else "")
        self._open -= 1
        name = f"F{len(self._fragments)}"
        made = Fragment(name, on, f"fragment {name} on {on} {body}", part.height - depth, part.weight, part.uses,
                        part.spreads)  # fmt: skip
        self._fragments.append(made)
        return made

    @staticmethod
    def _is_shared(type_: Any) -> bool:
        """Whether the type may stand beside others."""
        return isinstance(type_, GraphQLObjectType) and bool(type_.interfaces)

    def _field(self, type_: Composite, part: Text, depth: int, prefix: str) -> str:
        random = self._random
        self._budget -= 1
        deep = self._budget > 0 and depth < self._deepest
        names = [
            name for name, one in type_.fields.items()
            if (deep or not is_composite_type(get_named_type(one.type)))
            and all(self._choices(f"{name}.{key}", argument)
                    for key, argument in one.args.items() if is_required_argument(argument))
        ]  # fmt: skip
        if depth == 0 and self._roots:
            names = list(self._roots)
        found = self._key(type_, name := random.choice(names), prefix) if names else None
        if found is None:
            return self._typename(part)
        part.weight += 1
        key, arguments = found
        self._many_aliases += key != name
        part.uses.update(one for one in self._declared if f"${one}" in _words(arguments))
        child = get_named_type(type_.fields[name].type)
        below = ""
        if is_composite_type(child):
            below = " " + self._selection(child, part, depth + 1, "")  # type: ignore[arg-type]
        return f"{name if key == name else f'{key}: {name}'}{arguments}{self._directives(part)}{below}"

    def _key(self, type_: Composite, name: str, prefix: str) -> tuple[str, str] | None:
        """A response key for the field, and the arguments that it stands for; None where aliases have run out."""
        random = self._random
        if type_.fields[name].args and (self._is_shared(type_) or is_abstract_type(type_)):
            prefix = prefix or f"{type_.name}_"
        has_more = self._many_aliases < MOST_ALIASES
        known = self._aliases.setdefault((type_.name, name), [])
        if known and has_more and random.random() < 0.3:
            return random.choice(known)
        if prefix or random.random() < 0.25:
            if has_more:
                known.append((self._new_alias(prefix), self._written(type_, name)))
                return known[-1]
            if prefix:
                return None
        place = type_.name, name
        if place not in self._arguments:
            self._arguments[place] = self._written(type_, name)
        return name, self._arguments[place]

    def _new_alias(self, prefix: str = "") -> str:
        self._named += 1
        odd = self._random.choice(["", "", "", "_", "__proto__", "constructor", "x" * 70])
        return f"{prefix}{odd}k{self._named}"

    def _written(self, type_: Composite, name: str) -> str:
        given = [
            f"{key}: {self._value(f'{name}.{key}', argument)}"
            for key, argument in type_.fields[name].args.items()
            if self._choices(f"{name}.{key}", argument)
            and (is_required_argument(argument) or self._random.random() < 0.5)
        ]
        return f"({', '.join(given)})" if given else ""

    def _choices(self, path: str, argument: GraphQLArgument) -> Sequence[Any]:
        named = get_named_type(argument.type)
        for key in (path, path.split(".")[1], named.name):
            if key in self._values:
                return self._values[key]
        return list(named.values) if isinstance(named, GraphQLEnumType) else ()

    def _value(self, path: str, argument: GraphQLArgument) -> str:
        """A literal, or a variable that is declared for it."""
        random = self._random
        value = random.choice(self._choices(path, argument))
        type_ = argument.type
        if not is_non_null_type(type_) and random.random() < 0.15:
            value = None
        if random.random() < 0.5:
            return _literal(value, isinstance(get_named_type(type_), GraphQLEnumType))
        name = f"v{len(self._declared)}"
        written = str(type_)
        if is_non_null_type(type_) and not is_required_argument(argument) and random.random() < 0.5:
            written = f"{type_.of_type} = {_literal(value, isinstance(type_.of_type, GraphQLEnumType))}"
            value = random.choice([value, value, ABSENT, ABSENT, None])
        elif value is None and random.random() < 0.5:
            value = ABSENT
        self._declared[name] = written, value
        return f"${name}"

    def _directives(self, part: Text) -> str:
        random = self._random
        chosen = random.random()
        if chosen < 0.75:
            return ""
        kinds = [random.choice(["skip", "include"])] if chosen < 0.93 else random.sample(["skip", "include"], 2)
        written = ""
        for kind in kinds:
            condition = random.choice([*FLAGS, "true", "false"])
            if condition in FLAGS:
                part.uses.add(condition)
                condition = f"${condition}"
            written += f" @{kind}(if: {condition})"
        return written


_ENUMS: Final = frozenset({"field", "direction", "nulls", "scope", "bucket", "segment", "status"})
"Keys of inputs whose values are words of an enum, or compare one."


def _literal(value: Any, is_enum: bool) -> str:
    if isinstance(value, dict):
        inner = (f"{key}: {_literal(one, is_enum or key in _ENUMS)}" for key, one in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one, is_enum) for one in value) + "]"
    return value if is_enum and isinstance(value, str) else orjson.dumps(value).decode()


def _words(text: str) -> set[str]:
    return set(re.findall(r"[$]\w+", text))
