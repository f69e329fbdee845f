"""Which facts may be what a value of a sentence says. Not the sentence's other claims."""

from collections.abc import Sequence
from typing import Final

from services.evidence.aspects import has_aspect
from services.evidence.counting import counts, ratio
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.groups import is_of_group
from services.evidence.matching import kind_of, matches
from services.evidence.placing import governing, is_well_placed
from services.evidence.quantities import Kind, Quantity, Slack, counted
from services.evidence.reach import Reach, reach, said_of
from services.evidence.scene import Bound, Scene
from services.evidence.seats import seats_told
from services.evidence.subject import Subject
from services.evidence.telling import is_told_as_it_is
from services.evidence.topics import Mention
from services.evidence.words import Kind as TokenKind
from services.evidence.words import listed, low
from services.vocabulary import InsightScope


def bind(scene: Scene, quantity: Quantity, facts: Sequence[Fact], subject: Subject) -> Bound | None:
    """The facts that may be what a quantity says; None where none can."""
    around = reach(scene.tokens, quantity, scene.quantities, scene.directions)
    if quantity.slack is Slack.OVER and quantity.kind is not Kind.DAYS and _is_after_what_it_is_of(scene, quantity):
        return None
    held = [fact for fact in facts if matches(quantity, fact) and _is_said(scene, quantity, around, fact, subject)]
    if held:
        return Bound(quantity, tuple(held), around)
    if quantity.kind is Kind.DAYS or (quantity.kind is Kind.COUNT and counts(scene, quantity, facts, subject)):
        return Bound(quantity, (), around)
    return ratio(scene, quantity, around, facts)


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
        and has_aspect(scene, quantity, around, fact)
        and (subject.scope is InsightScope.ACCOUNT or is_of_group(scene, quantity, fact))
        and is_told_as_it_is(scene, quantity, around, fact)
    )


def _is_of_topic(scene: Scene, quantity: Quantity, around: Reach, fact: Fact, subject: Subject) -> bool:
    kind = kind_of(fact)
    fitting = {one.topic for one in subject.facts if kind_of(one) is kind}
    possible = fitting | (set(Topic) - {one.topic for one in subject.facts})
    if kind is Kind.COUNT:
        possible |= _COUNTED
    if kind is None:
        possible = set(Topic)
    if (special := seats_told(scene, around, fact, subject)) is not None:
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
    if fact.aspect in (Aspect.LOST, Aspect.CAUSE, Aspect.PEERS):
        return bool(mention.topics & {Topic.SCORE, Topic.COVERAGE})
    return fact.topic is Topic.ARR and kind is Kind.MONEY and Topic.RENEWAL in mention.topics


_COUNTED: Final = {
    Topic.LOGINS, Topic.ACTIVE_USERS, Topic.SEATS, Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES, Topic.TICKET_RATE,
    Topic.ACCOUNTS, Topic.RENEWALS_DUE, Topic.NPS,
}  # fmt: skip
_AFTER_COUNT: Final = listed(
    """in of out over within during on at to from and or while is are was were have has had which that with as against
    compared versus vs this since for by but makes make points indicates shows suggests means leaves signals calls
    active purchased open paid recent total support log logged remain remained recorded ago before after until per
    among across when where although though yet even so puts places adds weighs needs deserves critical not alone"""
)


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
