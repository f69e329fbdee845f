"""Seats in use, idle seats, users beyond the seats: which of them a sentence tells."""

from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.reach import Reach
from services.evidence.scene import Scene
from services.evidence.subject import Subject
from services.evidence.words import listed


def seats_told(scene: Scene, around: Reach, fact: Fact, subject: Subject) -> bool | None:
    """Of seats in use, idle seats and users beyond the seats, whether the right ones are told; None of other facts."""
    if fact.topic not in (Topic.SEATS, Topic.ACTIVE_USERS) or fact.unit == "%" or fact.aspect is not Aspect.LEVEL:
        return None
    seated = any(mention.topics & {Topic.SEATS, Topic.LICENSE_UTILISATION} for mention in scene.mentions)
    near = frozenset(around.before[-3:] + around.after[:6])
    if "without" in fact.label:
        return seated and bool(near & IDLE)
    if "beyond" in fact.label:
        return seated and bool({token.low for token in scene.tokens} & _BEYOND)
    if any(one.topic is Topic.ACTIVE_USERS and one.number == 0 for one in subject.facts):
        return None
    return False if near & IDLE and fact.topic is Topic.SEATS and "active" not in near else None


IDLE: Final = listed("unused idle inactive empty dormant spare free unassigned unoccupied without wait waiting")


_BEYOND: Final = listed("exceed exceeds exceeded beyond above over surplus extra")
