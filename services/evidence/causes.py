"""Words that say why: what they name must be held by a fact about causes. Not the weighing of those facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.directions import BASE, FINITE, PEERS
from services.evidence.quantities import Kind, Quantity
from services.evidence.topics import Mention
from services.evidence.words import Kind as TokenKind
from services.evidence.words import Tokens, listed, low


@dataclass(frozen=True, slots=True)
class Because:
    """A word of cause: the causes stand after it (`forward`) or before it."""

    first: int
    last: int
    forward: bool


def causes(tokens: Tokens, mentions: Sequence[Mention], quantities: Sequence[Quantity]) -> list[Because]:
    """Every word of cause, in order."""
    words = tuple(token.low for token in tokens)
    found: list[Because] = []
    for at in range(len(words)):
        took = words[at] in ("took", "takes", "taking") and not {"off", "down", "up"} & set(words[at : at + 8])
        beaten = words[at] == "behind" and PEERS & set(words[at : at + 6])
        if low(tokens, at - 1) == "no" or took or beaten:
            continue
        for phrase, forward in _PHRASES.items():
            if words[at : at + len(phrase)] == phrase:
                found.append(Because(at, at + len(phrase), forward))
                break
        else:
            if words[at] in ("since", "as") and _is_causal(tokens, at, mentions, quantities):
                found.append(Because(at, at + 1, True))
    return found


_FORWARD: Final = """
        because|because of|due to|owing to|driven by|caused by|thanks to|stems from|stemming from|on account of
        |as a result of|as a consequence of|explained by|attributed to|attributable to|result of|results from
        |resulted from|resulting from|triggered by|the reason is|the cause is|reason for|reasons for|prompted by
        |fuelled by|fueled by|pulled down by|dragged down by|held back by|comes from|came from|coming from
        |given that|down to the|in response to|cause of|root cause|linked to|reflects|reflecting|led by
        |affected by|on the back of|hit by|weighed down by|following|behind the"""
_BACKWARD: Final = """
        caused|causes|causing|led to|leads to|leading to|resulted in|results in|resulting in|as a result
        |explains|explain|explaining|which is why|that is why|therefore|hence|thus|consequently|accordingly
        |so that is|drove|drives|driving|triggered|triggers|contributed to|contributes to|contributing to|pulled
        |pulls|pulling|dragged|drags|dragging|brought about|accounts for|account for|accounted for|is the reason
        |is responsible|are responsible|responsible for|is to blame|are to blame|prompted|fuelled|fueled|took
        |takes|taking|made the score|makes the score|lowered|has lowered|hurt|hurts|hurting|pushed|pushes
        |pushing|weighed on the score|as a consequence|as such"""
_PHRASES: Final = {
    tuple(phrase.split()): forward
    for forward, text in ((True, _FORWARD), (False, _BACKWARD))
    for phrase in sorted((part.strip() for part in text.split("|")), key=len, reverse=True)
}


def _is_causal(tokens: Tokens, at: int, mentions: Sequence[Mention], quantities: Sequence[Quantity]) -> bool:
    """ "since" and "as" before a topic that does something, rather than before a day or a time."""
    if tokens[at].low == "since":
        dated = any(
            quantity.first - at in (1, 2)
            and (quantity.kind is Kind.DATE or tokens[quantity.first].kind is TokenKind.FACT)
            for quantity in quantities
        )
        timed = low(tokens, at - 1) in ("customer", "ever", "days", "months", "weeks", "time")
        clause = [token.low for token in tokens[at + 1 :]]
        clause = clause[: next((place for place, word in enumerate(clause) if word in (",", ";")), len(clause))]
        return not dated and not timed and any(word in FINITE or word in _VERBS for word in clause)
    if low(tokens, at - 1) in _BEFORE_AS or low(tokens, at + 1) in _AFTER_AS:
        return False
    return any(
        mention.first - at in (1, 2, 3)
        and any(
            token.low in FINITE or token.low in BASE or token.low in _VERBS
            for token in tokens[mention.last : mention.last + 3]
        )
        for mention in mentions
    )


_BEFORE_AS: Final = listed("well soon far such much many long same high low")
_AFTER_AS: Final = listed("well soon far a an of part much many long possible needed to")
_VERBS: Final = frozenset(
    {"is", "are", "was", "were", "has", "have", "had", "ends", "expires", "renews", "keeps", "left"}
)
