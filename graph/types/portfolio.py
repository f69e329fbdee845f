"""Portfolio metrics: what many accounts amount to."""

from datetime import date
from decimal import Decimal

from graph.types.accounts import Account
from graph.types.common import Money
from graph.words import FIRST, FROM, TO, answered, described, told
from services import vocabulary as words


@described
class BucketSlice:
    """The accounts of one health bucket."""

    bucket: words.HealthBucket = told("The bucket.")
    accounts: int = told("How many accounts.")
    arr: Money = told("Their ARR.")
    share_of_arr: Decimal = told("Their share of the ARR around them, 0 to 1.")


@described
class SegmentSlice:
    """The accounts of one segment."""

    segment: words.Segment = told("The segment.")
    accounts: int = told("How many accounts.")
    arr: Money = told("Their ARR.")
    average_score: Decimal | None = told("Average of those that have a score.")
    buckets: list[BucketSlice] = told("The same accounts by health.")


@described
class TextSlice:
    """The accounts that share a value."""

    key: str | None = told("The value; null for the accounts that have none.")
    accounts: int = told("How many accounts.")
    arr: Money = told("Their ARR.")
    average_score: Decimal | None = told("Average of those that have a score.")


@described
class RenewalSlice:
    """The accounts whose renewal lies in one window."""

    window: words.RenewalWindow = told("The window; both ends belong to it.")
    accounts: int = told("How many accounts.")
    arr: Money = told("Their ARR.")
    arr_in_red: Money = told("The part of it in RED accounts.")


@described
class PortfolioPoint:
    """The portfolio on one day."""

    day: date = told("The day.", name="date")
    accounts: int = told("How many accounts.")
    arr: Money = told("Their ARR that day.")
    average_score: Decimal | None = told("Average of those that had a score.")
    arr_in_red: Money = told("The part of the ARR in RED accounts.")
    arr_in_amber: Money = told("The part of the ARR in AMBER accounts.")


@described
class PortfolioMetrics:
    """What the accounts that the filter means amount to, as they stood on asOf.

    Churned ones count only where the filter includes them. All figures see the same data.
    """

    as_of: date = told("The day.")
    account_count: int = told("How many accounts.")
    scored_accounts: int = told("How many of them have a score; averages are over these.")
    total_arr: Money = told("Their ARR that day.")
    average_score: Decimal | None = told("Average score; null without any.")
    arr_weighted_score: Decimal | None = told("Average score, each account weighted by its ARR.")
    median_score: Decimal | None = told("The score in the middle.")
    by_bucket: list[BucketSlice] = told("By health; every bucket, also the empty ones.")
    by_segment: list[SegmentSlice] = told("By segment; every segment, also the empty ones.")
    by_region: list[TextSlice] = told("By region, the largest ARR first.")
    by_owner: list[TextSlice] = told("By customer success manager, the largest ARR first.")
    renewals: list[RenewalSlice] = told("By renewal window; every window, also the empty ones.")
    arr_in_red: Money = told("ARR in RED accounts.")
    arr_in_red_or_amber: Money = told("ARR in RED or AMBER accounts.")

    @answered
    def arr_at_risk(self, renews_within_days: int = 90) -> Money:
        """ARR of RED and AMBER accounts whose renewal is overdue or within so many days."""
        raise NotImplementedError

    @answered
    def trend(
        self,
        from_: FROM = None,
        to: TO = None,
        granularity: words.Granularity = words.Granularity.WEEK,
    ) -> list[PortfolioPoint]:
        """Points in equal steps back from `to` (default: asOf) as far as `from` (default: 90 days before)."""
        raise NotImplementedError

    @answered
    def top_risks(self, first: FIRST = 5) -> list[Account]:
        """The accounts that ask for most attention: ARR times missing health times nearness of the renewal."""
        raise NotImplementedError
