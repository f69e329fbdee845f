"""What an account's rows say, read by plain SQL and worked out a second time: what a fact's value must be.

Independent of what it judges: of services.account_facts, services.health and services.evidence it takes the words for
a fact's topic and side, and no figure. Signals are taken as they are stored: their rules are tested elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import Any, Final

from bench.evaluation.ramps import NOT_APPLICABLE, Scored, causes, scored
from services.db.connection import Database
from services.evidence.facts import Aspect, Fact, Topic
from services.playbook_library import PLAYBOOKS

PRINTED: Final = Fraction(1, 20)
"Half of the last printed digit: how far a value rounded to one decimal may lie from the exact one."
SHARED: Final = Fraction(1, 10)
"The same of parts that are rounded so that they add up, and of differences of two rounded values."
CAUSED: Final = Fraction(1, 5)
"The same of causes, which are made of printed parts and take what is left over."
FEWEST_PEERS: Final = 8

Value = Fraction | date | str


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that the database says."""

    value: Value
    unit: str | None = None
    within: Fraction = Fraction(0)
    says: str = ""
    "What a label must hold to speak of it, where one topic has several values of the same unit."
    window: int | None = None
    "Days that the fact must say it looks over."


@dataclass(frozen=True, slots=True)
class Truth:
    """An account on a day."""

    day: date
    known: Mapping[tuple[Topic, Aspect], Sequence[Known]]
    now: Scored
    raised: frozenset[str]
    "Signals of the newest snapshot."
    score_change: Fraction | None
    renewal_in: int | None
    "Days, negative where it is overdue."
    arr_change: Fraction | None
    logins_change: int | None
    logins: int | None

    def wrong(self, fact: Fact) -> str | None:
        """Why the fact is not what the database says; None where it is."""
        near = [
            one
            for one in self.known.get((fact.topic, fact.aspect), ())
            if _alike(one.value, fact) and one.says in fact.label
        ]
        if not near:
            return f"{fact.key} ({fact.label}) is nothing that the database tells"
        if any(_equal(one, fact) for one in near):
            return None
        told = " or ".join(f"{_shown(one.value)} {one.unit or ''}".strip() for one in near)
        return f"{fact.key} ({fact.label}) says {fact.value} {fact.unit or ''}, the database {told}"


def truths(database: Database, account_ids: Sequence[int], day: date, currency: str) -> Mapping[int, Truth]:
    """What is true of each account on `day`. Medians are those of all accounts of the database."""
    now = _rows(database, day)
    subs: dict[tuple[str, str], list[Fraction]] = {}
    for row in now.values():
        for measure, sub in scored(row, day).subs.items():
            subs.setdefault((row["segment"], measure), []).append(sub)
    medians = {key: Fraction(median(found)) for key, found in subs.items() if len(found) >= FEWEST_PEERS}
    return {id_: _truth(database, now[id_], id_, day, medians, currency) for id_ in account_ids}


def _truth(
    database: Database,
    row: Mapping[str, Any],
    id_: int,
    day: date,
    medians: Mapping[tuple[str, str], Fraction],
    currency: str,
) -> Truth:
    then = database.rows(_EARLIER, {"id": id_, "day": day})
    was = then[0][0] if then else None
    before = _rows(database, was)[id_] if was else None
    book = _Book(row, day, before, was, medians, currency)
    signals = database.rows(_SIGNALS, {"id": id_, "day": day})
    for code, severity, since in signals:
        book.signal(code, severity, since)
    book.all()
    change = None
    if before is not None and was is not None:
        old, new = scored(before, was).score, scored(row, day).score
        change = None if old is None or new is None else new - old
    arr, arr_before = row["arr"], row["arr_a_year_ago"]
    logins, logins_before = row["logins"], row["logins_before"]
    return Truth(
        day=day,
        known=book.known,
        now=scored(row, day),
        raised=frozenset(code for code, _, _ in signals),
        score_change=change,
        renewal_in=(row["renewal_date"] - day).days if row["renewal_date"] else None,
        arr_change=(Fraction(arr) - Fraction(arr_before)) if arr_before else None,
        logins_change=None if logins is None or logins_before is None else logins - logins_before,
        logins=logins,
    )


