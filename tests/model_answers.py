"""Answers as models give them, made from a seed: true ones in ten styles of prose, and the same with one thing wrong.

A line of TEMPLATES holds `[TOPIC.SIDE]` for a value, `[-...]` for one whose sign a verb tells, and `<TOPIC.SIDE:down|up>`
for the word that fits its sign. The check itself has no part in any of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from services.evidence.drafts import Action, Draft, Finding
from services.evidence.facts import Aspect, Fact, Topic, written
from services.evidence.subject import Raised, Subject
from services.vocabulary import (
    EvidenceSource,
    FactorDirection,
    FindingKind,
    HealthBucket,
    InsightScope,
    RiskLevel,
    RiskSignalCode,
    Segment,
)

HELPS, NEUTRAL, HURTS = FactorDirection
TEMPLATES: Final = """\
The health score is [SCORE.LEVEL].
The health score stands at [SCORE.LEVEL], in the [BUCKET.LEVEL] bucket.
{account} has a health score of [SCORE.LEVEL].
The score <SCORE.CHANGE:fell|rose> by [-SCORE.CHANGE] over the last 30 days.
The score <SCORE.CHANGE:fell|rose> from [SCORE.BEFORE] to [SCORE.LEVEL] in 30 days.
Health has <SCORE.CHANGE:dropped|improved> [-SCORE.CHANGE] in a month and now sits at [SCORE.LEVEL].
Over the past 30 days the health score <SCORE.CHANGE:slid|climbed> by [-SCORE.CHANGE].
The score is <SCORE.CHANGE:down|up> [-SCORE.CHANGE] on the last 30 days.
Thirty days ago the score was [SCORE.BEFORE].
Change of the score over 30 days: [SCORE.CHANGE].
Logins <LOGINS.CHANGE:fell|rose> by [-LOGINS.CHANGE], from [LOGINS.BEFORE] to [LOGINS.LEVEL].
Logins <LOGINS.CHANGE:dropped|grew> [-LOGINS.CHANGE] against the 30 days before.
A [-LOGINS.CHANGE] <LOGINS.CHANGE:drop|rise> in logins is what stands out.
There were [LOGINS.LEVEL] in the last 30 days.
Login activity is <LOGINS.CHANGE:down|up> [-LOGINS.CHANGE] month over month.
With logins <LOGINS.CHANGE:down|up> [-LOGINS.CHANGE], a talk with the sponsor is due.
Logins: [LOGINS.LEVEL] in 30 days.
Login volume went from [LOGINS.BEFORE] to [LOGINS.LEVEL].
Licence utilisation is [LICENSE_UTILISATION.LEVEL].
Only [LICENSE_UTILISATION.LEVEL] of the licences are in use.
At [LICENSE_UTILISATION.LEVEL], licence utilisation leaves room for a rollout.
Seat utilisation stands at [LICENSE_UTILISATION.LEVEL], with [ACTIVE_USERS.LEVEL] on [SEATS.LEVEL].
[ACTIVE_USERS.LEVEL] are active on the [SEATS.LEVEL] that were bought.
The account has [SEATS.LEVEL].
The contract covers [SEATS.LEVEL].
Feature adoption stands at [FEATURE_ADOPTION.LEVEL].
Adoption of the key feature is at [FEATURE_ADOPTION.LEVEL].
Feature adoption is [-FEATURE_ADOPTION.PEERS] <FEATURE_ADOPTION.PEERS:below|above> the segment median.
Licence utilisation is [-LICENSE_UTILISATION.PEERS] <LICENSE_UTILISATION.PEERS:below|ahead of> its peers.
On feature adoption the account is [-FEATURE_ADOPTION.PEERS] <FEATURE_ADOPTION.PEERS:behind|ahead of> the median of its segment.
Weekly active users are at [WEEKLY_ACTIVE.LEVEL].
[WEEKLY_ACTIVE.LEVEL] of users are active in a week.
Sessions last [SESSION_MINUTES.LEVEL] on average.
The average session takes [SESSION_MINUTES.LEVEL].
The NPS is [NPS.LEVEL].
An NPS of [NPS.LEVEL] tells how the customer feels.
With an NPS of [NPS.LEVEL], advocacy needs a closer look.
The Net Promoter Score stands at [NPS.LEVEL].
There were [CRITICAL_TICKETS.LEVEL:critical] in the last 90 days.
Critical tickets stand at [CRITICAL_TICKETS.LEVEL] over 90 days.
[CRITICAL_TICKETS.LEVEL:critical] in 90 days call for a named owner.
SLA breaches came to [SLA_BREACHES.LEVEL] in the last 90 days.
The last business review was [QBR_RECENCY.DAYS] ago.
The last QBR took place on [QBR_RECENCY.DATE].
It has been [QBR_RECENCY.DAYS] since the last business review.
The contract renews on [RENEWAL.DATE].
The renewal is due on [RENEWAL.DATE], [RENEWAL.DAYS] from now.
The contract is up for renewal in [RENEWAL.DAYS].
There are [RENEWAL.DAYS] left until the renewal.
The renewal on [RENEWAL.DATE] deserves a plan.
ARR is [ARR.LEVEL].
The account brings [ARR.LEVEL] in ARR.
[ARR.LEVEL] of ARR comes up for renewal on [RENEWAL.DATE].
With [RENEWAL.DAYS] to the renewal, [ARR.LEVEL] in ARR is at stake.
An expansion of [EXPANSION.LEVEL] is possible.
The expansion opportunity is worth [EXPANSION.LEVEL].
Licence utilisation loses [LICENSE_UTILISATION.LOST] that could be won back.
Up to [LICENSE_UTILISATION.LOST] could be won back through licence utilisation.
NPS costs the score [NPS.LOST].
Winning back the [NPS.LOST] lost to NPS starts with a call.
The score <SCORE.CHANGE:fell|rose>, also because of NPS ([NPS.CAUSE]).
In 30 days NPS <NPS.CAUSE:took [-NPS.CAUSE] off|added [-NPS.CAUSE] to> the score.
{account} has been a customer since [CUSTOMER_SINCE.LEVEL].
The score rests on [COVERAGE.LEVEL] of its data.
First value came after [TIME_TO_VALUE.LEVEL].
The time to first value was [TIME_TO_VALUE.LEVEL].
Onboarding progress is at [ONBOARDING_PROGRESS.LEVEL].
The newest data is [DATA_AGE.LEVEL] old.
Usage has been <LOGINS.CHANGE:falling|growing> since [LOGINS.SINCE].
Logins are <LOGINS.CHANGE:down|up> [-LOGINS.CHANGE], a change that began on [LOGINS.SINCE].
The health score is [SCORE.LEVEL] and the NPS is [NPS.LEVEL].
Licence utilisation is [LICENSE_UTILISATION.LEVEL], while feature adoption stands at [FEATURE_ADOPTION.LEVEL].
Feature adoption ([FEATURE_ADOPTION.LEVEL]) and weekly active users ([WEEKLY_ACTIVE.LEVEL]) tell how it is used.
Support saw [CRITICAL_TICKETS.LEVEL:critical] in 90 days, and the NPS is [NPS.LEVEL].
Logins are <LOGINS.CHANGE:down|up> [-LOGINS.CHANGE] and the contract renews in [RENEWAL.DAYS].
ARR is [ARR.LEVEL], and the expansion opportunity is [EXPANSION.LEVEL].
Utilisation at [LICENSE_UTILISATION.LEVEL] and a score of [SCORE.LEVEL] belong together.
""".splitlines()
TITLES: Final = """\
Call the sponsor before the renewal on [RENEWAL.DATE]
Agree on a plan for licence utilisation, now at [LICENSE_UTILISATION.LEVEL]
Discuss the NPS of [NPS.LEVEL] with the sponsor
Review the [CRITICAL_TICKETS.LEVEL:critical] with support
Schedule a business review
Secure the renewal of [ARR.LEVEL]
Ask which teams stopped logging in
Offer training to the [ACTIVE_USERS.LEVEL]
Assign an owner to the recovery plan
""".splitlines()
OPENERS: Final = (
    "",
    "",
    "Overall, ",
    "Notably, ",
    "At present, ",
    "In short, ",
    "Meanwhile, ",
    "Currently, ",
    "However, ",
    "Importantly, ",
)


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of writer writes: the share of values written out, and the forms it writes them in."""

    literal: float
    percent: str
    days: tuple[str, ...]
    thousands: bool
    words: bool
    opener: float


