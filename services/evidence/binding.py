"""Which facts may be what a quantity of a sentence says: value, topic, aspect and group. Not the sentence's other claims."""

from collections.abc import Sequence
from typing import Final

from services.evidence.directions import Way
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.matching import SIGNED, kind_of, matches
from services.evidence.placing import governing, is_well_placed
from services.evidence.quantities import Kind, Quantity, Slack, counted
from services.evidence.reach import Reach, Role, reach, said_of
from services.evidence.scene import Bound, Scene
from services.evidence.subject import Subject
from services.evidence.topics import INVERSE, Mention
from services.evidence.words import Kind as TokenKind
from services.evidence.words import listed, low


def bind(scene: Scene, quantity: Quantity, facts: Sequence[Fact], subject: Subject) -> Bound | None:
    """The facts that may be what a quantity says; None where none can."""
    around = reach(scene.tokens, quantity, scene.quantities, scene.directions)
    if quantity.slack is Slack.OVER and quantity.kind is not Kind.DAYS and _is_after_what_it_is_of(scene, quantity):
        return None
    held = [fact for fact in facts if matches(quantity, fact) and _is_said(scene, quantity, around, fact, subject)]
    if held:
        return Bound(quantity, tuple(held), around)
    if quantity.kind is Kind.DAYS or (quantity.kind is Kind.COUNT and _counts(scene, quantity, facts, subject)):
        return Bound(quantity, (), around)
    return _ratio(scene, quantity, around, facts)


def _is_after_what_it_is_of(scene: Scene, quantity: Quantity) -> bool:
    """ "the change of the score over 30 points" means no "more than 30"."""
    if low(scene.tokens, quantity.first - 1) != "over":
        return False
    ends = {one.last for one in scene.mentions} | {one.last for one in scene.quantities}
    return quantity.first - 1 in ends


def _is_said(scene: Scene, quantity: Quantity, around: Reach, fact: Fact, subject: Subject) -> bool:
    return (
        is_well_placed(scene.tokens, quantity, fact, scene.mentions)
        and _is_of_topic(scene, quantity, around, fact, subject)
        and _has_aspect(scene, quantity, around, fact)
        and _is_of_group(scene, quantity, fact)
    )


def _is_of_topic(scene: Scene, quantity: Quantity, around: Reach, fact: Fact, subject: Subject) -> bool:
    kind = kind_of(fact)
    fitting = {one.topic for one in subject.facts if kind_of(one) is kind}
    possible = fitting | (set(Topic) - {one.topic for one in subject.facts})
    if kind is Kind.COUNT:
        possible |= _COUNTED
    if kind is None:
        possible = set(Topic)
    if (special := _is_of_seats(scene, quantity, around, fact, subject)) is not None:
        return special
    if fact.aspect in (Aspect.LOST, Aspect.CAUSE, Aspect.PEERS) and fact.topic is not Topic.SCORE:
        possible -= {Topic.SCORE, Topic.BUCKET, Topic.COVERAGE}
    if fact.topic is Topic.BUCKET:
        possible = {Topic.BUCKET, Topic.SCORE, *(() if Topic.ACCOUNTS not in fitting else (Topic.ACCOUNTS,))}
        return bool(said_of(scene.tokens, quantity, scene.mentions, scene.quantities, possible)) or not scene.mentions
    if quantity.kind is Kind.COUNT and fact.is_money and any(one.first == quantity.last for one in scene.mentions):
        return False
    complete = fact.topic in (Topic.NPS, Topic.SCORE) and around.before[-1:] in (("of",), ("at",), ("is",))
    if quantity.kind is Kind.COUNT and not complete and not _is_followed_well(scene, quantity):
        return False
    governed = governing(scene.tokens, quantity, scene.mentions, kind)
    if fact.topic is Topic.TICKET_RATE and fact.number is not None and not _RATE & {one.low for one in scene.tokens}:
        return False
    if governed is not None and fact.topic in governed.topics:
        return True
    if governed is not None and not _may_govern(governed, fact, kind):
        return False
    if kind is Kind.MONEY:
        possible |= {Topic.RENEWAL}
        if fact.topic is Topic.ARR and low(scene.tokens, quantity.last) in ("account", "customer", "relationship"):
            return True
    named = said_of(scene.tokens, quantity, scene.mentions, scene.quantities, possible)
    if kind is Kind.MONEY and fact.topic is Topic.ARR and Topic.RENEWAL in named:
        return True
    noun = counted(scene.tokens, quantity.last)
    if quantity.kind is Kind.FACT and noun and noun != fact.unit:
        return False
    if quantity.kind is Kind.FACT and kind is Kind.COUNT and fact.unit and fact.unit != "tickets":
        near = said_of(scene.tokens, quantity, scene.mentions, scene.quantities, possible, within=3.0)
        return not near or fact.topic in near  # the value says itself what it counts
    if fact.aspect is Aspect.LOST and fact.topic is Topic.SCORE:
        before = [mention for mention in scene.mentions if mention.last <= quantity.first]
        return fact.topic in (before[-1].topics if before else named)
    return fact.topic in named


