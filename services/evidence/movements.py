"""Whether facts tell the movements and comparisons that a sentence claims beside its values."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from services.evidence.aspects import way_sign
from services.evidence.colours import COLOURS
from services.evidence.directions import PEERS, Direction, Way
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.reach import Role, distance
from services.evidence.scene import Bound, Scene
from services.evidence.topics import INVERSE, Mention
from services.evidence.words import Kind, listed, low


def movements(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact]) -> Iterator[str]:
    compares = any(token.low in PEERS for token in scene.tokens)
    for turn in scene.directions:
        if turn.wished:
            continue
        users = [one for one in bound if one.around.direction == turn]
        if any(one.around.role is Role.CHANGE for one in users):
            continue
        topics = {one.facts[0].topic for one in users if one.facts} or _turned(scene, turn)
        if not topics and _is_below_colour(scene, turn):
            continue
        the = low(scene.tokens, turn.at - 1) == "the" and low(scene.tokens, turn.at + 1) not in ("in", "of")
        if (the or low(scene.tokens, turn.at + 1) == "of") and turn.at not in {
            one.around.direction.at for one in users if one.around.direction
        }:
            topics = frozenset(Topic)  # "a drop of this size" points back at what was told before
        named = [token.low for token in scene.tokens if token.kind is Kind.NAME and token.low != "account"]
        able = [fact for fact in facts if not named or (fact.of or "") in named or f"{{{fact.of}}}" in named]
        together = [topics, *([] if users else _beside(scene, turn))]
        if not all(
            any(_goes(turn.way, fact, facts, compares, scene) for fact in able if fact.topic in each)
            for each in together
        ):
            yield f"a direction that no fact tells: {scene.tokens[turn.at].text}"


def _is_below_colour(scene: Scene, turn: Direction) -> bool:
    return low(scene.tokens, turn.at) in ("below", "above") and bool(
        {low(scene.tokens, turn.at + step) for step in (1, 2)} & COLOURS
    )


def _turned(scene: Scene, turn: Direction) -> frozenset[Topic]:
    def cost(mention: Mention) -> tuple[float, int]:
        if mention.first > turn.at:
            gap = [token.low for token in scene.tokens[turn.at + 1 : mention.first]]
            close = all(word in ("in", "of", "the", "its", "their", "a") for word in gap)
            return (0.5 * len(gap) if close else distance(scene.tokens, turn.at + 1, mention.first) + 1, 1)
        return distance(scene.tokens, mention.last, turn.at), 0

    return min(scene.mentions, key=cost).topics if scene.mentions else frozenset()


def _beside(scene: Scene, turn: Direction) -> list[frozenset[Topic]]:
    """The topics that share a verb with the one right before it: "adoption, NPS and logins rose"."""
    before = [mention for mention in scene.mentions if mention.last <= turn.at][::-1]
    found: list[frozenset[Topic]] = []
    for later, one in pairwise(before):
        gap = {token.low for token in scene.tokens[one.last : later.first]}
        if not gap or not gap <= _JOINING or not gap & {"and", ","}:
            break
        found.append(one.topics)
    return found


_JOINING: Final = listed("and , the both its their as well")


def _goes(way: Way, fact: Fact, facts: Sequence[Fact], compares: bool, scene: Scene) -> bool:
    """Whether a fact tells a movement of that way, or that it stands so against its peers."""
    number = fact.number
    if fact.aspect in (Aspect.SIGNAL, Aspect.SINCE):
        words = fact.label.lower()
        fell = any(word in words for word in ("drop", "fell", "shrinking"))
        return (fell and way in (Way.DOWN, Way.WORSE)) or ("growing" in words and way is Way.UP)
    if fact.aspect is Aspect.PEERS:
        if not compares or number is None:
            return False
        return way_sign(way, fact) * number > 0 and (fact.topic not in INVERSE or way in (Way.BETTER, Way.WORSE))
    if fact.aspect is Aspect.BEFORE:
        change = next(
            (
                now.number - number
                for now in facts
                if _is_now(now, fact) and now.number is not None and number is not None
            ),
            None,
        )
    elif fact.aspect is Aspect.CHANGE:
        change = number
    elif fact.aspect is Aspect.CAUSE and scene.causes:
        sign = way_sign(way, fact)
        flips = fact.topic in INVERSE and way in (Way.UP, Way.DOWN)
        return number is not None and (-sign if flips else sign) * number > 0
    else:
        return False
    if change is None:
        return False
    if way is Way.LEVEL:
        return abs(change) < STABLE_BELOW
    return way_sign(way, fact) * change > 0


STABLE_BELOW: Final = Decimal(5)


def _is_now(now: Fact, before: Fact) -> bool:
    return now.aspect is Aspect.LEVEL and (now.topic, now.unit, now.of) == (before.topic, before.unit, before.of)
