"""The graph's inputs, and how they become plain mappings: what was left out stays out, what is null is None."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

from graph.types import common  # noqa: F401 - makes the vocabulary's words enums of the graph
from graph.words import described_input, told
from services import vocabulary as words


def plain(value: Any) -> Any:
    """An input as nested dicts without what was left out; lists and values as they are."""
    if is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(inner) for name, inner in given.items() if inner is not UNSET}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def stated(value: Any) -> Mapping[str, Any]:
    """Like `plain`, with enums as their names, for what is stored."""
    return {name: inner.value if isinstance(inner, Enum) else inner for name, inner in plain(value).items()}


def _left_out(description: str) -> Any:
    return told(description, default=UNSET)


@strawberry.input(one_of=True, description="One key of an account.")
class AccountBy:
    id: strawberry.ID | None = told("Its id.", default=UNSET)
    external_id: str | None = told("Its key in the system that it comes from.", default=UNSET)


@described_input
class IDFilter:
    """Compares an id."""

    eq: strawberry.ID | None = _left_out("Is this one.")
    in_: list[strawberry.ID] | None = told("Is one of these.", default=UNSET, name="in")


@described_input
class StringFilter:
    """Compares a text. All that is given must hold."""

    eq: str | None = _left_out("Is exactly this.")
    in_: list[str] | None = told("Is exactly one of these.", default=UNSET, name="in")
    contains: str | None = _left_out("Has this in it, in any case of letters.")
    starts_with: str | None = _left_out("Begins with this, in any case of letters.")
    is_null: bool | None = _left_out("Has no value, or has one.")


@described_input
class DecimalFilter:
    """Compares a number. All that is given must hold; an account without a value meets only isNull: true."""

    eq: Decimal | None = _left_out("Is this.")
    gte: Decimal | None = _left_out("Is at least this.")
    lte: Decimal | None = _left_out("Is at most this.")
    is_null: bool | None = _left_out("Has no value, or has one.")


@described_input
class DateFilter:
    """Compares a day. All that is given must hold; an account without a value meets only isNull: true."""

    eq: date | None = _left_out("Is this.")
    gte: date | None = _left_out("Is on this day or later.")
    lte: date | None = _left_out("Is on this day or earlier.")
    is_null: bool | None = _left_out("Has no value, or has one.")


@described_input
class SegmentFilter:
    """Compares the segment."""

    eq: words.Segment | None = _left_out("Is this one.")
    in_: list[words.Segment] | None = told("Is one of these.", default=UNSET, name="in")


@described_input
class BucketFilter:
    """Compares the health bucket."""

    eq: words.HealthBucket | None = _left_out("Is this one.")
    in_: list[words.HealthBucket] | None = told("Is one of these.", default=UNSET, name="in")


@described_input
class AccountFilter:
    """Which accounts are meant. All that is given must hold; a comparator that is null asks nothing."""

    and_: list["AccountFilter"] | None = told("All of these hold.", default=UNSET, name="and")
    or_: list["AccountFilter"] | None = told("At least one of these holds.", default=UNSET, name="or")
    not_: "AccountFilter | None" = told("This does not hold.", default=UNSET, name="not")
    id: IDFilter | None = _left_out("By id.")
    external_id: StringFilter | None = _left_out("By its key in the system that it comes from.")
    search: str | None = _left_out("Has this in its name or external id, in any case of letters.")
    segment: SegmentFilter | None = _left_out("By segment.")
    bucket: BucketFilter | None = _left_out("By health bucket.")
    region: StringFilter | None = _left_out("By region.")
    industry: StringFilter | None = _left_out("By industry.")
    owner: StringFilter | None = _left_out("By customer success manager.")
    arr: DecimalFilter | None = _left_out("By ARR.")
    score: DecimalFilter | None = _left_out("By health score.")
    score_change_30d: DecimalFilter | None = told(
        "By the change of the score over 30 days.", default=UNSET, name="scoreChange30d"
    )
    renewal_date: DateFilter | None = _left_out("By renewal date.")
    renews_within_days: int | None = _left_out("The renewal is overdue or within so many days.")
    risk_signal: list[words.RiskSignalCode] | None = _left_out("Raises at least one of these signals.")
    include_churned: bool | None = told(
        "Also those that are customers no longer. Counts at the top of the filter only.", default=False
    )


@described_input
class AccountOrder:
    """One part of an order."""

    field: words.AccountOrderField = told("What to order by.")
    direction: words.SortDirection = told("Which way.", default=words.SortDirection.ASC)
    nulls: words.NullsOrder = told("Where accounts without a value go.", default=words.NullsOrder.LAST)


@described_input
class ColumnMappingInput:
    """Takes a header for a column."""

    header: str = told("The header as it stands in the file.")
    column: str = told("The column, by its name in the template.")


@described_input
class RequestUploadUrlInput:
    """What the file is and how to import it."""

    kind: words.UploadKind = told("What it holds.")
    file_name: str = told("Its name, for people.")
    size_bytes: int = told("Its size, 1 byte to 10 MB.")
    sha256: str | None = told("Its SHA-256 in hex; a file with another one is refused.", default=None)
    dry_run: bool = told("Only try it out: check and tell everything, keep nothing.", default=False)
    policy: words.RowErrorPolicy = told(
        "What happens to good rows beside bad ones.", default=words.RowErrorPolicy.SKIP_BAD_ROWS
    )
    column_mapping: list[ColumnMappingInput] | None = told("Headers that do not speak for themselves.", default=None)
    date_order: words.DateOrder | None = told("How dates that are not ISO are written.", default=None)
    idempotency_key: strawberry.ID | None = told(
        "The same key with the same input answers with the same upload.", default=None
    )


@described_input
class UpdateAccountInput:
    """A field left out is unchanged; a field set to null is cleared."""

    id: strawberry.ID = told("The account.")
    expected_version: int | None = told(
        "The version that the change was made from; the change is refused if there is a newer one.", default=None
    )
    name: strawberry.Maybe[str | None] = told("Its name.")
    segment: strawberry.Maybe[words.Segment | None] = told("How large it is.")
    industry: strawberry.Maybe[str | None] = told("What it does.")
    region: strawberry.Maybe[str | None] = told("Where it is.")
    owner: strawberry.Maybe[str | None] = told("The customer success manager who looks after it.")
    arr: strawberry.Maybe[Decimal | None] = told("Annual recurring revenue; a new value goes into the ARR history.")
    renewal_date: strawberry.Maybe[date | None] = told("When the contract ends.")
    seats_purchased: strawberry.Maybe[int | None] = told("Seats that it pays for.")
    active_users: strawberry.Maybe[int | None] = told("People who use the product.")
    nps: strawberry.Maybe[int | None] = told("Net Promoter Score, -100 to 100, as of today.")
    status: strawberry.Maybe[words.AccountStatus | None] = told("Where it stands; CHURNED as of today.")


@described_input
class RecomputeHealthInput:
    """Which accounts to score again, as of when."""

    filter: AccountFilter | None = told(
        "Which accounts, as they stood on asOf; all without it. More than 25,000 at once are refused.", default=None
    )
    as_of: date | None = told("The day to score, up to today; today without it.", default=None)
    idempotency_key: strawberry.ID | None = told(
        "The same key with the same input answers with the same job.", default=None
    )


@described_input
class InsightFilter:
    """Which insights are meant. All that is given must hold."""

    account_id: strawberry.ID | None = _left_out("About this account.")
    scope: words.InsightScope | None = _left_out("About one account, or about many.")
    created_at: DateFilter | None = _left_out("By the day it was made (UTC).")


SAME_KEY = "The same key with the same input answers with the same job."
REUSE = "Answer with the newest insight if the facts have not changed since, or with the job that is on its way."


@described_input
class QueueInsightInput:
    """Which account to review."""

    account_id: strawberry.ID = told("The account.")
    reuse_if_fresh: bool = told(REUSE, default=True)
    idempotency_key: strawberry.ID | None = told(SAME_KEY, default=None)


@described_input
class QueueInsightsInput:
    """Which accounts to review."""

    filter: AccountFilter = told("Which accounts.")
    max: int = told("At most so many, those first that ask most for attention; 1 to 1000.", default=25)
    estimate_only: bool = told("Only say how many accounts match and what it would take.", default=False)
    idempotency_key: strawberry.ID | None = told(SAME_KEY, default=None)


@described_input
class QueuePortfolioInsightInput:
    """Which accounts to review together."""

    filter: AccountFilter | None = told("Which accounts, as they stood on asOf; all without it.", default=None)
    as_of: date | None = told("The day, up to today; today without it.", default=None)
    reuse_if_fresh: bool = told(REUSE, default=True)
    idempotency_key: strawberry.ID | None = told(SAME_KEY, default=None)


@described_input
class RateInsightInput:
    """What you think of an insight. A new rating takes the place of the old one."""

    insight_id: strawberry.ID = told("The insight.")
    rating: words.FeedbackRating = told("The rating.")
    comment: str | None = told("In your own words, up to 2,000 characters.", default=None)


@described_input
class CreateApiKeyInput:
    """A key to be made."""

    name: str = told("What it is for, up to 100 characters. It is recorded with every change that is made by the key.")
    role: words.Role = told("What it allows.")
    expires_at: datetime | None = told("From when on nobody is let in by it; never without it.", default=None)
    idempotency_key: strawberry.ID | None = told(
        "The same key with the same input answers with the same API key, which is not shown again.", default=None
    )


@described_input
class RevokeApiKeyInput:
    """A key that nobody is to be let in by any more."""

    id: strawberry.ID = told("The key.")


@described_input
class GenerateMockDataInput:
    """A world of made-up accounts. Never touches imported rows."""

    accounts: int = told("How many, 1 to 1000.", default=25)
    days: int = told("How many days of history, 1 to 730.", default=180)
    seed: int = told("The same seed makes the same world.", default=1)
    replace: bool = told(
        "Remove earlier made-up accounts first, but for those that a file or a person has told of since.", default=False
    )
    idempotency_key: strawberry.ID | None = told(
        "The same key with the same input does nothing and answers alike.", default=None
    )