@dataclass(slots=True)
class _Book:
    """Writes down, topic by topic, what the rows say."""

    row: Mapping[str, Any]
    day: date
    before: Mapping[str, Any] | None
    was: date | None
    medians: Mapping[tuple[str, str], Fraction]
    currency: str
    known: dict[tuple[Topic, Aspect], list[Known]] = field(default_factory=dict)

    def put(self, topic: Topic, aspect: Aspect, value: Value | None, unit: str | None = None, **more: Any) -> None:
        if value is not None:
            exact = Fraction(value) if not isinstance(value, date | str) else value
            self.known.setdefault((topic, aspect), []).append(Known(exact, unit, **more))

    def signal(self, code: str, severity: str, since: date) -> None:
        for topic in Topic:
            self.put(topic, Aspect.SIGNAL, severity, says=_SIGNAL_LABELS[code])
            self.put(topic, Aspect.SINCE, since, says=_SIGNAL_LABELS[code])

    def all(self) -> None:
        now = scored(self.row, self.day)
        self._score(now)
        for measure in now.values:
            self._measure(Topic(measure), measure, now)
        for measure, why in now.gaps.items():
            if why != NOT_APPLICABLE:
                self.put(Topic(measure), Aspect.MISSING, why)
        self._account()
        self._use()

    def _score(self, now: Scored) -> None:
        self.put(Topic.SCORE, Aspect.LEVEL, now.score, "points", within=PRINTED)
        self.put(Topic.BUCKET, Aspect.LEVEL, now.bucket)
        self.put(Topic.COVERAGE, Aspect.LEVEL, now.coverage * 100, "%", within=PRINTED)
        for playbook in PLAYBOOKS:
            measures = [one for one in playbook.measures if one in now.values]
            points = sum((now.lost(one) for one in measures), Fraction(0))
            self.put(
                Topic.SCORE, Aspect.LOST, points, "points", within=SHARED * max(1, len(measures)), says=playbook.title
            )
        if self.before is None or self.was is None:
            return
        then, window = scored(self.before, self.was), (self.day - self.was).days
        if then.score is None or now.score is None:
            return
        self.put(Topic.SCORE, Aspect.BEFORE, then.score, "points", within=PRINTED, window=window)
        self.put(Topic.BUCKET, Aspect.BEFORE, then.bucket, window=window)
        self.put(Topic.SCORE, Aspect.CHANGE, now.score - then.score, "points", within=SHARED, window=window)
        for measure, points in causes(then, now).items():
            self.put(Topic(measure), Aspect.CAUSE, points, "points", within=CAUSED, window=window)

    def _measure(self, topic: Topic, measure: str, now: Scored) -> None:
        unit, factor, within = _UNITS[measure]
        value = now.values[measure] * factor
        self.put(topic, Aspect.LEVEL, value, unit, within=within)
        self.put(topic, Aspect.LOST, now.lost(measure), "points", within=SHARED)
        middle = self.medians.get((self.row["segment"], measure))
        if middle is not None:
            self.put(topic, Aspect.PEERS, now.share(measure) * (now.subs[measure] - middle), "points", within=SHARED)
        if self.before is not None and self.was is not None:
            then, window = scored(self.before, self.was), (self.day - self.was).days
            if measure in then.values:
                past = then.values[measure] * factor
                self.put(topic, Aspect.BEFORE, past, unit, within=within, window=window)
                units = "percentage points" if unit == "%" else unit
                for spoken in {units, units or "points"}:
                    self.put(topic, Aspect.CHANGE, value - past, spoken, within=2 * within, window=window)

    def _account(self) -> None:
        row, money = self.row, self.currency
        self.put(Topic.CUSTOMER_SINCE, Aspect.LEVEL, row["status"])
        self.put(Topic.CUSTOMER_SINCE, Aspect.LEVEL, row["customer_since"])
        self.put(Topic.ARR, Aspect.LEVEL, row["arr"], money)
        self.put(Topic.EXPANSION, Aspect.LEVEL, row["expansion_oppty_dollar"], money)
        if was := row["arr_a_year_ago"]:
            self.put(Topic.ARR, Aspect.BEFORE, was, money, window=365)
            change = (Fraction(row["arr"]) - Fraction(was)) * 100 / Fraction(was)
            self.put(Topic.ARR, Aspect.CHANGE, change, "%", within=PRINTED, window=365)
        if due := row["renewal_date"]:
            self.put(Topic.RENEWAL, Aspect.LEVEL, due)
            self.put(Topic.RENEWAL, Aspect.LEVEL, abs((due - self.day).days), "days")
        self.put(Topic.RENEWAL, Aspect.LEVEL, row["renewal_risk"])
        # As told, also where health makes nothing of it: it is stale, or a zero in an account that nobody uses.
        self.put(Topic.NPS, Aspect.LEVEL, row["nps"])
        self.put(Topic.CRITICAL_TICKETS, Aspect.LEVEL, row["critical_tickets_90d"], "tickets")
        self.put(Topic.SLA_BREACHES, Aspect.LEVEL, row["sla_breaches_90d"], "breaches")
        self.put(Topic.QBR_RECENCY, Aspect.LEVEL, row["qbr_last_date"])
        newest = max(day for day in (row["observed_on"], row["last_metric_on"]) if day is not None)
        self.put(Topic.DATA_AGE, Aspect.LEVEL, newest)
        self.put(Topic.DATA_AGE, Aspect.LEVEL, (self.day - newest).days, "days")

    def _use(self) -> None:
        row = self.row
        seats, users, logins, was = row["seats_purchased"], row["active_users"], row["logins"], row["logins_before"]
        self.put(Topic.SEATS, Aspect.LEVEL, seats, "seats", says="purchased")
        self.put(Topic.ACTIVE_USERS, Aspect.LEVEL, users, "users", says="Active users")
        if seats and users is not None and users < seats:
            self.put(Topic.SEATS, Aspect.LEVEL, seats - users, "seats", says="without")
        if seats and users is not None and users > seats:
            self.put(Topic.ACTIVE_USERS, Aspect.LEVEL, users - seats, "users", says="beyond")
        self.put(Topic.LOGINS, Aspect.LEVEL, logins, "logins", window=30)
        self.put(Topic.LOGINS, Aspect.LEVEL, row["last_login_on"])
        self.put(Topic.LOGINS, Aspect.BEFORE, was, "logins", window=30)
        if was and logins is not None:
            change = Fraction(logins - was) * 100 / was
            self.put(Topic.LOGINS, Aspect.CHANGE, change, "%", within=PRINTED, window=30)


