"""What is not known of an account and would matter. Not why a measure is missing: the scoring says so."""

from collections.abc import Iterator

from services.advice.measures import NAMES
from services.advice.reading import HURTS, Reading, Theme, Told, finding, listed, ref
from services.advice.risks import weight
from services.evidence.facts import Aspect, Fact, Topic
from services.vocabulary import FindingKind, HealthBucket, MissingReason, RiskSignalCode

UNTOLD = 100
MOST_NAMED = 4


def gaps(reading: Reading) -> list[Told]:
    """Stale or thin data where the signal says so; else the measures that nobody has told."""
    told = []
    signal = reading.raised(RiskSignalCode.DATA_STALE)
    if signal is not None:
        thin = finding(FindingKind.DATA_GAP, _thin(reading), signal.evidence[:1])
        told.append(Told(Theme.DATA, weight(reading, signal), thin))
    if reading.gaps:
        missing = finding(FindingKind.DATA_GAP, _missing(reading), (one.key for one in reading.gaps[:MOST_NAMED]))
        told.append(Told(Theme.DATA, UNTOLD, missing))
    return told


def _thin(reading: Reading) -> Iterator[str]:
    score, coverage = reading.number(Topic.SCORE), reading.number(Topic.COVERAGE)
    newest, age = reading.day(Topic.DATA_AGE), reading.number(Topic.DATA_AGE)
    if score is None and coverage is not None:
        yield f"Too little is known for a score: data coverage is {ref(coverage)}."
    elif coverage is not None and score is not None and "own file" in score.label:
        yield f"The score of {ref(score)} is the customer's own, for our measures have a data coverage of {ref(coverage)}."
    if newest and age and age.tone is HURTS:
        yield f"The newest data is of {ref(newest)}, {ref(age)} old, so today's account may be another one."


def _missing(reading: Reading) -> Iterator[str]:
    unknown = [one for one in reading.gaps if one.value == MissingReason.NO_DATA]
    stale = [one for one in reading.gaps if one.value == MissingReason.STALE]
    if unknown:
        more = ", among others" if len(unknown) > MOST_NAMED else ""
        yield f"Nothing is on record for {listed([_name(one) for one in unknown[:MOST_NAMED]])}{more}."
    if stale:
        yield f"The last answer for {listed([_name(one) for one in stale])} is too old to count."
    coverage = reading.number(Topic.COVERAGE)
    if coverage is not None and reading.subject.bucket is not HealthBucket.UNKNOWN and not reading.all(Topic.NPS):
        yield f"With a data coverage of {ref(coverage)}, a survey would tell most of what is missing."


def _name(gap: Fact) -> str:
    assert gap.aspect is Aspect.MISSING
    return NAMES[gap.topic]
