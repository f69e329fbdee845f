"""What mutations answer: the changed thing, or what was wrong with the input."""

from graph.types.accounts import Account
from graph.types.common import UserError
from graph.types.insights import Insight
from graph.types.jobs import InsightBatchJob, InsightJob, RecomputeJob
from graph.types.uploads import Upload, UploadTarget
from graph.words import described, told

PROBLEMS = "What was wrong with the input; empty where all went well."


@described
class RequestUploadUrlPayload:
    """An upload and the form for its file."""

    upload: Upload | None = told("The upload, whose status can be asked at once.")
    target: UploadTarget | None = told("Where to send the file; null where the upload has had its file already.")
    user_errors: list[UserError] = told(PROBLEMS)


@described
class UpdateAccountPayload:
    """The account after the change."""

    account: Account | None = told("The account; null where nothing was changed because of the errors.")
    user_errors: list[UserError] = told(PROBLEMS)


@described
class RecomputeHealthPayload:
    """The job that scores the accounts."""

    job: RecomputeJob | None = told("The job.")
    user_errors: list[UserError] = told(PROBLEMS)


@described
class QueueInsightPayload:
    """The job that writes the insight."""

    job: InsightJob | None = told("The job; poll it.")
    reused: bool = told("Whether an insight of the same facts, or one that is on its way, answers the request.")
    user_errors: list[UserError] = told(PROBLEMS)


@described
class QueueInsightsPayload:
    """The job that writes the insights."""

    job: InsightBatchJob | None = told("The job; null where only an estimate was asked for, or no account matches.")
    matched: int = told("Accounts that the filter means.")
    estimated_tokens: int = told("Tokens that the insights will take about; 0 where rules write them.")
    user_errors: list[UserError] = told(PROBLEMS)


@described
class RateInsightPayload:
    """The insight with its rating."""

    insight: Insight | None = told("The insight.")
    user_errors: list[UserError] = told(PROBLEMS)


@described
class GenerateMockDataPayload:
    """What was made."""

    accounts_created: int = told("Accounts made; those of the same seed that were there already are left alone.")
    metrics_created: int = told("Daily metrics made.")
    seed: int = told("The seed of the world.")
    user_errors: list[UserError] = told(PROBLEMS)
