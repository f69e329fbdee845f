"""Words that deny, and things said to be absent: the first are never held, the second by facts alone."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.colours import COLOURS
from services.evidence.extremes import COUNTED
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.words import listed, low


def absences(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    tokens = scene.tokens
    told = {fact.topic for one in bound for fact in one.facts}
    coloured = [at for at, token in enumerate(tokens) if token.low in COLOURS]
    stated = [one.first for one in scene.quantities] + [one.at for one in scene.directions] + coloured
    for at, token in enumerate(tokens):
        if low(tokens, at + 1) in ("moved", "changed"):
            continue
        if token.low in _NOT or token.low.endswith("n't"):
            stop = next(
                (place for place in range(at + 1, len(tokens)) if tokens[place].low in (",", ";", ":", "(")),
                len(tokens),
            )
            held = told & {Topic.QBR_RECENCY, Topic.DATA_AGE} or _is_unknown(scene, facts)
            if any(at < place < min(stop, at + 7) for place in stated) and not held:
                yield "a denial of what is stated"
        elif token.low in _NO and not _is_absent(scene, bound, facts, subject, at):
            yield "an absence that no fact tells"


_NOT: Final = listed("not never without neither nor hardly barely scarcely cannot rather instead except unless")


_NO: Final = listed("no nobody")


def _is_unknown(scene: Scene, facts: Sequence[Fact]) -> bool:
    topics = {topic for mention in scene.mentions for topic in mention.topics}
    return any(fact.aspect is Aspect.MISSING and fact.topic in topics for fact in facts)


def _is_absent(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject, at: int) -> bool:
    """Whether nothing is there: a count of 0, data that is missing, or a review that was held before the day told."""
    near = next((mention for mention in scene.mentions if at < mention.first <= at + 3), None)
    told = {fact.topic for one in bound for fact in one.facts}
    if told & {Topic.QBR_RECENCY, Topic.DATA_AGE}:
        return True
    if low(scene.tokens, at) == "nobody" or low(scene.tokens, at + 1) == "one":
        follows = {low(scene.tokens, place) for place in range(at + 1, at + 5)}
        return not (near or follows & _USING) or any(fact.topic in _USED and fact.number == 0 for fact in facts)
    if near is None:
        return low(scene.tokens, at + 1) not in ("longer", "more", "less", "fewer")
    if low(scene.tokens, at + 1) in ("earlier", "previous", "prior"):
        return not any(fact.topic in near.topics and fact.aspect is Aspect.BEFORE for fact in subject.facts)
    if not near.topics & COUNTED and not any(
        fact.topic in near.topics and fact.number is not None for fact in subject.facts
    ):
        return True
    return any(
        fact.topic in near.topics
        and (fact.aspect is Aspect.MISSING or (fact.aspect is Aspect.LEVEL and fact.number == 0))
        for fact in facts
    )


_USING: Final = listed("use uses used using log logs logged login active opened signed renewed works worked held")


_USED: Final = frozenset({Topic.LOGINS, Topic.ACTIVE_USERS, Topic.LICENSE_UTILISATION, Topic.WEEKLY_ACTIVE})
