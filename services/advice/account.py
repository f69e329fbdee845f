"""An account's insight, written by rules: which findings are worth telling, in which order. Not their words."""

from services.advice.actions import actions
from services.advice.changes import changes
from services.advice.gaps import gaps
from services.advice.opening import headline, summary
from services.advice.prospects import opportunities, strengths, weaknesses
from services.advice.reading import Reading, Told
from services.advice.risks import WEIGHTS, risks
from services.evidence.drafts import Draft
from services.evidence.subject import Subject
from services.vocabulary import RiskLevel

MOST = 6
MOST_TROUBLE = 5
"Findings of trouble beyond the gravest, where there is something else to tell too."


def account(subject: Subject) -> Draft:
    """The draft of an account's insight: up to six findings (at least three), one to four actions."""
    reading = Reading(subject)
    todo = actions(reading)
    return Draft(
        headline=headline(reading),
        summary=summary(reading, todo[0]),
        findings=tuple(told.finding for told in _worth_telling(reading)),
        actions=todo,
    )


def _worth_telling(reading: Reading) -> list[Told]:
    """All that is grave, then the heaviest, leaving room for what is good and what could be won."""
    trouble = sorted([*risks(reading), *changes(reading)], key=_heaviest)
    done = frozenset(topic for told in trouble for topic in told.topics)
    weak = weaknesses(reading, done)
    grave = [told for told in trouble if told.weight > WEIGHTS[RiskLevel.MEDIUM]]
    chosen = [*grave, *trouble[len(grave) :][: max(0, MOST_TROUBLE - len(grave))]]
    room = max(0, MOST_TROUBLE - len(chosen))
    chosen += weak[: min(2, room)]
    others = sorted([*gaps(reading), *opportunities(reading), *strengths(reading)], key=_heaviest)
    chosen += others[: MOST - len(chosen)]
    return sorted(chosen, key=_heaviest)


def _heaviest(told: Told) -> int:
    return -told.weight
