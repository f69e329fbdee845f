"""Words that look like quantities: which of them are harmless where they stand."""

import re
from typing import Final

from services.evidence.dates import MONTHS
from services.evidence.numerals import TENS, UNITS
from services.evidence.words import Kind, Tokens, listed, low


def is_suspicious(tokens: Tokens, at: int) -> bool:
    """Whether a word may tell a quantity, a date or a period."""
    token = tokens[at]
    if token.kind is Kind.NUMBER or token.low in ("%", "$", "€", "£", "+", "~", "≈", "/"):
        return True
    if token.kind is not Kind.WORD:
        return False
    word = token.low
    return (
        word in _WORDS
        or word in UNITS
        or word in TENS
        or (word in MONTHS and token.text[0].isupper())
        or bool(
            _FOLD.fullmatch(word) or _GLUED.match(word) or (_ROMAN.fullmatch(token.text) and word not in _NOT_ROMAN)
        )
        or (word in _RELATIVE and low(tokens, at + 1) in _PERIODS)
    )


def is_harmless(tokens: Tokens, at: int, *, plan: bool) -> bool:
    """Whether a suspicious word tells nothing that a fact would have to hold. `plan` where it says what to do."""
    word, before, after = low(tokens, at), low(tokens, at - 1), low(tokens, at + 1)
    if word == "one":
        return (
            before in ("no", "any", "the", "this", "that", "which")
            or after in _ONE_OF
            or (after == "-" and low(tokens, at + 2) == "on")
        )
    if word == "first":
        return plan or after in _FIRST or after in ("", ",", ".", ":", ";") or before in ("at", "the")
    if word in ("second", "third"):
        return plan and after in (",", "step", "call")
    if word == "once":
        return plan or after in ("the", "a", "they", "it", "this", "that", "these", "all", "every", "again")
    if word in ("single", "another", "couple"):
        return plan
    if word in _WORDS and word in _PLANNED:
        return plan
    if word in _RELATIVE and after in _PERIODS:
        return plan
    return False


_WORDS: Final = listed("""hundred hundreds thousand thousands million millions billion billions dozen dozens couple pair trio score-and
    half halves third thirds fourth fifth sixth seventh eighth ninth tenth second first quarter quarters twice thrice once
    double doubles doubling doubled triple triples tripled treble quadruple quadrupled halved halve halving manifold
    tomorrow yesterday today tonight fortnight decade decades century centuries midnight noon weekend
    monday tuesday wednesday thursday friday saturday sunday none everybody everyone
    year-end percent percentage pct pp cents cent dollar dollars euro euros usd eur gbp hours hour seconds
    jan feb apr jun jul aug sept oct nov dec""")
_PLANNED: Final = listed("today tomorrow monday tuesday wednesday thursday friday everyone")
_RELATIVE: Final = listed("last next this past previous prior coming following current")
_PERIODS: Final = frozenset(
    [
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "spring",
        "summer",
        "autumn",
        "fall",
        "winter",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "weekend",
        "fortnight",
        "century",
        "decade",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "days",
        "weeks",
        "months",
        "quarters",
        "years",
    ]
)
_ONE_OF: Final = listed(
    "of another owner named clear place goal call page thing step sponsor person plan team use more"
)
_FIRST: Final = listed("value priority call conversation step move response contact meeting line and then topic")
_FOLD: Final = re.compile(
    r"[a-z]+fold|[a-z]*(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)[a-z]+|[a-z]+(?:teenth|tieth)"
)
_GLUED: Final = re.compile(
    r"(?:twos|threes|fours|fives|sixes|tens|twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)$"
)
_ROMAN: Final = re.compile(r"(?=[IVXLCDM]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})|[VX]")
_NOT_ROMAN: Final = frozenset({"mm"})