STYLES: Final = (
    Style(0.0, "{} %", ("%d %B %Y",), False, False, 0.0),
    Style(0.0, "{} %", ("%d %B %Y",), False, False, 0.5),
    Style(1.0, "{}%", ("%B %d, %Y",), False, False, 0.3),
    Style(1.0, "{} %", ("%d %B %Y", "%d %B"), True, True, 0.2),
    Style(1.0, "{} per cent", ("%d %B %Y", "the %dth of %B"), False, True, 0.4),
    Style(1.0, "{} percent", ("%Y-%m-%d",), False, False, 0.0),
    Style(0.5, "{}%", ("%B %d, %Y", "%Y-%m-%d"), True, False, 0.2),
    Style(0.5, "{}%", ("%d %b %Y",), False, True, 0.6),
    Style(0.3, "{} %", ("%B %d",), False, False, 0.1),
    Style(0.7, "{}%", ("%B %dth, %Y",), True, True, 0.1),
)
NUMBERS: Final = (
    *[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
    ],
    *["seventeen", "eighteen", "nineteen", "twenty"],
)


# --- what is true ---


def subject(random: Random) -> tuple[Subject, Mapping[str, Fact]]:
    """An account with figures of its own, and its facts by the names that templates call them."""
    day = date(2026, 1, 1) + timedelta(random.randrange(330))
    facts: dict[str, Fact] = {}

    def add(
        name: str,
        label: str,
        value: object,
        unit: str | None = None,
        tone: FactorDirection | None = None,
        window: int | None = None,
    ) -> None:
        topic, side = name.split(".")
        aspect = Aspect(side) if side in Aspect.__members__ else Aspect.LEVEL
        facts[name] = Fact(
            f"E{len(facts) + 1}",
            Topic(topic),
            aspect,
            label,
            str(value),
            unit,
            day,
            EvidenceSource.ACCOUNT,
            tone,
            window,
        )

    def tenth(low: int, high: int) -> Decimal:
        return Decimal(random.randrange(low * 10, high * 10)) / 10

    def signed(value: Decimal) -> Decimal:
        return value if random.random() < 0.5 else -value

    score, change = tenth(30, 70), signed(tenth(3, 28))
    add("SCORE.LEVEL", "Health score", score, "points")
    add("SCORE.BEFORE", "Health score 30 days before", score - change, "points", window=30)
    add("SCORE.CHANGE", "Change of the health score over 30 days", change, "points", window=30)
    bucket = HealthBucket.AMBER if score >= 50 else HealthBucket.RED
    add("BUCKET.LEVEL", "Health bucket", bucket.value)
    add("ARR.LEVEL", "ARR", random.randrange(12, 900) * 1000 + random.choice((0, 0, 500)), "USD")
    renewal = random.randrange(5, 170)
    add("RENEWAL.DATE", "Renewal date", day + timedelta(renewal))
    add("RENEWAL.DAYS", "Days to the renewal", renewal, "days")
    seats = random.randrange(40, 400)
    users = random.randrange(8, seats - 4)
    add("LICENSE_UTILISATION.LEVEL", "Licence utilisation", round(Decimal(users * 100) / seats, 1), "%", HURTS)
    add("ACTIVE_USERS.LEVEL", "Active users", users, "users")
    add("SEATS.LEVEL", "Seats purchased", seats, "seats")
    before = random.randrange(300, 4000)
    now = max(20, int(before * random.choice((0.4, 0.55, 0.7, 1.3, 1.6)) + random.randrange(30)))
    add("LOGINS.LEVEL", "Logins in 30 days", now, "logins", window=30)
    add("LOGINS.BEFORE", "Logins in the 30 days before", before, "logins", window=30)
    add(
        "LOGINS.CHANGE",
        "Change of logins over 30 days",
        round(Decimal((now - before) * 100) / before, 1),
        "%",
        window=30,
    )
    add(
        "LOGINS.SINCE",
        "Drop in usage since" if now < before else "Growing usage since",
        day - timedelta(random.randrange(5, 60)),
    )
    add("NPS.LEVEL", "Net Promoter Score", random.choice([n for n in range(-80, 90) if abs(n) > 2]))
    add("CRITICAL_TICKETS.LEVEL", "Critical tickets in 90 days", random.randrange(2, 15), "tickets", HURTS, 90)
    add("SLA_BREACHES.LEVEL", "SLA breaches in 90 days", random.randrange(0, 9), "breaches", window=90)
    add("FEATURE_ADOPTION.LEVEL", "Feature adoption", tenth(10, 95), "%")
    add("WEEKLY_ACTIVE.LEVEL", "Weekly active users", tenth(10, 95), "%")
    add("SESSION_MINUTES.LEVEL", "Minutes a session", tenth(5, 45), "minutes", window=30)
    add("TIME_TO_VALUE.LEVEL", "Days to first value", random.randrange(6, 90), "days")
    add("FEATURE_ADOPTION.PEERS", "Feature adoption against the segment's median", signed(tenth(1, 9)), "points")
    add("LICENSE_UTILISATION.PEERS", "Licence utilisation against the segment's median", signed(tenth(1, 9)), "points")
    add("LICENSE_UTILISATION.LOST", "Points that licence utilisation loses", tenth(2, 15), "points", HURTS)
    add("NPS.LOST", "Points that NPS loses", tenth(2, 14), "points", HURTS)
    sign = 1 if change > 0 else -1
    add("NPS.CAUSE", "NPS: its part in the change of the score", sign * tenth(1, 9), "points", window=30)
    reviewed = random.randrange(20, 300)
    add("QBR_RECENCY.DAYS", "Days since the last business review", reviewed, "days")
    add("QBR_RECENCY.DATE", "Last business review", day - timedelta(reviewed))
    add("EXPANSION.LEVEL", "Expansion opportunity", random.randrange(2, 90) * 1000, "USD")
    add("COVERAGE.LEVEL", "Weight of the score that had data", tenth(55, 100), "%")
    add("CUSTOMER_SINCE.LEVEL", "Customer since", day - timedelta(random.randrange(400, 2000)))
    add("ONBOARDING_PROGRESS.LEVEL", "Onboarding progress", tenth(10, 95), "%")
    add("DATA_AGE.LEVEL", "Age of the newest data", random.randrange(2, 80), "days")
    told = Subject(
        scope=InsightScope.ACCOUNT,
        day=day,
        facts=tuple(facts.values()),
        signals=(Raised(RiskSignalCode.USAGE_DROP, RiskLevel.HIGH, ("E11",)),),
        bucket=bucket,
        segment=Segment.MID_MARKET,
        names={"account": "Northwind Traders"},
    )
    return told, facts


