"""Insights on their way, as a client and a worker meet them: queue, deliver, read. Writers here keep to a script."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services import ids
from services.db.connection import Database
from services.evidence.drafts import Action, Draft, Finding
from services.evidence.facts import Aspect, Topic
from services.evidence.subject import Subject
from services.insights import work
from services.insights.rules import Rules
from services.ports import Call, NotWritten, Writer, Written
from services.settings import Settings
from services.vocabulary import FindingKind, InsightEngine, RiskLevel
from tests.api import KeptMessages
from tests.worlds import NOON, TODAY, account, metric, observation, scored

RULES = Settings(insights_queue_url="kept by the test")
MODEL = replace(RULES, openai_api_key="a key", openai_model="gpt-test")
CALL = Call("gpt-test-2026", 900, 100, 0, Decimal("0.001"), 1500)

ASK = """mutation ($account: ID!, $reuse: Boolean! = true, $key: ID) {
  queueInsight(input: {accountId: $account, reuseIfFresh: $reuse, idempotencyKey: $key}) {
    reused job { id status attempts insight { id headline } } userErrors { code message path }
  }
}"""
JOB = """query ($id: ID!) { job(id: $id) {
  id status pollAfterMs createdAt startedAt finishedAt progress { done total } failure { code message retryable }
  ... on InsightJob { attempts insight { id headline engine } }
} }"""


@dataclass
class Scripted:
    """A writer that does what each next line of its script says: gives a draft, or raises."""

    script: list[Callable[[Subject], Draft] | NotWritten | BaseException] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    withins: list[timedelta] = field(default_factory=list)

    def write(self, subject: Subject, *, within: timedelta) -> Written:
        self.subjects.append(subject)
        self.withins.append(within)
        line = self.script.pop(0) if self.script else honest
        if isinstance(line, BaseException):
            raise line
        return Written(line(subject), (CALL,))


@dataclass
class Worker:
    """Delivers messages to the worker's code. `now` is its clock."""

    database: Database
    writer: Writer = field(default_factory=Scripted)
    settings: Settings = RULES
    now: datetime = NOON
    queue: KeptMessages = field(default_factory=KeptMessages)

    def deliver(self, job_id: str, *, within: timedelta = timedelta(seconds=50)) -> work.Outcome:
        writers = {InsightEngine.RULES: Rules(), InsightEngine.OPENAI: self.writer}
        return work.work(
            self.database, self.queue, writers, ids.uuid(job_id, ids.JOB), settings=self.settings,
            clock=lambda: self.now, within=within,
        )  # fmt: skip


def honest(subject: Subject) -> Draft:
    """A draft in which every sentence holds for every account with a score."""
    score = next(fact for fact in subject.facts if (fact.topic, fact.aspect) == (Topic.SCORE, Aspect.LEVEL))
    text = f"The health score is {{{score.key}}}."
    kind = FindingKind.RISK if Decimal(score.value) < 75 else FindingKind.STRENGTH
    action = Action("Call the sponsor", text, RiskLevel.HIGH, None, (score.key,), 7)
    return Draft(text, text, (Finding(text, kind, (score.key,)),), (action,))


def lying(subject: Subject) -> Draft:
    """A draft in which no sentence holds."""
    one = honest(subject)
    text = "The health score is 12.3 because Globex cancelled 41 seats."
    return replace(one, headline=text, summary=text, findings=(replace(one.findings[0], text=text),))


def half_true(subject: Subject) -> Draft:
    """A draft of which one sentence in two holds."""
    one = honest(subject)
    [finding] = one.findings
    return replace(one, findings=(replace(finding, text=f"{finding.text} Net Promoter Score is 99."),))


def failing_account(database: Database, name: str = "Initech", **columns: Any) -> str:
    """An account in trouble, scored; its id."""
    with database.writing() as session:
        key = account(session, name, arr="120000", since=TODAY - timedelta(days=400), segment="ENTERPRISE",
                      renewal_date=TODAY + timedelta(days=20), **columns)  # fmt: skip
        for back in (40, 0):
            observation(
                session, key, day=TODAY - timedelta(days=back), seats_purchased=200, active_users=150 if back else 62,
                feature_x_adoption="0.4" if back else "0.2", weekly_active_pct="0.5" if back else "0.25",
                tickets_last_30d=4 if back else 31, critical_tickets_90d=0 if back else 4,
                sla_breaches_90d=0 if back else 2, nps=20 if back else -30,
                qbr_last_date=TODAY - timedelta(days=130),
            )  # fmt: skip
        for back in range(60):
            metric(
                session, key, TODAY - timedelta(days=back), logins=3 if back < 30 else 12, avg_session_min=Decimal(9)
            )
        scored(session, TODAY - timedelta(days=35))
        scored(session)
    return f"acc_{key}"


def insights(database: Database) -> list[dict[str, Any]]:
    return [row[0] for row in database.rows("select to_jsonb(i) from insights i order by created_at, id")]


def job(database: Database, job_id: str) -> dict[str, Any]:
    row: dict[str, Any] = database.read(
        "select to_jsonb(j) from jobs j where id = %(id)s", {"id": str(ids.uuid(job_id, ids.JOB))}
    )
    return row


def kinds(database: Database) -> list[str]:
    """What the updates tell of insights, in order."""
    rows = database.rows("select kind from events where kind like 'INSIGHT%%' order by tx, id", {})
    return [row[0] for row in rows]