_RATE: Final = listed("rate rates per")


def _may_govern(mention: Mention, fact: Fact, kind: Kind | None) -> bool:
    """Whether what stands before a value by itself can be what it is said of."""
    if fact.topic in mention.topics:
        return True
    if fact.aspect in (Aspect.LOST, Aspect.CAUSE, Aspect.PEERS):
        return bool(mention.topics & {Topic.SCORE, Topic.COVERAGE})
    if fact.topic is Topic.BUCKET:
        return bool(mention.topics & {Topic.SCORE, Topic.ACCOUNTS})
    if fact.topic is Topic.ARR and kind is Kind.MONEY:
        return bool(mention.topics & {Topic.RENEWAL})
    return False


def _is_of_seats(scene: Scene, quantity: Quantity, around: Reach, fact: Fact, subject: Subject) -> bool | None:
    """Of seats in use, idle seats and users beyond the seats, whether the right ones are told; None of other facts."""
    if fact.topic not in (Topic.SEATS, Topic.ACTIVE_USERS) or fact.unit == "%" or fact.aspect is not Aspect.LEVEL:
        return None
    seated = any(mention.topics & {Topic.SEATS, Topic.LICENSE_UTILISATION} for mention in scene.mentions)
    near = frozenset(around.before[-3:] + around.after[:6])
    if "without" in fact.label:
        return seated and bool(near & IDLE)
    if "beyond" in fact.label:
        return seated and bool({token.low for token in scene.tokens} & _BEYOND)
    if any(one.topic is Topic.ACTIVE_USERS and one.number == 0 for one in subject.facts):
        return None
    return False if near & IDLE and fact.topic is Topic.SEATS and "active" not in near else None


IDLE: Final = listed("unused idle inactive empty dormant spare free unassigned unoccupied without wait waiting")
_BEYOND: Final = listed("exceed exceeds exceeded beyond above over surplus extra")
_COUNTED: Final = {
    Topic.LOGINS, Topic.ACTIVE_USERS, Topic.SEATS, Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES, Topic.TICKET_RATE,
    Topic.ACCOUNTS, Topic.RENEWALS_DUE, Topic.NPS,
}  # fmt: skip
_AFTER_COUNT: Final = listed("""in of out over within during on at to from and or while is are was were have has had which that with as against
    compared versus vs this since for by but makes make points indicates shows suggests means leaves signals calls active
    purchased open paid recent total support log logged remain remained recorded ago before after until per among across
    when where although though yet even so puts places adds weighs needs deserves critical not alone""")


def _is_followed_well(scene: Scene, quantity: Quantity) -> bool:
    """Whether what follows a bare number is no noun that we do not know ("4 bugs")."""
    if quantity.last >= len(scene.tokens):
        return True
    token = scene.tokens[quantity.last]
    return (
        token.kind is TokenKind.MARK
        or token.low in _AFTER_COUNT
        or any(mention.first == quantity.last for mention in scene.mentions)
        or any(turn.at == quantity.last for turn in scene.directions)
    )


_EARLIER: Final = listed("before earlier ago previously previous prior against compared versus vs than")
_WON: Final = listed(
    """lost loses lose losing loss losses costs cost costing win won winning recover recoverable recovered recovering regain
    regained reclaim recoup gain worth misses miss missing withhold withholds withheld withholding"""
)
_TAKING: Final = listed("took takes taking cost removed subtracted shaved off minus lost pulled dragged held")
_GIVING: Final = listed("added adds contributed brought gave plus gained softened")
_LOST: Final = listed("won recoverable recovered regained reclaimed")
_PARTS: Final = listed("contribution drag drags driver part share")
_MOVING: Final = listed("change changed changes moved movement shift trend delta : (")
LOSING: Final = listed("lost loses lose losing loss")


