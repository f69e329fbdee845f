"""What to do, in which order and by when: playbooks that fit, said for this account. Not what playbooks contain."""

from collections.abc import Callable, Mapping
from typing import Final

from services.advice.reading import Reading, amount, cited, ref
from services.evidence.drafts import Action
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Choice
from services.playbook_library import get
from services.vocabulary import HealthBucket, RiskLevel

MOST: Final = 4
_DUE: Final = {RiskLevel.HIGH: 3, RiskLevel.MEDIUM: 14, RiskLevel.LOW: 30}
_TITLES: Final[Mapping[str, str]] = {
    "silent-customer-reactivation": "Call the sponsor and bring one team back",
    "usage-drop-response": "Find out who stopped logging in, and why",
    "licence-rollout": "Give the idle seats to people by name",
    "feature-adoption-campaign": "Move one daily task onto the key feature",
    "critical-support-escalation": "Put one owner on every critical ticket",
    "ticket-root-cause-review": "Sort the tickets by cause and end the largest three",
    "detractor-recovery": "Call the detractors and settle one complaint",
    "executive-business-review": "Set a date for the next business review",
    "onboarding-rescue": "Cut the onboarding down to one team that goes live",
    "first-value-sprint": "Deliver one result that a manager there notices",
    "renewal-save-plan": "Learn how the renewal will be decided, and by whom",
    "overdue-renewal-close": "End the open renewal with a signature or a date",
    "score-drop-triage": "Tell a change at the customer from a change in the data",
    "stabilise-before-expansion": "Hold the sale until the present use works",
    "contraction-review": "Ask the sponsor what was cut, and what comes next",
    "data-refresh": "Get the missing figures from the customer",
}


def actions(reading: Reading) -> tuple[Action, ...]:
    """One to four actions, the most pressing first; playbooks that answer a signal nothing has answered yet come first."""
    if reading.churned:
        return (_farewell(reading),)
    answered: set[object] = set()
    chosen: list[Choice] = []
    for choice in reading.subject.choices:
        if not choice.because or not answered.issuperset(choice.because):
            chosen.append(choice)
            answered.update(choice.because)
    found = [_action(reading, choice) for choice in chosen[:MOST]] or [_without_a_playbook(reading)]
    order = list(RiskLevel)[::-1]
    return tuple(sorted(found, key=lambda one: order.index(one.priority)))


def _action(reading: Reading, choice: Choice) -> Action:
    raised = [signal for signal in reading.subject.signals if signal.code in choice.because]
    priority = max((signal.severity for signal in raised), key=list(RiskLevel).index, default=RiskLevel.LOW)
    if not raised and reading.subject.bucket is HealthBucket.RED:
        priority = RiskLevel.MEDIUM
    reason = _reason(reading, choice)
    also = [key for signal in raised for key in signal.evidence[:1]]
    step = get(choice.playbook).steps[0].due_in_days
    due = max(step, _DUE[priority]) if priority is not RiskLevel.HIGH else step
    return Action(_TITLES[choice.playbook], reason, priority, choice.playbook, cited(reason, also), due)


def _reason(reading: Reading, choice: Choice) -> str:
    why = _REASONS[choice.playbook](reading)
    points = reading.subject.fact(choice.evidence[0]) if choice.evidence else None
    if points is not None and amount(points) >= 1:
        gain = f"The score could win back up to {ref(points)} here."
        return f"{why} {gain}"
    return why


def _with(text: str, fact: Fact | None, otherwise: str) -> str:
    return text.format(ref(fact)) if fact is not None else otherwise


