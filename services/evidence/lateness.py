"""Whether a renewal or a review is told as overdue, past or to come, as the facts have it."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.words import Kind, listed
from services.vocabulary import FactorDirection


def lateness(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    words = [token.low for token in scene.tokens]
    told = [fact for one in bound for fact in one.facts[:1] if fact.topic is Topic.RENEWAL]
    named = {token.low for token in scene.tokens if token.kind is Kind.NAME and token.low != "account"}
    gone = any(
        (not named or (fact.of or "").strip("{}") in named)
        and ((fact.day is not None and fact.day < subject.day) or (fact.day is None and _is_overdue(fact)))
        for fact in facts
        if fact.topic is Topic.RENEWAL
    )
    for at, word in enumerate(words):
        if word in _OVERDUE:
            near = min(
                scene.mentions,
                key=lambda mention: min(abs(mention.first - at), abs(mention.last - 1 - at)),
                default=None,
            )
            topics = near.topics if near else frozenset()
            if Topic.QBR_RECENCY in topics:
                held = any(fact.topic is Topic.QBR_RECENCY and fact.tone is FactorDirection.HURTS for fact in facts)
            else:
                held = Topic.RENEWAL in topics and gone
            if (not held and not (word == "late" and not topics) and not scene.plan) or (
                not held and Topic.RENEWAL in topics and word != "late"
            ):
                yield f"{word} without a fact"
    risky = any(
        fact.aspect is Aspect.SIGNAL and fact.topic is Topic.RENEWAL and (fact.of or "").strip("{}") in named
        for fact in facts
    )
    if named and "risk" in words and "at" in words and not risky and not scene.plan:
        yield "a risk that no fact tells"
    for fact in told:
        ahead = fact.day >= subject.day if fact.day is not None else not _is_overdue(fact)
        if not ahead and {"upcoming", "approaching", "renews", "remain", "away", "coming"} & set(words):
            yield "a renewal gone by told as to come"


_OVERDUE: Final = listed("overdue lapsed expired late passed missed")


def _is_overdue(fact: Fact) -> bool:
    """Days of an overdue renewal are told below 0, or by a label that says so."""
    return fact.number is not None and (fact.number < 0 or "since" in fact.label)
