"""What a sentence claims beside its values, gathered: each claim must be held too, by the module that knows it."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from services.evidence.absences import absences
from services.evidence.colours import colours
from services.evidence.extremes import extremes
from services.evidence.facts import Fact, Topic
from services.evidence.lateness import lateness
from services.evidence.movements import movements
from services.evidence.reach import Role
from services.evidence.reasons import unreasoned
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.weighty import weighty
from services.evidence.windows import windows


def refusals(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    """Why the facts do not hold the sentence, lazily; nothing where they do."""
    return chain(
        _repeated(scene, bound),
        _paired(scene, bound),
        _moved(bound),
        absences(scene, bound, facts, subject),
        windows(scene, bound, facts),
        movements(scene, bound, facts),
        unreasoned(scene, bound, facts),
        colours(scene, bound, facts, subject),
        lateness(scene, bound, facts, subject),
        extremes(scene, bound, facts, subject),
        weighty(scene, bound, facts, subject),
    )


def _repeated(scene: Scene, bound: Sequence[Bound]) -> Iterator[str]:
    keys = [quantity.key for quantity in scene.quantities if quantity.key]
    keys += [one.facts[0].key for one in bound if not one.quantity.key and len(one.facts) == 1]
    if len(keys) > len(set(keys)):
        yield "one fact twice"


def _paired(scene: Scene, bound: Sequence[Bound]) -> Iterator[str]:
    """ "22 of the 70" counts the active users of the seats, and nothing else of anything else."""
    for one, other in pairwise(bound):
        between = [token.low for token in scene.tokens[one.quantity.last : other.quantity.first]]
        if [word for word in between if word != "the"] == ["on"]:
            topics = [{fact.topic for fact in each.facts} for each in (one, other)]
            if topics[1] & {Topic.SEATS} and not topics[0] & {Topic.ACTIVE_USERS, Topic.LICENSE_UTILISATION}:
                yield "one thing on another"
        if "of" in between and set(between) <= {"of", "out", "the", "its", "all", "their"}:
            topics = [{fact.topic for fact in each.facts} for each in (one, other)]
            idle = any("without" in fact.label for fact in other.facts)
            if (topics[1] & {Topic.SEATS} and (idle or topics[0] != {Topic.ACTIVE_USERS})) or topics[1] & {
                Topic.ACTIVE_USERS,
                Topic.LOGINS,
            }:
                yield "a part of something else"


def _moved(bound: Sequence[Bound]) -> Iterator[str]:
    """From and to tell of one thing, and so do by and to."""
    for one, other in pairwise([one for one in bound if one.facts or one.around.role is not Role.PLAIN]):
        if one.around.role in (Role.BEFORE, Role.CHANGE) and other.around.role is Role.AFTER:
            if not one.facts or not other.facts:
                yield "a movement of a time"
            elif one.facts[0].topic is not other.facts[0].topic or (
                one.around.role is Role.BEFORE and one.facts[0].unit != other.facts[0].unit
            ):
                yield "a movement from one thing to another"
