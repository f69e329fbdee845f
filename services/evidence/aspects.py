"""Whether a value is told as the side of its topic that it is: as it stands, before, a change, points lost or won."""

from typing import Final

from services.evidence.directions import Way
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.matching import SIGNED, kind_of
from services.evidence.quantities import Kind, Quantity
from services.evidence.reach import Reach, Role
from services.evidence.scene import Scene
from services.evidence.topics import INVERSE
from services.evidence.words import listed


def has_aspect(scene: Scene, quantity: Quantity, around: Reach, fact: Fact) -> bool:
    if fact.day is not None:
        return _has_time(around, fact)
    role, sign = around.role, _sign(fact)
    turn = around.direction
    if scene.plan and role is Role.BEFORE and (turn is None or turn.wished):
        return fact.aspect in (Aspect.LEVEL, Aspect.BEFORE)
    if role is Role.BEFORE:
        return fact.aspect is Aspect.BEFORE
    if role is Role.AFTER:
        return fact.aspect is Aspect.LEVEL and not (turn is not None and turn.wished)
    if role is Role.CHANGE and not quantity.change:
        return turn is not None and _changes(around, quantity, fact, sign)
    match fact.aspect:
        case Aspect.LEVEL:
            if {*around.before[-1:], *around.after[:1]} & LOSING or "back" in around.before[-2:]:
                return False
            if _LOST & set(around.after[:5]) or (
                kind_of(fact) is Kind.POINTS and (_TAKING | {"costs", "costing"}) & set(around.before[-3:])
            ):
                return False
            if around.after[:1] in (("before",), ("previously",)) and fact.topic is not Topic.RENEWAL:
                return False
            aged = fact.topic in (Topic.QBR_RECENCY, Topic.DATA_AGE)
            lost = kind_of(fact) is Kind.POINTS and bool(set(around.before[-1:]) & (LOSING | _TAKING))
            return (aged or not _is_told_as_earlier(around)) and not lost
        case Aspect.BEFORE:
            window = set(around.after[:4]) & {"last", "past"} and not set(around.after) & _EARLIER
            return bool(around.words & _EARLIER) and not window
        case Aspect.LOST:
            return around.before[-1:] != ("at",) and bool({token.low for token in scene.tokens} & _WON)
        case Aspect.PEERS:
            return around.compares and (quantity.signed or quantity.kind is Kind.FACT) and around.before[-1:] != ("by",)
        case Aspect.CAUSE:
            verb = verb_sign(around, scene, quantity)
            signed = quantity.signed or quantity.kind is Kind.FACT
            return (
                (verb == sign and not quantity.signed)
                if verb
                else signed and bool(scene.causes or around.words & _PARTS)
            )
        case Aspect.CHANGE:
            if quantity.change:
                return True
            if around.before and around.before[-1] in LOSING:
                return sign < 0 and not quantity.signed
            if around.after[:1] == ("lost",):
                return sign < 0 and not quantity.signed
            return (quantity.signed or quantity.kind is Kind.FACT) and bool(around.words & _MOVING)
        case _:
            return True


_EARLIER: Final = listed("before earlier ago previously previous prior against compared versus vs than")


_WON: Final = listed(
    """lost loses lose losing loss losses costs cost costing win won winning recover recoverable recovered recovering
    regain regained reclaim recoup gain worth misses miss missing withhold withholds withheld withholding"""
)


_TAKING: Final = listed("took takes taking cost removed subtracted shaved off minus lost pulled dragged held")


_GIVING: Final = listed("added adds brought gave plus gained softened")


_LOST: Final = listed("won recoverable recovered regained reclaimed")


_PARTS: Final = listed("contributed contributes contribution drag drags driver part share")


_MOVING: Final = listed("change changed changes moved movement shift trend delta : (")


LOSING: Final = listed("lost loses lose losing loss")


def _changes(around: Reach, quantity: Quantity, fact: Fact, sign: int) -> bool:
    """Whether a fact is the change that a direction word tells."""
    direction = around.direction
    assert direction is not None
    if fact.aspect is Aspect.LOST:
        return direction.wished and direction.way in (Way.UP, Way.BETTER)
    if fact.aspect not in SIGNED or direction.wished or (quantity.signed and (quantity.number < 0 or sign < 0)):
        return False
    if (fact.aspect is Aspect.PEERS) != around.compares:
        return False
    if (
        fact.aspect is Aspect.PEERS
        and fact.topic in INVERSE
        and direction.way in (Way.UP, Way.DOWN)
        and around.after[:1] not in (("below",), ("above",), ("ahead",), ("behind",))
    ):
        return False
    return way_sign(direction.way, fact) == sign


def way_sign(way: Way, fact: Fact) -> int:
    """The sign of a fact's value where a word of that way is true of it."""
    sign = {Way.UP: 1, Way.BETTER: 1, Way.DOWN: -1, Way.WORSE: -1, Way.LEVEL: 0}[way]
    inverse = fact.topic in INVERSE and fact.aspect not in (Aspect.PEERS, Aspect.CAUSE)
    return -sign if inverse and way in (Way.BETTER, Way.WORSE) else sign


def _is_told_as_earlier(around: Reach) -> bool:
    after = around.after[:4]
    return any(word in ("ago", "earlier", "previously") for word in after)


def _sign(fact: Fact) -> int:
    number = fact.number
    return 0 if number is None else (number > 0) - (number < 0)


def verb_sign(around: Reach, scene: Scene, quantity: Quantity) -> int:
    """-1 after a verb of taking ("took 3 points off"), 1 after one of giving; "another" repeats the verb before it."""
    near = frozenset(around.before[-4:])
    if "another" in near:
        near = frozenset(token.low for token in scene.tokens[: quantity.first])
    return -1 if near & _TAKING else 1 if near & _GIVING else 0


_FUTURE: Final = listed("renews renew due expires ends upcoming comes approaching coming will until")


_GONE: Final = listed("renewed expired ended lapsed passed overdue was were late ago since")


def _has_time(around: Reach, fact: Fact) -> bool:
    """Whether a date is told as what it is: a beginning after "since", a renewal to come or overdue."""
    near = around.before[-4:]
    since = bool({"since", "began", "started", "starting", "begun", "from"} & set(near))
    if fact.aspect is Aspect.SINCE:
        return since
    if fact.topic is Topic.RENEWAL:
        return not since and not ({"renewed"} & set(around.before))
    return not since or fact.topic in (Topic.CUSTOMER_SINCE, Topic.QBR_RECENCY, Topic.DATA_AGE)
