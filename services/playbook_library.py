"""The playbooks: what to do for a customer in which trouble. Data; services.playbooks decides which to run.

A playbook keeps its key for ever: what was recommended and started refers to it. Days count from the start.
"""

from dataclasses import dataclass
from typing import Final

from services.errors import NotFound
from services.vocabulary import MeasureCode, PlaybookCategory, RiskLevel, RiskSignalCode


@dataclass(frozen=True, slots=True)
class Step:
    """One task, to be done by the end of day `due_in_days` after the start. `order` counts from 1."""

    order: int
    title: str
    due_in_days: int


@dataclass(frozen=True, slots=True)
class Playbook:
    """A way to mend something: answers the signals in `triggers`, can win back points of `measures` (maybe none)."""

    key: str
    title: str
    description: str
    category: PlaybookCategory
    priority: RiskLevel
    effort_hours: int
    triggers: tuple[RiskSignalCode, ...]
    measures: tuple[MeasureCode, ...]
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        return f"pbk_{self.key}"


def get(key: str) -> Playbook:
    """The playbook of that key; raises NotFound."""
    for playbook in PLAYBOOKS:
        if playbook.key == key:
            return playbook
    raise NotFound(f"there is no playbook {key!r}")


def _steps(*tasks: tuple[int, str]) -> tuple[Step, ...]:
    return tuple(Step(order, title, day) for order, (day, title) in enumerate(tasks, start=1))


