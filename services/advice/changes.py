"""What moved the health score, in words. Not the causes themselves: services.health_diff finds those."""

from collections.abc import Iterator

from services.advice.measures import NAMES
from services.advice.reading import HELPS, HURTS, Reading, Theme, Told, amount, finding, ref
from services.advice.risks import weight
from services.evidence.facts import Aspect, Fact, Topic
from services.health import DEAD_BAND
from services.vocabulary import FindingKind, RiskSignalCode

MOVED = 160
"What a change of five points or more weighs without a signal: less than any signal of medium severity."


def changes(reading: Reading) -> list[Told]:
    """The change of the score with what made it, where it is more than noise."""
    change, score = reading.number(Topic.SCORE, Aspect.CHANGE), reading.number(Topic.SCORE)
    if change is None or score is None or amount(change) < DEAD_BAND:
        return []
    signal = reading.raised(RiskSignalCode.SCORE_DROP)
    told = finding(FindingKind.CHANGE, _sentences(reading, change, score), signal.evidence[:1] if signal else ())
    return [Told(Theme.SCORE, weight(reading, signal) if signal else MOVED, told)]


def _sentences(reading: Reading, change: Fact, score: Fact) -> Iterator[str]:
    down = change.tone is HURTS
    yield f"The health score {'fell' if down else 'rose'} by {ref(change)} in a month and stands at {ref(score)}."
    causes = reading.causes(HURTS if down else HELPS)
    if not causes or causes[0].topic not in NAMES:
        return
    first, *others = causes
    second = next((one for one in others if one.topic in NAMES and amount(one) * 2 >= amount(first)), None)
    way = "took it down by" if down else "brought it up by"
    text = f"Of the score, {NAMES[first.topic]} {way} {ref(first)}"
    yield f"{text} and {NAMES[second.topic]} by {ref(second)}." if second else f"{text}."
    against = next(iter(reading.causes(HELPS if down else HURTS)), None)
    if against is not None and against.topic in NAMES and amount(against) >= 1:
        turned = "softened the fall with" if down else "held the rise back with"
        yield f"Against that, {NAMES[against.topic]} {turned} {ref(against)}."
