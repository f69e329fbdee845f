"""Which playbooks are recommended: nobody in trouble is left without, and each says why and what it could win back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st

from services.health import Factor, Facts, Health, score
from services.playbook_library import PLAYBOOKS
from services.playbooks import Recommendation, recommend
from services.signals import Signal, Situation, signals
from services.vocabulary import (
    FactorDirection,
    HealthBucket,
    HealthSource,
    MeasureCode,
    RiskLevel,
    RiskSignalCode,
    Segment,
)
from tests.random_accounts import an_account, with_usage

DAY = date(2026, 3, 31)
LIBRARY = {playbook.key: playbook for playbook in PLAYBOOKS}


def health(total: str | None, **lost: str) -> Health:
    """A health whose measures lose these points."""
    factors = tuple(
        Factor(MeasureCode(name), "", Decimal(0), Decimal(1), Decimal(1), Decimal(0), Decimal(points),
               FactorDirection.HURTS, DAY)
        for name, points in lost.items()
    )  # fmt: skip
    if total is None:
        return Health(None, HealthBucket.UNKNOWN, HealthSource.NONE, Decimal("0.1"), (), (), 1)
    bucket = HealthBucket.GREEN if Decimal(total) >= 75 else HealthBucket.AMBER
    return Health(Decimal(total), bucket, HealthSource.COMPUTED, Decimal(1), factors, (), 1)


def signal(code: RiskSignalCode, severity: RiskLevel) -> Signal:
    return Signal(code, severity, DAY, ())


def circumstances(random: Random) -> dict[str, object]:
    """What lies around the facts, as often at its boundary as not."""
    return {
        "arr": Decimal(random.choice([0, 949, 950, 1050])),
        "arr_a_year_ago": random.choice([None, Decimal(0), Decimal(1000)]),
        "customer_since": DAY - timedelta(random.choice([0, 90, 91, 181])),
        "renewal_date": random.choice([None, *(DAY + timedelta(days) for days in (-1, 0, 30, 90, 91))]),
        "renewal_risk": random.choice([None, *RiskLevel]),
        "expansion": random.choice([None, Decimal(0), Decimal(500)]),
        "logins_before": random.choice([None, 9, 10, 2000]),
        "score_before": random.choice([None, Decimal("95.0")]),
    }


@settings(max_examples=1000, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_account_below_green_gets_a_playbook_and_each_says_why_and_how_much(random: Random) -> None:
    facts = with_usage(*an_account(random, DAY), DAY)
    found = score(facts, DAY)
    raised = signals(Situation(day=DAY, facts=facts, health=found, **circumstances(random)))  # type: ignore[arg-type]
    note(f"{facts} {found} {raised}")

    recommended = recommend(found, raised)

    assert found.bucket is HealthBucket.GREEN or recommended
    assert len(recommended) <= 5
    assert len({one.playbook for one in recommended}) == len(recommended)
    assert [one.relevance for one in recommended] == sorted((one.relevance for one in recommended), reverse=True)
    for one in recommended:
        playbook = LIBRARY[one.playbook]
        lost = [factor.points_lost for factor in found.factors if factor.measure in playbook.measures]
        assert one.points_recoverable == sum(lost)
        assert one.because == tuple(signal.code for signal in raised if signal.code in playbook.triggers)
        assert 0 <= one.relevance <= 1
        assert one.because or (found.bucket is not HealthBucket.GREEN and one.points_recoverable > 0)


def test_an_account_known_by_its_own_poor_score_alone_gets_a_playbook_too() -> None:
    facts = Facts(segment=Segment.SMB, observed_on=DAY, imported_score=Decimal("30.0"))
    found = score(facts, DAY)

    recommended = recommend(found, signals(Situation(day=DAY, facts=facts, health=found, arr=Decimal(1000))))

    assert found.bucket is HealthBucket.RED
    assert [(one.because, one.points_recoverable) for one in recommended] == [
        ((RiskSignalCode.DATA_STALE,), Decimal("0.0"))
    ]


def test_a_green_account_is_left_alone_unless_a_signal_asks() -> None:
    green = health("80.0", NPS="20.0")

    assert recommend(green, []) == ()
    assert recommend(green, [signal(RiskSignalCode.DETRACTOR, RiskLevel.HIGH)]) == (
        Recommendation("detractor-recovery", Decimal("1.00"), (RiskSignalCode.DETRACTOR,), Decimal("20.0")),
    )


def test_below_green_lost_points_alone_ask_and_weigh_two_fifths() -> None:
    amber = health("60.0", NPS="30.0", CRITICAL_TICKETS="10.0")

    found = {one.playbook: one for one in recommend(amber, [])}

    assert found["detractor-recovery"] == Recommendation("detractor-recovery", Decimal("0.30"), (), Decimal("30.0"))
    assert list(found) == ["detractor-recovery", "critical-support-escalation", "ticket-root-cause-review"]


def test_a_playbook_for_a_situation_that_is_not_there_comes_only_where_nothing_else_fits() -> None:
    adoption = recommend(health("60.0", LICENSE_UTILISATION="30.0"), [])
    value = recommend(health("60.0", TIME_TO_VALUE="30.0"), [])

    assert [one.playbook for one in adoption] == ["licence-rollout"]
    assert [one.playbook for one in value] == ["first-value-sprint", "onboarding-rescue"]


def test_the_gravest_signal_decides_three_fifths_of_the_relevance() -> None:
    unknown = health(None)
    relevance = {
        level: recommend(unknown, [signal(RiskSignalCode.DATA_STALE, level)])[0].relevance for level in RiskLevel
    }

    assert relevance == {
        RiskLevel.LOW: Decimal("0.24"),
        RiskLevel.MEDIUM: Decimal("0.42"),
        RiskLevel.HIGH: Decimal("0.60"),
    }


def test_a_perfect_account_has_no_points_to_win_back() -> None:
    perfect = replace(health("100.0"), bucket=HealthBucket.GREEN)

    found = recommend(perfect, [signal(RiskSignalCode.RENEWAL_OVERDUE, RiskLevel.HIGH)])

    assert [(one.relevance, one.points_recoverable) for one in found] == [(Decimal("0.60"), Decimal("0.0"))]
