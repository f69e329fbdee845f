"""Shares and multiples in words: half, two thirds, three in four, 3/4, doubled, half of what it was."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.evidence.numerals import numeral
from services.evidence.quantities import Kind, Quantity
from services.evidence.words import Kind as Token
from services.evidence.words import Tokens, low

_MULTIPLES: Final[Mapping[str, int]] = {
    "halved": -50, "halving": -50, "doubled": 100, "doubling": 100, "tripled": 200, "trebled": 200, "quadrupled": 300,
}  # fmt: skip


_PARTS: Final[Mapping[str, int]] = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5,
    "tenth": 10, "tenths": 10,
}  # fmt: skip


_EARLIER: Final = (
    ("of", "what", "it", "was"), ("of", "what", "they", "were"), ("the", "previous", "level"),
    ("the", "earlier", "level"),
    ("of", "the", "previous", "level"), ("as", "many", "as", "before"),
)  # fmt: skip


def multiple(tokens: Tokens, at: int) -> Quantity | None:
    if number := _MULTIPLES.get(low(tokens, at)):
        return Quantity(at, at + 1, Kind.PERCENT, Decimal(number), signed=True, change=True, fraction=True)
    return None


def fraction_of(tokens: Tokens, at: int) -> Quantity | None:
    """half, a third, two thirds, 3/4, three in four, three out of every four; half of what it was."""
    word = low(tokens, at)
    if word in ("half", "halves"):
        return _half(tokens, at)
    if tokens[at].kind is Token.NUMBER and (written := _WRITTEN.fullmatch(word)):
        return _share(at, at + 1, int(written[1]), int(written[2]))
    return _part(tokens, at) or _of_so_many(tokens, at)


_WRITTEN: Final = re.compile(r"([1-9])/([1-9]|10)", re.ASCII)


def _half(tokens: Tokens, at: int) -> Quantity | None:
    for earlier in _EARLIER:
        if tuple(low(tokens, at + 1 + step) for step in range(len(earlier))) == earlier:
            return Quantity(at, at + 1 + len(earlier), Kind.PERCENT, Decimal(-50), True, change=True, fraction=True)
    if low(tokens, at + 1) in ("a", "an") or low(tokens, at - 1) in _ORDINAL:
        return None
    return _share(at, at + 1, 1, 2)


def _part(tokens: Tokens, at: int) -> Quantity | None:
    """a third, two-thirds."""
    above = _small(tokens, at)
    if above is None and low(tokens, at) != "a":
        return None
    number, last = above or (1, at + 1)
    last += low(tokens, last) == "-"
    part = _PARTS.get(low(tokens, last))
    spoken = low(tokens, last + 1) in ("of", "the", "less", "lower", "")
    return _share(at, last + 1, number, part) if part and spoken else None


def _of_so_many(tokens: Tokens, at: int) -> Quantity | None:
    """three in four, three out of every four."""
    above = _small(tokens, at)
    if above is None:
        return None
    number, last = above
    words = [low(tokens, last + step) for step in range(3)]
    skip = next((len(between) for between in _BETWEEN if words[: len(between)] == between), 0)
    below = _small(tokens, last + skip) if skip else None
    return _share(at, below[1], number, below[0]) if below else None


def _small(tokens: Tokens, at: int) -> tuple[int, int] | None:
    """A whole number from 1 to 10, in digits or words, and where it ends."""
    found = numeral(tokens, at)
    if found is None or found.signed or found.currency or found.percent or found.suffix or found.tail:
        return None
    return (int(found.number), found.last) if found.number in range(1, 11) else None


_BETWEEN: Final = (["out", "of", "every"], ["out", "of"], ["in", "every"], ["in"])
_ORDINAL: Final = ("first", "second", "other", "last", "next")


def _share(first: int, last: int, above: int, below: int) -> Quantity | None:
    if above >= below:
        return None
    return Quantity(first, last, Kind.PERCENT, Decimal(above) * 100 / Decimal(below), fraction=True)
