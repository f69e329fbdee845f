"""What a sentence claims beside its quantities: windows, directions, causes, colours, absences. Each must be held too."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, pairwise
from typing import Final

from services.evidence.binding import way_sign
from services.evidence.directions import PEERS, Direction, Way
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.quantities import Kind, Quantity, counted
from services.evidence.reach import Role, distance
from services.evidence.reasons import unreasoned
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.topics import Mention
from services.evidence.words import Kind as TokenKind
from services.evidence.words import listed, low
from services.vocabulary import FactorDirection, InsightScope


def refusals(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    """Why the facts do not hold the sentence, lazily; nothing where they do."""
    return chain(
        _repeated(scene, bound),
        _paired(scene, bound),
        _moved(bound),
        _denied(scene, bound, facts, subject),
        _windows(scene, bound, facts),
        _directions(scene, bound, facts),
        unreasoned(scene, bound, facts),
        _coloured(scene, bound, facts, subject),
        _late(scene, bound, facts, subject),
        _measured(scene, bound, facts, subject),
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
            if topics[1] & {Topic.SEATS} and topics[0] != {Topic.ACTIVE_USERS}:
                yield "a part of something else"
            elif topics[1] & {Topic.ACTIVE_USERS, Topic.LOGINS}:
                yield "a part of something else"


def _moved(bound: Sequence[Bound]) -> Iterator[str]:
    """From and to tell of one thing."""
    for one, other in pairwise(bound):
        if one.around.role is Role.BEFORE and other.around.role is Role.AFTER:
            if not one.facts or not other.facts:
                yield "a movement of a time"
            elif (one.facts[0].topic, one.facts[0].unit) != (other.facts[0].topic, other.facts[0].unit):
                yield "a movement from one thing to another"


# --- what is not ---


_NOT: Final = listed("not never without neither nor hardly barely scarcely cannot rather instead except unless")
_NO: Final = listed("no nobody")


def _denied(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    tokens = scene.tokens
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
            if any(at < place < min(stop, at + 7) for place in stated) and not _is_unknown(scene, facts):
                yield "a denial of what is stated"
        elif token.low in _NO and not _is_absent(scene, bound, facts, subject, at):
            yield "an absence that no fact tells"


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
    if not near.topics & _THINGS and not any(
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


# --- windows of time ---


_AHEAD: Final = listed("next coming following ahead")
_BEHIND: Final = listed("last past previous prior preceding recent ago earlier before")


def _windows(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact]) -> Iterator[str]:
    for one in bound:
        if one.facts or one.quantity.kind is not Kind.DAYS:
            continue
        if not _is_framed(scene, one):
            yield f"a stray time of {one.quantity.number} days"
        topics = {fact.topic for fact in _anchor(scene, bound, facts, one.quantity)}
        told = [fact for other in bound for fact in other.facts if fact.topic in topics]
        anchored = told or [fact for fact in facts if fact.topic in topics]
        words = {low(scene.tokens, one.quantity.first - step) for step in (1, 2)}
        if one.quantity.first + 1 < len(scene.tokens):
            words |= {
                low(scene.tokens, place)
                for place in range(one.quantity.first, min(one.quantity.last + 2, len(scene.tokens)))
            }
        looks_ahead = bool(words & _AHEAD)
        held = [
            fact
            for fact in anchored
            if fact.window_days is not None and _is_window(one.quantity, fact.window_days)
            if (fact.topic in _TO_COME) == looks_ahead or not words & (_AHEAD | _BEHIND)
        ]
        if not held:
            yield f"a window of {one.quantity.number} days"


def _is_framed(scene: Scene, one: Bound) -> bool:
    """Whether a time stands where a window can: "in the last 30 days", "30 days ago", "a 30-day"."""
    quantity = one.quantity
    before, earlier = low(scene.tokens, quantity.first - 1), low(scene.tokens, quantity.first - 2)
    if before in _LASTING:
        return earlier in ("the", "over", "in", "these", "against", "to", "with")
    ends = low(scene.tokens, quantity.last) in _ENDING or low(scene.tokens, quantity.last - 1) in _ENDING
    own = low(scene.tokens, quantity.first) in (*_LASTING, "the", "a", "month", "quarter", "year", "week")
    return quantity.hyphened or ends or own or before in _FRAMING


_LASTING: Final = listed("last past previous prior preceding next coming recent following")
_ENDING: Final = listed("ago before earlier back window period")
_FRAMING: Final = listed("in over within during for than every the these about around roughly almost nearly")
_TO_COME: Final = frozenset({Topic.RENEWAL, Topic.RENEWALS_DUE, Topic.ARR_AT_RISK})


def _is_window(quantity: Quantity, days: int) -> bool:
    """A month is 30 or 31 days, a quarter 90 to 92, a year 365."""
    return {31: 30, 91: 90, 92: 90, 360: 365}.get(days, days) == {360: 365}.get(int(quantity.number), quantity.number)


def _anchor(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], quantity: Quantity) -> tuple[Fact, ...]:
    """The facts of what stands nearest to a window: a value, or words that name a topic."""
    near: list[tuple[float, int, tuple[Fact, ...]]] = []
    for one in bound:
        if one.facts:
            last = one.quantity.last + bool(counted(scene.tokens, one.quantity.last))
            near.append((_apart(scene, quantity, one.quantity.first, last), 0, one.facts))
    for mention in scene.mentions:
        named = tuple(fact for fact in facts if fact.topic in mention.topics)
        near.append((_apart(scene, quantity, mention.first, mention.last), 1, named))
    return min(near, key=lambda found: found[:2])[2] if near else ()


def _apart(scene: Scene, quantity: Quantity, first: int, last: int) -> float:
    if first >= quantity.last:
        return distance(scene.tokens, quantity.last, first)
    return distance(scene.tokens, last, quantity.first)


# --- up and down ---


def _directions(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact]) -> Iterator[str]:
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
        if not any(_goes(turn.way, fact, facts, compares, scene) for fact in facts if fact.topic in topics):
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
        return way_sign(way, fact) * number > 0 and (fact.topic not in _INVERSE or way in (Way.BETTER, Way.WORSE))
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
        flips = fact.topic in _INVERSE and way in (Way.UP, Way.DOWN)
        return number is not None and (-sign if flips else sign) * number > 0
    else:
        return False
    if change is None or (compares and low(scene.tokens, 0) == ""):
        return False
    if way is Way.LEVEL:
        return abs(change) < STABLE_BELOW
    sign = way_sign(way, fact)
    if fact.aspect is Aspect.BEFORE and fact.topic in _INVERSE and way in (Way.BETTER, Way.WORSE):
        sign = -1 if way is Way.BETTER else 1
    return sign * change > 0


STABLE_BELOW: Final = Decimal(5)
_INVERSE: Final = frozenset(
    {
        Topic.TIME_TO_VALUE,
        Topic.TICKET_RATE,
        Topic.CRITICAL_TICKETS,
        Topic.SLA_BREACHES,
        Topic.QBR_RECENCY,
        Topic.DATA_AGE,
    }
)


def _is_now(now: Fact, before: Fact) -> bool:
    return now.aspect is Aspect.LEVEL and (now.topic, now.unit, now.of) == (before.topic, before.unit, before.of)


# --- colours, groups, severity ---


COLOURS: Final = frozenset({"red", "amber", "green"})


def _coloured(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    for at, token in enumerate(scene.tokens):
        if token.low in COLOURS and not _is_colour(scene, at, bound, facts, subject):
            yield f"a bucket that no fact tells: {token.text}"
        if token.low in ("smb", "enterprise") or (token.low == "mid" and low(scene.tokens, at + 2) == "market"):
            told = subject.segment.value.lower().split("_")[0] if subject.segment else ""
            groups = {(fact.of or "").lower().split("_")[0] for fact in facts}
            if token.low != told and token.low not in groups:
                yield f"a segment that no fact tells: {token.text}"
        if token.low == "severity" or token.low in ("rated", "graded"):
            near = {low(scene.tokens, at + step) for step in (-2, -1, 1, 2, 3)} & {"high", "medium", "low"}
            if near and not any(fact.aspect is Aspect.SIGNAL and fact.value.lower() in near for fact in facts):
                yield "a severity that no fact tells"


def _is_colour(scene: Scene, at: int, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> bool:
    colour, before, after = low(scene.tokens, at), low(scene.tokens, at - 1), low(scene.tokens, at + 1)
    if (colour, after) in (("red", "flag"), ("red", "flags"), ("red", "tape"), ("green", "light")):
        return True
    named = {token.low for token in scene.tokens if token.kind is TokenKind.NAME}
    if subject.scope is InsightScope.PORTFOLIO:
        of = {(fact.of or "").strip("{}").lower() for one in bound for fact in one.facts}
        own = any(
            fact.topic is Topic.BUCKET and fact.value.lower() == colour and (fact.of or "").strip("{}") in named
            for fact in facts
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


# --- overdue, several, the largest ---


_OVERDUE: Final = listed("overdue lapsed expired late passed missed")


def _late(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    words = [token.low for token in scene.tokens]
    told = [fact for one in bound for fact in one.facts[:1] if fact.topic is Topic.RENEWAL]
    gone = any(
        (fact.day is not None and fact.day < subject.day) or (fact.day is None and _is_overdue(fact))
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
    for fact in told:
        ahead = fact.day >= subject.day if fact.day is not None else not _is_overdue(fact)
        if (
            ahead
            and {"ago", "renewed", "since"} & set(words)
            and not any(other.topic is not Topic.RENEWAL for one in bound for other in one.facts)
        ):
            yield "a renewal to come told as gone"
        if not ahead and {"upcoming", "approaching", "renews", "remain", "away", "coming"} & set(words):
            yield "a renewal gone by told as to come"


def _is_overdue(fact: Fact) -> bool:
    """Days of an overdue renewal are told below 0, or by a label that says so."""
    return fact.number is not None and (fact.number < 0 or "since" in fact.label)


_ALL: Final = listed("all every most majority entire")
_MANY: Final = listed("several many multiple numerous")
_EXTREME: Final = listed(
    "highest lowest largest smallest biggest greatest main mainly mostly largely primarily chiefly most"
)


def _measured(scene: Scene, bound: Sequence[Bound], facts: Sequence[Fact], subject: Subject) -> Iterator[str]:
    tokens = scene.tokens
    for at, token in enumerate(tokens):
        near = next((mention for mention in scene.mentions if at < mention.first <= at + 3), None)
        if near and any(low(tokens, place) not in _BETWEEN for place in range(at + 1, near.first)):
            near = None
        counted = near.topics & _THINGS if near else frozenset()
        if (
            token.low in _ALL
            and counted
            and not scene.plan
            and not any(at < one.quantity.first <= at + 2 for one in bound)
        ):
            yield f"{token.low} of what no fact counts"
        if token.low in _MANY and counted and not scene.plan:
            if not any(
                fact.topic in counted and fact.aspect is Aspect.LEVEL and (fact.number or 0) > 2 for fact in facts
            ):
                yield f"{token.low} of what no fact counts"
        if token.low in _EXTREME and not _is_extreme(scene, bound, facts, subject, at):
            yield f"{token.low} of what no fact compares"


_BETWEEN: Final = listed("of the its their these our those purchased bought - open")
_THINGS: Final = frozenset(
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
                abs(fact.number or 0)
                for fact in subject.facts
                if fact.aspect is aspect and (fact.topic is not Topic.SCORE or fact in told)
            )
            return any(abs(fact.number or 0) == largest for fact in told[:1])
    word = low(scene.tokens, at)
    if word in ("highest", "lowest", "largest", "smallest"):
        return False
    return True
