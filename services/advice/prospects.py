"""What is good, what could be won and which measures cost most, where no signal says so. Not the raised signals."""

from collections.abc import Iterator, Set

from services.advice.measures import NAMES, PLURAL, strong, weak
from services.advice.reading import (
    HELPS,
    HURTS,
    NEUTRAL,
    Reading,
    Theme,
    Told,
    amount,
    cited,
    finding,
    listed,
    ref,
)
from services.evidence.drafts import Finding
from services.evidence.facts import Aspect, Fact, Topic
from services.vocabulary import FindingKind, HealthBucket

WEAK, WON, STRONG = 120, 140, 60
LEAST_LOST = 1
USE = frozenset({Topic.LICENSE_UTILISATION, Topic.FEATURE_ADOPTION, Topic.WEEKLY_ACTIVE, Topic.SESSION_MINUTES})


def weaknesses(reading: Reading, done: Set[Topic]) -> list[Told]:
    """The measures that cost the score most and that nothing has spoken of, as a finding each, the costliest first."""
    lost = [
        one for one in reading.lost if one.topic not in done and one.tone is not HELPS and amount(one) >= LEAST_LOST
    ]
    told = [_weakness(reading, one, place) for place, one in enumerate(lost)]
    return [one for one in told if one is not None]


def _weakness(reading: Reading, lost: Fact, place: int) -> Told | None:
    level = reading.number(lost.topic)
    if level is None:
        return None
    name = NAMES[lost.topic]
    sentences = [weak(level)]
    peers = reading.number(lost.topic, Aspect.PEERS)
    if lost == reading.lost[0]:
        verb = "cost" if lost.topic in PLURAL else "costs"
        sentences.append(f"Of all measures, {name} {verb} the score most: {ref(lost)}.")
    elif place == 0:
        sentences.append(f"The score misses {ref(lost)} here, for {name} alone.")
    if peers is not None and peers.tone is HURTS and amount(peers) >= LEAST_LOST:
        sentences.append(f"For {name}, accounts of its segment are ahead by {ref(peers)} at the median.")
    kind = FindingKind.RISK if level.tone in (HURTS, NEUTRAL) else FindingKind.OPPORTUNITY
    weight = WEAK - place - (20 if level.tone is NEUTRAL else 0)
    return Told(Theme.MEASURE, weight, finding(kind, sentences), frozenset({lost.topic}))


def strengths(reading: Reading) -> list[Told]:
    """What goes well: the use of the product, then support and relationship."""
    helping = reading.helping
    use = [one for one in helping if one.topic in USE]
    care = [one for one in helping if one.topic not in USE]
    weak_use = reading.subject.bucket is not HealthBucket.GREEN
    told = []
    if use:
        lead = "There is use to build on: " if weak_use else "People use what was bought: "
        told.append(_strength(lead, use[:3], STRONG + 1))
    if care:
        lead = "The relationship still has footing: " if weak_use else "The relationship is in good order: "
        told.append(_strength(lead, _spoken_of(care), STRONG))
    return told


def _spoken_of(care: list[Fact]) -> list[Fact]:
    """Three of them, what the customer says and when we last met first."""
    order = [Topic.NPS, Topic.QBR_RECENCY, Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES]
    return sorted(care, key=lambda one: order.index(one.topic) if one.topic in order else len(order))[:3]


def _strength(lead: str, facts: list[Fact], weight: int) -> Told:
    text = f"{lead}{listed([strong(one) for one in facts])}."
    kind = FindingKind.STRENGTH
    return Told(Theme.STRENGTH, weight, Finding(text, kind, cited(text, (one.key for one in facts))))


def opportunities(reading: Reading) -> list[Told]:
    """What could be won: a larger contract where health carries it, else the points of the best playbook."""
    bucket = reading.subject.bucket
    sentences = list(_growth(reading) if bucket is HealthBucket.GREEN else _points(reading))
    if not sentences:
        return []
    return [Told(Theme.PROSPECT, WON, finding(FindingKind.OPPORTUNITY, sentences))]


def _growth(reading: Reading) -> Iterator[str]:
    beyond, expansion = reading.number(Topic.ACTIVE_USERS, label="Users beyond"), reading.number(Topic.EXPANSION)
    due, score = reading.day(Topic.RENEWAL), reading.number(Topic.SCORE)
    if beyond:
        yield f"Active users exceed the seats that were bought by {ref(beyond)}: the contract has room to follow them."
    if expansion:
        yield f"An expansion of {ref(expansion)} is in sight, and the health of the account can carry it."
    elif due and score and not beyond:
        yield (f"With a health score of {ref(score)}, the renewal on {ref(due)} can be opened early and from strength.")


def _points(reading: Reading) -> Iterator[str]:
    choice = next((one for one in reading.subject.choices if one.evidence), None)
    points = reading.subject.fact(choice.evidence[0]) if choice else None
    if points is not None:
        yield f"The first of the playbooks below works on measures that withhold {ref(points)} of the score."