def _has_aspect(scene: Scene, quantity: Quantity, around: Reach, fact: Fact) -> bool:
    if fact.day is not None:
        return _has_time(scene, around, fact, quantity)
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
            if around.after[:1] in (("before",), ("previously",)) and kind_of(fact) is not Kind.DATE:
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


def _has_time(scene: Scene, around: Reach, fact: Fact, quantity: Quantity) -> bool:
    """Whether a date is told as what it is: a beginning after "since", a renewal to come or overdue."""
    near = around.before[-4:]
    since = bool({"since", "began", "started", "starting", "begun", "from"} & set(near))
    if fact.aspect is Aspect.SINCE:
        return since
    if fact.topic is Topic.RENEWAL:
        return not since and not ({"renewed"} & set(around.before))
    return not since or fact.topic in (Topic.CUSTOMER_SINCE, Topic.QBR_RECENCY, Topic.DATA_AGE)


def _is_of_group(scene: Scene, quantity: Quantity, fact: Fact) -> bool:
    """Of a portfolio: whether the account or group that stands nearest is the fact's."""
    groups = [
        (
            abs(at - quantity.first)
            + 3
            * sum(
                low(scene.tokens, place) in (",", "and", ";", "while")
                for place in range(min(at, quantity.first), max(at, quantity.first))
            ),
            at,
            group,
        )
        for at, token in enumerate(scene.tokens)
        if (group := _group(token.text if token.kind is TokenKind.NAME else token.low, token.kind))
    ]
    if fact.of is None:
        return Topic.ACCOUNTS is not fact.topic or not any(cost <= 1 for cost, _, _ in groups)
    wanted = fact.of.strip("{}").lower().replace("_", "-")
    wanted = "mid" if wanted == "mid-market" else wanted
    return bool(groups) and min(groups)[2] == wanted


def _group(word: str, kind: TokenKind) -> str | None:
    if kind is TokenKind.NAME:
        return word.strip("{}").lower()
    return word if word in ("red", "amber", "green", "unknown", "smb", "enterprise", "mid") else None


_SIGNALS: Final = listed("signal signals")
_ASPECTS: Final = listed(
    "areas area spots spot factors themes drivers measures metrics topics fronts weaknesses strengths"
)


def _counts(scene: Scene, quantity: Quantity, facts: Sequence[Fact], subject: Subject) -> bool:
    """Whether a number counts the raised signals, or the topics that the sentence names."""
    after = [low(scene.tokens, quantity.last + step) for step in range(3)]
    if _SIGNALS & set(after) and not {",", "and", "of"} & set(after[:1]):
        cited = sum(fact.aspect is Aspect.SIGNAL for fact in facts)
        return quantity.number in (len(subject.signals), cited or len(subject.signals))
    if _ASPECTS & set(after[:2]):
        return quantity.number == len({frozenset(mention.topics) for mention in scene.mentions})
    return False


_USED: Final = listed("used use active log logs logged occupied taken")


def _ratio(scene: Scene, quantity: Quantity, around: Reach, facts: Sequence[Fact]) -> Bound | None:
    """22 of the 70 seats are used: active users, out of seats."""
    words = {token.low for token in scene.tokens}
    if not words & _USED or words & IDLE:
        return None
    at = scene.quantities.index(quantity)
    users = _pair(scene, at, facts, Topic.ACTIVE_USERS, at)
    seats = _pair(scene, at, facts, Topic.SEATS, at - 1)
    if users is not None:
        return Bound(quantity, (users,), around)
    return Bound(quantity, (seats,), around) if seats is not None else None


def _pair(scene: Scene, at: int, facts: Sequence[Fact], topic: Topic, first: int) -> Fact | None:
    if first < 0 or first + 1 >= len(scene.quantities):
        return None
    one, other = scene.quantities[first], scene.quantities[first + 1]
    middle = [token.low for token in scene.tokens[one.last : other.first]]
    if not {"of"} & set(middle) or set(middle) - {
        "out",
        "of",
        "the",
        "its",
        "all",
        "their",
        "users",
        "licences",
        "seats",
    }:
        return None

    def found(quantity: Quantity, wanted: Topic) -> Fact | None:
        return next(
            (
                fact
                for fact in facts
                if fact.topic is wanted and fact.aspect is Aspect.LEVEL and matches(quantity, fact)
            ),
            None,
        )

    users, seats = found(one, Topic.ACTIVE_USERS), found(other, Topic.SEATS)
    if users is None or seats is None:
        return None
    return users if topic is Topic.ACTIVE_USERS else seats
