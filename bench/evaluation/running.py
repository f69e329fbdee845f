"""An engine over a set of accounts, on the product's own path: picture, writer, check. Not the judging of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bench.evaluation import truth, world
from bench.evaluation.judging import Judged, judge
from bench.evaluation.planted import DAY, Planted
from bench.evaluation.truth import Truth
from services.db.connection import Database
from services.db.statement import Statement
from services.evidence.subject import Subject
from services.evidence.verify import Verified
from services.insights import picture, saving
from services.ports import Call, NotWritten, Writer
from services.settings import Settings
from services.vocabulary import InsightEngine, JobFailureCode

WITHIN: Final = timedelta(seconds=120)
"What a writer has for an insight; the settings bound each call of a model."
HOPELESS: Final = 3
"After so many failures and no insight, the run ends."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One insight asked for: what was kept of it, or why there is none, and what it took."""

    insight: Verified | None
    failure: JobFailureCode | None
    message: str
    calls: tuple[Call, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """An account, the attempt at its insight and what that is worth. `judged` is None where there is no insight."""

    account: Planted
    attempt: Attempt
    judged: Judged | None


def writer(engine: InsightEngine, settings: Settings) -> Writer:
    """The product's own writer of that engine."""
    if engine is InsightEngine.RULES:
        from services.insights.rules import Rules

        return Rules()
    from services import wiring
    from services.adapters.openai_writer import OpenAIWriter

    return OpenAIWriter(replace(settings, openai_api_key=wiring.revealed(settings.openai_api_key)))


def run(
    database: Database, writer: Writer, accounts: Sequence[Planted], *, currency: str, say: Callable[[str], None]
) -> list[Result]:
    """Write the accounts into the empty database, an insight of each, and judge it. Ends early where nothing comes."""
    ids = world.write(database, accounts)
    truths = truth.truths(database, list(ids.values()), DAY, currency)
    results: list[Result] = []
    for one in accounts:
        results.append(_result(database, writer, one, ids[one.number], truths[ids[one.number]], currency))
        say(f"{len(results)}/{len(accounts)} {_line(results[-1])}")
        if len(results) == HOPELESS and all(result.attempt.insight is None for result in results):
            say(f"the first {HOPELESS} have failed: no more are asked for")
            break
    return results


def attempt(writer: Writer, subject: Subject) -> Attempt:
    """Ask for an insight of the subject and keep what holds. A draft of which no finding holds is a failure."""
    began = time.perf_counter()
    try:
        written = writer.write(subject, within=WITHIN)
    except NotWritten as failure:
        return Attempt(None, failure.code, failure.message, failure.calls, time.perf_counter() - began)
    checked = saving.check(written.draft, subject)
    seconds = time.perf_counter() - began
    if not checked.findings:
        message = f"no finding matched the facts: {checked.sentences_dropped} sentences were dropped"
        return Attempt(None, JobFailureCode.EVIDENCE_REJECTED, message, written.calls, seconds)
    return Attempt(checked, None, "", written.calls, seconds)


def _result(
    database: Database, writer: Writer, account: Planted, account_id: int, true: Truth, currency: str
) -> Result:
    seen = picture.of_account(database, account_id, Statement(today=DAY, currency=currency))
    assert seen is not None, f"account {account.number} was just written"
    made = attempt(writer, seen.subject)
    if made.insight is None:
        return Result(account, made, None)
    return Result(account, made, judge(made.insight, seen.subject.facts, account.problem, true))


def _line(result: Result) -> str:
    planted, made = result.account.problem or "healthy", result.attempt
    if result.judged is None:
        return f"{planted}: {made.failure}: {made.message} ({made.seconds:.1f} s)"
    found = "found" if result.judged.found else "missed"
    return (
        f"{planted}: {found}, {result.judged.true} of {len(result.judged.faults)} findings true ({made.seconds:.1f} s)"
    )
