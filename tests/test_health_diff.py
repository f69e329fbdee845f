"""Why a score moved: the causes add up to the change exactly, and each says what happened to its measure."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import orjson
from hypothesis import given, note, settings
from hypothesis import strategies as st

from services.health import Facts, Health, score
from services.health_diff import Cause, DiffKind, Snapshot, difference, snapshot
from services.scorecards import DEFAULT
from services.vocabulary import MeasureCode, Segment
from tests.random_accounts import an_account, with_usage

DAY = date(2026, 3, 31)
EARLIER = DAY - timedelta(30)
NEWER_CARD = replace(
    DEFAULT,
    version=2,
    measures=tuple(replace(one, weight=one.weight + place) for place, one in enumerate(DEFAULT.measures)),
)
TOLD = Facts(
    segment=Segment.ENTERPRISE, observed_on=EARLIER, active_users=90, seats_purchased=100,
    feature_x_adoption=Decimal("0.5000"), weekly_active_pct=Decimal("0.5000"), nps=0, nps_on=EARLIER,
)  # fmt: skip


def kept(health: Health) -> Snapshot:
    return Snapshot(health.score, health.scorecard_version, health.factors)


@settings(max_examples=500, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_causes_add_up_to_the_change_exactly_and_none_is_of_a_measure_that_stayed(
    random: Random, newer: bool
) -> None:
    before = kept(score(with_usage(*an_account(random, EARLIER), EARLIER), EARLIER))
    after = kept(score(with_usage(*an_account(random, DAY), DAY), DAY, NEWER_CARD if newer else DEFAULT))
    note(f"{before}\n{after}")

    causes = difference(before, after)

    if before.score is None or after.score is None:
        assert causes == ()
        return
    assert sum((cause.points for cause in causes), Decimal(0)) == after.score - before.score
    assert all(cause.points and cause.points == cause.points.quantize(Decimal("0.1")) for cause in causes)
    assert [abs(cause.points) for cause in causes] == sorted((abs(cause.points) for cause in causes), reverse=True)
    was = {factor.measure: factor for factor in before.factors}
    now = {factor.measure: factor for factor in after.factors}
    for cause in causes:
        match cause.kind:
            case DiffKind.VALUE_CHANGED if cause.measure is not None:
                assert cause.measure in was
                assert cause.measure in now
            case DiffKind.DATA_APPEARED:
                assert cause.measure in now
                assert cause.measure not in was
            case DiffKind.DATA_MISSING:
                assert cause.measure in was
                assert cause.measure not in now
            case DiffKind.MODEL_CHANGED:
                assert (newer, cause.measure, cause.before, cause.after) == (True, None, "1", "2")


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_with_the_same_measures_on_both_days_each_cause_is_its_weight_times_its_sub_scores_change(
    random: Random,
) -> None:
    one, other = (
        replace(TOLD, active_users=random.randint(0, 100), nps=random.randint(-100, 100),
                weekly_active_pct=Decimal(random.randint(0, 100)).scaleb(-2))
        for _ in range(2)
    )  # fmt: skip
    before, after = kept(score(one, EARLIER)), kept(score(other, DAY))

    points = {cause.measure: cause.points for cause in difference(before, after)}

    for was, now in zip(before.factors, after.factors, strict=True):
        exact = was.weight / Decimal(50) * (now.sub_score - was.sub_score)
        assert abs(points.get(was.measure, Decimal(0)) - exact) <= Decimal("0.2")
        assert was.sub_score != now.sub_score or was.measure not in points


def test_what_moved_is_told_as_it_was_shown_with_the_largest_part_first() -> None:
    before, after = kept(score(TOLD, EARLIER)), kept(score(replace(TOLD, active_users=45, nps=20), DAY))

    assert (before.score, after.score) == (Decimal("70.0"), Decimal("53.0"))
    assert difference(before, after) == (
        Cause(DiffKind.VALUE_CHANGED, MeasureCode.LICENSE_UTILISATION, Decimal("-20.0"), "90.0 %", "45.0 %"),
        Cause(DiffKind.VALUE_CHANGED, MeasureCode.NPS, Decimal("3.0"), "+0", "+20"),
    )


def test_re_weighting_is_booked_on_the_measure_whose_data_vanished_or_appeared() -> None:
    told = replace(TOLD, time_to_value_days=7)
    full, without = kept(score(told, EARLIER)), kept(score(replace(told, nps=None), DAY))

    assert (full.score, without.score) == (Decimal("75.0"), Decimal("83.3"))
    assert difference(full, without) == (Cause(DiffKind.DATA_MISSING, MeasureCode.NPS, Decimal("8.3"), "+0", None),)
    assert difference(without, full) == (Cause(DiffKind.DATA_APPEARED, MeasureCode.NPS, Decimal("-8.3"), None, "+0"),)


def test_causes_that_cancel_out_are_told_all_the_same() -> None:
    before, after = (
        kept(score(TOLD, EARLIER)),
        kept(score(replace(TOLD, active_users=72, feature_x_adoption=Decimal("0.9000")), DAY)),
    )

    found = difference(before, after)

    assert [(cause.measure, cause.points) for cause in found] == [
        (MeasureCode.LICENSE_UTILISATION, Decimal("-8.0")),
        (MeasureCode.FEATURE_ADOPTION, Decimal("8.0")),
    ]


def test_another_scorecard_is_a_line_of_its_own() -> None:
    before, after = kept(score(TOLD, EARLIER)), kept(score(TOLD, DAY, NEWER_CARD))

    assert after.score is not None
    assert before.score is not None
    assert difference(before, after) == (Cause(DiffKind.MODEL_CHANGED, None, after.score - before.score, "1", "2"),)


def test_a_customers_own_score_is_its_own_cause_and_no_score_has_none() -> None:
    own = [kept(score(Facts(segment=Segment.SMB, imported_score=Decimal(value)), DAY)) for value in (58, 44)]
    nothing = kept(score(Facts(segment=Segment.SMB), DAY))

    assert difference(own[0], own[1]) == (Cause(DiffKind.VALUE_CHANGED, None, Decimal("-14.0"), "58.0", "44.0"),)
    assert difference(own[0], own[0]) == ()
    assert difference(own[0], nothing) == difference(nothing, own[0]) == ()
    assert sum(cause.points for cause in difference(own[0], kept(score(TOLD, DAY)))) == Decimal("12.0")


def test_what_rounding_leaves_over_goes_to_a_measure_that_changed() -> None:
    factors = score(TOLD, EARLIER).factors
    moved = (*factors[:2], replace(factors[2], raw_value="50.1 %"), *factors[3:])

    found = difference(Snapshot(Decimal("70.0"), 1, factors), Snapshot(Decimal("70.1"), 1, moved))

    assert found == (Cause(DiffKind.VALUE_CHANGED, MeasureCode.WEEKLY_ACTIVE, Decimal("0.1"), "50.0 %", "50.1 %"),)


def test_a_snapshot_is_read_from_the_json_it_is_kept_as() -> None:
    health = score(TOLD, DAY)
    document = orjson.loads(orjson.dumps(health, default=str))

    assert snapshot(document) == kept(health)
    assert snapshot({**document, "score": None, "factors": []}) == Snapshot(None, 1, ())
