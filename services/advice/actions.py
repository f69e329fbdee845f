"""What to do, in which order and by when: playbooks that fit, said for this account. Not what playbooks contain."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from services.advice.measures import NAMES
from services.advice.prospects import best_gain
from services.advice.reading import Reading, amount, cited, ref
from services.advice.risks import ranked
from services.evidence.drafts import Action
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Choice
from services.playbook_library import get
from services.vocabulary import HealthBucket, RiskLevel, RiskSignalCode

MOST: Final = 4
USUAL: Final = 3
LEAST_GAIN: Final = Decimal(4)
_DUE: Final = {RiskLevel.HIGH: 1, RiskLevel.MEDIUM: 14, RiskLevel.LOW: 30}
_TITLES: Final[Mapping[str, str]] = {
    "silent-customer-reactivation": "Call the sponsor and bring a team back",
    "usage-drop-response": "Find out who stopped logging in, and why",
    "licence-rollout": "Give the idle seats to people by name",
    "feature-adoption-campaign": "Move a daily task onto the key feature",
    "critical-support-escalation": "Put an owner on the critical tickets",
    "ticket-root-cause-review": "Sort the tickets and end what brings most of them",
    "detractor-recovery": "Call the critics and settle a complaint of theirs",
    "executive-business-review": "Set a date for the next business review",
    "onboarding-rescue": "Find what blocks the onboarding and bring a small team live",
    "first-value-sprint": "Deliver a result that a manager there notices",
    "renewal-save-plan": "Learn how the renewal will be decided, and by whom",
    "overdue-renewal-close": "End the open renewal with a signature or a date",
    "score-drop-triage": "Check whether the customer changed or only the data",
    "stabilise-before-expansion": "Hold the sale until the present use works",
    "contraction-review": "Ask the sponsor about the contract and what comes next",
    "data-refresh": "Get the missing figures from the customer",
}


def actions(reading: Reading) -> tuple[Action, ...]:
    """One to four actions, the most pressing first."""
    if reading.churned:
        return (_farewell(reading),)
    chosen = _chosen(reading)
    if not chosen:
        return (_without_a_playbook(reading),)
    best = best_gain(reading)
    found = [_action(reading, choice, gain=best is not None and choice is best[0]) for choice in chosen]
    order = list(RiskLevel)[::-1]
    return tuple(sorted(found, key=lambda one: order.index(one.priority)))


def _chosen(reading: Reading) -> list[Choice]:
    """For each signal the most pressing playbook that answers it; then, up to three, those that win points back."""
    choices = reading.subject.choices
    chosen: list[Choice] = []
    for signal in ranked(reading):
        answering = [one for one in choices if signal.code in one.because]
        if answering and not any(one in chosen for one in answering):
            levels = list(RiskLevel)
            chosen.append(max(answering, key=lambda one: levels.index(get(one.playbook).priority)))
    if reading.raised(RiskSignalCode.SILENT_CUSTOMER) is None:
        others = [one for one in choices if one not in chosen and _gain(reading, one) >= LEAST_GAIN]
        chosen += others[: max(0, USUAL - len(chosen))]
    return chosen[:MOST]


def _gain(reading: Reading, choice: Choice) -> Decimal:
    points = reading.subject.fact(choice.evidence[0]) if choice.evidence else None
    return amount(points) if points is not None else Decimal(0)


def _action(reading: Reading, choice: Choice, *, gain: bool) -> Action:
    raised = [signal for signal in reading.subject.signals if signal.code in choice.because]
    priority = max((signal.severity for signal in raised), key=list(RiskLevel).index, default=RiskLevel.LOW)
    if not raised and reading.subject.bucket is HealthBucket.RED:
        priority = RiskLevel.MEDIUM
    reason = _reason(reading, choice, gain=gain)
    also = [key for signal in raised for key in signal.evidence[:1]] or choice.evidence
    step = get(choice.playbook).steps[0].due_in_days
    due = max(step, _DUE[priority])
    return Action(_TITLES[choice.playbook], reason, priority, choice.playbook, cited(reason, also), due)


def _reason(reading: Reading, choice: Choice, *, gain: bool) -> str:
    why = _REASONS[choice.playbook](reading)
    points = reading.subject.fact(choice.evidence[0]) if choice.evidence else None
    told = reading.subject.bucket in (HealthBucket.AMBER, HealthBucket.RED)
    if gain and not told and points is not None and amount(points) >= LEAST_GAIN:
        return f"{why} The score could win back up to {ref(points)} this way."
    return why


def _with(text: str, fact: Fact | None, otherwise: str) -> str:
    return text.format(ref(fact)) if fact is not None else otherwise


_REASONS: Final[Mapping[str, Callable[[Reading], str]]] = {
    "silent-customer-reactivation": lambda r: _with(
        "At a licence utilisation of {}, ask a person whether the need is gone or only the habit.",
        r.number(Topic.LICENSE_UTILISATION), "Ask a person whether the need is gone or only the habit.",
    ),
    "usage-drop-response": lambda r: _with(
        "Logins fell by {}, and the way back is short while people still remember it.",
        r.number(Topic.LOGINS, Aspect.CHANGE), "The way back is short while people still remember it.",
    ),
    "licence-rollout": lambda r: _with(
        "{} seats are idle, and a seat is used where its person has a task for it.",
        r.number(Topic.SEATS, label="Seats without"), "Seats without a person and a task stay idle.",
    ),
    "feature-adoption-campaign": lambda r: _with(
        "Feature adoption is at {}, and a task that moves over brings others along.",
        r.number(Topic.FEATURE_ADOPTION), "A task that moves over brings others along.",
    ),
    "critical-support-escalation": lambda r: _with(
        "With {} critical tickets in the last quarter, daily news calms where promises do not.",
        r.number(Topic.CRITICAL_TICKETS), "Daily news calms where promises do not.",
    ),
    "ticket-root-cause-review": lambda r: _with(
        "At a ticket rate of {}, answering faster is not enough.",
        r.number(Topic.TICKET_RATE), "Answering faster is not enough.",
    ),
    "detractor-recovery": lambda r: _with(
        "An NPS of {} turns on a few voices: hear them in person before the next survey.",
        r.number(Topic.NPS), "Hear the critics in person before the next survey does.",
    ),
    "executive-business-review": lambda r: _with(
        "The last business review was {} ago, and a sponsor who is not asked decides alone.",
        r.number(Topic.QBR_RECENCY), "A sponsor who is not asked decides alone.",
    ),
    "onboarding-rescue": lambda r: _with(
        "With the onboarding at {}, a small go-live with a date beats a full plan.",
        r.number(Topic.ONBOARDING_PROGRESS), "A small go-live with a date beats a full plan.",
    ),
    "first-value-sprint": lambda r: _with(
        "The time to first value was {}, and a visible result now beats the rest of the plan.",
        r.number(Topic.TIME_TO_VALUE), "A visible result now beats the rest of the plan.",
    ),
    "renewal-save-plan": lambda r: _with(
        "The renewal is {} away, and an offer made without knowing who decides is a guess.",
        r.number(Topic.RENEWAL), "Know the conditions before the offer.",
    ),
    "overdue-renewal-close": lambda r: _with(
        "The renewal has been open for {}: paperwork or a silent no, a call tells which.",
        r.number(Topic.RENEWAL), "Paperwork or a silent no: a call tells which.",
    ),
    "score-drop-triage": lambda r: _with(
        "The health score fell by {}, and it is quick to rule out that only the data changed.",
        r.number(Topic.SCORE, Aspect.CHANGE), "It is quick to rule out that only the data changed.",
    ),
    "stabilise-before-expansion": lambda r: _with(
        "At a health score of {}, what is sold now comes back at the renewal.",
        r.number(Topic.SCORE), "What is sold on weak ground comes back at the renewal.",
    ),
    "contraction-review": lambda r: _with(
        "ARR fell by {} in a year, and the next step is prepared in talks that we are not part of.",
        r.number(Topic.ARR, Aspect.CHANGE), "The next step is prepared in talks that we are not part of.",
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
            f"Beyond what was bought, {ref(what)} active users share the seats, so the need has proved itself."
            if what is beyond
            else f"An expansion of {ref(what)} is in sight while the account is well."
        )
        return Action("Offer a contract that fits the use", reason, RiskLevel.MEDIUM, None, cited(reason), 14)
    if lost is not None and amount(lost) >= 5:
        reason = f"The score could win back {ref(lost)} through {NAMES[lost.topic]}."
        return Action("Close the gap while the rest is well", reason, RiskLevel.LOW, None, cited(reason), 30)
    reason = _with("A health score of {} is a story that others should hear.", score, "Few figures are known of it.")
    return Action("Ask for a reference while all is well", reason, RiskLevel.LOW, None, cited(reason), 30)


def _farewell(reading: Reading) -> Action:
    status = reading.word(Topic.CUSTOMER_SINCE)
    assert status is not None
    reason = "What is learned from a customer that left helps those that stay."
    title = "Ask the former customer for the reasons and note them"
    return Action(title, reason, RiskLevel.LOW, None, (status.key,), 30)
