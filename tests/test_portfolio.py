"""What cannot be asked of the portfolio. What it answers is held by tests/test_portfolio_figures.py."""

import pytest

from tests.api import Api


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ('trend(to: "0001-01-01") { date }', "OUT_OF_RANGE"),
        ('trend(from: "2026-02-01", to: "2026-01-01") { date }', "INVALID_VALUE"),
        ('trend(from: "2020-01-01", granularity: DAY) { date }', "OUT_OF_RANGE"),
        ("a: trend { date } b: trend { date } c: trend { date }", "TOO_MANY"),
        ("arrAtRisk(renewsWithinDays: -1) { amount }", "OUT_OF_RANGE"),
        ("topRisks(first: 101) { id }", "OUT_OF_RANGE"),
    ],
)
def test_a_figure_that_cannot_be_meant_is_refused(api: Api, field: str, code: str) -> None:
    assert [one["extensions"]["code"] for one in api(f"{{ portfolioMetrics {{ {field} }} }}")["errors"]] == [code]


@pytest.mark.parametrize("day", ["0001-02-01", "1969-12-31", "9999-12-31"])
def test_a_day_beyond_all_data_is_refused(api: Api, day: str) -> None:
    answer = api(f'{{ portfolioMetrics(asOf: "{day}") {{ trend {{ date }} }} }}')

    assert answer["errors"][0]["extensions"] == {"code": "OUT_OF_RANGE", "argument": ["asOf"]}


def test_a_trend_reaches_from_the_first_day_to_the_last_in_equal_steps(api: Api) -> None:
    trend = api.data('{ portfolioMetrics { trend(from: "2026-01-10", granularity: MONTH) { date accounts } } }')

    assert trend["portfolioMetrics"]["trend"] == [
        {"date": "2026-01-10", "accounts": 0},
        {"date": "2026-02-10", "accounts": 0},
        {"date": "2026-03-10", "accounts": 0},
    ]