# --- how it is said ---


_SLOT: Final = re.compile(r"\[(-?)([A-Z_]+\.[A-Z]+)(?::(\w+))?\]")
_WAY: Final = re.compile(r"<([A-Z_]+\.[A-Z]+):([^|>]*)\|([^>]*)>")


def honest(seed: int) -> tuple[Draft, Subject]:
    """A true answer: a headline, a summary, five findings and three actions, all in one style."""
    random = Random(seed)
    told, facts = subject(random)
    style = STYLES[seed % len(STYLES)]

    def say(template: str) -> tuple[str, tuple[str, ...]]:
        names = [match[2] for match in _SLOT.finditer(template)] + [match[1] for match in _WAY.finditer(template)]
        used = tuple(dict.fromkeys(facts[name].key for name in names))
        template = _WAY.sub(lambda match: match[2] if (facts[match[1]].number or 0) < 0 else match[3], template)
        text = _SLOT.sub(
            lambda match: _value(random, style, facts[match[2]], told.day, match[1] == "-", match[3]), template
        )
        opener = random.choice(OPENERS) if random.random() < style.opener else ""
        if opener and not text.startswith(("{", "ARR", "SLA", "NPS", "QBR", "USD")):
            text = text[0].lower() + text[1:]
        return (opener + text) if opener else text[0].upper() + text[1:], used

    chosen = random.sample(TEMPLATES, 12)
    findings = []
    for at in range(5):
        sentences = [say(template) for template in chosen[at * 2 : at * 2 + random.choice((1, 2))]]
        keys = tuple(dict.fromkeys(key for _, used in sentences for key in used))
        findings.append(Finding(" ".join(text for text, _ in sentences), FindingKind.OPPORTUNITY, keys))
    cited = {key for finding in findings for key in finding.evidence}
    able = [
        t
        for t in TEMPLATES
        if {facts[m[2]].key for m in _SLOT.finditer(t)} <= cited
        and all(facts[m[1]].key in cited for m in _WAY.finditer(t))
    ]
    headline = say(random.choice(able))[0] if able else ""
    summary = " ".join(say(template)[0] for template in random.sample(able, min(3, len(able))))
    actions = []
    for template in random.sample(TITLES, 3):
        title, used = say(template)
        reason, more = say(random.choice(TEMPLATES))
        actions.append(Action(title, reason, RiskLevel.MEDIUM, None, tuple(dict.fromkeys(used + more)), 14))
    return Draft(headline if len(headline) < 110 else "", summary, tuple(findings), tuple(actions)), told


