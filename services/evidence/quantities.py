"""What a quantity in a sentence is, and the small words around numbers. Not the reading of sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.evidence.words import Tokens, listed, low


class Kind(StrEnum):
    FACT = "FACT"
    COUNT = "COUNT"
    "A bare number; what it counts is said by the words around it."
    PERCENT = "PERCENT"
    MONEY = "MONEY"
    POINTS = "POINTS"
    SHARE_POINTS = "SHARE_POINTS"
    "Percentage points."
    DAYS = "DAYS"
    MINUTES = "MINUTES"
    DATE = "DATE"


class Slack(StrEnum):
    """What a word before the number lets it be against the truth."""

    NONE = ""
    ABOUT = "ABOUT"
    OVER = "OVER"
    UNDER = "UNDER"


@dataclass(frozen=True, slots=True)
class Quantity:
    """The tokens from `first` up to `last` (exclusive) and what they say.

    `change` where the notation itself tells a change ("doubled" is +100 %); `fraction` where it is one in words, which
    is exact only to a tenth of a percent ("a third").
    """

    first: int
    last: int
    kind: Kind
    number: Decimal = Decimal(0)
    signed: bool = False
    step: Decimal = Decimal(1)
    rounded: bool = False
    slack: Slack = Slack.NONE
    currency: str | None = None
    change: bool = False
    fraction: bool = False
    hyphened: bool = False
    noun: str = ""
    "What a bare number counts, as units are written, where the word for it follows."
    begin: date | None = None
    end: date | None = None
    key: str = ""


def counted(tokens: Tokens, at: int) -> str:
    """The unit that the noun at a place names, maybe after adjectives; "" where there is none.

    >>> from services.evidence.words import tokens
    >>> counted(tokens("4 critical tickets"), 1), counted(tokens("4 of them"), 1)
    ('tickets', '')
    """
    for place in range(at, at + 4):
        if noun := NOUNS.get(low(tokens, place)):
            return noun
        if low(tokens, place) not in _ADJECTIVES:
            return ""
    return ""


_ADJECTIVES: Final = listed(
    "critical support active purchased paid open sla weekly bought recent full urgent licensed total unused idle"
)
NOUNS: Final[Mapping[str, str]] = {
    form: unit
    for unit, forms in {
        "logins": "login logins sign-ins", "users": "user users people",
        "seats": "seat seats licence licences license licenses",
        "tickets": "ticket tickets cases incidents issues", "breaches": "breach breaches",
        "accounts": "account accounts customers",
        "renewals": "renewal renewals contracts",
    }.items()
    for form in forms.split()
}  # fmt: skip


_SLACKS: Final[Mapping[str, Slack]] = {
    "about": Slack.ABOUT, "around": Slack.ABOUT, "roughly": Slack.ABOUT, "approximately": Slack.ABOUT,
    "some": Slack.ABOUT, "~": Slack.ABOUT, "≈": Slack.ABOUT, "circa": Slack.ABOUT, "nearly": Slack.UNDER,
    "almost": Slack.UNDER, "under": Slack.UNDER, "over": Slack.OVER, "exceeding": Slack.OVER,
}  # fmt: skip


def slack(tokens: Tokens, at: int) -> Slack:
    before = low(tokens, at - 1), low(tokens, at - 2)
    if before[0] == "a":
        before = low(tokens, at - 2), low(tokens, at - 3)
    if before[0] == "than" and before[1] in ("more", "less", "fewer"):
        return Slack.OVER if before[1] == "more" else Slack.UNDER
    if before in (("to", "close"), ("under", "just"), ("below", "just")):
        return Slack.UNDER
    return _SLACKS.get(before[0], Slack.NONE)
