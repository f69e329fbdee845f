"""What is not known of an account and would matter. Not why a measure is missing: the scoring says so."""

from collections.abc import Iterator

from services.advice.measures import NAMES
from services.advice.reading import HURTS, Reading, Theme, Told, finding, listed, ref, say
from services.advice.risks import weight
from services.evidence.facts import Fact, Topic
from services.vocabulary import FindingKind, MissingReason, RiskSignalCode

BLIND, UNTOLD = 180, 55
MOST_NAMED = 4


def gaps(reading: Reading) -> list[Told]:
    """Stale or thin data where the signal says so, what hangs on an account in the dark, the measures nobody told."""
    told = []
    signal = reading.raised(RiskSignalCode.DATA_STALE)
    if signal is not None:
        thin = finding(FindingKind.DATA_GAP, _thin(reading), signal.evidence)
        told.append(Told(Theme.DATA, weight(signal), thin))
    score = reading.number(Topic.SCORE)
    if score is None or is_own(score):
        told.append(Told(Theme.DATA, BLIND, finding(FindingKind.RISK, _blind(reading))))
    if reading.gaps:
        named = [one.key for one in reading.gaps]
        missing = finding(FindingKind.DATA_GAP, _missing(reading), named)
        told.append(Told(Theme.DATA, UNTOLD, missing))
    return told


def is_own(score: Fact) -> bool:
    """Whether the score is the customer's own."""
    return "own file" in score.label


def _thin(reading: Reading) -> Iterator[str]:
    score, coverage = reading.number(Topic.SCORE), reading.number(Topic.COVERAGE)
    newest, age = reading.day(Topic.DATA_AGE), reading.number(Topic.DATA_AGE)
    if score is None and coverage is not None:
        yield f"Too little is known for a score: data coverage is {ref(coverage)}."
    elif coverage is not None and score is not None and is_own(score):
        yield f"The score of {ref(score)} is the customer's own."
        yield f"Our measures cannot confirm it, with a data coverage of {ref(coverage)}."
    if age and age.tone is HURTS:
        yield from say("The newest data is of {} and {} old.", newest, age)
        yield "All else that is said here shows the account as it was then."


def _blind(reading: Reading) -> Iterator[str]:
    arr, due, days = reading.number(Topic.ARR), reading.day(Topic.RENEWAL), reading.number(Topic.RENEWAL)
    unsure = "a judgement that is not ours" if reading.number(Topic.SCORE) else "a customer that we cannot describe"
    yield from say(f"ARR of {{}} rests on {unsure}.", arr)
    if due and due.tone is HURTS:
        yield from say("The renewal was due on {}, and there is nothing to win it back with.", due)
    else:
        yield from say("The renewal on {} is {} away, with nothing to prepare it from.", due, days)


def _missing(reading: Reading) -> Iterator[str]:
    unknown = [one for one in reading.gaps if one.value == MissingReason.NO_DATA]
    stale = [one for one in reading.gaps if one.value == MissingReason.STALE]
    if unknown:
        more = ", among others" if len(unknown) > MOST_NAMED else ""
        yield f"Nothing is on record for {listed([NAMES[one.topic] for one in unknown[:MOST_NAMED]])}{more}."
    if stale:
        yield f"The last answer for {listed([NAMES[one.topic] for one in stale])} is too old to count."
    coverage, score = reading.number(Topic.COVERAGE), reading.number(Topic.SCORE)
    if coverage is not None and score is not None and not is_own(score):
        yield f"The score rests on a data coverage of {ref(coverage)}."