def _value(random: Random, style: Style, fact: Fact, today: date, unsigned: bool, adjective: str | None) -> str:
    if random.random() >= style.literal:
        return f"{{{fact.key}}}" + (
            f" {adjective} {fact.unit}"
            if adjective and random.random() < 0.5
            else f" {adjective} tickets"
            if adjective
            else ""
        )
    return _literal(random, style, fact, today, unsigned, adjective)


def _literal(random: Random, style: Style, fact: Fact, today: date, unsigned: bool, adjective: str | None) -> str:
    if (day := fact.day) is not None:
        form = random.choice(style.days)
        if "%Y" not in form and abs((day - today).days) > 150:
            form = "%d %B %Y"
        return day.strftime(
            form.replace("%dth", f"{day.day}{_ordinal(day.day)}").replace("%d", str(day.day))
            if "-" not in form
            else form
        )
    number = fact.number
    if number is None:
        return fact.value
    if unsigned:
        number = abs(number)
    if fact.unit == "%":
        return style.percent.format(
            f"{number.normalize():f}"
            if unsigned
            else f"{number.normalize():+f}"
            if fact.aspect is Aspect.CHANGE
            else f"{number.normalize():f}"
        )
    if fact.is_money:
        if style.thousands and number % 1000 == 0:
            return f"${number / 1000:.0f}k"
        return random.choice((f"${number:,.0f}", f"USD {number:,.0f}", f"{number:,.0f} dollars"))
    if (
        style.words
        and fact.aspect is Aspect.LEVEL
        and number == int(number)
        and 2 <= number <= 20
        and fact.unit is not None
    ):
        return f"{NUMBERS[int(number)]}{' ' + adjective if adjective else ''} {fact.unit}"
    shown = written(replace(fact, value=str(number)), signed=not unsigned)
    if adjective:
        return shown.replace(" ", f" {adjective} ")
    return shown


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


