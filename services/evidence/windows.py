"""Windows of time ("in the last 30 days"): each must be the one that the fact beside it looks back on."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.facts import Fact, Topic
from services.evidence.quantities import Kind, Quantity, counted
from services.evidence.reach import distance
from services.evidence.scene import Bound, Scene
from services.evidence.words import listed, low


def windows(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact]) -> Iterator[str]:
    for one in bound:
        if one.facts or one.quantity.kind is not Kind.DAYS:
            continue
        topics = {fact.topic for fact in _anchor(scene, bound, facts, one.quantity)}
        told = [fact for other in bound for fact in other.facts if fact.topic in topics]
        anchored = told or [fact for fact in facts if fact.topic in topics]
        words = {low(scene.tokens, one.quantity.first - step) for step in (1, 2)}
        words |= {low(scene.tokens, place) for place in range(one.quantity.first, one.quantity.last + 2)}
        looks_ahead = bool(words & _AHEAD)
        held = [
            fact
            for fact in anchored
            if fact.window_days is not None and _is_window(one.quantity, fact.window_days)
            if (fact.topic in _TO_COME) == looks_ahead or not words & (_AHEAD | _BEHIND)
        ]
        if not held or not _is_framed(scene, one):
            yield f"a window of {one.quantity.number} days"


_AHEAD: Final = listed("next coming following ahead")


_BEHIND: Final = listed("last past previous prior preceding recent ago earlier before")


def _is_framed(scene: Scene, one: Bound) -> bool:
    """Whether a time stands where a window can: "in the last 30 days", "30 days ago", "a 30-day"."""
    quantity = one.quantity
    before, earlier = low(scene.tokens, quantity.first - 1), low(scene.tokens, quantity.first - 2)
    if before in _LASTING:
        return earlier in ("the", "over", "in", "these", "against", "to", "with")
    ends = low(scene.tokens, quantity.last) in _ENDING or low(scene.tokens, quantity.last - 1) in _ENDING
    own = low(scene.tokens, quantity.first) in (*_LASTING, "the", "a", "month", "quarter", "year", "week")
    if before in ("the", "these") and not (own or quantity.hyphened):
        return ends or earlier in _FRAMING
    return quantity.hyphened or ends or own or before in _FRAMING


_LASTING: Final = listed("last past previous prior preceding next coming recent following")


_ENDING: Final = listed("ago before earlier back window period")


_FRAMING: Final = listed("in over within during for than every about around roughly almost nearly")


_TO_COME: Final = frozenset({Topic.RENEWAL, Topic.RENEWALS_DUE, Topic.ARR_AT_RISK})


def _is_window(quantity: Quantity, days: int) -> bool:
    """A month is 30 or 31 days, a quarter 90 to 92, a year 365."""
    return {31: 30, 91: 90, 92: 90, 360: 365}.get(days, days) == {360: 365}.get(int(quantity.number), quantity.number)


def _anchor(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], quantity: Quantity) -> tuple[Fact, ...]:
    """The facts of what stands nearest to a window: a value, or words that name a topic."""
    near: list[tuple[float, int, tuple[Fact, ...]]] = []
    for one in bound:
        if one.facts:
            last = one.quantity.last + bool(counted(scene.tokens, one.quantity.last))
            near.append((_apart(scene, quantity, one.quantity.first, last), 0, one.facts))
    for mention in scene.mentions:
        named = tuple(fact for fact in facts if fact.topic in mention.topics)
        near.append((_apart(scene, quantity, mention.first, mention.last), 1, named))
    return min(near, key=lambda found: found[:2])[2] if near else ()


def _apart(scene: Scene, quantity: Quantity, first: int, last: int) -> float:
    if first >= quantity.last:
        return distance(scene.tokens, quantity.last, first)
    return distance(scene.tokens, last, quantity.first)