def _alike(value: Value, fact: Fact) -> bool:
    """Whether the fact's value is of that type: a number, a day, a word."""
    if isinstance(value, Fraction):
        return fact.number is not None
    return fact.day is not None if isinstance(value, date) else fact.number is None and fact.day is None


def _equal(one: Known, fact: Fact) -> bool:
    if one.unit != fact.unit or (one.window is not None and one.window != fact.window_days):
        return False
    if isinstance(one.value, Fraction):
        assert fact.number is not None
        return abs(Fraction(fact.number) - one.value) <= one.within
    return one.value == (fact.day if isinstance(one.value, date) else fact.value)


def _shown(value: Value) -> str:
    return f"{float(value):.4g}" if isinstance(value, Fraction) else str(value)


_UNITS: Final[Mapping[str, tuple[str | None, int, Fraction]]] = {
    "LICENSE_UTILISATION": ("%", 100, PRINTED),
    "FEATURE_ADOPTION": ("%", 100, PRINTED),
    "WEEKLY_ACTIVE": ("%", 100, PRINTED),
    "SESSION_MINUTES": ("minutes", 1, PRINTED),
    "TIME_TO_VALUE": ("days", 1, Fraction(0)),
    "TICKET_RATE": (None, 1, PRINTED),
    "CRITICAL_TICKETS": ("tickets", 1, Fraction(0)),
    "SLA_BREACHES": ("breaches", 1, Fraction(0)),
    "NPS": (None, 1, Fraction(0)),
    "QBR_RECENCY": ("days", 1, Fraction(0)),
    "ONBOARDING_PROGRESS": ("%", 100, PRINTED),
}
"The unit of each measure as facts tell it, what a share is multiplied with for it, and how far it is rounded."
_SIGNAL_LABELS: Final[Mapping[str, str]] = {
    "USAGE_DROP": "Drop in usage",
    "SILENT_CUSTOMER": "Silent customer",
    "LOW_UTILISATION": "Low licence utilisation",
    "CRITICAL_SUPPORT": "Critical support",
    "DETRACTOR": "Detractor",
    "QBR_OVERDUE": "Business review overdue",
    "ONBOARDING_STALLED": "Onboarding stalled",
    "RENEWAL_AT_RISK": "Renewal at risk",
    "RENEWAL_OVERDUE": "Renewal overdue",
    "SCORE_DROP": "Drop of the score",
    "GROWING_BUT_UNHEALTHY": "Growing but unhealthy",
    "HEALTHY_BUT_SHRINKING": "Healthy but shrinking",
    "DATA_STALE": "Data stale",
}