# --- one thing wrong ---


def corruptions(draft: Draft, told: Subject | None = None, *, seed: int = 0) -> Iterator[Draft]:
    """The draft with one value of one of its findings made wrong, in every way that fits the value.

    With the subject, values and keys of its other facts take the value's place too; else those of the draft.
    """
    random = Random(seed)
    for at, finding in enumerate(draft.findings):
        for text in wrong_texts(finding.text, told, random):
            evidence = finding.evidence if told is None else tuple(fact.key for fact in told.facts)
            changed = replace(finding, text=text, evidence=evidence)
            yield replace(draft, findings=(*draft.findings[:at], changed, *draft.findings[at + 1 :]))


def wrong_texts(text: str, told: Subject | None, random: Random) -> Iterator[str]:
    """The text with each of its values made wrong in each way, one at a time."""
    others = [f"{{{fact.key}}}" for fact in told.facts] if told else re.findall(r"\{E\d+\}", text)
    values = [written(fact) for fact in told.facts if fact.number is not None or fact.day] if told else []
    for match in _VALUES.finditer(text):
        before, found, after = text[: match.start()], match[0], text[match.end() :]
        seen = {found}
        for wrong in _wrong(found, others, values, random):
            if wrong not in seen and not _is_the_same(wrong, found) and not _differ_by_year(wrong, found):
                seen.add(wrong)
                yield f"{before}{wrong}{after}"


