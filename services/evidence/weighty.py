"""Words that state much in little: lost, left, only, healthy. Each must be what the facts say."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.words import Kind, listed, low
from services.vocabulary import FactorDirection, HealthBucket, InsightScope


def weighty(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    """The words that the facts do not bear out."""
    if scene.plan:
        return
    for at, token in enumerate(scene.tokens):
        word = token.low
        if (
            (word in _LOSING and not _is_of_points(scene, bound))
            or (word == "left" and not _is_left(scene, at, subject))
            or (word in ("will", "shall") and bound)
            or (word in ("only", "especially", "particularly") and not _is_only(scene, at, word))
            or (word in ("healthy", "unhealthy") and not _is_healthy(scene, at, word, subject))
            or (word in ("negative", "positive") and not _has_sign(scene, at, word, facts))
            or (word in ("inactive", "idle") and low(scene.tokens, at - 1) in _BE and _tells(bound, Topic.ACTIVE_USERS))
            or (
                word == "done"
                and scene.tokens[at - 1].kind not in (Kind.FACT, Kind.NUMBER)
                and low(scene.tokens, at - 1) not in ("be", "%", "percent")
            )
            or (word in ("so", "neither", "nor") and low(scene.tokens, at + 1) in ("is", "are", "has", "have"))
            or (word in ("each", "every") and _counts(scene, at))
            or (word in ("next", "upcoming") and low(scene.tokens, at + 1) in ("business", "qbr", "review") and bound)
            or (word == "record" and at == 0)
            or (
                word in ("before", "after", "until")
                and low(scene.tokens, at - 1) in ("renews", "expires", "ends")
                and bound
            )
            or (word in ("strengths", "weaknesses") and not _is_borne(scene, word, facts))
            or (word in _GOOD | _BAD and not _is_in_tone(scene, at, word, facts))
            or (word == "track" and low(scene.tokens, at - 1) == "on")
        ):
            yield f"{token.text} without a fact"
    yield from _signals(scene, subject)
    if not bound and _none_of(scene, facts):
        yield "talk of what is not there"


_LOSING: Final = listed("lost won regained gained")
_BE: Final = listed("is are was were sit sits stay stays remain remains been")


def _is_of_points(scene: Scene, bound: Sequence[Bound]) -> bool:
    words = {token.low for token in scene.tokens}
    told = any(fact.aspect is not Aspect.LEVEL for one in bound for fact in one.facts)
    return told or bool(words & {"points", "could", "ground"})


def _is_left(scene: Scene, at: int, subject: Subject) -> bool:
    """Whether it is time or room that is left, or the customer is one that has."""
    before = scene.tokens[at - 1]
    timed = (
        before.low in ("days", "weeks", "months", "time", "room", "is", "little", "much") or before.kind is Kind.FACT
    )
    churned = any(fact.value == "CHURNED" for fact in subject.facts)
    return (timed and low(scene.tokens, at - 2) not in ("users", "who")) or churned


def _is_only(scene: Scene, at: int, word: str) -> bool:
    near = range(at + 1, at + 4)
    valued = any(one.first in near for one in scene.quantities)
    return word == "only" and (valued or low(scene.tokens, at - 1) in ("or", "that", "not", "whether"))


def _is_healthy(scene: Scene, at: int, word: str, subject: Subject) -> bool:
    if subject.scope is InsightScope.PORTFOLIO:
        return False
    denied = "not" in {low(scene.tokens, at - 1), low(scene.tokens, at - 2)}
    return (subject.bucket is HealthBucket.GREEN) == ((word == "healthy") != denied)


def _has_sign(scene: Scene, at: int, word: str, facts: Sequence[Fact]) -> bool:
    """Whether a value of a topic that is named has the sign; "on the positive side" is a strength."""
    sign = -1 if word == "negative" else 1
    if low(scene.tokens, at + 1) in ("side", "note"):
        tones = {fact.tone for fact in facts}
        return (FactorDirection.HELPS if sign > 0 else FactorDirection.HURTS) in tones
    named = {topic for mention in scene.mentions for topic in mention.topics}
    return any(
        fact.topic in named
        and fact.topic is Topic.NPS
        and fact.aspect is Aspect.LEVEL
        and (fact.number or 0) * sign > 0
        for fact in facts
    )


_GOOD: Final = listed("strong good great robust solid bright")
_BAD: Final = listed("weak poor fragile")


def _is_in_tone(scene: Scene, at: int, word: str, facts: Sequence[Fact]) -> bool:
    """Whether no fact of the topic right before "is strong" or "is weak" speaks the other way."""
    against = FactorDirection.HURTS if word in _GOOD else FactorDirection.HELPS
    said = next((m for m in scene.mentions if m.last == at - 1 and low(scene.tokens, at - 1) in _BE), None)
    return said is None or not any(
        fact.topic in said.topics and fact.aspect is Aspect.LEVEL and fact.tone is against for fact in facts
    )


def _none_of(scene: Scene, facts: Sequence[Fact]) -> bool:
    """Whether critical tickets or breaches are talked of as if there were some, and the facts count none."""
    if _ABSENT & {token.low for token in scene.tokens} or scene.directions or scene.causes:
        return False
    named = {topic for mention in scene.mentions for topic in mention.topics} & _COUNTED
    return any(fact.topic in named and fact.aspect is Aspect.LEVEL and fact.number == 0 for fact in facts)


_ABSENT: Final = listed("no not none zero without never nothing clean calm quiet")
_COUNTED: Final = frozenset({Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES})


def _is_borne(scene: Scene, word: str, facts: Sequence[Fact]) -> bool:
    """Whether no fact of a topic that is named as a strength speaks against the account, or the other way round."""
    against = FactorDirection.HURTS if word == "strengths" else FactorDirection.HELPS
    named = {topic for mention in scene.mentions for topic in mention.topics}
    return not any(fact.topic in named and fact.aspect is Aspect.LEVEL and fact.tone is against for fact in facts)


def _tells(bound: Sequence[Bound], topic: Topic) -> bool:
    return any(fact.topic is topic and "without" not in fact.label for one in bound for fact in one.facts)


def _counts(scene: Scene, at: int) -> bool:
    return low(scene.tokens, at + 1) in ("user", "seat", "licence", "license", "account", "signal", "customer")


def _signals(scene: Scene, subject: Subject) -> Iterator[str]:
    """Whether signals that are told of together have one severity, all of them."""
    words = {token.low for token in scene.tokens}
    grades = words & {"high", "medium", "low"}
    told = {signal.severity.value.lower() for signal in subject.signals}
    if "signals" in words and grades and not told <= grades and (words & {"all", "both", "the", "every", "each"}):
        yield "signals of more than one severity"
