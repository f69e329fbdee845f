"""Numbers as digits or words write them. Not what they measure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.evidence.words import Kind, Tokens, low


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that ends before token `last`. `step` is the weight of the last digit shown; `suffix` whether a k or a
    million rounded it; `tail` a unit that is grown on to it ("30-day").
    """

    last: int
    number: Decimal
    signed: bool = False
    step: Decimal = Decimal(1)
    suffix: bool = False
    currency: str | None = None
    percent: bool = False
    tail: str = ""


def numeral(tokens: Tokens, at: int) -> Numeral | None:
    """The number that begins at a token, in digits or words; None where none does, or none that is read safely."""
    if at >= len(tokens):
        return None
    if tokens[at].low == "minus" and (found := numeral(tokens, at + 1)) and not found.signed:
        return Numeral(found.last, -found.number, True, found.step, found.suffix, found.currency, found.percent)
    if tokens[at].kind is Kind.NUMBER:
        return _in_digits(tokens, at)
    return _in_words(tokens, at)


_DIGITS: Final = re.compile(
    r"""(?P<sign>[+\-−–])?(?P<before>US\$|[$€£]|USD|EUR|GBP)?
        (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,15}(?:\.\d{1,4})?)
        (?P<suffix>k|K|m|M|mn|bn|B|MM)?(?P<percent>%)?(?P<after>[$€£])?(?:-(?P<tail>[a-z]+)|(?P<scale>/100))?""",
    re.VERBOSE,
)
CURRENCIES: Final[Mapping[str, str]] = {
    "us$": "USD", "$": "USD", "usd": "USD", "dollars": "USD", "dollar": "USD",
    "€": "EUR", "eur": "EUR", "euros": "EUR", "euro": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP",
}  # fmt: skip
_MAGNITUDES: Final[Mapping[str, Decimal]] = {
    "k": Decimal(1000), "thousand": Decimal(1000), "m": Decimal(10**6), "mn": Decimal(10**6), "mm": Decimal(10**6),
    "million": Decimal(10**6), "bn": Decimal(10**9), "b": Decimal(10**9), "billion": Decimal(10**9),
}  # fmt: skip


def _in_digits(tokens: Tokens, at: int) -> Numeral | None:
    match = _DIGITS.fullmatch(tokens[at].text)
    if match is None or (match["before"] and match["after"]):
        return None
    digits = match["digits"].replace(",", "")
    places = len(digits.partition(".")[2])
    number, step, last = Decimal(digits), Decimal(1).scaleb(-places), at + 1
    suffix = (match["suffix"] or "").lower()
    if (
        not suffix
        and not match["percent"]
        and low(tokens, last) in ("million", "thousand", "billion", "k", "m", "mn", "bn")
    ):
        suffix, last = tokens[last].low, last + 1
    scale = _MAGNITUDES.get(suffix, Decimal(1))
    if suffix and not number:
        return None
    sign = -1 if match["sign"] and match["sign"] != "+" else 1
    currency = CURRENCIES.get((match["before"] or match["after"] or "").lower())
    return Numeral(
        last, sign * number * scale, bool(match["sign"]), step * scale, bool(suffix), currency, bool(match["percent"]),
        "points" if match["scale"] else match["tail"] or "",
    )  # fmt: skip


UNITS: Final[Mapping[str, int]] = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS: Final[Mapping[str, int]] = {
    word: number * 10
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}


def _in_words(tokens: Tokens, at: int) -> Numeral | None:
    if low(tokens, at) == "dozen" or (low(tokens, at) == "a" and low(tokens, at + 1) == "dozen"):
        return Numeral(at + 1 + (low(tokens, at) == "a"), Decimal(12))
    if low(tokens, at) in ("a", "one") and low(tokens, at + 1) in ("hundred", "thousand", "million"):
        total, last = 1, at + 1
    else:
        total, last = _below_hundred(tokens, at)
    if last == at:
        return None
    if low(tokens, last) == "hundred":
        rest, end = _below_hundred(tokens, last + 1 + (low(tokens, last + 1) == "and"))
        total, last = total * 100 + rest, end if rest else last + 1
    if (scale := _MAGNITUDES.get(low(tokens, last))) and len(low(tokens, last)) > 2:
        return Numeral(last + 1, total * scale)
    return Numeral(last, Decimal(total))


def _below_hundred(tokens: Tokens, at: int) -> tuple[int, int]:
    """The number and where it ends, which is `at` where there is none."""
    word = low(tokens, at)
    if word in UNITS:
        return UNITS[word], at + 1
    if word not in TENS:
        return 0, at
    after = at + 1 + (low(tokens, at + 1) == "-")
    if 1 <= UNITS.get(low(tokens, after), 0) <= 9:
        return TENS[word] + UNITS[low(tokens, after)], after + 1
    return TENS[word], at + 1