def _meaning(value: str) -> str:
    """The value without what notations differ in."""
    plain = value.lower().replace("per cent", "%").replace("percent", "%").replace("usd ", "$").removeprefix("+")
    plain = re.sub(r"(\d),(\d{3})", r"\1\2", plain.replace(" ", "").removeprefix("the"))
    plain = re.sub(r"(\d+)k", r"\g<1>000", plain)
    for number, word in reversed([*enumerate(NUMBERS)]):
        plain = re.sub(rf"^{word}\b|^{word}(?=[a-z]+s$)", str(number), plain)
    if day := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?(?:of)?([a-z]{3})[a-z]*(\d{4})?", plain):
        return f"{day[1]}-{day[2]}-{day[3] or ''}"
    if day := re.fullmatch(r"([a-z]{3})[a-z]*(\d{1,2})(?:st|nd|rd|th)?(?:,?(\d{4}))?", plain):
        return f"{day[2]}-{day[1]}-{day[3] or ''}"
    if day := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", plain):
        return f"{int(day[3])}-{_MONTHS[int(day[2]) - 1][:3].lower()}-{day[1]}"
    if plain.endswith("dollars"):
        plain = f"${plain.removesuffix('dollars')}"
    return re.sub(r"^0+(?:m|k)?", "0", plain)


def _is_the_same(one: str, other: str) -> bool:
    """Whether two notations tell one value; a number word stands beside its noun, so it equals the number alone."""
    meant, told = _meaning(one), _meaning(other)
    return meant == told or (other in NUMBERS and re.sub(r"[a-z]+$", "", meant) == told)


def _differ_by_year(one: str, other: str) -> bool:
    """Whether two days are one day, of which only one says its year."""
    days = [re.fullmatch(r"(\d+-[a-z]{3})-(\d{4})?", _meaning(value)) for value in (one, other)]
    return days[0] is not None and days[1] is not None and days[0][1] == days[1][1] and not (days[0][2] and days[1][2])


def is_still_true(text: str) -> bool:
    """Whether a changed sentence tells another fact in words that are true of it, whatever it told before."""
    return bool(STILL_TRUE.search(text))


STILL_TRUE: Final = re.compile(
    r"account has [\d,]+ (?:users|logins|breach(?:es)?)|account has \{E\d+\}\.|NPS \((?:-?\d+|\{E\d+\})\)"
    r"|[Ll]ogins: (?:[-+][\d.]+ ?%|\{E\d+\}) in 30|now sits at (?:RED|AMBER|\{E4\})|% are active on|\{E8\} are active on"
)
"A count tells what it counts; an NPS, a bucket and a share of seats are facts of their own."
_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_VALUES: Final = re.compile(
    r"\{E\d+\}|\d{4}-\d\d-\d\d|(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:" + "|".join([*_MONTHS, *(m[:3] + r"\b" for m in _MONTHS)]) + r")(?: \d{4})?"
    r"|(?:" + "|".join(_MONTHS) + r") \d{1,2}(?:st|nd|rd|th)?(?:, \d{4})?"
    r"|[+-]?(?:\$|USD )?\d+(?:,\d{3})*(?:\.\d+)?k?(?: ?%| per cent| percent| dollars| points?| days?| minutes?| logins?| users?| seats?| tickets?| breach(?:es)?)?"
    r"|\b(?:" + "|".join(NUMBERS[2:]) + r")\b",
)  # fmt: skip


