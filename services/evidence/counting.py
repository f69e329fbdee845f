"""Numbers that count what a sentence or the subject names, and parts of wholes: two signals, 22 of the 70 seats."""

from collections.abc import Sequence
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.matching import matches
from services.evidence.quantities import Quantity
from services.evidence.reach import Reach
from services.evidence.scene import Bound, Scene
from services.evidence.seats import IDLE
from services.evidence.subject import Subject
from services.evidence.words import listed, low


def counts(scene: Scene, quantity: Quantity, facts: Sequence[Fact], subject: Subject) -> bool:
    """Whether a number counts the raised signals, or the topics that the sentence names."""
    after = [low(scene.tokens, quantity.last + step) for step in range(3)]
    if _SIGNALS & set(after) and not {",", "and", "of"} & set(after[:1]):
        cited = sum(fact.aspect is Aspect.SIGNAL for fact in facts)
        return quantity.number in (len(subject.signals), cited or len(subject.signals))
    if _ASPECTS & set(after[:2]):
        return quantity.number == len({frozenset(mention.topics) for mention in scene.mentions})
    return False


_SIGNALS: Final = listed("signal signals")


_ASPECTS: Final = listed(
    "areas area spots spot factors themes drivers measures metrics topics fronts weaknesses strengths"
)


_USED: Final = listed("used use active log logs logged occupied taken")


def ratio(scene: Scene, quantity: Quantity, around: Reach, facts: Sequence[Fact]) -> Bound | None:
    """22 of the 70 seats are used: active users, out of seats."""
    words = {token.low for token in scene.tokens}
    if not words & _USED or words & IDLE:
        return None
    at = scene.quantities.index(quantity)
    for first, place in ((at, 0), (at - 1, 1)):
        if (pair := _pair(scene, first, facts)) is not None:
            return Bound(quantity, (pair[place],), around)
    return None


def _pair(scene: Scene, first: int, facts: Sequence[Fact]) -> tuple[Fact, Fact] | None:
    """The active users and the seats of which the quantities from `first` are told."""
    if first < 0 or first + 1 >= len(scene.quantities):
        return None
    one, other = scene.quantities[first], scene.quantities[first + 1]
    middle = {token.low for token in scene.tokens[one.last : other.first]}
    levels = [fact for fact in facts if fact.aspect is Aspect.LEVEL]
    users = next((fact for fact in levels if fact.topic is Topic.ACTIVE_USERS and matches(one, fact)), None)
    seats = next((fact for fact in levels if fact.topic is Topic.SEATS and matches(other, fact)), None)
    if "of" not in middle or middle - _BETWEEN or users is None or seats is None:
        return None
    return users, seats


_BETWEEN: Final = listed("out of the its all their users licences seats")
