"""What the words around a quantity say of it: its topic, whether it is a change, an earlier level, a comparison. Not
whether that is so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.evidence.directions import PEERS, Direction
from services.evidence.facts import Topic
from services.evidence.quantities import Kind, Quantity
from services.evidence.topics import Mention
from services.evidence.words import Tokens, listed, low


class Role(StrEnum):
    PLAIN = "PLAIN"
    CHANGE = "CHANGE"
    BEFORE = "BEFORE"
    AFTER = "AFTER"
    "Where a movement led to."


@dataclass(frozen=True, slots=True)
class Reach:
    """A quantity's surroundings: `words` of its own reach, from the value before it to the value after it."""

    role: Role
    direction: Direction | None
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.before + self.after)

    @property
    def compares(self) -> bool:
        return bool(self.words & PEERS)


def reach(tokens: Tokens, quantity: Quantity, quantities: Sequence[Quantity], directions: Sequence[Direction]) -> Reach:
    begin = max(
        (other.last for other in quantities if other.last <= quantity.first and other.kind is not Kind.DAYS), default=0
    )
    end = min(
        (other.first for other in quantities if other.first >= quantity.last and other.kind is not Kind.DAYS),
        default=len(tokens),
    )
    before = tuple(token.low for token in tokens[begin : quantity.first])
    after = tuple(token.low for token in tokens[quantity.last : end])
    role, direction = _role(tokens, quantity, begin, end, {found.at: found for found in directions}, quantities)
    return Reach(role, direction, before, after)


_FILLERS: Final = listed(
    """a an another further about around roughly approximately nearly almost some just only over exactly sharply
    steeply markedly significantly slightly the more than full whole - ~ ≈ even still also already well dramatically
    noticeably considerably substantially"""
)
_AFTER_FILLERS: Final = listed("sharp steep marked - overall net total further or so significant clear large big")


def _role(
    tokens: Tokens,
    quantity: Quantity,
    begin: int,
    end: int,
    turns: dict[int, Direction],
    quantities: Sequence[Quantity],
) -> tuple[Role, Direction | None]:
    at = quantity.first - 1
    while at >= begin and low(tokens, at) in _FILLERS and at not in turns:
        at -= 1
    if low(tokens, at) == "to" and low(tokens, at - 1) == "up" and at - 1 not in turns:
        at -= 2  # "up to 13 points"
    word = low(tokens, at) if at >= begin else ""
    earlier = next((turns[place] for place in range(at, begin - 1, -1) if place in turns), None)
    if word == "from":
        return Role.BEFORE, earlier
    if word == "to":
        start = max(
            (
                other.first
                for other in quantities
                if other.last <= quantity.first and low(tokens, other.first - 1) == "from"
            ),
            default=None,
        )
        if earlier is None and start is not None:
            earlier = next((turns[place] for place in range(start, -1, -1) if place in turns), None)
            return Role.AFTER, earlier
        if earlier is None and begin:
            previous = next(other for other in quantities if other.last == begin)
            near = [
                turns[place] for place in range(previous.first - 1, max(previous.first - 4, -1), -1) if place in turns
            ]
            return (Role.AFTER, near[0]) if near else (Role.PLAIN, None)
        return (Role.AFTER, earlier) if earlier else (Role.PLAIN, None)
    if word == "in" and low(tokens, at - 1) == "cut" and quantity.fraction and earlier is not None:
        return Role.CHANGE, earlier
    if (earlier and at - earlier.at <= 12) and (word == "by" or (word == "of" and _is_noun_of(tokens, earlier.at, at))):
        return Role.CHANGE, earlier
    if at in turns:
        return Role.CHANGE, turns[at]
    place = quantity.last + bool(quantity.noun)
    while place < end and low(tokens, place) in _AFTER_FILLERS and place not in turns:
        place += 1
    if place in turns and place < end:
        return Role.CHANGE, turns[place]
    return Role.PLAIN, None


def _is_noun_of(tokens: Tokens, turn: int, at: int) -> bool:
    """ "a drop of", "a drop in logins of", rather than "a lower score of"."""
    return turn == at - 1 or low(tokens, turn + 1) in ("in", "of")


_GLUE: Final = listed(
    "of in the our its their to until purchased bought open paid total all active for from a an - your any up remaining"
)
_COPULA: Final = listed(
    """is are of at by stands stand sits sit was were has have to ( : currently now still only just about around
    roughly - fell dropped reached remains scores score totals averages comes in nearly almost over a an - from"""
)
_BREAKS: Final = {
    ",": 2.0, ";": 8.0, ":": 1.0, "and": 4.0, "but": 5.0, "while": 5.0, "whereas": 6.0, "although": 5.0, "though": 5.0,
    "with": 3.0, "yet": 4.0, ")": 3.0, "–": 3.0, "—": 3.0, "because": 4.0, "as": 3.0, "or": 3.0,
    "on": 2.0, "across": 2.0, "among": 2.0, "plus": 3.0, "before": 2.0,
}  # fmt: skip


def said_of(
    tokens: Tokens,
    quantity: Quantity,
    mentions: Sequence[Mention],
    quantities: Sequence[Quantity],
    possible: Collection[Topic],
    *,
    within: float = 1000.0,
) -> frozenset[Topic]:
    """The topics that a quantity is said of: those of the nearest mention that could have such a value."""
    costs = [
        (cost, mention.first, mention.topics & frozenset(possible))
        for mention in mentions
        if mention.topics & frozenset(possible)
        if (cost := _cost(tokens, quantity, mention, quantities)) < within
    ]
    return min(costs, key=lambda cost: cost[:2])[2] if costs else frozenset()


def distance(tokens: Tokens, first: int, last: int) -> float:
    """How far apart two places are, clauses between them counted."""
    return sum(1 + _BREAKS.get(low(tokens, at), 0.0) for at in range(first, last))


def _cost(tokens: Tokens, quantity: Quantity, mention: Mention, quantities: Sequence[Quantity]) -> float:
    follows = mention.first >= quantity.last
    first, last = (quantity.last, mention.first) if follows else (mention.last, quantity.first)
    gap = [token.low for token in tokens[first:last]]
    between = sum(first <= other.first and other.last <= last and other.kind is not Kind.DAYS for other in quantities)
    if all(word in (_GLUE if follows else _COPULA) for word in gap):
        return 0.5 * len(gap)
    return distance(tokens, first, last) + (6.0 if follows else 1.0) * between + (1.0 if follows else 0.0)