def _wrong(found: str, others: Sequence[str], values: Sequence[str], random: Random) -> Iterator[str]:
    if found.startswith("{"):
        yield from random.sample(
            [other for other in others if other != found], min(8, max(0, len(set(others) - {found})))
        )
        return
    if any(month[:3] in found for month in _MONTHS) or re.fullmatch(r"\d{4}-\d\d-\d\d", found):
        yield from _wrong_dates(found)
    elif found in NUMBERS:
        at = NUMBERS.index(found)
        yield from (
            NUMBERS[at - 1],
            NUMBERS[(at + 1) % 21],
            f"{found} hundred",
            f"minus {found}",
            f"{NUMBERS[at - 2]} dozen",
            f"twenty-{found}",
        )
    else:
        yield from _wrong_numbers(found, random)
    yield from random.sample(values, min(5, len(values)))


def _wrong_dates(found: str) -> Iterator[str]:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", found):
        day = date.fromisoformat(found)
        for moved in (
            day + timedelta(1),
            day - timedelta(1),
            day + timedelta(31),
            day + timedelta(365),
            day - timedelta(7),
        ):
            yield moved.isoformat()
        return
    number = re.search(r"\d+", found)
    assert number is not None
    at = int(number[0])
    yield found.replace(number[0], str(at % 28 + 1), 1)
    yield found.replace(number[0], str((at + 8) % 28 + 1), 1)
    for place, month in enumerate(_MONTHS):
        if month in found:
            yield found.replace(month, _MONTHS[(place + 1) % 12])
            yield found.replace(month, _MONTHS[place - 1])
            break
    if year := re.search(r"\d{4}", found):
        yield found.replace(year[0], str(int(year[0]) + 1))
        yield found.replace(year[0], str(int(year[0]) - 1))
    else:
        yield "next month"


_UNITS: Final = (
    "%",
    " points",
    " days",
    " minutes",
    " logins",
    " users",
    " seats",
    " tickets",
    " weeks",
    " hours",
    "k",
    "",
)


def _wrong_numbers(found: str, random: Random) -> Iterator[str]:
    match = re.search(r"\d[\d,]*(?:\.\d+)?", found)
    assert match is not None
    head, digits, tail = found[: match.start()], match[0], found[match.end() :]
    value = Decimal(digits.replace(",", ""))
    places = len(digits.partition(".")[2])

    def put(number: Decimal) -> str:
        return f"{head}{number:,.{places}f}{tail}"

    at = random.randrange(len(digits))
    while not digits[at].isdigit():
        at = random.randrange(len(digits))
    yield f"{head}{digits[:at]}{(int(digits[at]) + random.randrange(1, 10)) % 10}{digits[at + 1 :]}{tail}"
    plain = [
        place
        for place in range(len(digits) - 1)
        if digits[place : place + 2].isdigit() and digits[place] != digits[place + 1]
    ]
    if plain:
        place = random.choice(plain)
        yield f"{head}{digits[:place]}{digits[place + 1]}{digits[place]}{digits[place + 2 :]}{tail}"
    yield put(value + 1)
    yield put(value - 1)
    yield put(value * 10)
    yield put(value / 10)
    yield put(value * 100)
    if "k" not in tail:
        yield f"{head}{digits}k{tail}"
        yield f"{head}{digits}M{tail}"
    else:
        yield f"{head}{digits}{tail.replace('k', 'M')}"
    if head.startswith("-"):
        yield found[1:]
    elif value:
        yield f"-{found.removeprefix('+')}"
    unit = tail.lstrip("k")
    for other in _UNITS:
        if not other and unit.strip() not in ("%", "per cent", "percent", "days", "minutes"):
            continue  # a count without its noun is still true
        if (
            other.strip() != unit.strip().rstrip("s")
            and other != unit
            and other.strip().rstrip("s") != unit.strip().rstrip("s")
        ):
            yield f"{head}{digits}{other}"
    if head.endswith("$"):
        yield f"€{digits}{tail}"
    yield f"{random.choice(NUMBERS[2:])}{tail if tail.startswith(' ') else ''}"
