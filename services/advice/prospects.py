"""What is good, what could be won and which measures cost most, where no signal says so. Not the raised signals."""

from collections.abc import Iterator, Set

from services.advice.measures import NAMES, costs, strong, weak
from services.advice.reading import (
    HELPS,
    HURTS,
    Reading,
    Theme,
    Told,
    amount,
    capital,
    cited,
    finding,
    listed,
    ref,
    say,
)
from services.evidence.drafts import Finding
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Choice
from services.playbook_library import get
from services.vocabulary import AccountStatus, FindingKind, HealthBucket

FRESH, WEAK_SPOT, WON, WEAK, POINTS, STRONG = 150, 145, 140, 120, 65, 60
LEAST_LOST = 1
NEW_DAYS = 90
EARLY_DAYS = 180
REFERENCE_FROM = 85
USE = frozenset({
    Topic.LICENSE_UTILISATION, Topic.FEATURE_ADOPTION, Topic.WEEKLY_ACTIVE, Topic.SESSION_MINUTES, Topic.TIME_TO_VALUE,
})  # fmt: skip
SUPPORT = frozenset({Topic.TICKET_RATE, Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES})


def weaknesses(reading: Reading, done: Set[Topic]) -> list[Told]:
    """The measures that cost the score most and that nothing has spoken of, a finding each, the costliest first."""
    lost = [
        one for one in reading.lost if one.topic not in done and one.tone is not HELPS and amount(one) >= LEAST_LOST
    ]
    levels = [(one, level) for one in lost if (level := reading.number(one.topic)) is not None]
    return [_weakness(reading, one, level, place) for place, (one, level) in enumerate(levels)]


def _weakness(reading: Reading, lost: Fact, level: Fact, place: int) -> Told:
    name = NAMES[lost.topic]
    sentences = [weak(level)]
    peers = reading.number(lost.topic, Aspect.PEERS)
    if lost == reading.lost[0]:
        sentences.append(f"Most points are lost on {name}: {ref(lost)}.")
    elif place == 0:
        sentences.append(f"{capital(costs(lost.topic))} the score {ref(lost)}.")
    if peers is not None and peers.tone is HURTS and amount(peers) >= LEAST_LOST:
        sentences.append(f"Its score for {name} is {ref(peers)} below the median of its segment.")
    kind = FindingKind.RISK if level.tone is HURTS else FindingKind.OPPORTUNITY
    weight = WEAK_SPOT if kind is FindingKind.RISK and reading.subject.bucket is HealthBucket.GREEN else WEAK
    return Told(Theme.MEASURE, weight - place, finding(kind, sentences), frozenset({lost.topic}))


def strengths(reading: Reading) -> list[Told]:
    """What goes well: the use of the product, the relationship, support."""
    well = reading.subject.bucket is HealthBucket.GREEN
    told = []
    for place, (topics, lead, lead_else) in enumerate(_LEADS):
        facts = [one for one in reading.helping if one.topic in topics]
        if {one.topic for one in facts} == {Topic.TIME_TO_VALUE}:
            told.append(_strength("The start was quick: ", facts, STRONG - place))
        elif facts:
            told.append(_strength(lead if well else lead_else, facts[:3], STRONG - place))
    return told


_LEADS = (
    (USE, "The product is at work: ", "There is use to build on: "),
    (frozenset({Topic.NPS, Topic.QBR_RECENCY, Topic.ONBOARDING_PROGRESS}), "The relationship is in good order: ",
     "The relationship has footing: "),
    (SUPPORT, "Support is calm: ", "Support is not the trouble: "),
)  # fmt: skip


def _strength(lead: str, facts: list[Fact], weight: int) -> Told:
    text = f"{lead}{listed([strong(one) for one in facts])}."
    kind = FindingKind.STRENGTH
    return Told(Theme.STRENGTH, weight, Finding(text, kind, cited(text, (one.key for one in facts))))


def opportunities(reading: Reading) -> list[Told]:
    """What could be won: a larger contract where health carries it, else the points of the best playbook."""
    told = []
    if young := list(_young(reading)):
        told.append(Told(Theme.PROSPECT, FRESH, finding(FindingKind.OPPORTUNITY, young)))
    if reading.subject.bucket is HealthBucket.GREEN:
        sentences, weight = list(_growth(reading)), WON
    else:
        sentences, weight = list(_points(reading)), POINTS
    if sentences:
        told.append(Told(Theme.PROSPECT, weight, finding(FindingKind.OPPORTUNITY, sentences)))
    return told


def _young(reading: Reading) -> Iterator[str]:
    """A customer of less than three months is measured against what it cannot have yet."""
    since, status = reading.day(Topic.CUSTOMER_SINCE), reading.word(Topic.CUSTOMER_SINCE)
    if since is None or since.day is None or (reading.subject.day - since.day).days > NEW_DAYS:
        return
    done = reading.number(Topic.ONBOARDING_PROGRESS)
    yield f"The customer has been with us since {ref(since)}, too short a time to judge habits."
    if done is not None and status is not None and status.value == AccountStatus.ONBOARDING:
        yield f"The onboarding is {ref(done)} done, and what is set up right now decides how the rest goes."


def _growth(reading: Reading) -> Iterator[str]:
    if reading.subject.signals:
        return
    beyond, expansion = reading.number(Topic.ACTIVE_USERS, label="Users beyond"), reading.number(Topic.EXPANSION)
    due, days, score = reading.day(Topic.RENEWAL), reading.number(Topic.RENEWAL), reading.number(Topic.SCORE)
    if beyond:
        yield f"Beyond what was bought, {ref(beyond)} active users share the seats: the contract can follow them."
    if expansion:
        yield f"An expansion of {ref(expansion)} is in sight, and the account is well enough to carry it."
    if beyond or expansion:
        return
    if due and days and score and amount(days) <= EARLY_DAYS:
        yield f"With a health score of {ref(score)}, the renewal on {ref(due)} can be opened early and from strength."
    elif score and amount(score) >= REFERENCE_FROM:
        yield from say("A customer with a health score of {} is a reference that waits to be asked.", score)


def _points(reading: Reading) -> Iterator[str]:
    best = best_gain(reading)
    if best is not None:
        choice, points = best
        lost = {one.topic for one in reading.lost}
        topics = [Topic(measure.value) for measure in get(choice.playbook).measures]
        names = listed([NAMES[topic] for topic in topics if topic in lost])
        yield f"With work on {names}, the score could win back up to {ref(points)}."


def best_gain(reading: Reading) -> tuple[Choice, Fact] | None:
    """The playbook that could win back most points, and how many; None where that is less than a point."""
    gains = [
        (choice, points)
        for choice in reading.subject.choices
        if choice.evidence and (points := reading.subject.fact(choice.evidence[0])) and amount(points) >= LEAST_LOST
    ]
    return max(gains, key=lambda gain: amount(gain[1]), default=None)
