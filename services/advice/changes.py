"""What moved the health score, in words. Not the causes themselves: services.health_diff finds those."""

from collections.abc import Iterator
from decimal import Decimal

from services.advice.measures import NAMES
from services.advice.reading import HELPS, HURTS, Reading, Theme, Told, amount, capital, finding, period, ref
from services.advice.risks import weight
from services.evidence.facts import Aspect, Fact, Topic
from services.scorecards import DEAD_BAND
from services.vocabulary import FindingKind, RiskSignalCode

MOVED = 160
"What a change of five points or more weighs without a signal: less than any signal of medium severity."
FEW_SEATS = 20


def changes(reading: Reading) -> list[Told]:
    """The change of the score with what made it, where it is more than noise."""
    change, score = reading.number(Topic.SCORE, Aspect.CHANGE), reading.number(Topic.SCORE)
    if change is None or score is None or amount(change) < DEAD_BAND:
        return []
    signal = reading.raised(RiskSignalCode.SCORE_DROP)
    told = finding(FindingKind.CHANGE, _sentences(reading, change, score), signal.evidence[:1] if signal else ())
    return [Told(Theme.SCORE, weight(signal) if signal else MOVED, told)]


def _sentences(reading: Reading, change: Fact, score: Fact) -> Iterator[str]:
    down = change.tone is HURTS
    yield f"The health score {'fell' if down else 'rose'} by {ref(change)}{period(change)} and stands at {ref(score)}."
    with_it = [one for one in reading.causes(HURTS if down else HELPS) if one.topic in NAMES]
    if not with_it:
        return
    first, *others = with_it
    second = next((one for one in others if amount(one) * 2 >= amount(first)), None)
    text = _moved(first, down=down)
    yield f"{text} and {NAMES[second.topic]} another {ref(second)}." if second else f"{text}."
    seats = reading.number(Topic.SEATS)
    if first.topic is Topic.TICKET_RATE and seats and amount(seats) < FEW_SEATS:
        yield f"With only {ref(seats)} seats, a few tickets move that rate far."
        return
    against = next((one for one in reading.causes(HELPS if down else HURTS) if one.topic in NAMES), None)
    if against is not None and amount(against) >= Decimal(1):
        yield f"{_moved(against, down=not down)} at the same time."


def _moved(cause: Fact, *, down: bool) -> str:
    way = f"took {ref(cause)} off the score" if down else f"added {ref(cause)} to the score"
    return f"{capital(NAMES[cause.topic])} {way}"