def _rows(database: Database, day: date) -> Mapping[int, Mapping[str, Any]]:
    """Every account's columns as of `day`."""
    return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in database.rows(_ROWS, {"day": day, **_spans(day)})}


def _spans(day: date) -> Mapping[str, date]:
    return {"month": day - timedelta(29), "two_months": day - timedelta(59), "year": day - timedelta(365)}


_COLUMNS: Final = (
    "id", "segment", "status", "renewal_date", "observed_on", "active_users", "seats_purchased", "feature_x_adoption",
    "weekly_active_pct", "time_to_value_days", "tickets_last_30d", "critical_tickets_90d", "sla_breaches_90d", "nps",
    "nps_on", "qbr_last_date", "onboarding", "onboarding_progress", "expansion_oppty_dollar", "renewal_risk", "arr",
    "arr_a_year_ago", "customer_since", "logins", "logins_before", "timed_logins", "minutes", "last_metric_on",
    "last_login_on",
)  # fmt: skip
_ROWS: Final = """
select a.id, a.segment, a.status, a.renewal_date, o.observed_on, o.active_users, o.seats_purchased,
  o.feature_x_adoption, o.weekly_active_pct, o.time_to_value_days, o.tickets_last_30d, o.critical_tickets_90d,
  o.sla_breaches_90d, o.nps, o.nps_on, o.qbr_last_date, o.onboarding, o.onboarding_progress, o.expansion_oppty_dollar,
  o.renewal_risk,
  (select h.arr from arr_history h where h.account_id = a.id and h.effective_on <= %(day)s
    order by h.effective_on desc limit 1),
  (select h.arr from arr_history h where h.account_id = a.id and h.effective_on <= %(year)s
    order by h.effective_on desc limit 1),
  (select min(h.effective_on) from arr_history h where h.account_id = a.id),
  (select sum(d.logins)::int from daily_metrics d where d.account_id = a.id and d.day between %(month)s and %(day)s),
  (select sum(d.logins)::int from daily_metrics d
    where d.account_id = a.id and d.day >= %(two_months)s and d.day < %(month)s),
  (select sum(d.logins)::int from daily_metrics d
    where d.account_id = a.id and d.day between %(month)s and %(day)s and d.avg_session_min is not null),
  (select sum(d.logins * d.avg_session_min) from daily_metrics d
    where d.account_id = a.id and d.day between %(month)s and %(day)s),
  (select max(d.day) from daily_metrics d where d.account_id = a.id and d.day <= %(day)s and d.logins is not null),
  (select max(d.day) from daily_metrics d where d.account_id = a.id and d.day <= %(day)s and d.logins > 0)
from accounts a left join account_observations o on o.account_id = a.id and o.observed_on =
  (select max(n.observed_on) from account_observations n where n.account_id = a.id and n.observed_on <= %(day)s)
"""
_EARLIER: Final = """
select day from health_snapshots
where account_id = %(id)s and day <= %(day)s::date - 30 and day >= %(day)s::date - 60 order by day desc limit 1
"""
_SIGNALS: Final = """
select s ->> 'code', s ->> 'severity', (s ->> 'since')::date
from health_snapshots h, jsonb_array_elements(h.signals) s where h.account_id = %(id)s and h.day = %(day)s
"""
