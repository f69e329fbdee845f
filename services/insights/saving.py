"""A checked draft on its way into the database, with what it took. The last step of a job, all in one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from services import ids, playbook_library, prompts, repeats, tracing
from services.evidence import names
from services.evidence.drafts import Draft
from services.evidence.facts import Fact
from services.evidence.subject import Subject
from services.evidence.verify import Verified, verify
from services.insights import budget, claims
from services.insights.claims import Claim
from services.insights.picture import Picture
from services.ports import Call, NotWritten
from services.settings import Settings
from services.vocabulary import InsightEngine, InsightScope, JobFailureCode, UpdateKind, VerificationStatus

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Result:
    """All that an insight's row is made of."""

    claim: Claim
    picture: Picture
    checked: Verified
    engine: InsightEngine
    fallback_reason: JobFailureCode | None


@tracing.spanned("verify")
def check(draft: Draft, subject: Subject) -> Verified:
    """The draft without the sentences that no fact holds."""
    return verify(draft, subject, playbooks={playbook.key for playbook in playbook_library.PLAYBOOKS})


@tracing.spanned("save")
def save(session: "Session", result: Result, *, now: datetime) -> bool:
    """Write the insight, end its job and tell it; False, and nothing written, where the claim was lost meanwhile.

    Raises NotWritten where the account is gone.
    """
    from services.db.tables import Insight

    claim, checked, subject = result.claim, result.checked, result.picture.subject
    insight_id = uuid4()
    by_model = result.engine is InsightEngine.OPENAI
    insight = Insight(
        id=insight_id,
        job_id=claim.job_id,
        scope=subject.scope.value,
        account_id=claim.account_id,
        input={} if subject.scope is InsightScope.ACCOUNT else {
            name: claim.input[name] for name in ("filter", "as_of")
        },
        headline=checked.headline,
        summary=checked.summary,
        findings=[
            {"text": one.text, "kind": one.kind, "evidence": _shown(one.evidence, subject)} for one in checked.findings
        ],
        actions=[
            {
                "title": one.title, "reason": one.reason, "priority": one.priority, "playbook": one.playbook,
                "due_in_days": one.due_in_days, "evidence": _shown(one.evidence, subject),
            }
            for one in checked.actions
        ],
        facts=[repeats.plain(asdict(fact)) for fact in subject.facts],
        facts_hash=result.picture.facts_hash,
        data_as_of=subject.day,
        engine=result.engine.value,
        fallback_reason=result.fallback_reason,
        verification=_status(result),
        numbers_found=checked.numbers_found,
        numbers_verified=checked.numbers_verified,
        sentences_dropped=checked.sentences_dropped,
        created_at=now,
        **(_usage(session, claim) if by_model else {}),
    )  # fmt: skip
    if not _still_ours(session, claim):
        return False
    session.add(insight)
    session.flush()
    claims.succeed(session, claim, insight_id, now=now)
    tell(session, insight_id, now=now)
    return True


def tell(session: "Session", insight_id: UUID, *, now: datetime) -> None:
    """Let the updates say that the insight can be read."""
    from services.db.tables import Event

    session.add(Event(at=now, kind=UpdateKind.INSIGHT_READY.value, subject=ids.of(ids.INSIGHT, insight_id)))


def keep_calls(
    session: "Session",
    job_id: UUID,
    calls: Sequence[Call],
    failure: JobFailureCode | None,
    *,
    settings: Settings,
    now: datetime,
) -> None:
    """Write down what the calls took, whatever became of them, and log it beside what the day may take."""
    from services.db.tables import ModelCall

    session.add_all([
        ModelCall(at=now, job_id=job_id, failure_code=failure, **asdict(call)) for call in calls
    ])  # fmt: skip
    session.flush()
    if calls:
        budget.tell(session, calls, settings, now=now)


def _still_ours(session: "Session", claim: Claim) -> bool:
    """Whether the claim holds; if so its row stays locked to the end of the transaction. Raises NotWritten.

    The account is held first, in the order in which who deletes it comes by both.
    """
    values = {"id": str(claim.job_id), "attempt": claim.attempt, "account": claim.account_id}
    if claim.account_id is not None:
        held = session.connection().exec_driver_sql(_HOLD, values).one_or_none()
        if held is None:
            raise NotWritten(JobFailureCode.SUBJECT_NOT_FOUND, "the account is gone")
    return session.connection().exec_driver_sql(_LOCK, values).one_or_none() is not None


def _status(result: Result) -> VerificationStatus:
    if result.engine is InsightEngine.RULES:
        return VerificationStatus.DETERMINISTIC
    return VerificationStatus.REPAIRED if result.checked.sentences_dropped else VerificationStatus.VERIFIED


def _usage(session: "Session", claim: Claim) -> dict[str, Any]:
    """What all calls of the job took together."""
    paid = session.connection().exec_driver_sql(_PAID, {"job": str(claim.job_id)}).one()
    return {
        "model": paid.model, "prompt_version": prompts.VERSION, "prompt_tokens": paid.prompt,
        "completion_tokens": paid.completion,
        "cached": paid.cached > 0, "duration_ms": paid.duration,
    }  # fmt: skip


def _shown(evidence: Sequence[Fact], subject: Subject) -> list[dict[str, Any]]:
    """The facts as a reader sees them: names instead of tokens in their labels."""
    return [
        {
            "key": fact.key, "label": _named(fact.label, subject), "value": fact.value, "unit": fact.unit,
            "observed_on": fact.observed_on.isoformat(), "source": fact.source,
        }
        for fact in evidence
    ]  # fmt: skip


def _named(label: str, subject: Subject) -> str:
    for token, name in subject.names.items():
        label = label.replace(f"{{{token}}}", names.shown(token, name))
    return label


_HOLD = "select 1 from accounts where id = %(account)s for key share"
_LOCK = "select 1 from jobs where id = %(id)s and attempts = %(attempt)s and status = 'RUNNING' for update"
_PAID = """
select max(model) as model, sum(prompt_tokens)::int as prompt, sum(completion_tokens)::int as completion,
  sum(cached_tokens)::int as cached, sum(duration_ms)::int as duration
from model_calls where job_id = %(job)s
"""
