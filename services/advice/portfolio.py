"""A portfolio's insight, written by rules: where the money is at risk, what moved, whom to call first."""

from collections.abc import Iterator
from typing import Final

from services.advice.reading import HELPS, HURTS, Reading, amount, cited, finding, listed, period, ref, say
from services.evidence.drafts import Action, Draft, Finding
from services.evidence.facts import Aspect, Topic
from services.evidence.subject import Subject
from services.portfolio_facts import WINDOWS
from services.vocabulary import FindingKind, HealthBucket, RenewalWindow, RiskLevel

MOST: Final = 6
SOON: Final = (RenewalWindow.D0_30, RenewalWindow.D31_60, RenewalWindow.D61_90)
NEAR_DAYS: Final = 180


def portfolio(subject: Subject) -> Draft:
    """The draft of a portfolio's insight: up to six findings, one to three actions."""
    reading = Reading(subject)
    return Draft(
        headline=_headline(reading),
        summary=" ".join(_summary(reading)),
        findings=tuple(_findings(reading))[:MOST],
        actions=tuple(_actions(reading)),
    )


def _headline(r: Reading) -> str:
    risk, red, score = r.number(Topic.ARR_AT_RISK), r.number(Topic.ARR_IN_RED), r.number(Topic.SCORE)
    if risk and risk.number:
        return f"ARR at risk stands at {ref(risk)}, with renewals near"
    if red and red.number:
        return f"ARR in RED stands at {ref(red)}, with time left to act"
    well = say("The portfolio is well, at an average health score of {}", score)
    return next(well, "Too little is known of the portfolio to judge its health")


def _summary(r: Reading) -> Iterator[str]:
    yield from say("The portfolio has {} and ARR of {}.", r.number(Topic.ACCOUNTS), r.number(Topic.ARR))
    score, change = r.number(Topic.SCORE, label="Average"), r.number(Topic.SCORE, Aspect.CHANGE)
    if change:
        way = "down" if change.tone is HURTS else "up"
        yield from say(
            f"Over the portfolio, the health score is {way} by {{}}{period(change)}, at {{}}.", change, score
        )
    else:
        yield from say("The average health score is {}.", score)
    if "A1" in r.subject.names:
        yield "The account that asks for attention before all others is {A1}."


def _findings(r: Reading) -> Iterator[Finding]:
    if top := list(_top(r)):
        yield finding(FindingKind.RISK, top)
    if moved := list(_moved(r)):
        yield finding(FindingKind.CHANGE, moved)
    if due := list(_due(r)):
        yield finding(FindingKind.RISK, due)
    if weakest := list(_weakest(r)):
        yield finding(FindingKind.RISK, weakest)
    if well := list(_well(r)):
        yield finding(FindingKind.STRENGTH, well)
    if unknown := _unknown(r):
        yield unknown


def _top(r: Reading) -> Iterator[str]:
    """The account that asks for most attention, where it is not well."""
    arr, score = r.number(Topic.ARR, of="A1"), r.number(Topic.SCORE, of="A1")
    due, days = r.day(Topic.RENEWAL, of="A1"), r.number(Topic.RENEWAL, of="A1")
    if arr is None or score is None or score.tone is HELPS:
        return
    yield f"{{A1}} stands at a health score of {ref(score)}, with ARR of {ref(arr)}."
    if due and days and due.tone is HURTS:
        yield f"The renewal of {{A1}} was due on {ref(due)} and has been open for {ref(days)}."
    elif due and days and amount(days) <= NEAR_DAYS:
        yield f"The renewal of {{A1}} is due on {ref(due)}, {ref(days)} from now."


def _moved(r: Reading) -> Iterator[str]:
    red, red_now = r.number(Topic.ARR_IN_RED, Aspect.CHANGE), r.number(Topic.ARR_IN_RED)
    score, score_now = r.number(Topic.SCORE, Aspect.CHANGE), r.number(Topic.SCORE, label="Average")
    arr = r.number(Topic.ARR, Aspect.CHANGE)
    if red:
        way = "rose" if red.tone is HURTS else "fell"
        yield from say(f"ARR in RED {way} by {{}}{period(red)}, to {{}}.", red, red_now)
    if score:
        way = "fell" if score.tone is HURTS else "rose"
        yield from say(f"Over the portfolio, the health score {way} by {{}}, to {{}}.", score, score_now)
    if arr:
        yield f"Total ARR {'fell' if arr.tone is HURTS else 'rose'} by {ref(arr)}{period(arr)}."


