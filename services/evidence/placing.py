"""Whether a value stands where a value of its kind can stand: a date after "on", a count beside what it counts.

It keeps a value that is true of one thing from being told of another in words that no reader would take for an error.
"""

from collections.abc import Sequence
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.matching import kind_of
from services.evidence.quantities import NOUNS, Kind, Quantity, counted
from services.evidence.topics import Mention
from services.evidence.words import Kind as TokenKind
from services.evidence.words import Tokens, listed, low


def is_well_placed(tokens: Tokens, quantity: Quantity, fact: Fact, mentions: Sequence[Mention]) -> bool:
    kind = kind_of(fact)
    before, after = low(tokens, quantity.first - 1), low(tokens, quantity.last)
    if kind is Kind.DATE:
        whole = before == "in" and quantity.begin != quantity.end  # "in March 2026"
        return (whole or before in _BEFORE_DATE) and after not in _AFTER_TIME and after not in ("in", "from")
    if "beyond" in fact.label:
        return True
    if kind is None:
        return _is_word_placed(tokens, quantity, fact, mentions)
    if kind is Kind.DAYS:
        return before not in ("on", "covers", "cover", "has") and not _is_part_of(tokens, quantity, fact, mentions)
    end = _past_noun(tokens, quantity, fact)
    if _is_of_time(tokens, end) or _leads_to_renewal(tokens, end, mentions):
        return False
    if before in _LASTING and low(tokens, quantity.first - 2) in ("the", "over", "in", "these", "against"):
        return False
    if kind is Kind.COUNT and fact.unit is not None:
        return _counts_freely(tokens, quantity, fact, mentions)
    if kind is not Kind.PERCENT and _is_part_of(tokens, quantity, fact, mentions):
        return False
    if before in ("on", "in"):
        based = low(tokens, quantity.first - 2) in ("rests", "rest", "based", "relies", "built")
        return quantity.fraction or (based and kind is Kind.PERCENT)
    return before not in ("after", "within", "until", "since", "covers", "cover")


def _past_noun(tokens: Tokens, quantity: Quantity, fact: Fact) -> int:
    """Where the value ends with the noun that it counts, if the sentence writes that."""
    if fact.unit is None or counted(tokens, quantity.last) != fact.unit:
        return quantity.last
    return next(at + 1 for at in range(quantity.last, len(tokens)) if low(tokens, at) in NOUNS)


def _is_of_time(tokens: Tokens, at: int) -> bool:
    return low(tokens, at) in _AFTER_TIME or (low(tokens, at), low(tokens, at + 1)) == ("from", "now")


def _counts_freely(tokens: Tokens, quantity: Quantity, fact: Fact, mentions: Sequence[Mention]) -> bool:
    """Whether a count is no complement of words that want something else: "renews on 12 seats", "at 4 tickets"."""
    noun = _past_noun(tokens, quantity, fact)
    whole = quantity.kind is Kind.FACT or noun > quantity.last
    if whole and (counted(tokens, noun) or low(tokens, noun) in ("days", "points", "minutes", "weeks")):
        return False
    if low(tokens, noun) == "of" and tokens[noun + 1].kind is TokenKind.WORD and low(tokens, noun + 1) != "the":
        return False
    if (
        low(tokens, noun) in ("are", "is")
        and low(tokens, noun + 1) == "active"
        and fact.topic is not Topic.ACTIVE_USERS
    ):
        return False
    told = governing(tokens, quantity, mentions, kind_of(fact))
    if told is not None:
        return fact.topic in told.topics
    at = quantity.first - 1
    while low(tokens, at) in _DETERMINERS:
        at -= 1
    if low(tokens, at) in ("on", "within", "covers", "cover"):
        held = low(tokens, at - 1) in ("users", "active", "people") or tokens[at - 1].kind is TokenKind.FACT
        return fact.topic is Topic.SEATS and (held or low(tokens, at) != "on")
    if low(tokens, at) == "been" and "there" not in (low(tokens, at - 2), low(tokens, at - 3)):
        return False
    if fact.topic is Topic.SEATS and low(tokens, noun) == "of":
        return False
    return low(tokens, at) not in _WANTING and not _is_part_of(tokens, quantity, fact, mentions)