PLAYBOOKS: Final[tuple[Playbook, ...]] = (
    Playbook(
        key="silent-customer-reactivation",
        title="Reactivate a silent customer",
        description="Licences are paid for and hardly anybody logs in. Find out why, name one use that matters to the"
        " sponsor, and bring one team back with it before going wider.",
        category=PlaybookCategory.ENGAGEMENT,
        priority=RiskLevel.HIGH,
        effort_hours=12,
        triggers=(RiskSignalCode.SILENT_CUSTOMER,),
        measures=(MeasureCode.LICENSE_UTILISATION, MeasureCode.WEEKLY_ACTIVE, MeasureCode.SESSION_MINUTES),
        steps=_steps(
            (1, "Check that silence is real: tracking, single sign-on, a renamed tenant, a seasonal pause"),
            (2, "Call the sponsor and the administrator; ask what changed since the purchase and who still needs us"),
            (5, "Agree on one use that matters this quarter, one team for it, and a name on their side"),
            (10, "Invite that team's users anew and run a 45-minute working session on their own data"),
            (21, "Review logins with the administrator twice a week and remove what stops people"),
            (30, "Show the sponsor what the team got out of it; decide on the next team or on a smaller contract"),
        ),
    ),
    Playbook(
        key="usage-drop-response",
        title="Respond to a drop in usage",
        description="Logins fell against the month before. Most drops have one cause, such as a champion who left or"
        " a release that broke a habit: find it within the week, while people still remember the way back.",
        category=PlaybookCategory.ENGAGEMENT,
        priority=RiskLevel.HIGH,
        effort_hours=6,
        triggers=(RiskSignalCode.USAGE_DROP,),
        measures=(MeasureCode.WEEKLY_ACTIVE, MeasureCode.SESSION_MINUTES),
        steps=_steps(
            (1, "List who stopped logging in and compare by team, role and feature"),
            (2, "Check the date against our releases, incidents and their holidays"),
            (3, "Call the champion; if the champion has left, ask the sponsor for a successor by name"),
            (7, "Meet the team that dropped most and rebuild its routine with it"),
            (14, "Compare logins with the weeks before the drop and report to the sponsor"),
        ),
    ),
    Playbook(
        key="licence-rollout",
        title="Roll out the unused licences",
        description="Too many of the seats that were bought lie idle. Give them to named people with a reason to log"
        " in, team by team, with their administrator in the lead.",
        category=PlaybookCategory.ADOPTION,
        priority=RiskLevel.MEDIUM,
        effort_hours=10,
        triggers=(RiskSignalCode.LOW_UTILISATION,),
        measures=(MeasureCode.LICENSE_UTILISATION, MeasureCode.WEEKLY_ACTIVE),
        steps=_steps(
            (2, "Send the administrator the list of seats that were never used or are idle for 30 days"),
            (5, "Agree which teams come next, and what each of them should do in the product first"),
            (10, "Reassign idle seats and switch on single sign-on or provisioning where it is missing"),
            (15, "Train the first team in 30 minutes on its own task and open weekly office hours for a month"),
            (30, "Review utilisation by team with the administrator and repeat for the next team"),
            (60, "Report to the sponsor: seats in use, what they are used for, what is left"),
        ),
    ),
    Playbook(
        key="feature-adoption-campaign",
        title="Bring the key feature into daily work",
        description="People log in without using what makes the product stick. Pick the task that the feature does"
        " better than their present way and move that task over.",
        category=PlaybookCategory.ADOPTION,
        priority=RiskLevel.MEDIUM,
        effort_hours=8,
        triggers=(RiskSignalCode.LOW_UTILISATION,),
        measures=(MeasureCode.FEATURE_ADOPTION, MeasureCode.SESSION_MINUTES),
        steps=_steps(
            (3, "Find the teams that are active without the feature, and how they do its task today"),
            (7, "Choose one task with the champion and set it up as a template with their own data"),
            (14, "Show it in a team meeting of theirs, then sit with two users while they do it"),
            (28, "Send the champion a before-and-after of time spent, for internal use"),
            (45, "Check adoption again; extend to the next task or write down what is missing for the product team"),
        ),
    ),
    Playbook(
        key="critical-support-escalation",
        title="Escalate critical support",
        description="Critical tickets or broken service levels pile up. One owner on our side, one plan, daily news"
        " until it is quiet, and an honest account of the cause afterwards.",
        category=PlaybookCategory.SUPPORT,
        priority=RiskLevel.HIGH,
        effort_hours=14,
        triggers=(RiskSignalCode.CRITICAL_SUPPORT,),
        measures=(MeasureCode.CRITICAL_TICKETS, MeasureCode.SLA_BREACHES),
        steps=_steps(
            (0, "Name one owner for all open critical tickets and tell the customer who it is"),
            (1, "Agree with support and engineering on a plan with dates for each ticket"),
            (1, "Call the customer's lead: what hurts most, what can wait, how often they want news"),
            (5, "Send news every day until the last critical ticket is closed, even when there is none"),
            (14, "Deliver a written root cause with what we changed, and settle credits for broken service levels"),
            (30, "Review 30 days without a new critical ticket with the customer and close the escalation"),
        ),
    ),
    Playbook(
        key="ticket-root-cause-review",
        title="Find the root causes of the tickets",
        description="The customer files many tickets for its size. Sort them by cause; usually three causes make most"
        " of them, and training, configuration or a fix ends each.",
        category=PlaybookCategory.SUPPORT,
        priority=RiskLevel.MEDIUM,
        effort_hours=9,
        triggers=(RiskSignalCode.CRITICAL_SUPPORT,),
        measures=(MeasureCode.TICKET_RATE, MeasureCode.CRITICAL_TICKETS),
        steps=_steps(
            (3, "Sort the tickets of 90 days by cause: defect, configuration, missing knowledge, missing feature"),
            (7, "Take the three largest causes to support and product, with the customer's ARR beside them"),
            (10, "Go through the findings with the customer's administrator and agree who does what"),
            (20, "Mend the configuration and train the two people who file most tickets"),
            (45, "Compare the ticket rate with the 90 days before and tell the customer"),
        ),
    ),
    Playbook(
        key="detractor-recovery",
        title="Win back a detractor",
        description="The customer told us that it would not recommend us. Answer in person and fast, promise little,"
        " keep it visibly, and ask again.",
        category=PlaybookCategory.ADVOCACY,
        priority=RiskLevel.HIGH,
        effort_hours=5,
        triggers=(RiskSignalCode.DETRACTOR,),
        measures=(MeasureCode.NPS,),
        steps=_steps(
            (2, "Call each detractor in person; listen, do not defend, write down their words"),
            (4, "Choose the one or two complaints that we can settle within a month and name an owner"),
            (5, "Tell them what we will do, by when, and what we will not do"),
            (30, "Show that it is done and ask whether it is what they meant"),
            (90, "Ask the survey's question again and record the answer"),
        ),
    ),
    Playbook(
        key="executive-business-review",
        title="Hold the overdue business review",
        description="The last business review is too long ago. Prepare one on the customer's goals rather than our"
        " features, with a decision maker in the room.",
        category=PlaybookCategory.ENGAGEMENT,
        priority=RiskLevel.MEDIUM,
        effort_hours=8,
        triggers=(RiskSignalCode.QBR_OVERDUE,),
        measures=(MeasureCode.QBR_RECENCY,),
        steps=_steps(
            (2, "Propose two dates to the sponsor and ask for the person who will decide on the renewal"),
            (7, "Gather usage, support and value figures and write down the goals that they named last time"),
            (10, "Align with the champion beforehand; no surprise belongs in the meeting"),
            (21, "Hold the review: results against goals, what is in the way, goals of the next quarter"),
            (23, "Send the decisions with owners and dates, and put the next review into the calendar"),
        ),
    ),
    Playbook(
        key="onboarding-rescue",
        title="Rescue a stalled onboarding",
        description="The go-live does not come nearer. Cut the plan down to the shortest way to a first team live,"
        " and get a sponsor to clear what blocks it.",
        category=PlaybookCategory.ONBOARDING,
        priority=RiskLevel.HIGH,
        effort_hours=16,
        triggers=(RiskSignalCode.ONBOARDING_STALLED,),
        measures=(MeasureCode.ONBOARDING_PROGRESS, MeasureCode.TIME_TO_VALUE),
        steps=_steps(
            (2, "Find the one task that blocks the others: data, security review, integration or people"),
            (4, "Meet sponsor and project lead; agree on a smaller first go-live with a date"),
            (7, "Lend a solutions engineer for the blocking task, half a day at least"),
            (14, "Review the plan every week for 20 minutes: done, next, blocked"),
            (30, "Go live with the first team and stand by on the day"),
            (45, "Hand over to regular care with the open points and the date of the next team"),
        ),
    ),
    Playbook(
        key="first-value-sprint",
        title="Reach the first value in three weeks",
        description="The customer took, or is taking, too long to get something out of the product. Pick one result"
        " that a manager there would notice and deliver exactly that.",
        category=PlaybookCategory.ONBOARDING,
        priority=RiskLevel.MEDIUM,
        effort_hours=12,
        triggers=(RiskSignalCode.ONBOARDING_STALLED,),
        measures=(MeasureCode.TIME_TO_VALUE, MeasureCode.FEATURE_ADOPTION),
        steps=_steps(
            (1, "Ask the sponsor which single result would make the purchase worth it"),
            (3, "Trim data and configuration to what that result needs; postpone the rest in writing"),
            (10, "Build it together with two of their users in working sessions"),
            (18, "Let the users show the result to their manager; be there and keep quiet"),
            (21, "Write down what it saved in their own figures and agree on the second result"),
        ),
    ),
    Playbook(
        key="renewal-save-plan",
        title="Save a renewal at risk",
        description="The renewal is near and the customer is not well. Learn how the decision will be made, mend what"
        " decides it, and offer a contract that fits what is used.",
        category=PlaybookCategory.RENEWAL,
        priority=RiskLevel.HIGH,
        effort_hours=20,
        triggers=(RiskSignalCode.RENEWAL_AT_RISK,),
        measures=(MeasureCode.LICENSE_UTILISATION, MeasureCode.NPS, MeasureCode.QBR_RECENCY),
        steps=_steps(
            (1, "Hold an internal call with sales, support and product: what we know, who knows whom, who leads"),
            (3, "Ask the champion how the decision is made: who signs, by when, against which alternative"),
            (7, "Meet the decision maker; name their two or three conditions in their own words"),
            (14, "Show progress on each condition and the value of the past year in figures they agree with"),
            (21, "Make an offer that fits the seats in use, with a way to grow again"),
            (30, "Get a decision in writing, or our executive to call theirs the next day"),
        ),
    ),
    Playbook(
        key="overdue-renewal-close",
        title="Close an overdue renewal",
        description="The contract has run out and service goes on. Find out whether it is paperwork or a silent no,"
        " and end the uncertainty either way.",
        category=PlaybookCategory.RENEWAL,
        priority=RiskLevel.HIGH,
        effort_hours=4,
        triggers=(RiskSignalCode.RENEWAL_OVERDUE,),
        measures=(),
        steps=_steps(
            (0, "Check with finance and legal whether a signed order is lying somewhere"),
            (1, "Call the buyer and the sponsor; ask what is missing for a signature"),
            (3, "Send a clean order form with one price and one date, or a short extension in writing"),
            (7, "Have our executive call theirs where nothing has moved"),
            (14, "Agree on a signature or on an orderly end with a date, and update the renewal date"),
        ),
    ),
    Playbook(
        key="score-drop-triage",
        title="Triage a falling score",
        description="The health score fell sharply within a month. Tell a change at the customer from a change in the"
        " data, then start the playbook that fits the cause.",
        category=PlaybookCategory.ENGAGEMENT,
        priority=RiskLevel.HIGH,
        effort_hours=2,
        triggers=(RiskSignalCode.SCORE_DROP,),
        measures=(),
        steps=_steps(
            (1, "Read which measures took the points, and rule out late or missing data"),
            (2, "Ask support and sales what happened in those weeks"),
            (3, "Call the champion with one open question about the measure that fell most"),
            (5, "Start the playbook for the cause and note why, or note why none is needed"),
        ),
    ),
    Playbook(
        key="stabilise-before-expansion",
        title="Stabilise before selling more",
        description="More is being sold to a customer that is not well. Growth on a weak footing comes back as a"
        " large contraction: make the present use work first, and let the sale follow it.",
        category=PlaybookCategory.RENEWAL,
        priority=RiskLevel.MEDIUM,
        effort_hours=8,
        triggers=(RiskSignalCode.GROWING_BUT_UNHEALTHY,),
        measures=(MeasureCode.CRITICAL_TICKETS, MeasureCode.TICKET_RATE, MeasureCode.FEATURE_ADOPTION),
        steps=_steps(
            (2, "Show the account executive the health beside the offer and agree on one plan"),
            (5, "Ask the new team's lead what must work on the first day, and check that it does"),
            (14, "Settle the open critical tickets before new users come"),
            (21, "Phase the expansion: a first part now, the rest when agreed figures are reached"),
            (60, "Review those figures with the customer and release the next part"),
        ),
    ),
    Playbook(
        key="contraction-review",
        title="Understand a shrinking contract",
        description="The customer is healthy and pays less than a year ago. Learn whether it is budget, headcount or"
        " a competitor taking a part of the work, before the next cut.",
        category=PlaybookCategory.RENEWAL,
        priority=RiskLevel.MEDIUM,
        effort_hours=6,
        triggers=(RiskSignalCode.HEALTHY_BUT_SHRINKING,),
        measures=(MeasureCode.LICENSE_UTILISATION, MeasureCode.FEATURE_ADOPTION),
        steps=_steps(
            (3, "Lay out the contract's changes of the past year: seats, modules, price, and who asked for them"),
            (7, "Ask the sponsor about headcount, budget and tools for the coming year"),
            (14, "Map the teams without our product and the tools that they use instead"),
            (21, "Put a case for one of those teams to the sponsor, with a reference from their industry"),
            (45, "Agree on a floor for the renewal, or note the reason why it will fall"),
        ),
    ),
    Playbook(
        key="data-refresh",
        title="Get the account's data back",
        description="Nothing reliable is known of the account, so its health is a guess. Restore the flow of data and"
        " ask the questions that data cannot answer.",
        category=PlaybookCategory.ENGAGEMENT,
        priority=RiskLevel.LOW,
        effort_hours=2,
        triggers=(RiskSignalCode.DATA_STALE,),
        measures=(),
        steps=_steps(
            (2, "Find out which figures are missing and which export or integration should bring them"),
            (5, "Restore the export, or upload a file by hand with seats, users, tickets and the last survey"),
            (7, "Call the customer once all the same: who uses it, for what, how well"),
            (10, "Check that the score has enough data and look at the account as if it were new"),
        ),
    ),
)