_REASONS: Final[Mapping[str, Callable[[Reading], str]]] = {
    "silent-customer-reactivation": lambda r: _with(
        "With licence utilisation at {}, only a person can tell whether the need is gone or the habit.",
        r.number(Topic.LICENSE_UTILISATION), "Only a person can tell whether the need is gone or the habit.",
    ),
    "usage-drop-response": lambda r: _with(
        "Logins fell by {}, and the way back is short while people still remember it.",
        r.number(Topic.LOGINS, Aspect.CHANGE), "The way back is short while people still remember it.",
    ),
    "licence-rollout": lambda r: _with(
        "There are {} idle among the seats that were bought, and each needs a person with a task.",
        r.number(Topic.SEATS, label="Seats without"), "Seats without a person and a task stay idle.",
    ),
    "feature-adoption-campaign": lambda r: _with(
        "Feature adoption is at {}, and one task that moves over brings the others along.",
        r.number(Topic.FEATURE_ADOPTION), "One task that moves over brings the others along.",
    ),
    "critical-support-escalation": lambda r: _with(
        "Critical tickets stand at {} for the quarter, and daily news calms more than any promise.",
        r.number(Topic.CRITICAL_TICKETS), "Daily news calms more than any promise.",
    ),
    "ticket-root-cause-review": lambda r: _with(
        "At a monthly ticket rate of {}, answering tickets faster is not enough.",
        r.number(Topic.TICKET_RATE), "Answering tickets faster is not enough.",
    ),
    "detractor-recovery": lambda r: _with(
        "An NPS of {} turns on a few voices; hear them in person before the next survey does.",
        r.number(Topic.NPS), "Hear the critics in person before the next survey does.",
    ),
    "executive-business-review": lambda r: _with(
        "The last business review was {} ago, and a sponsor who is not asked decides alone.",
        r.number(Topic.QBR_RECENCY), "A sponsor who is not asked decides alone.",
    ),
    "onboarding-rescue": lambda r: _with(
        "With the onboarding at {}, a smaller go-live with a date beats the full plan without one.",
        r.number(Topic.ONBOARDING_PROGRESS), "A smaller go-live with a date beats the full plan without one.",
    ),
    "first-value-sprint": lambda r: _with(
        "First value took {}; one visible result now is worth more than the rest of the plan.",
        r.number(Topic.TIME_TO_VALUE), "One visible result now is worth more than the rest of the plan.",
    ),
    "renewal-save-plan": lambda r: _with(
        "The renewal is {} away, which is time enough for two conditions and not for ten.",
        r.number(Topic.RENEWAL), "Know the conditions before the offer.",
    ),
    "overdue-renewal-close": lambda r: _with(
        "The renewal has been open for {}: paperwork or a silent no, a call tells which.",
        r.number(Topic.RENEWAL), "Paperwork or a silent no: a call tells which.",
    ),
    "score-drop-triage": lambda r: _with(
        "The health score fell by {}, and it takes an hour to rule out that only the data changed.",
        r.number(Topic.SCORE, Aspect.CHANGE), "It takes an hour to rule out that only the data changed.",
    ),
    "stabilise-before-expansion": lambda r: _with(
        "At a health score of {}, what is sold now comes back as a cut later.",
        r.number(Topic.SCORE), "What is sold on weak ground comes back as a cut later.",
    ),
    "contraction-review": lambda r: _with(
        "ARR fell by {} in a year, and the next cut is prepared in talks that we are not part of.",
        r.number(Topic.ARR, Aspect.CHANGE), "The next cut is prepared in talks that we are not part of.",
    ),
    "data-refresh": lambda r: _with(
        "At a data coverage of {}, any judgement of this account is a guess.",
        r.number(Topic.COVERAGE), "Any judgement of this account is a guess.",
    ),
}  # fmt: skip


def _without_a_playbook(reading: Reading) -> Action:
    """For an account that no playbook fits: it is well, or it is not scored at all."""
    expansion, beyond = reading.number(Topic.EXPANSION), reading.number(Topic.ACTIVE_USERS, label="Users beyond")
    lost = next(iter(reading.lost), None)
    score = reading.number(Topic.SCORE)
    if beyond is not None or expansion is not None:
        what = beyond or expansion
        assert what is not None
        reason = (
            f"Active users exceed the seats by {ref(what)}, so the need has proved itself."
            if what is beyond
            else f"An expansion of {ref(what)} is in sight while the account is well."
        )
        return Action("Offer the larger contract now", reason, RiskLevel.MEDIUM, None, cited(reason), 14)
    if lost is not None and amount(lost) >= 5:
        from services.advice.measures import NAMES

        reason = f"The score could win back {ref(lost)} for {NAMES[lost.topic]}."
        return Action("Close the one gap while the rest is well", reason, RiskLevel.LOW, None, cited(reason), 30)
    reason = _with("A health score of {} is worth telling others about.", score, "Few figures are known of it.")
    return Action("Ask for a reference while all is well", reason, RiskLevel.LOW, None, cited(reason), 30)


def _farewell(reading: Reading) -> Action:
    status = reading.word(Topic.CUSTOMER_SINCE)
    assert status is not None
    reason = "What is learned from a customer that left helps those that stay."
    title = "Ask the former customer for the reasons and note them"
    return Action(title, reason, RiskLevel.LOW, None, (status.key,), 30)
