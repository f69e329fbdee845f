"""Words that look like quantities: which of them are harmless where they stand."""

import re
from typing import Final

from services.evidence.dates import MONTHS
from services.evidence.numerals import TENS, UNITS
from services.evidence.topics import PHRASES
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
        or (
            word in _BARE
            and low(tokens, at - 1) not in ("-", "of", "the")
            and low(tokens, at + 1) not in ("since", "to", "before")
        )
    )


def is_harmless(tokens: Tokens, at: int, *, plan: bool) -> bool:
    """Whether a suspicious word tells nothing that a fact would have to hold. `plan` where it says what to do."""
    word, before, after = low(tokens, at), low(tokens, at - 1), low(tokens, at + 1)
    if word == "one":
        return _is_pronoun(tokens, at)
    if word == "hour":
        return before == "an" and not any(token.low in ("session", "sessions", "minutes") for token in tokens)
    if word == "today" and tokens[at].text.lower() != "today":
        return True  # "today's"
    if word == "today" and not _DATED.intersection(token.low for token in tokens):
        return True
    if word == "first":
        return plan or after in _FIRST or after in ("", ",", ".", ":", ";") or before in ("at", "the")
    if word in ("second", "third"):
        return plan and after in (",", "step", "call")
    if word == "once":
        return plan or after in ("the", "a", "they", "it", "this", "that", "these", "all", "every", "again")
    if word in ("another", "couple"):
        return plan
    if word in _WORDS and word in _PLANNED:
        return plan
    if word in _RELATIVE and after in _PERIODS:
        return plan
    return False


def _is_pronoun(tokens: Tokens, at: int) -> bool:
    """Whether "one" counts nothing that facts count: "no one", "a good one", "one complaint"."""
    before, after = low(tokens, at - 1), low(tokens, at + 1)
    if after in ("", ",", ".", ";", ":", "!", "?", ")") or after in _VERBS:
        return before in _BEFORE_ONE
    if after in (
        "in",
        "out",
        "hundred",
        "thousand",
        "million",
        "dozen",
        "third",
        "quarter",
        "half",
        "percent",
        "per",
        "%",
    ):
        return False
    if after.removesuffix("s") in ("day", "week", "month", "year", "point", "minute", "hour", "dollar", "signal"):
        return False
    return not any(
        (low(tokens, at + 1), *rest) in PHRASES or (low(tokens, at + 2), *rest) in PHRASES
        for rest in ((), (low(tokens, at + 2),))
    )


_DATED: Final = listed(
    "due renews renew renewed renewal expires ends ended contract review qbr since until began started"
)
_VERBS: Final = listed("is are was were has have had and or but")
_BEFORE_ONE: Final = listed(
    "no any the this that which good bad better worse another new big small each same every healthy weak strong without"
)
_WORDS: Final = listed(
    """hundred hundreds thousand thousands million millions billion billions dozen dozens couple pair trio score-and
    half halves third thirds fourth fifth sixth seventh eighth ninth tenth second first quarter quarters twice
    thrice once double doubles doubling doubled triple triples tripled treble quadruple quadrupled halved halve
    halving manifold tomorrow yesterday today tonight fortnight decade decades century centuries midnight noon
    weekend monday tuesday wednesday thursday friday saturday sunday none everybody everyone year-end percent
    percentage pct pp cents cent dollar dollars euro euros usd eur gbp hours hour seconds jan feb apr jun jul aug
    sept oct nov dec"""
)
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
_BARE: Final = listed("days weeks months quarters years")
_FIRST: Final = listed("value priority call conversation step move response contact meeting line and then topic")
_FOLD: Final = re.compile(
    r"[a-z]+fold|[a-z]*(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)[a-z]+|[a-z]+(?:teenth|tieth)"
)
_GLUED: Final = re.compile(
    r"(?:twos|threes|fours|fives|sixes|tens|twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)$"
)
_ROMAN: Final = re.compile(r"(?=[IVXLCDM]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})|[VX]")
_NOT_ROMAN: Final = frozenset({"mm"})
NUMERIC: Final = frozenset(_WORDS | _PERIODS | set(MONTHS)) - listed("spring summer autumn winter")
"Known words, of which the reading decides where they tell a quantity."
