"""The columns a file may have, by kind of upload: the one source for headers, cells, the template and its help."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto

LARGEST_MONEY = Decimal("999999999999.99")
LARGEST_INTEGER = Decimal(2**31 - 1)
MOST_A_DAY = Decimal(1_000_000)
MINUTES_A_DAY = Decimal(1440)


class Type(StrEnum):
    TEXT = auto()
    MONEY = auto()
    INTEGER = auto()
    DECIMAL = auto()
    SHARE = auto()
    DATE = auto()
    CHOICE = auto()
    ONBOARDING = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its header may read and what its cells may say. Bounds are inclusive."""

    name: str
    type: Type
    example: str
    help: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    allowed: tuple[str, ...] = ()
    "The spellings that the template offers for a choice."
    least: Decimal = Decimal(0)
    most: Decimal = LARGEST_INTEGER
    places: int = 0
    "Decimals that are kept; more are rounded, half up."
    longest: int = 200
    "Characters."
    future: bool = False
    "Whether a day after today makes sense."


@dataclass(frozen=True, slots=True)
class Template:
    """A file to start from: the kind's columns, and a CSV text with the header and an example row."""

    kind: str
    columns: tuple[Column, ...]
    csv: str


def template(kind: str) -> Template:
    """The template of a kind of upload; its text imports as it stands."""
    columns = COLUMNS[kind]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in columns)
    writer.writerow(column.example for column in columns)
    return Template(kind, columns, text.getvalue())


def column_names(kind: str) -> frozenset[str]:
    """Every column that a file of this kind may have, the older wide file's included."""
    return frozenset(column.name for column in (*COLUMNS[kind], *WIDE.get(kind, ())))


def _money(name: str, example: str, help: str, *aliases: str, required: bool = False) -> Column:
    return Column(name, Type.MONEY, example, help, aliases, required, most=LARGEST_MONEY, places=2)


def _count(name: str, example: str, help: str, *aliases: str) -> Column:
    return Column(name, Type.INTEGER, example, help, aliases)


def _daily(name: str, example: str, help: str, *aliases: str) -> Column:
    return Column(name, Type.INTEGER, example, help, aliases, most=MOST_A_DAY)


def _share(name: str, example: str, help: str, *aliases: str) -> Column:
    return Column(name, Type.SHARE, example, help, aliases, most=Decimal(1), places=4)


def _day(name: str, example: str, help: str, *aliases: str, required: bool = False, future: bool = False) -> Column:
    return Column(name, Type.DATE, example, help, aliases, required, future=future)


EXTERNAL_ID = Column(
    "external_id", Type.TEXT, "A-1001", "Your own key of the account; it is looked for before the name.",
    ("account_id", "customer_id", "crm_id", "id"),
)  # fmt: skip
NAME = Column(
    "name", Type.TEXT, "Acme Corp",
    "Name of the account. Without an external_id it is the key: spaces and case do not count.",
    ("account_name", "account", "customer", "customer_name", "company", "company_name"), longest=300,
)  # fmt: skip
DAY = _day("date", "2025-12-31", "The day the figures are of.", "day", "metric_date", "activity_date", required=True)

FIGURES = (
    _daily("logins", "42", "Logins on the day.", "login_count"),
    _daily("events", "380", "Product events on the day.", "event_count", "total_events"),
    _daily("feature_x_events", "55", "Events of feature X on the day.", "feature_events"),
    Column(
        "avg_session_min", Type.DECIMAL, "18.5", "Average session on the day, in minutes.",
        ("avg_session_minutes", "average_session_minutes", "session_minutes"), most=MINUTES_A_DAY, places=2,
    ),
    _daily("errors", "1", "Errors the account's users met on the day.", "error_count"),
    _daily("ticket_backlog", "3", "Open support tickets at the end of the day.", "open_tickets", "backlog"),
)  # fmt: skip