def _is_part_of(tokens: Tokens, quantity: Quantity, fact: Fact, mentions: Sequence[Mention]) -> bool:
    """Whether a value is directly said to be in or of something else: "6 days in ARR"."""
    at = _past_noun(tokens, quantity, fact)
    if low(tokens, at) not in ("in", "of"):
        return False
    at += 1 + (low(tokens, at + 1) in ("the", "its", "their"))
    told = next((mention for mention in mentions if mention.first == at), None)
    if told is None or fact.topic in told.topics:
        return False
    return not (fact.aspect in (Aspect.LOST, Aspect.CAUSE, Aspect.PEERS) and Topic.SCORE in told.topics)


def _leads_to_renewal(tokens: Tokens, at: int, mentions: Sequence[Mention]) -> bool:
    """ "12 days to the renewal" tells days and nothing else."""
    if low(tokens, at) not in ("to", "until", "till", "before"):
        return False
    at += 1 + (low(tokens, at + 1) in ("the", "its", "this"))
    return low(tokens, at - 1 - (low(tokens, at - 1) in ("the", "its", "this"))) != "before" and any(
        mention.first == at and Topic.RENEWAL in mention.topics for mention in mentions
    )


_DETERMINERS: Final = listed(
    "the its these those all only just about around roughly some nearly almost over a their our"
)
_WANTING: Final = listed(
    "in at over against within after than until since takes take took lasts during by last past next now previous"
)


def governing(tokens: Tokens, quantity: Quantity, mentions: Sequence[Mention], kind: Kind | None) -> Mention | None:
    """The mention that a value is said of by the words between them alone: "NPS is -20", "at 31 %, utilisation"."""
    before = [mention for mention in mentions if mention.last <= quantity.first]
    if before:
        gap = [token.low for token in tokens[before[-1].last : quantity.first]]
        if gap[-1:] == [":"]:
            return None if _holds_value(tokens, 0, quantity.first) else before[-1]
        if gap == ["("]:
            beside = any(mention.first - quantity.last in (0, 1) for mention in mentions)
            return None if beside and kind is not Kind.COUNT else before[-1]
        freed = any(word in _FREEING for word in gap) or _holds_value(tokens, before[-1].last, quantity.first)
        if len(gap) <= 4 and not freed:
            return before[-1]
    if not before and low(tokens, quantity.first - 1) == "at" and low(tokens, quantity.last) == ",":
        return next((mention for mention in mentions if mention.first >= quantity.last), None)
    return None


def _holds_value(tokens: Tokens, first: int, last: int) -> bool:
    return any(
        tokens[at].kind is TokenKind.FACT or (tokens[at].kind is TokenKind.NUMBER and low(tokens, at + 1) != "days")
        for at in range(first, last)
    )


def _is_word_placed(tokens: Tokens, quantity: Quantity, fact: Fact, mentions: Sequence[Mention]) -> bool:
    """Whether a word stands where it can: "in the AMBER bucket", "health is AMBER", "rated HIGH"."""
    before, after = low(tokens, quantity.first - 1), low(tokens, quantity.last)
    told = governing(tokens, quantity, mentions, None)
    if fact.topic is Topic.BUCKET:
        if after in ("bucket", "band", "range", "zone", "territory", "accounts", "account"):
            return True
        if before in ("in", "into", "from", "to") or (before == "the" and low(tokens, quantity.first - 2) == "in"):
            return True
        of_score = told is not None and "score" in {token.low for token in tokens[told.first : told.last]}
        free = told is None or bool(told.topics & {Topic.BUCKET, Topic.SCORE, Topic.ACCOUNTS})
        return before in ("is", "are", "at", "(", "was", "remains", "stays", ":", "and", ",") and free and not of_score
    return told is None or fact.topic in told.topics


_BEFORE_DATE: Final = listed(
    """on since by before until till from after is was of for around due date the began and to as ( : , - – — renewal
    on between or at renews expires ends joined review started called meets"""
) | {""}
_AFTER_TIME: Final = listed("old ago away left remain remaining late out")
_LASTING: Final = listed("last past next previous prior")
_FREEING: Final = listed(
    """, ; ( ) – — and but while whereas with without has have had having covers cover covering bought buys pays pay
    paying logged logs saw sees brings brought opened recorded uses use gets got includes include leaves leaving
    leave for among there are-there when because as which that who where if before after until since holds shows
    show counts on from until has-been makes make puts put adds add means mean tells needs"""
)