def _due(r: Reading) -> Iterator[str]:
    late = r.number(Topic.RENEWALS_DUE, label=f"ARR of renewals {WINDOWS[RenewalWindow.OVERDUE]}")
    yield from say("Among the renewals due, {} is past its date.", late)
    labels = [f"ARR in RED of renewals {WINDOWS[window]}" for window in SOON]
    reds = [r.number(Topic.RENEWALS_DUE, of=HealthBucket.RED, label=label) for label in labels]
    worst = max((one for one in reds if one is not None), key=amount, default=None)
    yield from say("Of the renewals due next, {} in RED is the heaviest part.", worst)


def _weakest(r: Reading) -> Iterator[str]:
    """The segment with the poorest average, where that is below green."""
    scores = [one for one in r.subject.facts if one.label.startswith("Average health score in ")]
    worst = min(scores, key=lambda one: one.number or 0, default=None)
    if worst is None or len(scores) < 2 or worst.tone is HELPS:
        return
    yield f"{worst.of} is the weak segment, at an average health score of {ref(worst)}."
    yield from say(f"ARR in {worst.of} comes to {{}}.", r.number(Topic.ARR, of=worst.of))


def _well(r: Reading) -> Iterator[str]:
    accounts = r.number(Topic.ACCOUNTS, of=HealthBucket.GREEN)
    share = r.number(Topic.ARR, of=HealthBucket.GREEN, label="Share")
    yield from say("In GREEN there are {}, with {} of ARR.", accounts, share)


def _unknown(r: Reading) -> Finding | None:
    accounts, arr = r.number(Topic.ACCOUNTS, of=HealthBucket.UNKNOWN), r.number(Topic.ARR, of=HealthBucket.UNKNOWN)
    scored = r.number(Topic.COVERAGE)
    if accounts is None or arr is None or scored is None:
        return None
    text = f"Score coverage is {ref(scored)}: in UNKNOWN there are {ref(accounts)}, with ARR of {ref(arr)}."
    return Finding(text, FindingKind.DATA_GAP, cited(text))


def _actions(r: Reading) -> Iterator[Action]:
    tokens = list(r.subject.names)
    unwell = [one for one in tokens if (score := r.number(Topic.SCORE, of=one)) is None or score.tone is not HELPS]
    late = [one for one in unwell if (due := r.day(Topic.RENEWAL, of=one)) and due.tone is HURTS]
    ill = [one for one in unwell if one not in late and _is_red(r, one)][:3]
    if late:
        yield _calls("Close the open renewal of", late, RiskLevel.HIGH, 1, r, Topic.RENEWAL)
    if ill:
        yield _calls("Agree on a rescue plan for", ill, RiskLevel.HIGH, 3, r, Topic.SCORE)
    rest = [one for one in unwell if one not in late and one not in ill][:3]
    if rest:
        yield _calls("Review the signals of", rest, RiskLevel.MEDIUM, 14, r, Topic.SCORE)
    unknown = r.number(Topic.ACCOUNTS, of=HealthBucket.UNKNOWN)
    if unknown:
        reason = f"In UNKNOWN there are {ref(unknown)}."
        yield Action("Get data for the accounts without a score", reason, RiskLevel.LOW, None, (unknown.key,), 30)
    if not unwell and not unknown and (score := r.number(Topic.SCORE)):
        reason = f"The average health score is {ref(score)}."
        yield Action("Ask the healthiest customers for references", reason, RiskLevel.LOW, None, (score.key,), 30)


def _is_red(r: Reading, token: str) -> bool:
    bucket = r.word(Topic.BUCKET, of=token)
    return bucket is not None and bucket.value == HealthBucket.RED


def _calls(what: str, tokens: list[str], priority: RiskLevel, days: int, r: Reading, topic: Topic) -> Action:
    title = f"{what} {listed([f'{{{one}}}' for one in tokens])}"
    reason = " ".join(sentence for one in tokens for sentence in _stands(r, one, topic))
    buckets = [bucket.key for one in tokens if (bucket := r.word(Topic.BUCKET, of=one))]
    return Action(title, reason, priority, None, cited(reason, buckets), days)


def _stands(r: Reading, token: str, topic: Topic) -> Iterator[str]:
    name = f"{{{{{token}}}}}"
    if topic is Topic.RENEWAL:
        return say(f"The renewal of {name} was due on {{}}.", r.day(topic, of=token))
    if (score := r.number(topic, of=token)) is not None:
        return say(f"The health score of {name} is {{}}.", score)
    return say(f"The health bucket of {name} is {{}}.", r.word(Topic.BUCKET, of=token))
