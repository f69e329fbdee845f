"""The words of the product that have a closed list of values, each with what it means. Not what follows from them.

The values are those that the database stores and the API shows; their descriptions stand in the schema.
"""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """One value of a closed list. Its value is its name; `description` says what it means."""

    description: str

    def __new__(cls, value: str, description: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member


# --- accounts ---


class Segment(Word):
    """How large a customer is, by the way it is served."""

    SMB = "SMB", "Small business: served with little personal contact."
    MID_MARKET = "MID_MARKET", "Mid-size company."
    ENTERPRISE = "ENTERPRISE", "Large company with a named success manager and regular business reviews."


class AccountStatus(Word):
    """Where a customer stands in its life."""

    ONBOARDING = "ONBOARDING", "Has bought and is not live yet."
    ACTIVE = "ACTIVE", "Live and under contract, or overdue for renewal and not given up."
    CHURNED = "CHURNED", "No longer a customer."


class RenewalWindow(Word):
    """How far off the renewal is, in days from today; both ends belong to the window."""

    OVERDUE = "OVERDUE", "The renewal date has passed and the account is still active."
    D0_30 = "D0_30", "Due in 0 to 30 days."
    D31_60 = "D31_60", "Due in 31 to 60 days."
    D61_90 = "D61_90", "Due in 61 to 90 days."
    D91_180 = "D91_180", "Due in 91 to 180 days."
    LATER = "LATER", "Due in more than 180 days."
    NONE = "NONE", "No renewal date is known, or the account has churned."


class ChangeSource(Word):
    """Where a change of an account came from."""

    API = "API", "A person or a program, through this API."
    IMPORT = "IMPORT", "An uploaded file."
    SCORING = "SCORING", "The health scoring."
    MOCK = "MOCK", "Generated demonstration data."


class AccountOrderField(Word):
    """What a list of accounts can be ordered by."""

    NAME = "NAME", "The account's name, whatever its case."
    ARR = "ARR", "Annual recurring revenue."
    HEALTH_SCORE = "HEALTH_SCORE", "The newest health score."
    SCORE_CHANGE_30D = "SCORE_CHANGE_30D", "Change of the health score against 30 days earlier."
    RENEWAL_DATE = "RENEWAL_DATE", "The day the contract is to be renewed."
    ATTENTION = "ATTENTION", "Where work pays most: ARR times the points missing to 100, more when renewal is near."
    UPDATED_AT = "UPDATED_AT", "The last change of the account."


class SortDirection(Word):
    """Which end of an order comes first."""

    ASC = "ASC", "Smallest, earliest or alphabetically first value first."
    DESC = "DESC", "Largest, latest or alphabetically last value first."


class NullsOrder(Word):
    """Where accounts without a value stand in an order."""

    FIRST = "FIRST", "Before all others."
    LAST = "LAST", "After all others."


# --- health ---


class HealthBucket(Word):
    """Health in one word, decided from the score rounded to one decimal."""

    GREEN = "GREEN", "75.0 and above: healthy."
    AMBER = "AMBER", "50.0 to 74.9: needs attention."
    RED = "RED", "Below 50.0: likely to churn."
    UNKNOWN = "UNKNOWN", "Too little data to score."


class Trend(Word):
    """Where the score went over 30 days; changes of less than 5 points count as noise."""

    UP = "UP", "At least 5 points better."
    FLAT = "FLAT", "Within 5 points."
    DOWN = "DOWN", "At least 5 points worse."
    NEW = "NEW", "No earlier score to compare with."


class HealthSource(Word):
    """Who made the score."""

    COMPUTED = "COMPUTED", "This product, from the measures listed as factors."
    IMPORTED = "IMPORTED", "The customer's own score from the file, used where ours has too little data."
    NONE = "NONE", "Nobody: there is no score."


class FactorDirection(Word):
    """Whether a factor lifts the score or pulls it down."""

    HELPS = "HELPS", "Its sub-score is 75 or more."
    NEUTRAL = "NEUTRAL", "Its sub-score is at least 50 and below 75."
    HURTS = "HURTS", "Its sub-score is below 50."


class Dimension(Word):
    """The side of the relationship that a measure looks at."""

    ADOPTION = "ADOPTION", "How much of what was bought is used."
    ENGAGEMENT = "ENGAGEMENT", "How deeply it is used, and how soon it became useful."
    SUPPORT = "SUPPORT", "How much trouble the customer has."
    ADVOCACY = "ADVOCACY", "What the customer says of us."
    PROCESS = "PROCESS", "Whether we do our own part: reviews and onboarding."


class MeasureCode(Word):
    """What a health score is made of."""

    LICENSE_UTILISATION = "LICENSE_UTILISATION", "Active users as a share of the seats bought."
    FEATURE_ADOPTION = "FEATURE_ADOPTION", "Share of users who use the key feature."
    WEEKLY_ACTIVE = "WEEKLY_ACTIVE", "Share of users who are active in a week."
    SESSION_MINUTES = "SESSION_MINUTES", "Average minutes of a session over 30 days, weighted by logins."
    TIME_TO_VALUE = "TIME_TO_VALUE", "Days from the purchase to the first value."
    TICKET_RATE = "TICKET_RATE", "Support tickets of 30 days per 100 seats."
    CRITICAL_TICKETS = "CRITICAL_TICKETS", "Critical support tickets of 90 days."
    SLA_BREACHES = "SLA_BREACHES", "Broken service levels of 90 days."
    NPS = "NPS", "Net promoter score, -100 to 100."
    QBR_RECENCY = "QBR_RECENCY", "Days since the last business review."
    ONBOARDING_PROGRESS = "ONBOARDING_PROGRESS", "Share of the onboarding that is done."


class MissingReason(Word):
    """Why a measure is no part of a score."""

    NO_DATA = "NO_DATA", "Nothing was ever told, or silence makes the figure meaningless. Lowers the coverage."
    STALE = "STALE", "The last figure is too old to count. Lowers the coverage."
    NOT_APPLICABLE = "NOT_APPLICABLE", "The measure means nothing for this account. Leaves the coverage alone."


class MissingPolicy(Word):
    """What a scorecard does with a measure that has no data."""

    REWEIGHT = "REWEIGHT", "The other measures share its weight."
    NEUTRAL = "NEUTRAL", "It counts as half."
    ZERO = "ZERO", "It counts as nothing."


class Granularity(Word):
    """How wide the steps of a history are; each step shows its last day with data."""

    DAY = "DAY", "Every day."
    WEEK = "WEEK", "Calendar weeks from Monday."
    MONTH = "MONTH", "Calendar months."


# --- risks and what to do about them ---


class RiskLevel(Word):
    """How grave a risk or how pressing a task is."""

    LOW = "LOW", "Worth knowing."
    MEDIUM = "MEDIUM", "Act within weeks."
    HIGH = "HIGH", "Act now."


class RiskSignalCode(Word):
    """What can be wrong with an account. Playbooks are triggered by these and nothing else."""

    USAGE_DROP = "USAGE_DROP", "Logins fell markedly against the days before."
    SILENT_CUSTOMER = "SILENT_CUSTOMER", "Licences are paid for and hardly anybody logs in."
    LOW_UTILISATION = "LOW_UTILISATION", "Too few of the seats bought are used."
    CRITICAL_SUPPORT = "CRITICAL_SUPPORT", "Critical tickets or broken service levels pile up."
    DETRACTOR = "DETRACTOR", "The customer would not recommend us."
    QBR_OVERDUE = "QBR_OVERDUE", "The last business review is too long ago."
    ONBOARDING_STALLED = "ONBOARDING_STALLED", "The onboarding does not come forward."
    RENEWAL_AT_RISK = "RENEWAL_AT_RISK", "The renewal is near and the health poor, or the account is marked as at risk."
    RENEWAL_OVERDUE = "RENEWAL_OVERDUE", "The renewal date has passed without a renewal."
    SCORE_DROP = "SCORE_DROP", "The health score fell sharply within 30 days."
    GROWING_BUT_UNHEALTHY = "GROWING_BUT_UNHEALTHY", "More is being sold to a customer whose health is poor."
    HEALTHY_BUT_SHRINKING = "HEALTHY_BUT_SHRINKING", "The health is good and the revenue falls all the same."
    DATA_STALE = "DATA_STALE", "Too little, or nothing new, is known of the account to trust its figures."


class EvidenceSource(Word):
    """Where a fact was read."""

    ACCOUNT = "ACCOUNT", "The account's own record."
    DAILY_METRIC = "DAILY_METRIC", "The daily usage figures."
    HEALTH_FACTOR = "HEALTH_FACTOR", "A factor of the health score."
    PORTFOLIO = "PORTFOLIO", "Figures over many accounts."
    NOTE = "NOTE", "A note that somebody wrote."


class PlaybookCategory(Word):
    """What a playbook mends."""

    ADOPTION = "ADOPTION", "Getting what was bought into use."
    ENGAGEMENT = "ENGAGEMENT", "Getting people back, and the relationship wider."
    SUPPORT = "SUPPORT", "Getting trouble out of the way."
    ADVOCACY = "ADVOCACY", "Winning back those who speak badly of us."
    RENEWAL = "RENEWAL", "Keeping and growing the contract."
    ONBOARDING = "ONBOARDING", "Getting new customers live."


# --- uploads ---


class UploadKind(Word):
    """What the rows of a file are."""

    ACCOUNTS = "ACCOUNTS", "One row an account; daily usage columns may stand beside it."
    DAILY_METRICS = "DAILY_METRICS", "One row per account and day of usage."
    ARR_HISTORY = "ARR_HISTORY", "One row per account and day from which its ARR holds."


class UploadStatus(Word):
    """How far an upload is."""

    AWAITING_FILE = "AWAITING_FILE", "The form was signed and the file has not come."
    QUEUED = "QUEUED", "The file has come and waits for its turn."
    VALIDATING = "VALIDATING", "The file is being checked."
    READY_TO_COMMIT = "READY_TO_COMMIT", "Checked as a dry run; nothing is saved until it is committed."
    IMPORTING = "IMPORTING", "The rows are being saved."
    SUCCEEDED = "SUCCEEDED", "Every row was saved, or there was nothing to change. Of a dry run: would be."
    PARTIAL = "PARTIAL", "The good rows were saved and the others are reported. Of a dry run: would be."
    FAILED = "FAILED", "Nothing was saved; the failure says why."
    EXPIRED = "EXPIRED", "The file did not come in time, or the dry run was never committed."
    REVERTED = "REVERTED", "Saved once and taken back since."


class RowErrorPolicy(Word):
    """What becomes of the good rows of a file that has bad ones."""

    SKIP_BAD_ROWS = "SKIP_BAD_ROWS", "Import good rows, report the others."
    ALL_OR_NOTHING = "ALL_OR_NOTHING", "Import nothing if a row is bad."


class RowErrorCode(Word):
    """What is wrong with a cell or a row."""

    REQUIRED_MISSING = "REQUIRED_MISSING", "A required cell is empty."
    NOT_A_NUMBER = "NOT_A_NUMBER", "The cell does not read as a number."
    NOT_A_DATE = "NOT_A_DATE", "The cell does not read as a date, or as more than one."
    NOT_A_BOOLEAN = "NOT_A_BOOLEAN", "The cell reads neither as yes nor as no."
    OUT_OF_RANGE = "OUT_OF_RANGE", "The value is too small or too large."
    UNKNOWN_VALUE = "UNKNOWN_VALUE", "The value is none of those allowed."
    DUPLICATE_IN_FILE = "DUPLICATE_IN_FILE", "An earlier row of the file speaks of the same thing."
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT", "No account has that external id or name."
    AMBIGUOUS_ACCOUNT = "AMBIGUOUS_ACCOUNT", "Several accounts have that name and no external id tells which is meant."
    TOO_LONG = "TOO_LONG", "The text is too long."
    FUTURE_DATE = "FUTURE_DATE", "The date has not come yet."
    WRONG_COLUMN_COUNT = "WRONG_COLUMN_COUNT", "The row has more or fewer cells than the header."
    BAD_ENCODING = "BAD_ENCODING", "The row is not valid UTF-8."


class RowAction(Word):
    """What an import does with a row."""

    CREATE = "CREATE", "Adds something new."
    UPDATE = "UPDATE", "Changes what is there."
    UNCHANGED = "UNCHANGED", "Says what is known already."
    SKIP = "SKIP", "Leaves the row out, for it is bad."


class DateOrder(Word):
    """How the dates of a file are written."""

    YEAR_MONTH_DAY = "YEAR_MONTH_DAY", "2026-04-03 is the third of April."
    DAY_MONTH_YEAR = "DAY_MONTH_YEAR", "03/04/2026 is the third of April."
    MONTH_DAY_YEAR = "MONTH_DAY_YEAR", "03/04/2026 is the fourth of March."


# --- insights ---


class InsightScope(Word):
    """What an insight is about."""

    ACCOUNT = "ACCOUNT", "One account."
    PORTFOLIO = "PORTFOLIO", "Many accounts together."


class InsightEngine(Word):
    """Who wrote an insight."""

    OPENAI = "OPENAI", "A language model, behind OpenAI's protocol; what it wrote was checked before it was kept."
    RULES = "RULES", "The deterministic rule engine."


class FindingKind(Word):
    """What a finding tells."""

    STRENGTH = "STRENGTH", "What goes well."
    RISK = "RISK", "What endangers the customer's success or the renewal."
    CHANGE = "CHANGE", "What is different from before."
    OPPORTUNITY = "OPPORTUNITY", "What could be won."
    DATA_GAP = "DATA_GAP", "What is not known and would matter."


class VerificationStatus(Word):
    """What the check of an insight's statements against its facts came to."""

    VERIFIED = "VERIFIED", "A model wrote it, and every sentence passed."
    REPAIRED = "REPAIRED", "A model wrote it, and the sentences that did not pass were dropped."
    DETERMINISTIC = "DETERMINISTIC", "Rules wrote it from the facts; it passed the same check."


class FeedbackRating(Word):
    """What somebody thinks of an insight."""

    HELPFUL = "HELPFUL", "It helped."
    NOT_HELPFUL = "NOT_HELPFUL", "True, and of no use."
    WRONG = "WRONG", "Something in it is not so."


# --- work, events, people, refusals ---


class JobStatus(Word):
    """How far a job is. The last five are final."""

    QUEUED = "QUEUED", "Waits for its turn."
    RUNNING = "RUNNING", "Is being worked on."
    SUCCEEDED = "SUCCEEDED", "Done."
    PARTIAL = "PARTIAL", "Done in part; the failure says what is missing."
    FAILED = "FAILED", "Given up; the failure says why."
    CANCELLED = "CANCELLED", "Called off before it was done."
    EXPIRED = "EXPIRED", "Not begun in time."


class JobFailureCode(Word):
    """Why a job did not end well."""

    PROVIDER_RATE_LIMITED = "PROVIDER_RATE_LIMITED", "The model's provider asks us to slow down."
    PROVIDER_UNAVAILABLE = "PROVIDER_UNAVAILABLE", "The model's provider did not answer."
    PROVIDER_REFUSED = "PROVIDER_REFUSED", "The model refused to answer."
    OUTPUT_TRUNCATED = "OUTPUT_TRUNCATED", "The model's answer was cut off."
    EVIDENCE_REJECTED = "EVIDENCE_REJECTED", "The model's answer did not match the facts."
    BUDGET_EXHAUSTED = "BUDGET_EXHAUSTED", "The day's tokens are used up."
    SUBJECT_NOT_FOUND = "SUBJECT_NOT_FOUND", "What the job is about is gone."
    TIMED_OUT = "TIMED_OUT", "It took too long."
    FILE_UNREADABLE = "FILE_UNREADABLE", "The file cannot be read, or its bad rows kept all of it from being imported."
    INTERNAL = "INTERNAL", "Our own fault."


class UpdateKind(Word):
    """What an entry of the updates tells."""

    INSIGHT_READY = "INSIGHT_READY", "An insight can be read."
    INSIGHT_FAILED = "INSIGHT_FAILED", "An insight could not be made."
    UPLOAD_FINISHED = "UPLOAD_FINISHED", "A file was imported, wholly or in part."
    UPLOAD_FAILED = "UPLOAD_FAILED", "A file was not imported."
    BUCKET_CHANGED = "BUCKET_CHANGED", "An account's health came into another bucket."
    SIGNAL_RAISED = "SIGNAL_RAISED", "A risk of an account appeared."
    SIGNAL_CLEARED = "SIGNAL_CLEARED", "A risk of an account is gone."
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED", "An account's own record changed."


class Role(Word):
    """What somebody may do; each may do what those before it may."""

    VIEWER = "VIEWER", "Read accounts, the portfolio, insights and playbooks."
    CSM = (
        "CSM",
        "Work on accounts: edit them, upload files, see what was wrong in them, ask for insights and rate them.",
    )
    MANAGER = "MANAGER", "Work on many at once: ARR history, scoring again, batches of insights, demonstration data."
    ADMIN = "ADMIN", "Everything, API keys included."

    def includes(self, other: "Role") -> bool:
        """Whether it may do what `other` may.

        >>> Role.MANAGER.includes(Role.CSM), Role.VIEWER.includes(Role.CSM)
        (True, False)
        """
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class UserErrorCode(Word):
    """Why a request was not carried out, where the caller can mend it."""

    NOT_FOUND = "NOT_FOUND", "Nothing has that id."
    INVALID_VALUE = "INVALID_VALUE", "The value does not mean anything here."
    OUT_OF_RANGE = "OUT_OF_RANGE", "The value is too small, too large or too long."
    REQUIRED = "REQUIRED", "A value is missing."
    CONFLICT = "CONFLICT", "Something else has that name or key already."
    STALE_VERSION = "STALE_VERSION", "It changed since it was read: read it again and decide anew."
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH", "The idempotency key was used for a different request."
    BUDGET_EXHAUSTED = "BUDGET_EXHAUSTED", "The day's tokens are used up."
    TOO_MANY = "TOO_MANY", "The request covers more than one request may."
    NOT_ALLOWED_NOW = "NOT_ALLOWED_NOW", "The thing's present state does not allow it."
    FORBIDDEN = "FORBIDDEN", "The caller's role does not allow it."
