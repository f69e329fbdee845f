"""What a client asked for, as a tree: field names of the domain, arguments, and the keys the answers go under.

Not GraphQL: the graph translates its selections into this, the reads translate this into one SQL statement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """One asked-for field. `key` is where its value goes in the answer: the alias, or else the field's public name."""

    name: str
    key: str
    args: Mapping[str, Any] = field(default_factory=dict)
    asks: "tuple[Ask, ...]" = ()

    def within(self, *names: str) -> "tuple[Ask, ...]":
        """What is asked for inside the sub-fields called `names`, merged."""
        return tuple(ask for inner in self.asks if inner.name in names for ask in inner.asks)

    def named(self, *names: str) -> bool:
        """Whether one of the sub-fields has such a name."""
        return any(inner.name in names for inner in self.asks)


def asks(text: str) -> tuple[Ask, ...]:
    """What a text asks for, each thing under its own name; for reads that the product itself makes.

    >>> asks("name arr { amount }")[1].asks[0].name
    'amount'
    """
    return _listed(iter(text.split()))


def _listed(words: Iterator[str]) -> tuple[Ask, ...]:
    found: list[Ask] = []
    for word in words:
        if word == "}":
            break
        if word == "{":
            last = found.pop()
            found.append(Ask(last.name, last.key, asks=_listed(words)))
        else:
            found.append(Ask(word, word))
    return tuple(found)
