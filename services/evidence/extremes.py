"""Words that count without a number: all, most, several, the largest. What facts cannot bear out is refused."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.words import listed, low


def extremes(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    tokens = scene.tokens
    for at, token in enumerate(tokens):
        near = next((mention for mention in scene.mentions if at < mention.first <= at + 3), None)
        if near and any(low(tokens, place) not in _BETWEEN for place in range(at + 1, near.first)):
            near = None
        counted = near.topics & COUNTED if near else frozenset()
        if (
            token.low in _ALL
            and counted
            and not scene.plan
            and not any(at < one.quantity.first <= at + 2 for one in bound)
        ):
            yield f"{token.low} of what no fact counts"
        several = any(
            fact.topic in counted and fact.aspect is Aspect.LEVEL and (fact.number or 0) > 2 for fact in facts
        )
        if token.low in _MANY and counted and not scene.plan and not several:
            yield f"{token.low} of what no fact counts"
        absent = near and any(
            fact.topic in counted and fact.aspect is Aspect.LEVEL and fact.number == 0 for fact in facts
        )
        if token.low == "some" and absent:
            yield "some of what is not there"
        if token.low in _EXTREME and not _is_extreme(scene, bound, facts, subject, at):
            yield f"{token.low} of what no fact compares"


_ALL: Final = listed("all every most majority entire")


_MANY: Final = listed("several many multiple numerous")


_EXTREME: Final = listed(
    "highest lowest largest smallest biggest greatest main mainly mostly largely primarily chiefly most"
)


_BETWEEN: Final = listed("of the its their these our those purchased bought - open")


COUNTED: Final = frozenset(
    {Topic.LOGINS, Topic.SEATS, Topic.ACTIVE_USERS, Topic.CRITICAL_TICKETS, Topic.TICKET_RATE, Topic.SLA_BREACHES,
     Topic.ACCOUNTS, Topic.LICENSE_UTILISATION, Topic.RENEWALS_DUE}
)  # fmt: skip


def _is_extreme(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject, at: int) -> bool:
    """A superlative compares points lost or points of cause, or else is a judgement that states no figure."""
    for aspect in (Aspect.LOST, Aspect.CAUSE):
        told = [fact for one in bound for fact in one.facts[:1] if fact.aspect is aspect]
        if aspect is Aspect.CAUSE and scene.causes and not told:
            after = {topic for mention in scene.mentions for topic in mention.topics}
            told = [fact for fact in facts if fact.aspect is aspect and fact.topic in after]
        if told:
            largest = max(
                abs(fact.number or Decimal(0))
                for fact in subject.facts
                if fact.aspect is aspect and (fact.topic is not Topic.SCORE or fact in told)
            )
            return any(abs(fact.number or 0) == largest for fact in told[:1])
    return low(scene.tokens, at) not in ("highest", "lowest", "largest", "smallest")