ACCOUNTS = (
    EXTERNAL_ID,
    Column(NAME.name, NAME.type, NAME.example, NAME.help, NAME.aliases, required=True, longest=NAME.longest),
    _money("arr", "120000", "Annual recurring revenue in the workspace's currency.",
           "arr_usd", "annual_recurring_revenue", "arr_amount", required=True),
    Column("segment", Type.CHOICE, "Mid-Market", "Size of the customer.",
           ("customer_segment", "account_segment", "tier"), required=True, allowed=("SMB", "Mid-Market", "Enterprise")),
    Column("industry", Type.TEXT, "FinTech", "The customer's industry.", ("vertical",)),
    Column("region", Type.TEXT, "EMEA", "Sales region or country.", ("geo", "country")),
    _day("renewal_date", "2027-03-31", "When the contract renews.",
         "renewal", "renews_on", "contract_end", future=True),
    Column("cs_owner", Type.TEXT, "Dana Fox", "Who looks after the account.",
           ("owner", "csm", "account_owner", "cs_manager")),
    _count("active_users", "85", "People who use the product.", "users", "active_user_count"),
    _count("seats_purchased", "100", "Licences the contract has.", "seats", "licenses", "licences", "seats_total"),
    _share("feature_x_adoption", "65%", "Share of users who use feature X: 65% or 0.65.", "feature_adoption"),
    _share("weekly_active_pct", "0.7", "Share of users active in a week: 70% or 0.7.", "weekly_active", "wau_pct"),
    _count("time_to_value_days", "21", "Days from the start to the first success.", "time_to_value", "ttv_days"),
    _count("tickets_last_30d", "4", "Support tickets in the last 30 days.", "tickets_30d", "support_tickets_30d"),
    _count("critical_tickets_90d", "0", "Critical tickets in the last 90 days.", "critical_tickets"),
    _count("sla_breaches_90d", "0", "Broken response times in the last 90 days.", "sla_breaches"),
    Column("nps", Type.INTEGER, "40", "Net promoter score, -100 to 100.", ("nps_score", "net_promoter_score"),
           least=Decimal(-100), most=Decimal(100)),
    _day("qbr_last_date", "2025-11-15", "Day of the last business review.", "last_qbr", "last_qbr_date", "qbr_date"),
    Column("onboarding_phase", Type.ONBOARDING, "no", "In onboarding: yes or no, or how far it is: 60% or 0.6.",
           ("onboarding", "in_onboarding", "onboarding_progress"), most=Decimal(1), places=4),
    _money("expansion_oppty_dollar", "15000", "Revenue that could be won in addition.",
           "expansion_oppty", "expansion_opportunity", "expansion_arr"),
    Column("renewal_risk", Type.CHOICE, "low", "The owner's own judgement.", ("risk",),
           allowed=("low", "medium", "high")),
    Column("status", Type.CHOICE, "active", "Where the customer stands; an empty cell leaves it.",
           ("account_status", "stage"), allowed=("onboarding", "active", "churned")),
    _day("churned_on", "", "When a churned customer left.", "churn_date", "churned_date", "churned_at"),
    Column("health_score", Type.DECIMAL, "",
           "Your own score, 0 to 100; it counts only where there is too little data for ours.",
           ("health", "score"), most=Decimal(100), places=1),
    _day("observed_on", "2025-12-31", "The day the figures were true; by default the day of the upload.",
         "as_of", "as_of_date"),
)  # fmt: skip

DAILY_METRICS = (EXTERNAL_ID, NAME, DAY, *FIGURES)

ARR_HISTORY = (
    EXTERNAL_ID,
    NAME,
    _day("effective_on", "2025-12-31", "The day from which the account is worth this.",
         "effective_date", "effective_from", "date", required=True),
    _money("arr", "120000", "Annual recurring revenue from that day.",
           "arr_usd", "annual_recurring_revenue", "arr_amount", required=True),
)  # fmt: skip

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "ACCOUNTS": ACCOUNTS,
    "DAILY_METRICS": DAILY_METRICS,
    "ARR_HISTORY": ARR_HISTORY,
}
WIDE: Mapping[str, tuple[Column, ...]] = {
    "ACCOUNTS": (DAY, *FIGURES),
    "DAILY_METRICS": ACCOUNTS,
}
"What a file of the kind has besides where it is of the older wide form: account and daily columns in one row."
