"""What the words around a value must say for it to be that fact's: its label's own, and no rate of it."""

from itertools import pairwise, takewhile
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.quantities import Quantity
from services.evidence.reach import Reach, Role
from services.evidence.scene import Scene
from services.evidence.words import listed, low


def is_told_as_it_is(scene: Scene, quantity: Quantity, around: Reach, fact: Fact) -> bool:
    words = frozenset(token.low for token in scene.tokens)
    return (
        _has_label(words, around, fact)
        and not _has_rate(scene, quantity, around, fact)
        and not _is_more(around, fact)
        and _is_earlier(around, fact) is not False
        and _is_cause(scene, quantity, around, fact)
        and not (around.after[:1] == ("past",) and fact.unit != "days")
    )


def _is_cause(scene: Scene, quantity: Quantity, around: Reach, fact: Fact) -> bool:
    """Whether points of cause stand where causes are told, and nothing else does."""
    if fact.aspect is Aspect.CAUSE:
        return around.role is not Role.CHANGE
    named = any(because.forward and because.last <= quantity.first for because in scene.causes)
    beside = low(scene.tokens, quantity.first - 1) == "(" and low(scene.tokens, quantity.last) == ")"
    return not named or not (beside or fact.aspect is Aspect.LOST)


def _has_label(words: frozenset[str], around: Reach, fact: Fact) -> bool:
    """Whether what sets a fact apart from the next one is said: an average, a weighting, a score, a severity."""
    label = fact.label
    if fact.aspect is Aspect.SIGNAL and around.before[-1:] in (("at",), ("since",), ("on",), ("in",), ("to",), ("by",)):
        return False
    if fact.aspect is Aspect.SIGNAL:
        named = {word for word in _words_of(label.partition(":")[0]) if word not in _SMALL}
        return bool(words & _GRADES) or named <= words
    if fact.topic is Topic.CUSTOMER_SINCE and fact.number is None and fact.day is None:
        return "status" in words
    if fact.topic is Topic.SCORE and fact.aspect is Aspect.LOST:
        return bool(words & _WINNING) and not words & _LOSING
    if label.endswith("by ARR"):
        return bool(words & {"weighted", "weight"}) or "by arr" in " ".join(around.before + around.after)
    if label.startswith("Average"):
        return bool(words & {"average", "averages", "portfolio", "mean"}) and "weighted" not in words
    if fact.topic is Topic.ACCOUNTS and fact.of is None and fact.aspect is Aspect.LEVEL:
        scored = bool({"score", "scores", "scored"} & set(around.after[:6]))
        return scored == ("score" in label)
    return True


_GRADES: Final = listed("severity grave gravest signal signals rated graded rates")
_SMALL: Final = listed("of the at a but in")
_WINNING: Final = listed("could can win winning regain recover recoverable back")
_LOSING: Final = listed("cost costs costing loses lose lost losing took takes")


def _words_of(label: str) -> list[str]:
    return [word for word in label.lower().replace(".", "").split() if not word.startswith("{")]


def _has_rate(scene: Scene, quantity: Quantity, around: Reach, fact: Fact) -> bool:
    """Whether the sentence tells a value by the day, the seat or the user, which its label does not."""
    after = around.after[:3]
    if fact.topic in (Topic.TICKET_RATE, Topic.SESSION_MINUTES) or fact.number is None:
        return False
    daily = any(pair in _EVERY for pair in pairwise(around.after))
    if (daily or {"each", "every"} & set(around.before)) and not scene.plan and fact.topic is not Topic.WEEKLY_ACTIVE:
        return True
    yearly = fact.topic is Topic.ARR and ("year" in after or "annually" in after)
    named = {place for one in scene.mentions for place in range(one.first, one.last)}
    per = any(word == "per" and after[at + 1 : at + 2] != ("cent",) for at, word in enumerate(after))
    often = any(
        low(scene.tokens, quantity.last + step) in _OFTEN and quantity.last + step not in named for step in range(3)
    )
    return (per or often) and not yearly


_EVERY: Final = frozenset((every, time) for every in ("each", "every") for time in ("day", "week", "month"))
_OFTEN: Final = listed("daily weekly monthly yearly annually hourly apiece")


def _is_more(around: Reach, fact: Fact) -> bool:
    """Whether a level is told as something that came on top: "another 90 seats", "added $5"."""
    if fact.aspect is not Aspect.LEVEL:
        return False
    return (
        bool(set(around.before[-2:]) & _MORE)
        or around.before[-1:] == ("more",)
        or bool(fact.is_money and set(around.after[-3:]) & {"lost", "won"})
    )


_MORE: Final = listed("another added adds adding gained gains further additional extra")


def _is_earlier(around: Reach, fact: Fact) -> bool | None:
    """Whether words of an earlier time stand on the value's own side of a comparison, where that must be so or not."""
    if fact.day is not None or fact.aspect not in (Aspect.LEVEL, Aspect.BEFORE) or fact.window_days == 0:
        return None
    after = list(takewhile(lambda word: word not in _SIDES, around.after))
    begin = max((at + 1 for at, word in enumerate(around.before) if word in (",", ";", "while")), default=0)
    before = around.before[begin:]
    told = bool(set(after) & _THEN) or bool(set(before) & (_THEN | _AGAINST)) or {"where", "was"} <= set(before)
    if fact.aspect is Aspect.BEFORE:
        return told or bool({"from", "was", "than"} & set(before[-2:]))
    return None


_SIDES: Final = listed(", ; versus vs against compared while and but to from")
_THEN: Final = listed("ago earlier before previously previous prior was")
_AGAINST: Final = listed("against compared versus vs than")
