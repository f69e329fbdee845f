"""Makes the objects that resolvers take of inputs: what Strawberry makes of them, by converters made once a type.

Strawberry looks at the annotation of every value of every input at each request. Here that is done when an input type
is first given, by Strawberry's own hook for types that build their values: see docs/decisions/0035.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import cached_property
from typing import Any

from strawberry import Some
from strawberry.scalars import is_scalar
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition

Convert = Callable[[Any], Any]


class Builder:
    """Builds the values of one input type. What it takes for that is made with the first of them."""

    def __init__(self, definition: StrawberryObjectDefinition, scalars: Mapping[Any, Any]) -> None:
        self._definition = definition
        self._scalars = scalars

    def __call__(self, type_: type, given: Mapping[str, Any], _: object) -> Any:
        """An object of that type with the coerced values, as Strawberry asks for it. Lists in it are its own."""
        values = self._left_out.copy()
        for public, value in given.items():
            name, convert = self._fields[public]
            values[name] = value if convert is None else convert(value)
        return type_(**values)

    @cached_property
    def _left_out(self) -> dict[str, Any]:
        """What fields without a default are where they are left out."""
        fields = self._definition.fields
        return {one.python_name: None for one in fields if one.default_value is one.default_factory is MISSING}

    @cached_property
    def _fields(self) -> dict[str, tuple[str, Convert | None]]:
        """The Python name of each field, and what makes its value; None where that is the coerced one."""
        definition = self._definition
        types = {one: one.resolve_type(type_definition=definition) for one in definition.fields}
        return {str(one.graphql_name): (one.python_name, self._converter(type_)) for one, type_ in types.items()}

    def _converter(self, type_: Any) -> Convert | None:
        if isinstance(type_, StrawberryMaybe):  # which is a StrawberryOptional as well
            if isinstance(type_.of_type, StrawberryOptional):
                return _some(self._converter(type_.of_type))
        elif isinstance(type_, StrawberryOptional):
            return self._converter(type_.of_type)
        elif isinstance(type_, StrawberryList):
            return _list(self._converter(type_.of_type))
        elif (
            isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_) or is_scalar(type_, self._scalars)
        ):
            return None
        elif has_object_definition(type_):
            return _input(type_)
        raise TypeError(f"{self._definition.name} has a field that nothing is known to convert: {type_}")


def _some(convert: Convert | None) -> Convert:
    return Some if convert is None else lambda value: Some(convert(value))


def _list(convert: Convert | None) -> Convert:
    if convert is None:
        return lambda values: None if values is None else list(values)
    return lambda values: None if values is None else [convert(value) for value in values]


def _input(type_: Any) -> Convert:
    definition = type_.__strawberry_definition__
    return lambda value: None if value is None else definition.from_input(type_, value, None)
