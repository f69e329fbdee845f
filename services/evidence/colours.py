"""Words for groups and grades: buckets, segments, severities. Each must be what a fact says."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.words import Kind as TokenKind
from services.evidence.words import low
from services.vocabulary import InsightScope


def colours(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    for at, token in enumerate(scene.tokens):
        if token.low in COLOURS and not _is_colour(scene, at, bound, facts, subject):
            yield f"a bucket that no fact tells: {token.text}"
        if token.low in ("smb", "enterprise") or (token.low == "mid" and low(scene.tokens, at + 2) == "market"):
            told = subject.segment.value.lower().replace("_", "-").split("-")[0] if subject.segment else ""
            groups = {(fact.of or "").lower().replace("_", "-").split("-")[0] for fact in facts}
            if token.low != told and token.low not in groups:
                yield f"a segment that no fact tells: {token.text}"
        if token.low == "severity" or token.low in ("rated", "graded"):
            near = {low(scene.tokens, at + step) for step in (-2, -1, 1, 2, 3)} & {"high", "medium", "low"}
            if near and not any(fact.aspect is Aspect.SIGNAL and fact.value.lower() in near for fact in facts):
                yield "a severity that no fact tells"


COLOURS: Final = frozenset({"red", "amber", "green"})


def _is_colour(scene: Scene, at: int, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> bool:
    colour, before, after = low(scene.tokens, at), low(scene.tokens, at - 1), low(scene.tokens, at + 1)
    if (colour, after) in (("red", "flag"), ("red", "flags"), ("red", "tape"), ("green", "light")):
        return True
    named = {token.low for token in scene.tokens if token.kind is TokenKind.NAME}
    if subject.scope is InsightScope.PORTFOLIO:
        of = {(fact.of or "").strip("{}").lower() for one in bound for fact in one.facts}
        own = bool(named) and all(
            any(
                fact.topic is Topic.BUCKET and fact.value.lower() == colour and (fact.of or "").strip("{}") == name
                for fact in facts
            )
            for name in named
        )
        in_red = colour == "red" and any(fact.topic is Topic.ARR_IN_RED for one in bound for fact in one.facts)
        return colour in of or own or in_red or scene.plan
    rank = ["red", "amber", "green"]
    told = subject.bucket.value.lower() if subject.bucket else ""
    if before in ("from", "into", "out") or (before == "of" and low(scene.tokens, at - 2) == "out"):
        return any(
            fact.topic is Topic.BUCKET and fact.aspect is Aspect.BEFORE and fact.value.lower() == colour
            for fact in facts
        )
    if told == colour:
        return any(fact.topic in (Topic.BUCKET, Topic.SCORE) for fact in facts)
    if told in rank and rank.index(told) < rank.index(colour):
        below = before == "below" or (before, low(scene.tokens, at - 2)) in (("of", "short"), ("the", "below"))
        return below or (before in ("to", "towards", "toward") and scene.plan)
    return False
