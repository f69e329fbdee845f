"""Records that are made a hundred thousand at a time: dataclasses that the type checker alone holds frozen.

A frozen dataclass takes six times as long to make, for it sets each field through object.__setattr__.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """A dataclass with slots, compared and hashed by its values, which nobody changes once it is made."""
    return dataclass(slots=True, unsafe_hash=True, kw_only=kw_only)
