"""A sentence as the tokens that every later check reads. Not what they mean."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    WORD = "WORD"
    NUMBER = "NUMBER"
    "A run of characters with a digit in it, whatever it means: 31.4%, 2026-04-01, Q3, E5."
    FACT = "FACT"
    NAME = "NAME"
    MARK = "MARK"


@dataclass(frozen=True, slots=True)
class Token:
    """`low` is in lower case and without a possessive; of a fact it is the key, of a name the token's word."""

    text: str
    low: str
    start: int
    end: int
    kind: Kind


Tokens = Sequence[Token]


def tokens(sentence: str) -> list[Token] | None:
    """The tokens; None where braces hold what is no reference to a fact or a name."""
    found = list(_tokens(sentence))
    return None if any(token.low in ("{", "}") for token in found) else found


def _tokens(sentence: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(sentence):
        kind = Kind(match.lastgroup or "MARK")
        text = match[0]
        low = text.lower().replace("’", "'")
        if kind in (Kind.FACT, Kind.NAME):
            low = text[1:-1]
        elif kind is Kind.WORD:
            low = low.removesuffix("'s")
        yield Token(text, low, match.start(), match.end(), kind)


def low(found: Tokens, at: int) -> str:
    """The word at a place, "" beyond either end."""
    return found[at].low if 0 <= at < len(found) else ""


def listed(words: str) -> frozenset[str]:
    """A list of words, as the lexicons write it."""
    return frozenset(words.split())


_TOKEN: Final = re.compile(
    r"""
      (?P<FACT>\{E[0-9]{1,4}\})
    | (?P<NAME>\{(?:account|A[0-9]{1,4})\})
    | (?P<NUMBER>(?:(?<![\w)%}])[+\-−–])?[$€£]?(?:[^\W\d_]*[$€£]|[^\W\d_]*)[0-9](?:[\w.,/:'’\-–−%$€£]*[\w%$€£])?)
    | (?P<WORD>[^\W\d_]+(?:['’][^\W\d_]+)*)
    | (?P<MARK>[^\s])
    """,
    re.VERBOSE,
)
