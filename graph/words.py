"""How the graph's words are declared: a type's docstring and a field's text are what clients read in the schema."""

import dataclasses
import inspect
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar, dataclass_transform

import strawberry
from strawberry.types import Info, object_type

T = TypeVar("T", bound=type)


@dataclass_transform(kw_only_default=True)
def described(cls: T) -> T:
    """A graph type whose description is its docstring, and whose values are documents or others' objects.

    As strawberry.type does it. But nobody makes an object of these seventy classes, so only the table of fields that
    Strawberry reads is made of a dataclass: the rest took 6 % of a cold start.
    """
    added = object_type._check_field_annotations(cls)
    table: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        table |= getattr(base, "__dataclass_fields__", {})
    for name, type_ in cls.__annotations__.items():
        table[name] = field = getattr(cls, name)
        field.name, field.type, field._field_type = name, type_, dataclasses._FIELD  # type: ignore[attr-defined]
        delattr(cls, name)
    cls.__dataclass_fields__ = table  # type: ignore[attr-defined]
    for name in added:
        del cls.__annotations__[name]
    return object_type._process_type(cls, description=_doc(cls))


@dataclass_transform(kw_only_default=True)
def described_object(cls: T) -> T:
    """A graph type that resolvers make objects of."""
    return strawberry.type(cls, description=_doc(cls))


@dataclass_transform(kw_only_default=True)
def described_input(cls: T) -> T:
    """A graph input whose description is its docstring. Its objects are made, and never compared or printed."""
    object_type._inject_default_for_maybe_annotations(cls, cls.__annotations__)
    added = object_type._check_field_annotations(cls)
    dataclasses.dataclass(repr=False, eq=False, match_args=False, kw_only=True)(cls)
    for name in added:
        del cls.__annotations__[name]
    return object_type._process_type(cls, description=_doc(cls), is_input=True)


def described_interface(cls: T) -> T:
    return strawberry.interface(cls, description=_doc(cls))


def told(description: str, **options: Any) -> Any:
    """A field with its description."""
    return strawberry.field(description=description, **options)


def answered(resolver: Callable[..., Any]) -> Any:
    """A field with arguments whose value the root field's statement has answered already.

    The function declares the arguments and, in its docstring, the description; it is never called: graph.schema lets
    every such field read the document by its response key, where services have put what these arguments asked for.
    """
    return strawberry.field(resolver, description=_doc(resolver), metadata={"answered": True})


FROM = Annotated[date | None, strawberry.argument(name="from", description="The first day.")]
TO = Annotated[date | None, strawberry.argument(description="The last day.")]
FIRST = Annotated[int, strawberry.argument(description="How many, 100 at most.")]
AFTER = Annotated[str | None, strawberry.argument(description="Go on after this cursor.")]


def under_key(source: Any, info: Info[Any, Any]) -> Any:
    """What the document holds for the field that is being resolved."""
    return source[info.path.key]


def _doc(thing: object) -> str:
    text = inspect.getdoc(thing)
    if not text:
        raise TypeError(f"{thing} needs a docstring: clients read it")
    return " ".join(text.split())
