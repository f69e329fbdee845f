"""Whether a sentence's words of cause are held: facts of the cause of a change of the score, and nothing else named."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.causes import Because
from services.evidence.directions import Way
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.scene import Bound, Scene
from services.evidence.words import Kind, listed, low


def unreasoned(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact]) -> Iterator[str]:
    for because in scene.causes:
        if not _is_held(scene, because, bound, facts):
            yield f"a cause that no fact tells: {low(scene.tokens, because.first)}"


def _is_held(scene: Scene, because: Because, bound: Sequence[Bound], facts: Sequence[Fact]) -> bool:
    if _asks(scene, because) or _is_of_missing(scene, facts):
        return True
    score = any(Topic.SCORE in mention.topics for mention in scene.mentions)
    first, last = _side(scene, because)
    named = [
        m for m in scene.mentions if first <= m.first and m.last <= last and not m.topics & {Topic.SCORE, Topic.BUCKET}
    ]
    stated = {fact.topic for one in bound for fact in one.facts if fact.aspect is Aspect.CAUSE}
    score = score or (bool(named) and all(mention.topics & stated for mention in named))
    if not score or not named or not all(_is_neutral(scene, at) for at in range(first, last)):
        return False
    sign = _effect(scene)
    for mention in named:
        held = [fact for fact in facts if fact.aspect is Aspect.CAUSE and fact.topic in mention.topics and fact.number]
        if not held or (sign and not any((fact.number or 0) * sign > 0 for fact in held)):
            return False
    return True


def _asks(scene: Scene, because: Because) -> bool:
    return scene.plan and low(scene.tokens, because.first) in _ASKED


_ASKED: Final = listed(
    "explain reason reasons root cause causes drives driving following in reflects therefore thus as"
)


def _is_of_missing(scene: Scene, facts: Sequence[Fact]) -> bool:
    words = {token.low for token in scene.tokens}
    topics = {topic for mention in scene.mentions for topic in mention.topics}
    missing = any(fact.aspect is Aspect.MISSING and fact.topic in topics for fact in facts)
    return missing and bool(words & {"missing", "unknown", "lacking", "lacks", "known"}) and not scene.quantities


def _side(scene: Scene, because: Because) -> tuple[int, int]:
    """Where the causes stand: up to the next break after the word, or from the one before it."""
    stops = (",", ";", "—", "–")
    if because.forward:
        end = next(
            (at for at in range(because.last, len(scene.tokens)) if low(scene.tokens, at) in stops), len(scene.tokens)
        )
        return because.last, end
    named = max((mention.first for mention in scene.mentions if mention.last <= because.first), default=0)
    begin = next((at + 1 for at in range(named - 1, -1, -1) if low(scene.tokens, at) in stops), 0)
    return begin, because.first


def _is_neutral(scene: Scene, at: int) -> bool:
    token = scene.tokens[at]
    if token.kind in (Kind.MARK, Kind.FACT, Kind.NAME) or token.low in _PLAIN:
        return True
    inside = any(m.first <= at < m.last for m in scene.mentions) or any(
        q.first <= at < q.last for q in scene.quantities
    )
    return inside or any(turn.at == at for turn in scene.directions)


_PLAIN: Final = listed(
    """a an the of in and or by to on its their this that is are was were has have been both mainly mostly largely
    primarily chiefly partly also which who lower weaker weak poor low higher more fewer less drop fall decline rise
    increase change changes negative another with for from over at it so than before s worse better falling rising
    customer account only points cost took off taking takes mostly above below all especially count number volume
    level month days age rate share figure last recent"""
)


def _effect(scene: Scene) -> int:
    """Which way the score is said to have gone; 0 where it is not said."""
    for turn in scene.directions:
        near = min(scene.mentions, key=lambda m: min(abs(m.first - turn.at), abs(m.last - 1 - turn.at)))
        if Topic.SCORE in near.topics and not turn.wished:
            return {Way.UP: 1, Way.BETTER: 1, Way.LEVEL: 0}.get(turn.way, -1)
    return 0
